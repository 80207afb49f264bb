"""cgroup version 2 (Documentation/admin-guide/cgroup-v2.rst): one directory per container; CPU in microseconds."""

from __future__ import annotations

import time
from pathlib import Path

from orchestrator.adapters.cgroup.files import (
    NOT_ASKED,
    CgroupGone,
    KernelFile,
    cell,
    cpu_list,
    limit,
    number,
    pressure_some_seconds,
    row,
    scaled,
    swap_without_accounting,
    table,
)
from orchestrator.domain.limits import EffectiveLimits
from orchestrator.domain.measurement import Missing
from orchestrator.domain.reading import Reading


class ReaderV2:
    """Reads one container's cgroup; files stay open, so a reading costs one ``pread`` each."""

    def __init__(self, directory: Path) -> None:
        self._cpu = KernelFile(directory / "cpu.stat", table)
        self._cpu_max = KernelFile(directory / "cpu.max", _bandwidth)
        self._cpuset = KernelFile(directory / "cpuset.cpus.effective", cpu_list)
        self._current = KernelFile(directory / "memory.current", number)
        self._peak = KernelFile(directory / "memory.peak", number)
        self._stat = KernelFile(directory / "memory.stat", row("anon"))
        self._events = KernelFile(directory / "memory.events", table)
        self._memory_max = KernelFile(directory / "memory.max", limit)
        self._swap_max = KernelFile(directory / "memory.swap.max", limit)
        self._swap_accounted = (directory / "memory.swap.max").exists()
        self._pids = KernelFile(directory / "pids.max", limit)
        self._pressure = KernelFile(directory / "cpu.pressure", pressure_some_seconds)

    def read(self, limits_changes: int = 0, limits: EffectiveLimits | None = None) -> Reading:
        """Counters now, with ``limits`` if these were read just before. Raises CgroupGone when the container ended."""
        at, wall = time.monotonic(), time.time()
        cpu = self._cpu.read()
        used = cell(cpu, "usage_usec", "cpu.stat")
        if isinstance(used, Missing):
            raise CgroupGone(used.reason)
        stopped = cell(cpu, "throttled_usec", "cpu.stat")
        return Reading(
            at_seconds=at,
            cpu_seconds=used / 1e6,
            cpu_seconds_user=scaled(cell(cpu, "user_usec", "cpu.stat"), 1e6),
            cpu_seconds_system=scaled(cell(cpu, "system_usec", "cpu.stat"), 1e6),
            cpu_periods=cell(cpu, "nr_periods", "cpu.stat"),
            cpu_throttled_periods=cell(cpu, "nr_throttled", "cpu.stat"),
            cpu_throttled_seconds=scaled(stopped, 1e6),
            memory_bytes_current=self._current.read(),
            memory_bytes_anon=self._stat.read(),
            memory_bytes_peak=self._peak.read(),
            oom_kills=cell(self._events.read(), "oom_kill", "memory.events"),
            cpu_pressure_seconds=self._pressure.read(),
            limits=limits or self.limits(),
            limits_changes=limits_changes,
            sampled_seconds=0.0,
            clock_offset_seconds=wall - at,
            others_cpu_seconds=NOT_ASKED,
            steal_seconds=NOT_ASKED,
        )

    def limits(self) -> EffectiveLimits:
        """Limits of this cgroup itself, not of its parents."""
        bandwidth = self._cpu_max.read()
        quota, period = (bandwidth, bandwidth) if isinstance(bandwidth, Missing) else bandwidth
        return EffectiveLimits(
            cpuset=self._cpuset.read(),
            quota_microseconds=quota,
            period_microseconds=period,
            memory_bytes=self._memory_max.read(),
            swap_bytes=(
                self._swap_max.read()
                if self._swap_accounted
                else swap_without_accounting("the kernel does not account swap (no memory.swap.max)")
            ),
            pids=self._pids.read(),
        )

    def close(self) -> None:
        for value in vars(self).values():
            if isinstance(value, KernelFile):
                value.close()


def _bandwidth(text: str) -> tuple[int | Missing, int | Missing] | Missing:
    """``cpu.max``: ``"25000 100000"`` or ``"max 100000"``."""
    parts = text.split()
    if len(parts) != 2:
        return Missing(f"cpu.max is not 'quota period': {text.strip()[:40]!r}")
    return limit(parts[0]), number(parts[1])
