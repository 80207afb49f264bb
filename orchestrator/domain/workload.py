"""What is asked of a server, and how load is offered."""

from __future__ import annotations

import math
from dataclasses import dataclass

from orchestrator.domain.generator import Generator
from orchestrator.domain.request import Request

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
    """How load is offered: open model, evenly paced arrivals.

    Attributes:
        rates: requests per second, rising; each is offered in a Trial of its own until one does not hold.
        duration_seconds: length of the judged window.
        warmup_seconds: load at the same rate before it, discarded.
    """

    name: str
    rates: tuple[int, ...]
    duration_seconds: float
    warmup_seconds: float
    summary: str = ""


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
