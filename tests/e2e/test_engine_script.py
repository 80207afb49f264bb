"""images/engine.sh on this very machine, as far as that does not disturb the engine that runs.

What it does to processes and packages is tried on an imitated machine, in tests/unit.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import ROOT

pytestmark = pytest.mark.engine

SCRIPT = ROOT / "images" / "engine.sh"
NOWHERE = "unix:///nonexistent.sock"


def script(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(SCRIPT), *arguments],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def without_docker(tmp_path: Path) -> Path:
    """A PATH with every program of this machine but Docker's, and an apt-get that only leaves a trace."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for place in os.environ["PATH"].split(":"):
        for program in Path(place).iterdir() if Path(place).is_dir() else ():
            if not program.name.startswith("docker") and not (folder / program.name).is_symlink():
                (folder / program.name).symlink_to(program)
    for name in ("apt-get", "sudo", "systemctl"):
        (folder / name).unlink(missing_ok=True)
        (folder / name).write_text(f'#!/bin/sh\necho "{name} $*" >>"{tmp_path}/called"\n')
        (folder / name).chmod(0o755)
    return folder


def test_without_an_engine_and_without_leave_it_prints_the_commands_and_does_nothing(
    without_docker: Path, tmp_path: Path
) -> None:
    done = script("ensure", NO_INSTALL="1", DOCKER_HOST=NOWHERE, PATH=str(without_docker))
    assert done.returncode == 3
    assert "NO_INSTALL=1: nothing was installed" in done.stderr
    assert "apt-get install" in done.stderr and "docker" in done.stderr and "mmdebstrap" in done.stderr
    assert not (tmp_path / "called").exists()


def test_an_engine_that_works_is_used_as_it_is(tmp_path: Path) -> None:
    started = tmp_path / "started"
    done = script("ensure", "--started", str(started))
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("engine     Docker ") and done.stderr.count("\n") == 1
    assert not started.exists()


def test_there_is_nothing_to_stop_where_nothing_was_started(tmp_path: Path) -> None:
    done = script("stop", str(tmp_path / "absent"))
    assert (done.returncode, done.stderr) == (0, "")


def test_a_number_that_another_process_has_by_now_is_left_alone(tmp_path: Path) -> None:
    started = tmp_path / "started"
    with subprocess.Popen(["sleep", "60"]) as other:
        started.write_text(str(other.pid))
        assert script("stop", str(started)).returncode == 0
        assert other.poll() is None and not started.exists()
        other.kill()


def test_a_wrong_word_shows_how_it_is_used() -> None:
    done = script("install")
    assert done.returncode == 2 and "ensure" in done.stderr
