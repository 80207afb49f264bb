"""A kernel file kept open and read again and again, and the few formats such files have."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from orchestrator.domain.measurement import Missing

T = TypeVar("T")

#: Limits of nothing: v1 writes LONG_MAX rounded down to a page (9223372036854771712 at 4 KiB pages).
UNLIMITED_BYTES = 1 << 62
#: What the host as a whole did is asked at the edges of a window only (adapters.cgroup.host).
NOT_ASKED = Missing("only readings at the edges of a window ask the host")
#: memory.stat, the longest of them, has about 1.5 KiB.
_READ_BYTES = 16_384


class CgroupGone(Exception):
    """The cgroup was removed: its container ended. What was read before stays true."""


class KernelFile(Generic[T]):
    """One file, its parser and the last value. An unchanged text is not parsed again.

    ``read`` gives Missing(reason) when the file was never there, and raises CgroupGone when it was and no longer is.
    """

    def __init__(self, path: Path, parse: Callable[[str], T | Missing]) -> None:
        self._parse = parse
        self._text: bytes | None = None
        self._fd = -1
        self._value: T | Missing
        try:
            self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            self._value = Missing(f"{path.name}: {error.strerror}")

    def read(self) -> T | Missing:
        if self._fd < 0:
            return self._value
        try:
            text = os.pread(self._fd, _READ_BYTES, 0)
        except OSError as error:
            if error.errno in (errno.ENODEV, errno.ENOENT):
                raise CgroupGone from error
            # EOPNOTSUPP: pressure files exist but are switched off (psi=0 on the kernel's command line).
            return Missing(f"cannot be read: {error.strerror}")
        if text != self._text:
            self._value = self._parse(text.decode("ascii", "replace"))
            self._text = text
        return self._value

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
            self._value = Missing("closed")


def number(text: str) -> int | Missing:
    """``"4096\\n"`` -> 4096."""
    stripped = text.strip()
    return int(stripped) if stripped.lstrip("-").isdigit() else Missing(f"not a number: {stripped[:40]!r}")


def limit(text: str) -> int | Missing:
    """A limit; ``max``, -1 and the kernel's huge number are no limit."""
    if text.strip() == "max":
        return Missing("no limit is set")
    value = number(text)
    if isinstance(value, int) and (value < 0 or value >= UNLIMITED_BYTES):
        return Missing("no limit is set")
    return value


def table(text: str) -> dict[str, int]:
    """``"user_usec 12\\nsystem_usec 3\\n"`` -> {"user_usec": 12, "system_usec": 3}."""
    rows = (line.split() for line in text.splitlines())
    return {row[0]: int(row[1]) for row in rows if len(row) == 2 and row[1].isdigit()}


def row(key: str) -> Callable[[str], int | Missing]:
    """One row of a long table, such as memory.stat, of which the rest is not parsed."""
    pattern = re.compile(rf"^{re.escape(key)} (\d+)$", re.MULTILINE)

    def parse(text: str) -> int | Missing:
        found = pattern.search(text)
        return int(found[1]) if found else Missing(f"there is no {key} on this kernel")

    return parse


def cpu_list(text: str) -> tuple[int, ...] | Missing:
    """``"0-2,5"`` -> (0, 1, 2, 5)."""
    cpus: list[int] = []
    for part in text.strip().split(","):
        first, _, last = part.partition("-")
        if not first.isdigit() or (last and not last.isdigit()):
            return Missing(f"not a list of CPUs: {text.strip()[:40]!r}")
        cpus.extend(range(int(first), int(last or first) + 1))
    return tuple(cpus)


def pressure_some_seconds(text: str) -> float | Missing:
    """The running total of a PSI file's ``some`` line (microseconds in the file)."""
    for line in text.splitlines():
        if line.startswith("some "):
            total = line.rpartition("total=")[2]
            if total.isdigit():
                return int(total) / 1e6
    return Missing("the pressure file has no total")


def cell(values: dict[str, int] | Missing, key: str, file: str) -> int | Missing:
    """One row of a table, or why it is not there."""
    if isinstance(values, Missing):
        return values
    return values[key] if key in values else Missing(f"{file} has no {key} on this kernel")


def scaled(value: int | Missing, divisor: float) -> float | Missing:
    return value if isinstance(value, Missing) else value / divisor


def host_has_swap(swaps: Path = Path("/proc/swaps")) -> bool | Missing:
    """Whether any swap is on. ``/proc/swaps`` belongs to no namespace: a container sees the host's."""
    try:
        return len(swaps.read_text().splitlines()) > 1
    except OSError as error:
        return Missing(f"{swaps}: {error.strerror}")


def swap_without_accounting(reason: str) -> int | Missing:
    """The swap limit where the kernel keeps none: 0 on a host without swap, since there is nowhere to swap to.

    With swap on, or not known, nothing stops the container from swapping and nobody can say how much: Missing.
    """
    on = host_has_swap()
    if isinstance(on, Missing):
        return Missing(f"{reason}; {on.reason}")
    return Missing(f"{reason}, and this host has swap (swapoff -a, or boot with swapaccount=1)") if on else 0
