"""What the host's CPUs did as a whole: busy time of chosen CPUs, whoever used it, and time the hypervisor took.

Version 1 counts busy time in nanoseconds for each CPU in the root of ``cpuacct`` (Documentation/admin-guide/cgroup-v1/
cpuacct.rst), where every cgroup is charged. Version 2 has no counter for one CPU: ``/proc/stat`` (proc(5)) then, in
ticks. A tick is charged whole to who runs when it falls: against the exact counter, ticks were off by up to 6 % of a
CPU in trials of 9 s under a quota, to either side.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from orchestrator.domain.measurement import Missing

PROC_STAT = Path("/proc/stat")
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
#: Fields of a CPU's line after its name: user nice system idle iowait irq softirq steal; guest is within user.
_BUSY = (0, 1, 2, 5, 6)
_STEAL = 7


class HostCpus:
    """Read at the edges of a window only: it costs as much as a container's whole reading.

    Args:
        root: the host's cgroup tree.
    """

    def __init__(self, root: Path, proc_stat: Path = PROC_STAT) -> None:
        self._percpu = root / "cpuacct" / "cpuacct.usage_percpu"
        self._stat = proc_stat

    def read(self, cpus: Iterable[int]) -> tuple[float | Missing, float | Missing]:
        """Busy and stolen seconds of these CPUs since the host booted."""
        wanted = sorted(set(cpus))
        ticks = self._ticks(wanted)
        busy, stolen = (ticks, ticks) if isinstance(ticks, Missing) else ticks
        # Never ticks at one edge of a window and nanoseconds at the other: they do not begin at the same instant.
        return self._exact(wanted) if self._percpu.exists() else busy, stolen

    def _exact(self, cpus: list[int]) -> float | Missing:
        try:
            used = [int(word) for word in self._percpu.read_text(encoding="ascii").split()]
            return sum(used[cpu] for cpu in cpus) / 1e9
        except (OSError, ValueError, IndexError) as error:
            return Missing(f"cpuacct.usage_percpu cannot be read: {type(error).__name__}")

    def _ticks(self, cpus: list[int]) -> tuple[float, float] | Missing:
        try:
            lines = [line.split() for line in self._stat.read_text(encoding="ascii").splitlines()]
            rows = {words[0]: [int(word) for word in words[1:]] for words in lines if words[0].startswith("cpu")}
            busy = sum(rows[f"cpu{cpu}"][field] for cpu in cpus for field in _BUSY)
            stolen = sum(rows[f"cpu{cpu}"][_STEAL] for cpu in cpus)
        except (OSError, ValueError, KeyError, IndexError) as error:
            return Missing(f"/proc/stat cannot be read: {type(error).__name__}")
        return busy / _TICKS_PER_SECOND, stolen / _TICKS_PER_SECOND
