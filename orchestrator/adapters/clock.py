"""Time (ports.Clock)."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class SystemClock:
    """This machine's clocks."""

    def now(self) -> str:
        """UTC, RFC 3339, to the millisecond."""
        return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
