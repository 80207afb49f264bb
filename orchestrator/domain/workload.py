"""What is asked of a server, and how load is offered."""

from __future__ import annotations

import math
from dataclasses import dataclass

from orchestrator.domain.generator import Generator
from orchestrator.domain.request import Request
from orchestrator.domain.units import show_seconds

RATE_MIN = 1
RATE_MAX = 1_000_000


@dataclass(frozen=True)
class Workload:
    """What the load is made of: one request, or several by their weights.

    Attributes:
        check_bodies: each answer's body must be looked at, not only its status and its length.
        ceiling_per_second: requests per second and process that the algorithm itself allows, whatever the CPU; None
            where only the CPU bounds it.
        ceiling_cause: why, in words.
        needs: names of the Sidecars that a server must have beside it.
    """

    name: str
    summary: str
    requests: tuple[Request, ...]
    check_bodies: bool = False
    ceiling_per_second: int | None = None
    ceiling_cause: str = ""
    needs: tuple[str, ...] = ()

    @property
    def first(self) -> Request:
        """The one that a server is asked to see whether it is ready."""
        return self.requests[0]


def k6_alone(workload: Workload) -> str:
    """Why only k6 can offer it: oha sends one request over and over, and sees status and length of its answers; "" when
    both can."""
    _, numbers, _ = workload.first.parts
    if len(workload.requests) > 1:
        return f"{workload.name} is a mix of {len(workload.requests)} requests"
    if workload.check_bodies:
        return f"each body of {workload.name} is to be checked"
    if numbers is not None and numbers.decade_digits is None:
        return f"the numbers {numbers.low}-{numbers.high} of {workload.name} are not all those of one length"
    return ""


@dataclass(frozen=True)
class Scenario:
    """How load is offered: evenly paced arrivals (open model), or users who think between two requests (closed loop).

    Attributes:
        rates: requests per second. Rising, each in a Trial of its own until one does not hold; of a ladder in the order
            in which they are offered; of a closed loop the most that its users can send.
        duration_seconds: length of the judged window.
        warmup_seconds: load before it, discarded.
        ladder: all rates in one container: each window finds what those before it left.
        users: made before the start, each with a connection of its own; None: as many as the SLO's latency asks.
        think_seconds: between an answer and the same user's next request; None in an open model.
        workloads: names of those it is made for; () for any.
    """

    name: str
    rates: tuple[int, ...]
    duration_seconds: float
    warmup_seconds: float
    summary: str = ""
    ladder: bool = False
    users: int | None = None
    think_seconds: float | None = None
    workloads: tuple[str, ...] = ()

    @property
    def unranked(self) -> str:
        """Why its windows tell of no capacity, and rank nothing; "" when they do."""
        if self.think_seconds is not None:
            return "a closed loop waits for slow answers, and offers less the slower a server is"
        if self.ladder and len(self.rates) == 1:
            return "one window of it tells of no capacity"
        return "each window of a ladder finds what those before it left" if self.ladder else ""

    def __str__(self) -> str:
        """``500, 1,000 requests/s``, ``50 users, 50 ms think time``."""
        if self.think_seconds is not None:
            return f"{self.users:,} users, {show_seconds(self.think_seconds)} think time"
        rates = f"{', '.join(f'{rate:,}' for rate in self.rates)} request{'' if self.rates == (1,) else 's'}/s"
        if self.users is not None:
            return f"{rates} over {self.users:,} connections"
        return f"{rates} in one container" if self.ladder else rates

    def connecting_seconds(self, rate_per_second: int) -> float:
        """How long it takes until each of its connections is open: the first request that is sent on it opens it."""
        return 0.0 if self.users is None or self.think_seconds is not None else self.users / rate_per_second


#: How long the pool lasts when no answer comes back, in latencies of the SLO. k6 drops what is due when no user is
#: free, and a quota stops a server for up to one period (100 ms): twice the usual 50 ms would run dry in a single stop,
#: and tell nothing of the other requests. With oha it waits for a connection and the wait is latency: once is enough.
POOL_DEPTH = {Generator.K6: 4, Generator.OHA: 1}
#: Nearly all ports that one address can open connections from; more is no test of a small size but of the generator.
VIRTUAL_USERS_MAX = 20_000
#: Fewer would make a queue of the generator's own.
POOL_MIN = 10


def virtual_users(rate_per_second: int, latency_seconds_limit: float, generator: Generator) -> int:
    """How many requests may be in flight: Little's law at POOL_DEPTH times the SLO's latency, plus POOL_MIN.

    All are made before the start (k6: preAllocatedVUs), since making one under load costs the generator CPU. When the
    pool runs dry for long the server's mean latency is far beyond the SLO, or the generator stalled: the gates tell
    the two apart.
    """
    return math.ceil(rate_per_second * latency_seconds_limit * POOL_DEPTH[generator]) + POOL_MIN


def users_of(scenario: Scenario, rate_per_second: int, latency_seconds_limit: float, generator: Generator) -> int:
    """As many as the Scenario says, else as ``virtual_users`` finds."""
    return scenario.users or virtual_users(rate_per_second, latency_seconds_limit, generator)


def only_generator(scenario: Scenario) -> tuple[Generator, str] | None:
    """The one that can offer it, and why not the other; None where both can."""
    if scenario.think_seconds is not None:
        return Generator.K6, "oha has no think time"
    if scenario.users is not None:
        return Generator.OHA, f"{scenario.users:,} connections, of which k6 takes megabytes each"
    return None
