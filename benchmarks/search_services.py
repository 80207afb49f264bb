"""Services that are not there, of known capacity: what a search is tried on, in tests and in benchmarks.search."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from orchestrator.domain.slo import Checked, Judgement, Verdict

#: The Slo they are held against: at most one request in a hundred slower than 50 ms.
ALLOWED = 0.01
LIMIT_SECONDS = 0.05
#: A client gives up after 5 s.
SLOWNESS_MAX = 100.0
#: An open load above what is served makes the queue grow: 1 % above for 10 s is 0.1 s of waiting, twice the limit.
OVERLOAD_SLOPE = 10 / LIMIT_SECONDS
#: Between two windows nothing is offered.
COOL_DOWN_SECONDS = 2.0
#: What jitter and interference are given for: a window of this length.
WINDOW_SECONDS = 10.0
#: How much slower than its limit a spoiled window is, at least and at most.
SPOILED_MIN, SPOILED_MAX = 1.5, 20.0


@dataclass(frozen=True)
class Curve:
    """How slow a service is by its load.

    Attributes:
        slowness: p99 by its limit, of load by capacity; 1 at 1.
        saturation: load by capacity from which on the queue grows without end: what a closed loop finds.
    """

    slowness: Callable[[float], float]
    saturation: float


def _knee(load: float) -> float:
    """A queue: 5 ms alone, 1 / (1 - utilisation) times that under load; at the capacity it is 90 % utilised."""
    idle = 1 - 0.9 * load
    return 0.1 / idle if idle > 0.1 / SLOWNESS_MAX else SLOWNESS_MAX


def _cliff(load: float) -> float:
    """Quick until it is full, and then not at all."""
    return 0.1 / (1 - 0.5 * load) if load <= 1 else 2.0 + OVERLOAD_SLOPE * (load - 1)


def _cfs_step(load: float) -> float:
    """A CPU quota: once periods are throttled, p99 is the length of the stall, a plateau that lies near the limit."""
    if load < 0.6:
        return 0.1
    return 0.7 + 0.3 * ((load - 0.6) / 0.4) ** 4 if load <= 1.05 else 1.2 + OVERLOAD_SLOPE * (load - 1.05)


CURVES = {
    "knee": Curve(_knee, 1 / 0.9),
    "cliff": Curve(_cliff, 1.0),
    "cfs-step": Curve(_cfs_step, 1.05),
}


class Interference(Protocol):
    """What else happens on the host."""

    def spoils(self, begin: float, seconds: float, chance: random.Random) -> bool:
        """Whether a window is hit; time only goes forward."""


@dataclass(frozen=True)
class Lapses:
    """Each ten seconds of load are hit by themselves, with this probability."""

    share: float

    def spoils(self, begin: float, seconds: float, chance: random.Random) -> bool:  # noqa: ARG002  has no memory
        return chance.random() >= math.pow(1 - self.share, seconds / WINDOW_SECONDS)


@dataclass
class Bursts:
    """Good and bad times take turns, each of exponential length; a window is hit that a bad time touches.

    Attributes:
        share: of all time that is bad.
        bad_seconds: mean length of a bad time.
    """

    share: float
    bad_seconds: float = 40.0
    bad: bool | None = None
    until: float = 0.0

    def spoils(self, begin: float, seconds: float, chance: random.Random) -> bool:
        if self.bad is None:
            self._turn(begin, chance.random() < self.share, chance)
        while self.until <= begin:
            self._turn(self.until, not self.bad, chance)
        return bool(self.bad) or self.until < begin + seconds

    def _turn(self, at: float, bad: bool, chance: random.Random) -> None:
        mean = self.bad_seconds if bad else self.bad_seconds * (1 - self.share) / self.share
        self.bad, self.until = bad, at + chance.expovariate(1 / mean)


@dataclass
class Service:
    """One service in one search. Its clock goes on with every window.

    Attributes:
        capacity: requests per second at which p99 is at its limit, in a window without jitter.
        jitter: standard deviation of the logarithm of the capacity from window to window.
        now, load_seconds, windows: clock, time under load, and how many windows there were.
    """

    capacity: float
    curve: Curve
    chance: random.Random
    jitter: float = 0.0
    interference: Interference = Lapses(0.0)
    now: float = 0.0
    load_seconds: float = 0.0
    windows: int = 0

    def probe(self, rate: float, seconds: float) -> tuple[Judgement, float]:
        """A window at this rate: how it is judged, and p99 by its limit."""
        slowness = min(SLOWNESS_MAX, self.curve.slowness(rate / self._capacity_now()))
        if self._spoiled(seconds):
            slowness = max(slowness, math.exp(self.chance.uniform(math.log(SPOILED_MIN), math.log(SPOILED_MAX))))
        # Latencies with an exponential tail: this share of them lies beyond the limit.
        bad = ALLOWED ** (1 / slowness)
        verdict = Verdict.PASS if slowness <= 1 else Verdict.FAIL
        return Judgement(verdict, f"p99 {slowness:.2f} x limit", (Checked("p99", bad, bad, ALLOWED),)), slowness

    def closed_loop(self, seconds: float) -> float:
        """The most it serves when its users wait for their answers."""
        self._pass(seconds)
        return self.curve.saturation * self._capacity_now()

    def served(self, rate: float) -> float:
        """Requests per second it answers of those that are offered, jitter left out."""
        return min(rate, self.curve.saturation * self.capacity)

    def _capacity_now(self) -> float:
        return self.capacity * math.exp(self.chance.gauss(0, self.jitter)) if self.jitter else self.capacity

    def _spoiled(self, seconds: float) -> bool:
        begin = self.now
        self._pass(seconds)
        return self.interference.spoils(begin, seconds, self.chance)

    def _pass(self, seconds: float) -> None:
        self.now += seconds + COOL_DOWN_SECONDS
        self.load_seconds += seconds
        self.windows += 1
