"""Made-up warm-ups, leaks and steps under 5 % of noise: seen; noise and single outliers: not."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from orchestrator.domain.measurement import Missing
from orchestrator.domain.steady import _mann_kendall_p, steady, steady_from, trend_free

NOISE = 0.05
Shape = Callable[[float], float]


def flat(_at: float) -> float:
    return 1.0


def ramp(at: float) -> float:
    """Warm-up: twice the value at first, a tenth of the way to lose two thirds of it."""
    return 1 + 2.718 ** (-10 * at)


def leak(at: float) -> float:
    return 1 + 0.4 * at


def late_step(at: float) -> float:
    return 1.2 if at >= 2 / 3 else 1.0


def early_step(at: float) -> float:
    return 1.3 if at < 0.25 else 1.0


def series(shape: Shape, n: int, seed: int, noise: float = NOISE) -> list[float]:
    rng = random.Random(seed)
    return [40e-6 * shape(i / n) * rng.gauss(1, noise) for i in range(n)]


def share(seen: Callable[[list[float]], bool], shape: Shape, n: int, runs: int = 100) -> float:
    return sum(seen(series(shape, n, seed)) for seed in range(runs)) / runs


def has_trend(values: list[float]) -> bool:
    return not trend_free(values)


def never_steady(values: list[float]) -> bool:
    return isinstance(steady_from(values), Missing)


@pytest.mark.parametrize("n", [6, 8, 12, 30, 60])
def test_noise_is_no_trend(n: int) -> None:
    assert share(trend_free, flat, n) >= 0.92
    assert share(never_steady, flat, n) <= 0.05


@pytest.mark.parametrize("n", [12, 30, 60])
def test_one_outlier_is_no_trend(n: int) -> None:
    for place in (0, n // 2, n - 1):

        def one_out(values: list[float], place: int = place) -> bool:
            values[place] *= 3
            return trend_free(values)

        assert share(one_out, flat, n) >= 0.88


@pytest.mark.parametrize(
    ("shape", "n", "at_least"),
    [
        (ramp, 12, 0.95),
        (ramp, 30, 0.99),
        (leak, 12, 0.95),
        (leak, 30, 0.99),
        (late_step, 20, 0.95),
        (late_step, 30, 0.99),
        (early_step, 20, 0.95),
    ],
)
def test_a_trend_is_seen_through_the_noise(shape: Shape, n: int, at_least: float) -> None:
    assert share(has_trend, shape, n) >= at_least


@pytest.mark.parametrize(("shape", "n", "at_least"), [(leak, 20, 0.9), (leak, 30, 0.95), (late_step, 30, 0.97)])
def test_what_never_ends_is_never_steady(shape: Shape, n: int, at_least: float) -> None:
    assert share(never_steady, shape, n) >= at_least


def test_a_warm_up_ends_where_its_rest_is_lost_in_the_noise() -> None:
    found = [steady_from(series(ramp, 30, seed)) for seed in range(100)]
    starts = sorted(start for start in found if isinstance(start, int))
    assert len(starts) >= 88
    assert 5 <= starts[len(starts) // 2] <= 11


@pytest.mark.parametrize(
    ("values", "answer"),
    [
        ([100, 50, 51, 50.5], 1),
        ([100, 99, 101], 0),
        ([100, 60, 50, 48, 47.8, 47.7], 2),
        ([1.0] * 3, 0),
        ([0.0] * 5, 0),
        ([2.0, 1.5] + [1.0, 1.01, 0.99] * 8, 2),
    ],
)
def test_where_few_values_become_steady(values: list[float], answer: int) -> None:
    assert steady_from(values) == answer


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([1.0, 1.0], "no steady state: 2 values, 3 are needed"),
        ([100, 80, 65, 55], "no steady state: the last 3 of 4 values still change by 38 % (5 % allowed)"),
        ([100, 50, 51], "no steady state: 3 values begin 97 % off (5 % allowed)"),
        (
            [1 + 0.03 * i for i in range(12)],
            "no steady state: the last 6 of 12 values still change by 12 % (5 % allowed)",
        ),
        (
            [1.0] * 10 + [1.5] * 6,
            "no steady state: the last 8 of 16 values step by 33 % after 3 of them (5 % allowed)",
        ),
    ],
)
def test_what_is_not_steady_is_told_in_figures(values: list[float], reason: str) -> None:
    assert steady_from(values) == Missing(reason)


def test_as_many_values_as_asked_for_are_left() -> None:
    values = [100, 50, 51, 50.5, 50]
    assert steady_from(values, least=4) == 1
    assert isinstance(steady_from(values, least=5), Missing)
    assert isinstance(steady_from(values[:4], least=5), Missing)


def test_a_small_drift_is_allowed_and_the_tolerance_is_the_callers() -> None:
    drifting = [1 + 0.04 * i / 29 for i in range(30)]
    assert trend_free(drifting)
    assert not trend_free(drifting, tolerance=0.01)
    assert not trend_free([0.0] * 5 + [1.0] * 4)


def test_two_values_show_nothing() -> None:
    assert not trend_free([1.0, 1.0])


def test_a_finished_window_is_judged_by_its_first_third() -> None:
    assert steady([2.0, 1.8, 1.5] + [1.0, 1.01, 0.99] * 5) is False
    assert steady([1.0, 1.01, 0.99] * 6) is True
    assert steady([1.0] * 8) == Missing("8 values: 9 are needed")
    assert share(lambda values: steady(values) is True, flat, 30) >= 0.95
    assert share(lambda values: steady(values) is False, early_step, 30) >= 0.95
    assert share(lambda values: steady(values) is False, leak, 30) >= 0.95


@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    st.lists(st.floats(min_value=0.5, max_value=2.0), min_size=3, max_size=14),
    st.floats(min_value=1e-6, max_value=1e6),
)
def test_the_unit_does_not_matter(values: list[float], unit: float) -> None:
    # Powers of two, so that scaling changes no bit and no comparison.
    factor = 2.0 ** round(unit % 20)
    assert steady_from(values) == steady_from([value * factor for value in values])
    assert trend_free(values) == trend_free(values[::-1])


@pytest.mark.parametrize("n", [3, 5, 8, 10, 11, 30])
def test_mann_kendall_is_kendalls_tau_against_time(n: int) -> None:
    values = random.Random(n).sample(range(100), n)
    score = sum((values[j] > values[i]) - (values[j] < values[i]) for j in range(n) for i in range(j))
    exact = stats.kendalltau(range(n), values, method="exact").pvalue
    assert _mann_kendall_p(abs(score), n) == pytest.approx(exact, rel=1e-9 if n <= 10 else 0.1)


def test_five_minutes_of_seconds_take_no_minute() -> None:
    began = time.process_time()
    steady_from(series(leak, 300, 1))
    assert time.process_time() - began < 10
