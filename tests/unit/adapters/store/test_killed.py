"""A writer that is killed at any moment leaves a Run that can be read, with everything it was told was written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from orchestrator.adapters.store.journal import FileRunStore
from tests.unit.adapters.store.samples import RUN

WRITER = """
import sys
from pathlib import Path
from orchestrator.adapters.store.journal import FileRunStore
from tests.unit.adapters.store.samples import EVENT, MANIFEST, TRIAL
journal = FileRunStore(Path(sys.argv[1])).open(MANIFEST)
for number in range(1_000_000):
    journal.event(EVENT)
    journal.trial(TRIAL)
    print(number, flush=True)
"""
PROJECT = Path(__file__).parents[4]


@pytest.mark.parametrize("acknowledged", [1, 7, 40])
def test_nothing_acknowledged_is_lost(tmp_path: Path, acknowledged: int) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=PROJECT) as writer:
        assert writer.stdout is not None
        for _ in range(acknowledged):
            assert writer.stdout.readline(), "the writer did not start"
        writer.kill()
        writer.wait(timeout=30)
    found = FileRunStore(tmp_path).read(RUN)
    assert len(found.trials) >= acknowledged
    assert len(found.events) - len(found.trials) in (0, 1)
