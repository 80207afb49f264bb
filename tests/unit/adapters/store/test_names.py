from __future__ import annotations

import random

import pytest

from orchestrator.adapters.store.names import RUN_ID, run_id


def test_run_ids() -> None:
    name = run_id("2026-11-21T14:32:59.123Z", random.Random(1))
    assert name.startswith("2026-11-21-1432-")
    assert name == run_id("2026-11-21T14:32:00Z", random.Random(1))
    assert len({run_id("2026-11-21T14:32:00Z") for _ in range(200)}) > 150
    for seed in range(500):
        assert RUN_ID.fullmatch(run_id("2026-01-02T03:04:05+00:00", random.Random(seed)))
    with pytest.raises(ValueError):
        run_id("yesterday")
