"""What oha left -> LoadResult: every request on its schedule, judged by status and length. Only the window counts.

In a closed loop a request is due when it begins. One without an answer has no time then: all of the process are counted
in the window, and in none of its slots.
"""

from __future__ import annotations

import json
import math
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestrator.adapters.oha.rows import Rows, read_rows, tokens_of
from orchestrator.domain.box import LoadSpec
from orchestrator.domain.generator import Generator, slots_of
from orchestrator.domain.latency import Latencies, latencies_of
from orchestrator.domain.measurement import Missing
from orchestrator.domain.reading import LoadResult, LoadSlot
from orchestrator.errors import LoadFailed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from orchestrator.adapters.oha.rows import Floats

    Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class _Window:
    """Requests due in the window.

    Attributes:
        due: of each row, from the window's beginning; latency and lag follow from it.
        held: from begin to end.
        unanswered: sent without an answer.
        unanswered_due: when those were due; empty where that is not known.
        dropped: due and never sent.
    """

    due: Floats
    latency: Floats
    lag: Floats
    held: Floats
    good: Flags
    unanswered: int
    unanswered_due: Floats
    dropped: int


def read_summary(text: str, database: bytes, spec: LoadSpec) -> LoadResult:
    """The window's figures.

    Args:
        text: oha's JSON summary; of it only the count of requests without an answer is needed.
        database: the SQLite file with every answered request.

    Raises LoadFailed when either cannot be read.
    """
    try:
        errors = sum(int(count) for count in json.loads(text)["errorDistribution"].values())
        rows = read_rows(database)
    except (ValueError, KeyError, TypeError, AttributeError, sqlite3.Error) as error:
        raise LoadFailed(
            f"oha's result cannot be read ({type(error).__name__}: {error})", detail=tuple(text[-500:].splitlines())
        ) from error
    rate = spec.rate_per_second
    return _result(rows, _closed(rows, errors, spec) if rate is None else _open(rows, errors, rate, spec), spec)


def no_summary(exit_code: int, spec: LoadSpec) -> LoadResult:
    """What is known of a generator that was killed: its exit code, and that nothing was counted."""
    missing = Missing(f"oha died with exit code {exit_code} and left no summary")
    return LoadResult(
        generator=Generator.OHA,
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


def _open(rows: Rows, errors: int, rate: int, spec: LoadSpec) -> _Window:
    import numpy as np

    tokens = tokens_of(rows, rate, errors)
    first, end = _token_at(spec.warmup_seconds, rate), _token_at(spec.warmup_seconds + spec.duration_seconds, rate)
    absent = np.setdiff1d(np.arange(end), tokens, assume_unique=True)
    in_window = absent[absent >= first]
    # oha leaves in the queue what is due last: of the tokens without a row the earlier ones are the errors.
    unanswered = min(max(0, errors - (len(absent) - len(in_window))), len(in_window))
    inside = (tokens >= first) & (tokens < end)
    due = tokens[inside] / rate
    return _Window(
        due=due - spec.warmup_seconds,
        latency=rows.ended[inside] - due,
        lag=rows.woke[inside] - due,
        held=rows.ended[inside] - rows.began[inside],
        good=_good(rows, spec)[inside],
        unanswered=unanswered,
        unanswered_due=in_window[:unanswered] / rate - spec.warmup_seconds,
        dropped=len(in_window) - unanswered,
    )


def _token_at(seconds: float, rate: int) -> int:
    """The first token that is due then or later, safe against 0.3 * 10 = 2.9999999999999996."""
    return math.ceil(seconds * rate - 1e-6)


def _closed(rows: Rows, errors: int, spec: LoadSpec) -> _Window:
    import numpy as np

    begun = rows.began - spec.warmup_seconds
    inside = (begun >= 0) & (begun < spec.duration_seconds)
    held = rows.ended[inside] - rows.began[inside]
    nothing = np.zeros(0)
    return _Window(begun[inside], held, nothing, held, _good(rows, spec)[inside], errors, nothing, 0)


def _good(rows: Rows, spec: LoadSpec) -> Flags:
    check = spec.workload.first.check
    good: Flags = rows.status == check.status
    if check.body:
        good &= rows.length == len(check.body.encode())
    elif check.contains:
        good &= rows.length > 0
    return good


def _result(rows: Rows, window: _Window, spec: LoadSpec) -> LoadResult:
    import numpy as np

    answered, unanswered = len(window.due), window.unanswered
    latency = np.sort(window.latency[window.good])
    latencies = latencies_of(latency.tolist(), spec.limits_seconds)
    lag = latencies_of(np.sort(window.lag).tolist()).at(0.99) if answered else Missing("no request was answered")
    return LoadResult(
        generator=Generator.OHA,
        exit_code=0,
        duration_seconds=spec.duration_seconds,
        requests=answered + unanswered,
        dropped=window.dropped,
        failed=answered - len(latency) + unanswered,
        latency_seconds=latencies.named(float(latency.mean()) if len(latency) else 0.0),
        iteration_seconds_mean=float(window.held.mean()) if answered else Missing("no request was answered"),
        virtual_users=spec.virtual_users,
        start_lag_seconds_p99=lag if spec.rate_per_second is not None else Missing("a closed loop has no schedule"),
        latencies=latencies,
        slots=_slots(window, spec),
        covered_requests=len(rows),
        busy_seconds=float(rows.ended.max() - rows.began.min()) if len(rows) else Missing("no request was answered"),
    )


def _slots(window: _Window, spec: LoadSpec) -> tuple[LoadSlot, ...]:
    import numpy as np

    spans = slots_of(spec.duration_seconds, Generator.OHA)
    begins = [at for at, _ in spans]
    place, lost = (np.searchsorted(begins, due, side="right") - 1 for due in (window.due, window.unanswered_due))
    found = []
    for number, (at, seconds) in enumerate(spans):
        here = place == number
        latency = np.sort(window.latency[here & window.good])
        unanswered = int((lost == number).sum())
        answered = int(here.sum())
        p99 = latencies_of(latency.tolist()).at(0.99)
        found.append(LoadSlot(at, seconds, answered + unanswered, answered - len(latency) + unanswered, p99))
    return tuple(found)
