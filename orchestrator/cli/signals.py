"""SIGINT and SIGTERM become Interrupted in the main thread, with one line at once."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from orchestrator.errors import Interrupted

STDERR = 2
SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def interruptible(consequence: str) -> Iterator[None]:
    """Within the block the first signal prints ``consequence`` and raises; each further one raises again.

    The first unwinds through every ``with`` and cleans up; the second interrupts the cleaning.
    """
    seen = 0

    def stop(number: int, _frame: FrameType | None) -> None:
        nonlocal seen
        seen += 1
        if seen == 1:
            # A handler may run in the middle of a print: the buffered streams are not ours to use here.
            os.write(STDERR, f"\nstopping; {consequence}Ctrl-C again to kill\n".encode())
        raise Interrupted(number)

    before = {number: signal.signal(number, stop) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
