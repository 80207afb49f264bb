"""What the host's CPUs did: exact where a counter for each CPU is, in ticks where there is none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from orchestrator.adapters.cgroup.host import HostCpus
from orchestrator.domain.measurement import Missing

TICKS = os.sysconf("SC_CLK_TCK")
#: user nice system idle iowait irq softirq steal guest guest_nice
STAT = f"""cpu  1 1 1 1 1 1 1 1 1 1
cpu0 9 9 9 9 9 9 9 9 9 9
cpu1 {10 * TICKS} {1 * TICKS} {4 * TICKS} 70000 500 {2 * TICKS} {3 * TICKS} {6 * TICKS} {8 * TICKS} 0
cpu10 {1 * TICKS} 0 0 70000 0 0 0 {1 * TICKS} 0 0
intr 123 0 0
ctxt 99
"""


@pytest.fixture
def stat(tmp_path: Path) -> Path:
    path = tmp_path / "stat"
    path.write_text(STAT)
    return path


def with_percpu(root: Path, text: str) -> Path:
    (root / "cpuacct").mkdir()
    (root / "cpuacct" / "cpuacct.usage_percpu").write_text(text)
    return root


def test_without_a_counter_for_each_cpu_busy_time_is_counted_in_ticks(tmp_path: Path, stat: Path) -> None:
    """Neither idle nor stolen time is busy; a guest's time is within user time."""
    assert HostCpus(tmp_path, stat).read((1,)) == (20.0, 6.0)
    assert HostCpus(tmp_path, stat).read((10, 1, 1)) == (21.0, 7.0)


def test_the_kernels_counter_for_each_cpu_is_preferred(tmp_path: Path, stat: Path) -> None:
    root = with_percpu(tmp_path, "1000000000 2500000001 0 0 0 0 0 0 0 0 7000000000 \n")
    assert HostCpus(root, stat).read((1,)) == (2.500000001, 6.0)
    assert HostCpus(root, stat).read((1, 10)) == (9.500000001, 7.0)


def test_without_proc_stat_busy_time_stays_exact_and_stolen_time_is_missing(tmp_path: Path) -> None:
    busy, stolen = HostCpus(with_percpu(tmp_path, "0 1500000000 \n"), tmp_path / "gone").read((1,))
    assert busy == 1.5
    assert stolen == Missing("/proc/stat cannot be read: FileNotFoundError")


def test_an_idle_cpu_has_used_0_seconds_and_not_what_ticks_say(tmp_path: Path, stat: Path) -> None:
    assert HostCpus(with_percpu(tmp_path, "0 0 \n"), stat).read((1,)) == (0.0, 6.0)


@pytest.mark.parametrize(("text", "why"), [("", "IndexError"), ("0\n", "IndexError"), ("0 x\n", "ValueError")])
def test_a_counter_without_this_cpu_is_missing_and_never_mixed_with_ticks(
    tmp_path: Path, stat: Path, text: str, why: str
) -> None:
    said = Missing(f"cpuacct.usage_percpu cannot be read: {why}")
    assert HostCpus(with_percpu(tmp_path, text), stat).read((1,)) == (said, 6.0)


@pytest.mark.parametrize(
    ("text", "why"), [("cpu0 1 1 1\n", "KeyError"), ("cpu1 1 1 1\n", "IndexError"), ("cpu1 x\n", "ValueError")]
)
def test_what_cannot_be_read_is_missing_with_its_reason(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "stat").write_text(text)
    said = Missing(f"/proc/stat cannot be read: {why}")
    assert HostCpus(tmp_path, tmp_path / "stat").read((1,)) == (said, said)
