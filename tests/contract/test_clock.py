"""Clock: time."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from orchestrator.adapters.clock import SystemClock
from orchestrator.adapters.simulated.clock import SimulatedClock
from orchestrator.adapters.simulated.world import World
from orchestrator.ports import Clock

PORTS = (Clock,)


@pytest.fixture(params=["simulated", "system"])
def clock(request: pytest.FixtureRequest) -> Clock:
    return SimulatedClock(World()) if request.param == "simulated" else SystemClock()


def test_now_is_utc_to_the_millisecond(clock: Clock) -> None:
    now = datetime.fromisoformat(clock.now())
    assert now.utcoffset() == timedelta(0)
    assert "." in clock.now() and now.microsecond % 1000 == 0


def test_both_clocks_move_on_while_it_sleeps(clock: Clock) -> None:
    before, begin = datetime.fromisoformat(clock.now()), clock.monotonic()
    clock.sleep(0.05)
    assert clock.monotonic() - begin > 0.0499
    assert datetime.fromisoformat(clock.now()) - before >= timedelta(milliseconds=49)
