"""What k6 said -> LoadResult."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orchestrator.adapters.k6.summary import no_summary, read_summary
from orchestrator.domain.box import LoadSpec, Tags
from orchestrator.domain.measurement import Missing
from orchestrator.domain.workload import Workload
from orchestrator.errors import LoadFailed

SPEC = LoadSpec(Workload("w", "GET", "/", ""), 80, 100, 1.0, 5.0, 20, (0,), Tags("r", "t", "s", "i", "w", "generator"))
#: As k6 2.2.0 printed it, cut down to the window, with rounder numbers.
METRICS: dict[str, Any] = {
    "http_reqs": {"type": "counter", "values": {"count": 1502, "rate": 375}},
    "http_reqs{scenario:window}": {"type": "counter", "values": {"count": 1001, "rate": 249.9}},
    "dropped_iterations{scenario:window}": {"type": "counter", "values": {"count": 3, "rate": 0}},
    "lab_wrong_answers{scenario:window}": {"type": "counter", "values": {"count": 2, "rate": 0}},
    "iteration_duration{scenario:window}": {"type": "trend", "values": {"count": 1001, "avg": 0.5}},
    "http_req_duration{scenario:window}": {
        "type": "trend",
        "values": {"count": 1001, "avg": 0.3, "med": 0.25, "p(90)": 0.4, "p(99)": 0.7, "p(99.9)": 2.9, "max": 3.6},
    },
}


def summary(**changes: Any) -> str:
    return json.dumps({"schema": 1, "metrics": METRICS | changes})


def test_only_the_window_counts_and_times_are_seconds() -> None:
    result = read_summary(summary(), 0, SPEC)
    assert (result.requests, result.dropped, result.failed, result.exit_code) == (1001, 3, 2, 0)
    assert (result.duration_seconds, result.virtual_users) == (5.0, 20)
    assert result.iteration_seconds_mean == pytest.approx(0.0005)
    assert result.latency_seconds == pytest.approx(
        {"mean": 0.0003, "p50": 0.00025, "p90": 0.0004, "p99": 0.0007, "p999": 0.0029, "max": 0.0036}
    )


def test_nothing_measured_is_missing_not_zero() -> None:
    nothing = {"count": 0, "avg": 0, "med": 0, "p(90)": 0, "p(99)": 0, "p(99.9)": 0, "max": 0}
    result = read_summary(
        summary(
            **{
                "http_reqs{scenario:window}": {"values": {"count": 0}},
                "http_req_duration{scenario:window}": {"values": nothing},
                "iteration_duration{scenario:window}": {"values": nothing},
            }
        ),
        0,
        SPEC,
    )
    assert result.latency_seconds == {}
    assert isinstance(result.iteration_seconds_mean, Missing)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"metrics": {}}', '{"metrics": null}'])
def test_what_is_no_summary_is_an_error(text: str) -> None:
    with pytest.raises(LoadFailed, match="exit code 0"):
        read_summary(text, 0, SPEC)


def test_a_killed_generator_leaves_its_exit_code_alone() -> None:
    result = no_summary(137, SPEC)
    assert (result.exit_code, result.requests, result.latency_seconds) == (137, 0, {})
    assert isinstance(result.iteration_seconds_mean, Missing)
