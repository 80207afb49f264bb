"""Both versions tell the same facts, and say so where they cannot."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from orchestrator.adapters.cgroup import files
from orchestrator.adapters.cgroup.files import CgroupGone
from orchestrator.adapters.cgroup.locate import Reader, find
from orchestrator.domain.limits import EffectiveLimits
from orchestrator.domain.measurement import Missing
from tests.unit.adapters.cgroup.trees import CONTAINER, Make


def reader(root: Path) -> Reader:
    found = find(root, CONTAINER, search=False)
    assert found is not None
    return found


def test_v1_reads_every_figure(v1_tree: Make) -> None:
    reading = reader(v1_tree()).read(limits_changes=2)
    assert reading.cpu_seconds == 0.290635363
    assert (reading.cpu_periods, reading.cpu_throttled_periods) == (12, 10)
    assert reading.cpu_throttled_seconds == 0.743300451
    assert (reading.memory_bytes_current, reading.memory_bytes_peak) == (1015808, 3825664)
    assert reading.memory_bytes_anon == 110592
    assert reading.oom_kills == 3
    assert reading.cpu_pressure_seconds == 0.796214
    assert reading.limits_changes == 2
    assert reading.limits == EffectiveLimits((1,), 25_000, 100_000, 67_108_864, 0, 512)


@pytest.mark.parametrize("tree", ["v1_tree", "v2_tree"])
def test_the_clocks_are_compared_at_the_reading_itself(
    tree: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that was held up between two files has not seen a step of the clock."""
    found = reader(request.getfixturevalue(tree)())
    real = files.os.pread

    def slowly(fd: int, count: int, at: int) -> bytes:
        time.sleep(0.02)
        return real(fd, count, at)

    before = time.time() - time.monotonic()
    monkeypatch.setattr(files.os, "pread", slowly)
    assert found.read().clock_offset_seconds == pytest.approx(before, abs=0.01)


def test_v1_prefers_the_exact_split_of_the_unified_tree(v1_tree: Make) -> None:
    reading = reader(v1_tree()).read()
    assert (reading.cpu_seconds_user, reading.cpu_seconds_system) == (0.282895, 0.007751)


def test_v1_without_unified_tree_has_ticks_and_no_pressure(v1_tree: Make) -> None:
    reading = reader(v1_tree(without=("unified",))).read()
    assert (reading.cpu_seconds_user, reading.cpu_seconds_system) == (0.295968433, 0.008)
    assert reading.cpu_pressure_seconds == Missing("cgroup v1 has no PSI per container")


def test_v1_swap_is_what_memory_and_swap_leave(v1_tree: Make) -> None:
    assert reader(v1_tree(memory_memsw_limit_in_bytes="134217728\n")).limits().swap_bytes == 67_108_864


def test_v1_without_limits_has_none(v1_tree: Make) -> None:
    huge = "9223372036854771712\n"
    root = v1_tree(
        cpu_cfs_quota_us="-1\n", memory_limit_in_bytes=huge, memory_memsw_limit_in_bytes=huge, pids_max="max\n"
    )
    limits = reader(root).limits()
    none = Missing("no limit is set")
    assert (limits.quota_microseconds, limits.memory_bytes, limits.swap_bytes, limits.pids) == (none,) * 4
    assert limits.period_microseconds == 100_000


@pytest.mark.parametrize(("host_swaps", "swap"), [(False, 0), (True, None)])
def test_v1_without_swap_accounting(
    v1_tree: Make, monkeypatch: pytest.MonkeyPatch, host_swaps: bool, swap: int | None
) -> None:
    monkeypatch.setattr(files, "host_has_swap", lambda: host_swaps)
    read = reader(v1_tree(without=("memory.memsw.limit_in_bytes",))).limits().swap_bytes
    assert read == swap if swap is not None else isinstance(read, Missing)


def test_v2_reads_every_figure(v2_tree: Make) -> None:
    reading = reader(v2_tree()).read()
    assert (reading.cpu_seconds, reading.cpu_seconds_user, reading.cpu_seconds_system) == (2.5, 2.0, 0.5)
    assert (reading.cpu_periods, reading.cpu_throttled_periods) == (101, 97)
    assert reading.cpu_throttled_seconds == 7.300451
    assert (reading.memory_bytes_current, reading.memory_bytes_anon) == (1015808, 110592)
    assert reading.memory_bytes_peak == 3825664
    assert reading.oom_kills == 1
    assert reading.cpu_pressure_seconds == 5.9
    assert reading.limits == EffectiveLimits((2, 3, 6), 25_000, 100_000, 67_108_864, 0, 512)


def test_v2_without_limits_has_none(v2_tree: Make) -> None:
    root = v2_tree(cpu_max="max 100000\n", memory_max="max\n", memory_swap_max="max\n", pids_max="max\n")
    limits = reader(root).limits()
    none = Missing("no limit is set")
    assert (limits.quota_microseconds, limits.memory_bytes, limits.swap_bytes, limits.pids) == (none,) * 4
    assert limits.period_microseconds == 100_000


def test_v2_on_an_old_kernel_misses_the_peak_only(v2_tree: Make) -> None:
    reading = reader(v2_tree(without=("memory.peak",))).read()
    assert reading.memory_bytes_peak == Missing("memory.peak: No such file or directory")
    assert reading.memory_bytes_current == 1015808


def test_v2_without_a_cpu_controller_has_no_periods(v2_tree: Make) -> None:
    root = v2_tree(cpu_stat="usage_usec 1\nuser_usec 1\nsystem_usec 0\n", without=("cpu.max",))
    reading = reader(root).read()
    assert reading.cpu_periods == Missing("cpu.stat has no nr_periods on this kernel")
    assert isinstance(reading.limits.quota_microseconds, Missing)
    assert isinstance(reading.limits.period_microseconds, Missing)


def test_without_cpu_counters_there_is_no_reading(v2_tree: Make) -> None:
    with pytest.raises(CgroupGone):
        reader(v2_tree(without=("cpu.stat",))).read()


def test_a_closed_reader_gives_nothing(v1_tree: Make) -> None:
    closed = reader(v1_tree())
    closed.close()
    with pytest.raises(CgroupGone):
        closed.read()
