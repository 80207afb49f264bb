"""Objectives as users write them, and Verdicts."""

from __future__ import annotations

import pytest

from orchestrator.domain.measurement import Measurement, Missing, measured
from orchestrator.domain.outcome import COMPLETED, Gate, Outcome, Status
from orchestrator.domain.slo import Slo, Verdict, judge, parse_slo


def figures(
    offered: float = 1_000, achieved: float = 1_000, errors: float = 0, p99: float = 0.01, dropped: float = 0
) -> list[Measurement]:
    values = {
        "rate_offered_per_second": offered,
        "rate_achieved_per_second": achieved,
        "error_ratio": errors,
        "latency_seconds_p99": p99,
        "requests_dropped": dropped,
    }
    return [measured(name, value, source="k6", window_seconds=5, n=5_000) for name, value in values.items()]


def test_parse() -> None:
    assert parse_slo("p99=50ms,errors=0.1%") == Slo(0.05, 0.001)
    assert parse_slo("errors=1%") == Slo(error_ratio=0.01)


@pytest.mark.parametrize("text", ["p99", "p98=1ms", "p99=50", "errors=200%", "p99=0ms", ""])
def test_bad_objectives_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_slo(text)


@pytest.mark.parametrize(
    ("row", "verdict", "word"),
    [
        (figures(), Verdict.PASS, "p99"),
        (figures(p99=0.0501), Verdict.FAIL, "p99"),
        (figures(errors=0.0011), Verdict.FAIL, "errors"),
        (figures(achieved=989), Verdict.FAIL, "served"),
        (figures(dropped=1), Verdict.FAIL, "due"),
        (figures(p99=0.05, errors=0.001, achieved=990), Verdict.PASS, "p99"),
    ],
)
def test_judge(row: list[Measurement], verdict: Verdict, word: str) -> None:
    judged = judge(Slo(), COMPLETED, row)
    assert judged.verdict == verdict
    assert word in judged.reason


def test_a_missed_p99_proves_nothing_when_the_generator_was_late_itself() -> None:
    at_limit = measured("cpu_cap_ratio", 0.98, source="kernel", window_seconds=5, n=2)
    for lag, verdict in ((0.0051, Verdict.UNKNOWN), (0.0049, Verdict.FAIL)):
        late = measured("generator_lag_seconds_p99", lag, source="k6", window_seconds=5, n=5_000)
        assert judge(Slo(), COMPLETED, [*figures(p99=0.09), late]).verdict == verdict
        assert judge(Slo(), COMPLETED, [*figures(p99=0.09), late, at_limit]).verdict == Verdict.FAIL
    late = measured("generator_lag_seconds_p99", 0.03, source="k6", window_seconds=5, n=5_000)
    assert judge(Slo(), COMPLETED, [*figures(p99=0.04), late]).verdict == Verdict.PASS


def test_a_percentile_of_too_few_requests_is_unknown() -> None:
    few = measured("latency_seconds_p99", 0.001, source="k6", window_seconds=1, n=999)
    assert isinstance(few.value, Missing)
    assert judge(Slo(), COMPLETED, [*figures()[:3], figures()[4], few]).verdict == Verdict.UNKNOWN


def test_void_is_unknown_even_with_good_figures() -> None:
    assert judge(Slo(), Outcome(Status.VOID, Gate.LIMITS, "x"), figures()).verdict == Verdict.UNKNOWN
