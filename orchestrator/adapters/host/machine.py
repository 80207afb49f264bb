"""This machine as /proc and /sys describe it. Says nothing of an engine that runs elsewhere."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from orchestrator.domain.measurement import Missing

_PROC = Path("/proc")
_SYS = Path("/sys")


@cache
def usable_cpus() -> tuple[int, ...]:
    """Numbers of the CPUs this process may run on."""
    return tuple(sorted(os.sched_getaffinity(0)))


def cpu_model(proc: Path = _PROC) -> str:
    """As the kernel names it, or ``unknown``."""
    return _cpuinfo(proc).get("model name", "unknown")


def virtualisation(proc: Path = _PROC, sys: Path = _SYS) -> str:
    """What the machine runs in, ``no`` for bare metal, ``yes`` where only the CPU tells that there is a hypervisor."""
    try:
        product = (sys / "class/dmi/id/product_name").read_text(encoding="utf-8").strip()
        vendor = (sys / "class/dmi/id/sys_vendor").read_text(encoding="utf-8").strip()
    except OSError:
        product = vendor = ""
    if "hypervisor" not in _cpuinfo(proc).get("flags", "").split():
        return "no"
    return f"{vendor} {product}".strip() or "yes"


def cpu_ticks(proc: Path = _PROC) -> tuple[int, int] | Missing:
    """All CPU time so far and the part of it that the hypervisor took, in clock ticks (proc_stat(5))."""
    try:
        fields = (proc / "stat").read_text(encoding="utf-8").split("\n", 1)[0].split()
        # user nice system idle iowait irq softirq steal; guest time is part of user time.
        values = [int(field) for field in fields[1:9]]
        return sum(values), values[7]
    except (OSError, ValueError, IndexError) as error:
        return Missing(f"/proc/stat cannot be read: {error}")


def steal_ratio(before: tuple[int, int] | Missing, after: tuple[int, int] | Missing) -> float | Missing:
    """Share of CPU time the hypervisor took between two readings of ``cpu_ticks``."""
    if isinstance(before, Missing):
        return before
    if isinstance(after, Missing):
        return after
    all_ticks = after[0] - before[0]
    return (after[1] - before[1]) / all_ticks if all_ticks > 0 else Missing("no clock tick passed between two readings")


def open_files(proc: Path = _PROC) -> int | Missing:
    """The most that the kernel lets one process have; an engine that runs as root gives as many."""
    try:
        return int((proc / "sys/fs/nr_open").read_text())
    except (OSError, ValueError) as error:
        return Missing(f"fs.nr_open cannot be read: {error}")


def disk_free_bytes(folder: Path) -> int:
    """Free where a folder is or would be made."""
    folder = folder.absolute()
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def _cpuinfo(proc: Path) -> dict[str, str]:
    """The first processor's lines."""
    try:
        text = (proc / "cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return {}
    pairs = (line.partition(":") for line in text.split("\n\n", 1)[0].splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


@contextmanager
def stand_on(cpus: tuple[int, ...]) -> Iterator[None]:
    """This thread, and what it starts, run on these CPUs while the block runs (sched_setaffinity(2)).

    CPUs this process may not use are left out; where none is left nothing changes.
    """
    before = os.sched_getaffinity(0)
    allowed = before & set(cpus)
    if allowed:
        os.sched_setaffinity(0, allowed)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
