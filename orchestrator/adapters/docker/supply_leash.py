"""Programs that make images and must not outlive the step that started them, whatever ends that step."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

#: For docker to cancel its build, for mmdebstrap to unmount and remove what it unpacked.
GRACE_SECONDS = 10.0
_POLL_SECONDS = 0.02
_MARK = "process"
#: Becomes the program, in a session of its own and after leaving its id. Where the folder is gone it starts nothing.
_START = """
import os, sys
folder, *command = sys.argv[1:]
os.setsid()
part = os.path.join(folder, "part")
with open(part, "w") as file:
    file.write(str(os.getpid()))
os.rename(part, os.path.join(folder, "process"))
os.execvp(command[0], command)
"""


@contextmanager
def leash(seconds: float) -> Iterator[tuple[str, ...]]:
    """Words to put before one command, run by this process or by a library in it.

    After so long, and when the block ends before the program has, it and all it started are stopped: SIGTERM, then
    SIGKILL after GRACE_SECONDS or when this waiting is itself interrupted. What was not yet started never starts.
    """
    with tempfile.TemporaryDirectory(prefix="footprint-lab-") as name:
        folder = Path(name) / "open"
        folder.mkdir()
        deadline = threading.Timer(seconds, _end_marked, (folder,))
        deadline.daemon = True
        deadline.start()
        try:
            yield (sys.executable, "-ISc", _START, str(folder))
        finally:
            deadline.cancel()
            try:
                deadline.join()  # it may be at work
            finally:
                # Either the mark is in the folder by now, or the program finds no folder to leave it in.
                _end_marked(folder.rename(Path(name) / "closed"))


def run(command: Sequence[str], log: Path, seconds: float) -> int:
    """A program on a leash, both its streams in a file. Its exit code, negative for a signal."""
    process: subprocess.Popen[bytes] | None = None
    try:
        with leash(seconds) as words, log.open("wb") as out:
            process = subprocess.Popen(
                [*words, *command], stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT
            )
            return process.wait()
    finally:
        if process is not None:
            process.wait()  # ended by now


def _end_marked(folder: Path) -> None:
    with suppress(FileNotFoundError):
        _end_group(int((folder / _MARK).read_text()))


def _end_group(leader: int) -> None:
    """Ends a process group whose leader is a child of ours; nothing when that child was waited for already."""
    if not _is_child(leader):
        return
    try:
        _signal_group(leader, signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        while not _has_ended(leader) and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
    finally:
        # Also what the leader left behind. It was not reaped by us, so that its id is still its own.
        _signal_group(leader, signal.SIGKILL)


def _is_child(pid: int) -> bool:
    """Ours, and not waited for yet."""
    try:
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _has_ended(pid: int) -> bool:
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return True


def _signal_group(leader: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(leader, number)
