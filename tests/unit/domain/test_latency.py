"""A window's latencies: grid, exact counts, and what a grid can say of a limit that nobody named."""

from __future__ import annotations

from bisect import bisect_right
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.latency import QUANTILES, ROUNDING, Between, Latencies, latencies_of, shortened
from orchestrator.domain.measurement import Missing

SECONDS = st.floats(1e-5, 60)
WINDOWS = st.lists(SECONDS, min_size=1, max_size=400).map(sorted)
FEW = st.lists(SECONDS, max_size=60).map(sorted)


def even(count: int) -> list[float]:
    """1 ms, 2 ms, ... count ms."""
    return [number / 1000 for number in range(1, count + 1)]


def test_the_grid_rises_is_fine_where_objectives_are_and_ends_with_the_slowest() -> None:
    assert list(QUANTILES) == sorted(set(QUANTILES))
    assert {0.5, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9995, 0.9999, 1.0} <= set(QUANTILES)


def test_a_quantile_is_an_answer_that_was_given() -> None:
    latencies = latencies_of(even(1000))
    assert latencies.at(0.5) == 0.5 and latencies.at(0.99) == 0.99 and latencies.at(0.999) == 0.999
    assert latencies.at(1.0) == 1.0
    # Not on the grid: the next one that is, never a faster one.
    assert latencies.at(0.9901) == 0.991


def test_named_figures() -> None:
    assert latencies_of(even(1000)).named(0.5005) == {
        "mean": 0.5005,
        "p50": 0.5,
        "p90": 0.9,
        "p99": 0.99,
        "p999": 0.999,
        "max": 1.0,
    }


def test_nothing_is_missing_and_no_request_is_slower() -> None:
    nothing = latencies_of([], (0.05,))
    assert nothing == Latencies(0, (), ((0.05, 0),))
    assert isinstance(nothing.at(0.99), Missing)
    assert nothing.named(0.0) == {}
    assert nothing.slower_than(0.05) == nothing.slower_than(0.07) == Between(0, 0)


def test_a_limit_that_was_named_is_counted_exactly() -> None:
    latencies = latencies_of(even(1000), (0.9, 2.0))
    assert latencies.slower_than(0.9) == Between(100, 100)
    assert latencies.slower_than(2.0) == Between(0, 0)


def test_a_limit_nobody_named_lies_between_two_quantiles() -> None:
    between = latencies_of(even(1000)).slower_than(0.9015)
    assert between.low <= 99 <= between.high
    assert between.high - between.low <= 5


@given(WINDOWS, SECONDS)
def test_the_range_always_holds_the_truth(window: list[float], limit: float) -> None:
    between = latencies_of(window).slower_than(limit)
    truth = len(window) - bisect_right(window, limit)
    assert between.low - 1e-6 <= truth <= between.high + 1e-6


@given(WINDOWS)
def test_the_range_holds_the_truth_at_the_answers_themselves(window: list[float]) -> None:
    latencies = latencies_of(window)
    for limit in {*window, *latencies.seconds}:
        between = latencies.slower_than(limit)
        assert between.low - 1e-6 <= len(window) - bisect_right(window, limit) <= between.high + 1e-6


@given(WINDOWS)
def test_quantiles_are_of_the_nearest_rank_and_rise(window: list[float]) -> None:
    latencies = latencies_of(window)
    assert list(latencies.seconds) == sorted(latencies.seconds)
    for quantile, seconds in zip(QUANTILES, latencies.seconds, strict=True):
        rank = max(1, ceil(round(quantile * len(window), 9)))
        assert seconds == shortened(window[rank - 1])


@given(SECONDS)
def test_four_figures_are_within_the_rounding(seconds: float) -> None:
    assert shortened(seconds) == pytest.approx(seconds, rel=ROUNDING)
