"""One measuring lab per engine: a kernel lock, released by the kernel when its holder dies in whatever way.

It is shared by all users of this machine. Two machines that use one engine from afar do not see each other's.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from orchestrator.errors import EnvironmentNotFit, LabHeld

#: Fixed, and not the user's TMPDIR: it must be the same folder for all users of this machine.
FOLDER = Path("/tmp")


@contextmanager
def hold_engine(engine: str, lab: str, folder: Path = FOLDER) -> Iterator[None]:
    """Holds the engine while the block runs.

    Args:
        engine: the engine's id.
        lab: told to whom finds it held.

    Raises LabHeld naming the holder; EnvironmentNotFit when the lock's file cannot be used.
    """
    path = folder / f"footprint-lab-{re.sub(r'[^A-Za-z0-9-]', '-', engine)}.lock"
    descriptor = _open(path)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(descriptor, 500, 0).decode("utf-8", "replace").strip() or "not known"
            raise LabHeld(
                f"another lab is measuring on this engine: {holder}",
                where=str(path),
                hint="wait for it to end, or stop it; two at once would spoil both",
            ) from error
        since = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"lab {lab}, process {os.getpid()}, since {since}\n".encode(), 0)
        yield
    finally:
        # The file stays: removing it would let two processes lock two files of one name.
        os.close(descriptor)


def _open(path: Path) -> int:
    """Opens it, made when it is not there, for all users; never through a link somebody laid there."""
    flags = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        try:
            return os.open(path, flags)
        except FileNotFoundError:
            return _make(path, flags)
    except OSError as error:
        raise EnvironmentNotFit(
            f"the lock of this engine cannot be opened: {error.strerror}",
            where=str(path),
            hint=f"ls -l {path}; remove it when no lab is running",
        ) from error


def _make(path: Path, flags: int) -> int:
    """Whoever comes second opens the file of the first: only its owner may change its mode."""
    try:
        descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o666)
    except FileExistsError:
        return os.open(path, flags)
    # Whatever the umask says: other users must be able to open it.
    os.fchmod(descriptor, 0o666)
    return descriptor
