"""What script.js printed at its end -> LoadResult. Only the judged window counts.

Latency is the script's ``lab_latency``: from the moment a request was due to its last byte. k6 numbers only what it
began, so after a drop it is not known when the others were due. Latency is then ``http_req_duration``, first byte sent
to last byte received: less than what a user saw. In a closed loop nothing is due: ``lab_latency`` is from the send.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from orchestrator.adapters.k6.options import (
    DROPPED,
    EXCHANGE,
    ITERATION,
    LAG,
    LATENCY,
    REQUESTS,
    SLOWER,
    WRONG,
    in_slot,
    statistic,
)
from orchestrator.domain.box import LoadSpec
from orchestrator.domain.generator import Generator, slots_of
from orchestrator.domain.latency import QUANTILES, Latencies, shortened
from orchestrator.domain.measurement import Missing
from orchestrator.domain.reading import LoadResult, LoadSlot
from orchestrator.errors import LoadFailed

#: Statistics of one metric by name; times are milliseconds.
Values = Mapping[str, float]

_LOOP = Missing("a closed loop has no schedule")
_DROPPED = Missing("requests were dropped: it is not known when the others were due")


def read_summary(text: str, exit_code: int, spec: LoadSpec) -> LoadResult:
    """The window's figures. Raises LoadFailed when the text is not a summary of script.js."""
    try:
        return _result(json.loads(text)["metrics"], exit_code, spec)
    except (ValueError, KeyError, TypeError) as error:
        raise LoadFailed(
            f"k6 ended with exit code {exit_code} but its summary cannot be read ({type(error).__name__}: {error})",
            detail=tuple(text[-500:].splitlines()),
        ) from error


def no_summary(exit_code: int, spec: LoadSpec) -> LoadResult:
    """What is known of a generator that was killed: its exit code, and that nothing was counted."""
    missing = Missing(f"k6 died with exit code {exit_code} and left no summary")
    return LoadResult(
        generator=Generator.K6,
        exit_code=exit_code,
        duration_seconds=spec.duration_seconds,
        requests=0,
        dropped=0,
        failed=0,
        latency_seconds={},
        iteration_seconds_mean=missing,
        virtual_users=spec.virtual_users,
        start_lag_seconds_p99=missing,
        latencies=Latencies(0, ()),
        slots=(),
        covered_requests=0,
        busy_seconds=missing,
    )


def _result(metrics: Mapping[str, Values], exit_code: int, spec: LoadSpec) -> LoadResult:
    requests, dropped, iteration = _count(metrics, REQUESTS), _count(metrics, DROPPED), metrics[ITERATION]
    taken = metrics[EXCHANGE if dropped else LATENCY]
    counted = () if dropped else tuple((limit, f"{SLOWER}{at}") for at, limit in enumerate(spec.limits_seconds))
    latencies = _latencies(taken, tuple((limit, _count(metrics, name)) for limit, name in counted))
    lag = _seconds(metrics[LAG], statistic(0.99), Missing("nothing was begun"))
    loop = spec.rate_per_second is None
    return LoadResult(
        generator=Generator.K6,
        exit_code=exit_code,
        duration_seconds=spec.duration_seconds,
        requests=requests,
        dropped=dropped,
        failed=_count(metrics, WRONG),
        latency_seconds=latencies.named(taken["avg"] / 1000),
        # A user who thinks is held by no request.
        iteration_seconds_mean=_seconds(
            taken if loop else iteration, "avg", Missing("no request of the window was finished")
        ),
        virtual_users=spec.virtual_users,
        start_lag_seconds_p99=_LOOP if loop else _DROPPED if dropped else lag,
        latencies=latencies,
        slots=tuple(
            _slot(metrics, number, at, seconds, dropped=bool(dropped))
            for number, (at, seconds) in enumerate(slots_of(spec.duration_seconds, Generator.K6))
        ),
        covered_requests=requests,
        busy_seconds=Missing("k6 does not tell when its first and last request were"),
    )


def _latencies(values: Values, slower: tuple[tuple[float, int], ...]) -> Latencies:
    # k6 writes 0 for the statistics of nothing.
    n = int(values["count"])
    grid = tuple(shortened(values[statistic(quantile)] / 1000) for quantile in QUANTILES) if n else ()
    return Latencies(n, grid, slower)


def _slot(metrics: Mapping[str, Values], number: int, at: float, seconds: float, *, dropped: bool) -> LoadSlot:
    good, failed = metrics[in_slot(LATENCY, number)], _count(metrics, in_slot(WRONG, number))
    p99 = _DROPPED if dropped else _seconds(good, statistic(0.99), Missing("no request was answered well"))
    return LoadSlot(at, seconds, int(good["count"]) + failed, failed, p99)


def _count(metrics: Mapping[str, Values], metric: str) -> int:
    return int(metrics[metric]["count"])


def _seconds(values: Values, name: str, nothing: Missing) -> float | Missing:
    return values[name] / 1000 if values["count"] else nothing
