"""What the kernel makes of the limits of the container this runs in: burns one CPU, and reads its own counters."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from orchestrator.adapters.cgroup.locate import own
from orchestrator.adapters.cgroup.wire import to_json
from orchestrator.domain.measurement import Missing

ROOT = Path("/sys/fs/cgroup")


def selftest(seconds: float, root: Path = ROOT, proc_self_cgroup: Path = Path("/proc/self/cgroup")) -> dict[str, Any]:
    """Limits read back, CPUs used while one thread burned, and quota periods with those in which it was stopped.

    Raises EnvironmentNotFit where no cgroup tree is mounted, CgroupGone where it has no CPU counters.
    """
    reader = own(root, proc_self_cgroup.read_text())
    before = reader.read()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass
    after = reader.read()
    reader.close()
    return {
        "limits": to_json(after.limits),
        "cpus_used": (after.cpu_seconds - before.cpu_seconds) / (after.at_seconds - before.at_seconds),
        "periods": to_json(_grown(before.cpu_periods, after.cpu_periods)),
        "throttled_periods": to_json(_grown(before.cpu_throttled_periods, after.cpu_throttled_periods)),
    }


def _grown(before: int | Missing, after: int | Missing) -> int | Missing:
    if isinstance(before, Missing) or isinstance(after, Missing):
        return after if isinstance(after, Missing) else before
    return after - before
