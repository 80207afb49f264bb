"""Objectives as users write them."""

from __future__ import annotations

import pytest

from orchestrator.domain.slo import Checked, LatencyLimit, Slo, Verdict, parse_slo, quantile_of, slo_of


def test_parse() -> None:
    assert parse_slo("p99=50ms,errors=0.1%") == Slo((LatencyLimit(0.99, 0.05),), 0.001)
    assert parse_slo("errors=1%") == Slo(error_ratio=0.01)
    assert parse_slo("goodput=99%, p50=5ms") == Slo((LatencyLimit(0.5, 0.005),), goodput_ratio=0.99)


def test_any_quantile_in_its_short_and_its_long_word() -> None:
    assert parse_slo("latency_p99=50ms") == parse_slo("p99=50ms")
    made = parse_slo("p99.9=200ms,p50=5ms,p99=50ms")
    assert [limit.name for limit in made.latency] == ["p50", "p99", "p99.9"]
    assert made.limits_seconds == (0.005, 0.05, 0.2)
    assert made.latency_seconds_max == 0.2
    assert str(made) == "p50 <= 5 ms and p99 <= 50 ms and p99.9 <= 200 ms and errors <= 0.1 %"
    assert str(parse_slo("goodput=99%")).endswith("and goodput >= 99 %")


@pytest.mark.parametrize(
    ("word", "quantile"),
    [("p99", 0.99), ("latency_p95", 0.95), ("p99.99", 0.9999), ("p0", None), ("p999", None), ("q99", None)],
)
def test_quantiles(word: str, quantile: float | None) -> None:
    assert quantile_of(word) == quantile


@pytest.mark.parametrize(
    "text", ["p99", "p999=1ms", "p99=50", "errors=200%", "p99=0ms", "p99=6s", "", "errors", "goodput=2", "p99=1ms,,"]
)
def test_bad_objectives_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_slo(text)


def test_what_is_left_out_keeps_its_default() -> None:
    assert slo_of({}) == Slo()
    assert slo_of({0.95: 0.02}, errors=0.0).error_ratio == 0.0


def test_the_share_allowed_by_a_quantile_is_exact() -> None:
    assert LatencyLimit(0.99, 1).allowed == 0.01
    assert LatencyLimit(0.999, 1).allowed == 0.001


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(0.0, 0.01, Verdict.PASS), (0.011, 0.02, Verdict.FAIL), (0.009, 0.011, Verdict.UNKNOWN)],
)
def test_a_share_between_two_quantiles_is_unknown(low: float, high: float, verdict: Verdict) -> None:
    assert Checked("p99 <= 50 ms", low, high, 0.01).verdict == verdict
