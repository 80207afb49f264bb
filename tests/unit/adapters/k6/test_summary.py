"""What k6 said -> LoadResult."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from orchestrator.adapters.k6.options import statistic
from orchestrator.adapters.k6.summary import no_summary, read_summary
from orchestrator.domain.box import LoadSpec, Tags
from orchestrator.domain.generator import Generator
from orchestrator.domain.latency import QUANTILES
from orchestrator.domain.measurement import Missing
from orchestrator.domain.request import Request
from orchestrator.domain.workload import Workload
from orchestrator.errors import LoadFailed

TAGS = Tags("r", "t", "s", "i", "w", "generator")
SPEC = LoadSpec(Workload("w", "", (Request("GET", "/"),)), 80, 500, 1.0, 2.0, 20, (0,), TAGS, (0.05, 0.1))
EXCHANGE = "http_req_duration{scenario:window,expected_response:true}"


def trend(count: int, average: float, scale: float) -> dict[str, float]:
    """k6's statistics in milliseconds, rising to ``scale``."""
    return {"count": count, "avg": average} | {statistic(one): scale * one for one in QUANTILES}


#: As k6 2.2.0 printed it, with rounder numbers.
METRICS: dict[str, Mapping[str, float]] = {
    "http_reqs{scenario:window}": {"count": 1001, "rate": 249.9},
    "dropped_iterations{scenario:window}": {"count": 0, "rate": 0},
    "iteration_duration{scenario:window}": trend(1001, 0.5, 3.0),
    EXCHANGE: trend(1001, 0.3, 3.0),
    "lab_latency": trend(999, 0.8, 4.0),
    "lab_start_lag": trend(1001, 0.4, 1.0),
    "lab_wrong_answers": {"count": 2, "rate": 0},
    "lab_slower_0": {"count": 7, "rate": 0},
    "lab_slower_1": {"count": 0, "rate": 0},
    "lab_latency{slot:0}": trend(500, 0.8, 4.0),
    "lab_latency{slot:1}": trend(499, 0.8, 2.0),
    "lab_wrong_answers{slot:0}": {"count": 0, "rate": 0},
    "lab_wrong_answers{slot:1}": {"count": 2, "rate": 0},
}
NOTHING = trend(0, 0, 0)


def summary(**changes: Mapping[str, float]) -> str:
    return json.dumps({"schema": 2, "metrics": METRICS | changes})


def test_latency_is_from_the_intended_send_time_and_times_are_seconds() -> None:
    result = read_summary(summary(), 0, SPEC)
    assert (result.generator, result.exit_code) == (Generator.K6, 0)
    assert (result.requests, result.covered_requests, result.dropped, result.failed) == (1001, 1001, 0, 2)
    assert (result.duration_seconds, result.virtual_users) == (2.0, 20)
    assert result.iteration_seconds_mean == pytest.approx(0.0005)
    assert result.start_lag_seconds_p99 == pytest.approx(0.00099)
    assert result.latency_seconds == pytest.approx(
        {"mean": 0.0008, "p50": 0.002, "p90": 0.0036, "p99": 0.00396, "p999": 0.003996, "max": 0.004}
    )
    assert isinstance(result.busy_seconds, Missing)


def test_the_grid_and_the_exact_counts_are_kept() -> None:
    latencies = read_summary(summary(), 0, SPEC).latencies
    assert latencies.n == 999 and len(latencies.seconds) == len(QUANTILES)
    assert latencies.slower == ((0.05, 7), (0.1, 0))


def test_seconds_of_the_window() -> None:
    first, second = read_summary(summary(), 0, SPEC).slots
    assert (first.at_seconds, first.seconds, first.requests, first.failed) == (0, 1, 500, 0)
    assert (second.at_seconds, second.seconds, second.requests, second.failed) == (1, 1, 501, 2)
    assert second.latency_seconds_p99 == pytest.approx(0.00198)


def test_after_a_drop_nobody_knows_when_a_request_was_due() -> None:
    result = read_summary(summary(**{"dropped_iterations{scenario:window}": {"count": 3}}), 0, SPEC)
    assert result.dropped == 3
    assert isinstance(result.start_lag_seconds_p99, Missing)
    assert result.latency_seconds["max"] == pytest.approx(0.003), "from the first byte sent"
    assert result.latencies.slower == ()
    assert all(isinstance(slot.latency_seconds_p99, Missing) for slot in result.slots)


def test_nothing_measured_is_missing_not_zero() -> None:
    result = read_summary(
        summary(
            **{
                "http_reqs{scenario:window}": {"count": 0},
                "iteration_duration{scenario:window}": NOTHING,
                "lab_latency": NOTHING,
                "lab_start_lag": NOTHING,
                "lab_latency{slot:0}": NOTHING,
            }
        ),
        0,
        SPEC,
    )
    assert result.latency_seconds == {} and result.latencies.n == 0
    assert isinstance(result.iteration_seconds_mean, Missing)
    assert isinstance(result.start_lag_seconds_p99, Missing)
    assert isinstance(result.slots[0].latency_seconds_p99, Missing)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"metrics": {}}', '{"metrics": null}'])
def test_what_is_no_summary_is_an_error(text: str) -> None:
    with pytest.raises(LoadFailed, match="exit code 0"):
        read_summary(text, 0, SPEC)


def test_a_killed_generator_leaves_its_exit_code_alone() -> None:
    result = no_summary(137, SPEC)
    assert (result.exit_code, result.requests, result.latency_seconds, result.slots) == (137, 0, {}, ())
    assert isinstance(result.iteration_seconds_mean, Missing)


def test_in_a_closed_loop_nothing_is_late_and_no_user_is_held_while_it_thinks() -> None:
    loop = replace(SPEC, rate_per_second=None, think_seconds=0.05)
    thinking = {"iteration_duration{scenario:window}": trend(1001, 50.9, 60.0), "lab_start_lag": NOTHING}
    result = read_summary(summary(**thinking), 0, loop)
    assert result.start_lag_seconds_p99 == Missing("a closed loop has no schedule")
    assert result.iteration_seconds_mean == pytest.approx(0.0008)
    assert result.latency_seconds["mean"] == pytest.approx(0.0008)
