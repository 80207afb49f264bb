"""Which generator offers the load: one for a whole Run, since two servers are never compared under two generators."""

from __future__ import annotations

import math
from enum import StrEnum


class Generator(StrEnum):
    """k6: scripts, checks of every body. oha: four times the requests per CPU second, checks status and length."""

    K6 = "k6"
    OHA = "oha"


#: k6 in its open model was measured at 5,300 to 6,800 requests a CPU second, and its latencies wander from a third of
#: that on. oha took 0.17 of a CPU for 8,000/s.
K6_RATE_PER_CPU = 1_500

#: A request without an answer for so long has failed, with either.
REQUEST_SECONDS_MAX = 5
#: A window is told in so many slots at most: each is a metric of k6's own, which it must keep; oha's rows cost nothing.
SLOTS_MAX = {Generator.K6: 60, Generator.OHA: 3_600}


def choose(rate_per_second_max: int | None, generator_cpus: int, *, k6_alone: bool = False) -> Generator:
    """By the highest rate that will be offered (None: it is searched for) and the CPUs the generator has.

    Args:
        k6_alone: some Workload is one that oha cannot offer (workload.k6_alone).
    """
    if k6_alone:
        return Generator.K6
    if rate_per_second_max is None or rate_per_second_max > K6_RATE_PER_CPU * generator_cpus:
        return Generator.OHA
    return Generator.K6


def slots_of(duration_seconds: float, generator: Generator) -> tuple[tuple[float, float], ...]:
    """Beginning and length of each slot of a window, in seconds: whole seconds, as many to a slot as SLOTS_MAX asks."""
    width = max(1, math.ceil(duration_seconds / SLOTS_MAX[generator]))
    edges = range(0, math.ceil(duration_seconds), width)
    return tuple((float(at), min(float(width), duration_seconds - at)) for at in edges)
