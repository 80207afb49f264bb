"""What script.js printed at its end -> LoadResult. Only the judged window counts.

Latency is k6's ``http_req_duration``: first byte sent to last byte received. Waiting for a connection
(``http_req_blocked``) is left out: within the window the users keep the connections they made in the warm-up, and an
arrival that finds no user free is not late but counted as dropped.
"""

from __future__ import annotations

import json
from typing import Any

from orchestrator.adapters.k6.options import WINDOW
from orchestrator.domain.box import LoadSpec
from orchestrator.domain.measurement import Missing
from orchestrator.domain.reading import LoadResult
from orchestrator.errors import LoadFailed

_STATISTICS = {"mean": "avg", "p50": "med", "p90": "p(90)", "p99": "p(99)", "p999": "p(99.9)", "max": "max"}


def read_summary(text: str, exit_code: int, spec: LoadSpec) -> LoadResult:
    """The window's figures. Raises LoadFailed when the text is not a summary of script.js."""
    try:
        metrics = json.loads(text)["metrics"]
        requests = _count(metrics, "http_reqs")
        return LoadResult(
            exit_code=exit_code,
            duration_seconds=spec.duration_seconds,
            requests=requests,
            dropped=_count(metrics, "dropped_iterations"),
            failed=_count(metrics, "lab_wrong_answers"),
            # k6 writes 0 for the statistics of nothing.
            latency_seconds=_latency(metrics) if requests else {},
            iteration_seconds_mean=_iteration_mean(metrics),
            virtual_users=spec.virtual_users,
            start_lag_seconds_p99=_start_lag(metrics),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise LoadFailed(
            f"k6 ended with exit code {exit_code} but its summary cannot be read ({type(error).__name__}: {error})",
            detail=tuple(text[-500:].splitlines()),
        ) from error


def no_summary(exit_code: int, spec: LoadSpec) -> LoadResult:
    """What is known of a generator that was killed: its exit code, and that nothing was counted."""
    return LoadResult(
        exit_code=exit_code,
        duration_seconds=spec.duration_seconds,
        requests=0,
        dropped=0,
        failed=0,
        latency_seconds={},
        iteration_seconds_mean=Missing(f"k6 died with exit code {exit_code} and left no summary"),
        virtual_users=spec.virtual_users,
        start_lag_seconds_p99=Missing(f"k6 died with exit code {exit_code} and left no summary"),
    )


def _values(metrics: dict[str, Any], metric: str) -> dict[str, float]:
    values: dict[str, float] = metrics[metric + WINDOW]["values"]
    return values


def _count(metrics: dict[str, Any], metric: str) -> int:
    return int(_values(metrics, metric)["count"])


def _latency(metrics: dict[str, Any]) -> dict[str, float]:
    values = _values(metrics, "http_req_duration")
    return {name: values[statistic] / 1000 for name, statistic in _STATISTICS.items()}


def _start_lag(metrics: dict[str, Any]) -> float | Missing:
    if _count(metrics, "dropped_iterations"):
        # k6 numbers only what it began, so after a drop it is not known when a request was due.
        return Missing("requests were dropped")
    values = _values(metrics, "lab_start_lag")
    return values["p(99)"] / 1000 if values["count"] else Missing("no request of the window was begun")


def _iteration_mean(metrics: dict[str, Any]) -> float | Missing:
    values = _values(metrics, "iteration_duration")
    return values["avg"] / 1000 if values["count"] else Missing("no request of the window was finished")
