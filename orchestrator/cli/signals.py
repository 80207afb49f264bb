"""SIGINT and SIGTERM become Interrupted in the main thread, with one line at once; SIGALRM is the heartbeat."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from orchestrator.errors import Interrupted

STDERR = 2
SIGNALS = (signal.SIGINT, signal.SIGTERM)
HEARTBEAT_SECONDS = 5.0


@contextmanager
def interruptible(consequence: str) -> Iterator[None]:
    """Within the block the first signal prints ``stopping`` with its consequence and raises; each further one again.

    The first unwinds through every ``with`` and cleans up; the second interrupts the cleaning.
    """
    seen = 0

    def stop(number: int, _frame: FrameType | None) -> None:
        nonlocal seen
        seen += 1
        if seen == 1:
            # A handler may run in the middle of a print: the buffered streams are not ours to use here.
            os.write(STDERR, f"\nstopping{consequence} (Ctrl-C again to leave at once)\n".encode())
        raise Interrupted(number)

    before = {number: signal.signal(number, stop) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def heartbeat(beat: Callable[[], None], seconds: float = HEARTBEAT_SECONDS) -> Iterator[None]:
    """Within the block ``beat`` is called at this interval, in the main thread, between two of its steps.

    A timer of the kernel and no thread: it costs nothing while something is measured. It is not inherited by what we
    start, and a call it interrupts is taken up again (PEP 475).
    """

    def ring(_number: int, _frame: FrameType | None) -> None:
        beat()

    handler = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
