"""The window second by second: what the generator counted beside what the kernel used."""

from __future__ import annotations

from statistics import median

from orchestrator.domain.measurement import Missing
from orchestrator.domain.reading import Evidence, Point
from orchestrator.domain.record import Second
from orchestrator.domain.steady import steady
from orchestrator.domain.units import show_seconds

#: One second holds ten periods of a quota, so that its CPU time scatters by some percent on a quiet host.
DRIFT_MAX = 0.20
#: With fewer in a second its CPU time by request is that of chance, and of what the runtime does anyway.
REQUESTS_TELLING = 10
_NOT_SEEN = Missing("the observer has no second of it")


def seconds_of(evidence: Evidence) -> tuple[Second, ...]:
    """One for each of the generator's slots. The two clocks are matched to a few tenths of a second: this is a shape to
    look at, not the source of any total."""
    begin = _window_at(evidence)
    return tuple(
        _second(slot.at_seconds, slot.seconds, slot.requests, slot.failed, slot.latency_seconds_p99, points)
        for slot in evidence.load.slots
        for points in [_within(evidence.points, begin + slot.at_seconds, slot.seconds)]
    )


def drift(seconds: tuple[Second, ...]) -> str:
    """Why the window was not steady: CPU time per request moved from its first third to the rest; "" when it did not,
    or when it has too few seconds or requests to tell. Latency is no sign of it: under a quota it leaps by nature."""
    costs = [
        one.cpu_cores * one.seconds / one.requests
        for one in seconds
        if not isinstance(one.cpu_cores, Missing) and one.requests >= REQUESTS_TELLING
    ]
    if steady(costs, tolerance=DRIFT_MAX) is not False:
        return ""
    third = len(costs) // 3
    before, after = median(costs[:third]), median(costs[third:])
    return f"CPU time per request went from {show_seconds(before)} to {show_seconds(after)} within the window"


def _window_at(evidence: Evidence) -> float:
    """The first request of the window on the reader's clock. A generator that was started after the opening reading is
    taken to begin when its first second did."""
    if evidence.generator_opening is not None or not evidence.generator_points:
        return evidence.opening.at_seconds + evidence.quiet_seconds
    return evidence.generator_points[0].at_seconds - 1.0 + evidence.warmup_seconds


def _within(points: tuple[Point, ...], begin: float, seconds: float) -> tuple[Point, ...]:
    return tuple(one for one in points if begin < one.at_seconds - 0.5 <= begin + seconds)


def _second(
    at: float, seconds: float, requests: int, failed: int, p99: float | Missing, points: tuple[Point, ...]
) -> Second:
    throttled = [one.throttled_ratio for one in points if not isinstance(one.throttled_ratio, Missing)]
    return Second(
        at_seconds=at,
        seconds=seconds,
        requests=requests,
        failed=failed,
        latency_seconds_p99=p99,
        cpu_cores=sum(one.cpu_cores for one in points) / len(points) if points else _NOT_SEEN,
        throttled_ratio=sum(throttled) / len(throttled) if throttled else _NOT_SEEN,
        memory_bytes=points[-1].memory_bytes if points else _NOT_SEEN,
    )
