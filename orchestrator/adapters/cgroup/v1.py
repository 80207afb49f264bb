"""cgroup version 1 (Documentation/admin-guide/cgroup-v1/): one directory per controller; CPU times in nanoseconds.

In hybrid mode the container also has a directory in the ``unified`` tree. Two things are better there: PSI, which
version 1 lacks, and the split into user and system, which version 1 only estimates from ticks: under a quota a tick
hits or misses the same part of each period, and the two parts were seen to exceed the whole by 12 %.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
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

CONTROLLERS = ("cpu", "cpuacct", "cpuset", "memory", "pids", "unified")


class ReaderV1:
    """Reads one container's cgroups; files stay open, so a reading costs one ``pread`` each.

    Args:
        directories: controller -> its directory; those that the host lacks are left out.
    """

    def __init__(self, directories: Mapping[str, Path]) -> None:
        nowhere = Path("/nonexistent")
        at = {controller: directories.get(controller, nowhere / controller) for controller in CONTROLLERS}
        self._usage = KernelFile(at["cpuacct"] / "cpuacct.usage", number)
        self._user = KernelFile(at["cpuacct"] / "cpuacct.usage_user", number)
        self._system = KernelFile(at["cpuacct"] / "cpuacct.usage_sys", number)
        self._cpu = KernelFile(at["cpu"] / "cpu.stat", table)
        self._quota = KernelFile(at["cpu"] / "cpu.cfs_quota_us", limit)
        self._period = KernelFile(at["cpu"] / "cpu.cfs_period_us", number)
        effective = at["cpuset"] / "cpuset.effective_cpus"
        self._cpuset = KernelFile(effective if effective.exists() else at["cpuset"] / "cpuset.cpus", cpu_list)
        self._current = KernelFile(at["memory"] / "memory.usage_in_bytes", number)
        self._peak = KernelFile(at["memory"] / "memory.max_usage_in_bytes", number)
        self._stat = KernelFile(at["memory"] / "memory.stat", row("total_rss"))
        self._oom = KernelFile(at["memory"] / "memory.oom_control", table)
        self._memory_limit = KernelFile(at["memory"] / "memory.limit_in_bytes", limit)
        self._memsw_limit = KernelFile(at["memory"] / "memory.memsw.limit_in_bytes", limit)
        self._swap_accounted = (at["memory"] / "memory.memsw.limit_in_bytes").exists()
        self._pids = KernelFile(at["pids"] / "pids.max", limit)
        self._pressure = KernelFile(at["unified"] / "cpu.pressure", pressure_some_seconds)
        self._hybrid_cpu = KernelFile(at["unified"] / "cpu.stat", table)
        self._hybrid = "unified" in directories

    def read(self, limits_changes: int = 0, limits: EffectiveLimits | None = None) -> Reading:
        """Counters now, with ``limits`` if these were read just before. Raises CgroupGone when the container ended."""
        at, wall = time.monotonic(), time.time()
        used = self._usage.read()
        if isinstance(used, Missing):
            raise CgroupGone(used.reason)
        user, system = self._split()
        bandwidth = self._cpu.read()
        pressure = self._pressure.read() if self._hybrid else Missing("cgroup v1 has no PSI per container")
        return Reading(
            at_seconds=at,
            cpu_seconds=used / 1e9,
            cpu_seconds_user=user,
            cpu_seconds_system=system,
            cpu_periods=cell(bandwidth, "nr_periods", "cpu.stat"),
            cpu_throttled_periods=cell(bandwidth, "nr_throttled", "cpu.stat"),
            cpu_throttled_seconds=scaled(cell(bandwidth, "throttled_time", "cpu.stat"), 1e9),
            memory_bytes_current=self._current.read(),
            memory_bytes_anon=self._stat.read(),
            memory_bytes_peak=self._peak.read(),
            oom_kills=cell(self._oom.read(), "oom_kill", "memory.oom_control"),
            cpu_pressure_seconds=pressure,
            limits=limits or self.limits(),
            limits_changes=limits_changes,
            sampled_seconds=0.0,
            clock_offset_seconds=wall - at,
            others_cpu_seconds=NOT_ASKED,
            steal_seconds=NOT_ASKED,
        )

    def limits(self) -> EffectiveLimits:
        """Limits of this cgroup itself, not of its parents. Swap alone is memory-and-swap minus memory."""
        memory, both = self._memory_limit.read(), self._memsw_limit.read()
        swap: int | Missing
        if not self._swap_accounted:
            swap = swap_without_accounting("the kernel does not account swap (no memory.memsw.limit_in_bytes)")
        elif isinstance(both, Missing) or isinstance(memory, Missing):
            swap = both if isinstance(both, Missing) else Missing("memory has no limit, so swap has none of its own")
        else:
            swap = both - memory
        return EffectiveLimits(
            cpuset=self._cpuset.read(),
            quota_microseconds=self._quota.read(),
            period_microseconds=self._period.read(),
            memory_bytes=memory,
            swap_bytes=swap,
            pids=self._pids.read(),
        )

    def close(self) -> None:
        for value in vars(self).values():
            if isinstance(value, KernelFile):
                value.close()

    def _split(self) -> tuple[float | Missing, float | Missing]:
        if self._hybrid:
            exact = self._hybrid_cpu.read()
            user, system = cell(exact, "user_usec", "cpu.stat"), cell(exact, "system_usec", "cpu.stat")
            if not isinstance(user, Missing) and not isinstance(system, Missing):
                return user / 1e6, system / 1e6
        return scaled(self._user.read(), 1e9), scaled(self._system.read(), 1e9)
