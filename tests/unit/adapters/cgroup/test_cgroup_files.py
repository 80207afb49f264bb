"""Formats of the kernel's files."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from orchestrator.adapters.cgroup import files
from orchestrator.domain.measurement import Missing


@pytest.mark.parametrize("text", ["max\n", "-1\n", "9223372036854771712\n", "9223372036854710272\n"])
def test_unlimited_is_no_limit(text: str) -> None:
    assert files.limit(text) == Missing("no limit is set")


def test_a_limit_of_zero_is_a_limit() -> None:
    assert files.limit("0\n") == 0


@pytest.mark.parametrize(("text", "cpus"), [("1\n", (1,)), ("0-2,5\n", (0, 1, 2, 5)), ("0,2,4-5\n", (0, 2, 4, 5))])
def test_cpu_list(text: str, cpus: tuple[int, ...]) -> None:
    assert files.cpu_list(text) == cpus


@pytest.mark.parametrize("text", ["\n", "a\n", "1,\n", "0-x\n"])
def test_no_cpu_list_is_missing(text: str) -> None:
    assert isinstance(files.cpu_list(text), Missing)


def test_pressure_takes_the_some_line() -> None:
    text = "some avg10=0.00 avg60=0.00 avg300=0.00 total=796214\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=1\n"
    assert files.pressure_some_seconds(text) == 0.796214


def test_a_row_is_found_by_its_whole_name() -> None:
    text = "total_rss_huge 7\ntotal_rss 42\n"
    assert files.row("total_rss")(text) == 42
    assert isinstance(files.row("rss")(text), Missing)


def test_a_file_is_read_anew_each_time(tmp_path: Path) -> None:
    path = tmp_path / "memory.current"
    path.write_text("1\n")
    file = files.KernelFile(path, files.number)
    assert file.read() == 1
    path.write_text("22\n")
    assert file.read() == 22
    file.close()


def test_a_file_that_was_never_there_says_so(tmp_path: Path) -> None:
    assert files.KernelFile(tmp_path / "memory.peak", files.number).read() == Missing(
        "memory.peak: No such file or directory"
    )


@pytest.mark.parametrize("code", [errno.ENODEV, errno.ENOENT])
def test_a_removed_cgroup_is_gone_not_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    (tmp_path / "f").write_text("1\n")
    file = files.KernelFile(tmp_path / "f", files.number)

    def removed(*_: object) -> bytes:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(files.os, "pread", removed)
    with pytest.raises(files.CgroupGone):
        file.read()


def test_pressure_switched_off_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cpu.pressure").write_text("")
    file = files.KernelFile(tmp_path / "cpu.pressure", files.pressure_some_seconds)

    def switched_off(*_: object) -> bytes:
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    monkeypatch.setattr(files.os, "pread", switched_off)
    assert file.read() == Missing("cannot be read: Operation not supported")


def test_swap_without_accounting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    swaps = tmp_path / "swaps"
    swaps.write_text("Filename\tType\tSize\tUsed\tPriority\n")
    assert files.host_has_swap(swaps) is False
    swaps.write_text("Filename\tType\tSize\tUsed\tPriority\n/swapfile file 1 0 -2\n")
    assert files.host_has_swap(swaps) is True
    monkeypatch.setattr(files, "host_has_swap", lambda: False)
    assert files.swap_without_accounting("off") == 0
    monkeypatch.setattr(files, "host_has_swap", lambda: True)
    assert isinstance(files.swap_without_accounting("off"), Missing)
