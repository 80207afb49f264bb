"""The machine and its lock."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from orchestrator.adapters.host.lock import FOLDER, _make, hold_engine
from orchestrator.adapters.host.machine import (
    cpu_model,
    cpu_ticks,
    disk_free_bytes,
    open_files,
    stand_on,
    steal_ratio,
    virtualisation,
)
from orchestrator.domain.measurement import Missing
from orchestrator.errors import EnvironmentNotFit, LabHeld

HOLDER = """
import sys
from pathlib import Path
from orchestrator.adapters.host.lock import hold_engine
with hold_engine(sys.argv[2], "theirs", Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_open_files_are_what_the_kernel_gives(tmp_path: Path) -> None:
    folder = tmp_path / "sys" / "fs"
    folder.mkdir(parents=True)
    assert isinstance(open_files(tmp_path), Missing)
    (folder / "nr_open").write_text("1048576\n")
    assert open_files(tmp_path) == 1_048_576


def test_steal_is_a_share_of_all_time(tmp_path: Path) -> None:
    (tmp_path / "stat").write_text("cpu  10 0 10 70 0 0 0 10 5 0\ncpu0 1 1 1 1\n")
    before = cpu_ticks(tmp_path)
    assert before == (100, 10)
    assert steal_ratio(before, (200, 30)) == pytest.approx(0.2)


def test_steal_that_cannot_be_read_is_missing(tmp_path: Path) -> None:
    absent = cpu_ticks(tmp_path)
    assert isinstance(absent, Missing)
    assert steal_ratio(absent, (1, 1)) is absent
    assert isinstance(steal_ratio((1, 1), (1, 1)), Missing)


def test_the_cpu_tells_of_a_hypervisor(tmp_path: Path) -> None:
    assert virtualisation(tmp_path, tmp_path) == "no"
    (tmp_path / "cpuinfo").write_text(
        "processor\t: 0\nmodel name\t: A CPU\nflags\t\t: fpu hypervisor\n\nprocessor\t: 1\n"
    )
    assert cpu_model(tmp_path) == "A CPU"
    assert virtualisation(tmp_path, tmp_path) == "yes"
    dmi = tmp_path / "class" / "dmi" / "id"
    dmi.mkdir(parents=True)
    (dmi / "product_name").write_text("c7a.medium\n")
    (dmi / "sys_vendor").write_text("Acme\n")
    assert virtualisation(tmp_path, tmp_path) == "Acme c7a.medium"


def test_disk_is_asked_of_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    assert disk_free_bytes(tmp_path / "a" / "b") > 0


def test_a_held_engine_names_its_holder_and_is_free_when_that_dies(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path), "e1"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        named = f"lab theirs, process {holder.pid}, since 2"
        with pytest.raises(LabHeld, match=named) as caught, hold_engine("e1", "ours", tmp_path):
            pytest.fail("it is held")
        assert caught.value.exit_code == 5
        with hold_engine("e2", "ours", tmp_path):
            pass
        holder.kill()
        holder.wait()
    with hold_engine("e1", "ours", tmp_path):
        assert str(os.getpid()) in (tmp_path / "footprint-lab-e1.lock").read_text()


def test_users_with_a_folder_of_their_own_for_temporary_files_see_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    engine = f"unit-{os.getpid()}"
    command = [sys.executable, "-c", HOLDER, str(FOLDER), engine]
    environment = {**os.environ, "TMPDIR": str(tmp_path.parent)}
    try:
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        ) as holder:
            assert holder.stdout is not None and holder.stdout.readline() == "held\n"
            with pytest.raises(LabHeld), hold_engine(engine, "ours"):
                pytest.fail("it is held")
            holder.communicate("")
    finally:
        (FOLDER / f"footprint-lab-{engine}.lock").unlink(missing_ok=True)


def test_the_lock_is_for_all_users_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        with hold_engine("e1", "ours", tmp_path):
            pass
    finally:
        os.umask(before)
    assert (tmp_path / "footprint-lab-e1.lock").stat().st_mode & 0o777 == 0o666


def test_whoever_comes_second_opens_the_lock_of_the_first(tmp_path: Path) -> None:
    path = tmp_path / "footprint-lab-e1.lock"
    path.write_text("first")
    path.chmod(0o644)
    descriptor = _make(path, os.O_RDWR)
    try:
        assert os.read(descriptor, 9) == b"first"
    finally:
        os.close(descriptor)
    assert path.stat().st_mode & 0o777 == 0o644, "its mode is its owner's business"


def test_the_lock_does_not_follow_a_link(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("keep")
    (tmp_path / "footprint-lab-e1.lock").symlink_to(tmp_path / "precious")
    with pytest.raises(EnvironmentNotFit), hold_engine("e1", "ours", tmp_path):
        pytest.fail("a link was followed")
    assert (tmp_path / "precious").read_text() == "keep"


def test_this_process_stands_aside_and_comes_back() -> None:
    before = os.sched_getaffinity(0)
    first = min(before)
    with stand_on((first,)):
        assert os.sched_getaffinity(0) == {first}
    assert os.sched_getaffinity(0) == before
    with stand_on((10_000,)):
        assert os.sched_getaffinity(0) == before
