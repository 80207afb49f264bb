"""Clock: a day passes in no time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from orchestrator.adapters.simulated.world import World

_START = datetime(2026, 1, 1, tzinfo=UTC)


class SimulatedClock:
    """Moves only when somebody sleeps."""

    def __init__(self, world: World) -> None:
        self._world = world

    def now(self) -> str:
        return (_START + timedelta(seconds=self._world.now)).isoformat(timespec="milliseconds")

    def monotonic(self) -> float:
        return self._world.now

    def sleep(self, seconds: float) -> None:
        self._world.now += seconds
