"""Known answers of R and scipy, properties, and by simulation: an interval covers as often as it says."""

from __future__ import annotations

import math
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from orchestrator.domain.measurement import Missing
from orchestrator.domain.resampling import BLOCKS_FOR_BOOTSTRAP, RESAMPLES
from orchestrator.domain.statistics import (
    Interval,
    far_off,
    hodges_lehmann,
    hodges_lehmann_shift,
    interval_of_blocks,
    interval_of_ratio,
    log_spread,
    mann_whitney,
    resolution,
    summary_of,
    tost,
    warnings_of,
)

# Hollander and Wolfe, the examples of R's wilcox.test.
DEPRESSION_FIRST = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
DEPRESSION_SECOND = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
PERMEABILITY_TERM = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
PERMEABILITY_EARLY = [1.15, 0.88, 0.90, 0.74, 1.21]

FIVE = [1000.0, 1043.0, 981.0, 1012.0, 1027.0]
TEN = [1000.0, 1043.0, 981.0, 1012.0, 1027.0, 990.0, 1051.0, 1003.0, 1019.0, 972.0]
POSITIVE = st.floats(min_value=0.1, max_value=1e6)
QUICK = settings(derandomize=True, max_examples=60, deadline=None)


def interval(values: list[float], brackets: list[tuple[float, float]] | None = None) -> Interval:
    found = interval_of_blocks(values, brackets=brackets, seed=1)
    assert isinstance(found, Interval)
    return found


def test_what_needs_no_statistics_does_not_wait_for_them() -> None:
    """numpy and scipy take a second to import: only functions that need them do."""
    code = "import sys, orchestrator.domain.comparison; sys.exit(bool({'numpy', 'scipy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def test_hodges_lehmann_as_in_the_book() -> None:
    differences = [first - second for first, second in zip(DEPRESSION_FIRST, DEPRESSION_SECOND, strict=True)]
    assert hodges_lehmann(differences) == pytest.approx(0.46, abs=1e-9)
    assert hodges_lehmann_shift(PERMEABILITY_EARLY, PERMEABILITY_TERM) == pytest.approx(0.305, abs=1e-9)


def test_no_value_has_no_centre() -> None:
    with pytest.raises(ValueError, match="no value"):
        hodges_lehmann([])
    with pytest.raises(ValueError, match="no value"):
        hodges_lehmann_shift([], [1.0])


@QUICK
@given(st.lists(POSITIVE, min_size=1, max_size=12), st.floats(min_value=0.01, max_value=100))
def test_the_centre_moves_with_the_values_and_stays_among_them(values: list[float], factor: float) -> None:
    centre = hodges_lehmann(values)
    assert min(values) * (1 - 1e-9) <= centre <= max(values) * (1 + 1e-9)
    assert hodges_lehmann([factor * value for value in values]) == pytest.approx(factor * centre)
    assert hodges_lehmann(values[::-1]) == pytest.approx(centre)


def test_one_wild_block_does_not_move_the_centre_far() -> None:
    assert hodges_lehmann([*FIVE, 1.0]) == pytest.approx(hodges_lehmann(FIVE), rel=0.02)


def test_few_blocks_have_students_interval() -> None:
    logs = np.log(FIVE)
    centre = hodges_lehmann(list(logs))
    low, high = stats.t.interval(0.95, 4, loc=centre, scale=stats.sem(logs))
    found = interval(FIVE)
    assert (found.low, found.high) == (pytest.approx(math.exp(low), rel=1e-5), pytest.approx(math.exp(high), rel=1e-5))
    assert found.level == 0.95


def test_many_blocks_have_the_expanded_percentiles_of_the_bootstrap() -> None:
    tail = stats.norm.cdf(math.sqrt(10 / 9) * stats.t.ppf(0.025, 9))
    theirs = stats.bootstrap(
        (np.log(TEN),),
        lambda sample: hodges_lehmann(list(sample)),
        vectorized=False,
        n_resamples=4_000,
        confidence_level=1 - 2 * tail,
        method="percentile",
        rng=np.random.default_rng(2),
    ).confidence_interval
    found = interval(TEN)
    assert math.log(found.low) == pytest.approx(theirs.low, abs=2e-3)
    assert math.log(found.high) == pytest.approx(theirs.high, abs=2e-3)


@QUICK
@given(st.lists(POSITIVE, min_size=3, max_size=11), st.integers(min_value=0, max_value=99))
def test_an_interval_holds_its_centre_and_grows_with_its_level(values: list[float], seed: int) -> None:
    centre = summary_of(values, seed=seed).centre
    found = [interval_of_blocks(values, level=level, seed=seed) for level in (0.5, 0.9, 0.95)]
    for narrow, wide in pairwise(found):
        assert isinstance(narrow, Interval) and isinstance(wide, Interval)
        assert 0 < wide.low <= narrow.low <= centre * (1 + 1e-9)
        assert centre * (1 - 1e-9) <= narrow.high <= wide.high
    assert found[0] == interval_of_blocks(values, level=0.5, seed=seed)


def test_what_carries_no_interval_says_why() -> None:
    assert interval_of_blocks([1.0, 2.0], seed=1) == Missing("n = 2: an interval needs 3 blocks")
    assert interval_of_blocks([1.0, 0.0, 2.0], seed=1) == Missing("a value is not a positive number")
    assert interval_of_blocks(FIVE[:3], brackets=[(900, 1100), (0, 1000), (900, 1000)], seed=1) == Missing(
        "a bracket is open"
    )
    with pytest.raises(ValueError, match="1 brackets of 5 values"):
        interval_of_blocks(FIVE, brackets=[(1.0, 2.0)], seed=1)
    with pytest.raises(ValueError, match="level"):
        interval_of_blocks(FIVE, level=95, seed=1)


@pytest.mark.parametrize(("blocks", "runs"), [(3, 1_000), (5, 1_000), (7, 500), (8, 200), (10, 200)])
def test_a_95_percent_interval_covers_at_least_93_percent(blocks: int, runs: int) -> None:
    rng = np.random.default_rng(blocks)
    hits = 0
    for _ in range(runs):
        found = interval(list(2_000 * np.exp(rng.normal(0, 0.05, blocks))))
        hits += found.low <= 2_000 <= found.high
    assert hits / runs >= 0.93


@pytest.mark.parametrize("noise", [0.002, 0.02])
@pytest.mark.parametrize("same_rates", [True, False], ids=["same rates", "other rates"])
@pytest.mark.parametrize(("blocks", "runs"), [(3, 200), (5, 100), (10, 60)])
def test_brackets_cover_whether_or_not_the_searches_stop_at_the_same_rates(
    blocks: int, runs: int, same_rates: bool, noise: float
) -> None:
    """A search of 5 % resolution: its bracket is the cell of a grid that the block's true capacity falls into."""
    width = math.log(1.05)
    rng = np.random.default_rng(7)
    hits = 0
    for _ in range(runs):
        true = math.log(2_000) + width * rng.random()
        grids = np.zeros(blocks) if same_rates else width * rng.random(blocks)
        lows = np.floor((true + noise * rng.normal(size=blocks) - grids) / width) * width + grids
        brackets = [(math.exp(low), math.exp(low + width)) for low in lows]
        found = interval([math.sqrt(low * high) for low, high in brackets], brackets=brackets)
        hits += found.low <= math.exp(true) <= found.high
    assert hits / runs >= 0.93


def test_more_blocks_do_not_narrow_what_the_search_cannot_resolve() -> None:
    found = interval([1_025.0] * 12, brackets=[(1_000.0, 1_050.0)] * 12)
    assert found.high / found.low == pytest.approx(1.05**0.95, rel=2e-3)
    assert interval([1_025.0] * 12).high == pytest.approx(1_025.0)


def test_a_ratio_is_taken_block_by_block() -> None:
    drifting = [1_000.0, 1_500.0, 2_000.0, 2_500.0]
    better = [1.1 * value for value in drifting]
    paired = interval_of_ratio(drifting, better, seed=1)
    assert isinstance(paired, Interval)
    assert (paired.low, paired.high) == (pytest.approx(1.1), pytest.approx(1.1))
    loose = interval_of_ratio(drifting, [*better, 2_000.0], seed=1)
    assert isinstance(loose, Interval) and loose.low < 0.8 and loose.high > 1.5


def test_two_samples_have_welchs_interval() -> None:
    a, b = np.log(FIVE), np.log([900.0, 1_400.0, 1_100.0])
    theirs = stats.ttest_ind(b, a, equal_var=False).confidence_interval(0.95)
    shift = hodges_lehmann_shift(list(a), list(b)) - (b.mean() - a.mean())
    found = interval_of_ratio(list(np.exp(a)), list(np.exp(b)), seed=1)
    assert isinstance(found, Interval)
    assert math.log(found.low) == pytest.approx(theirs.low + shift, abs=1e-4)
    assert math.log(found.high) == pytest.approx(theirs.high + shift, abs=1e-4)


def test_mann_whitney_as_in_the_book() -> None:
    assert mann_whitney(PERMEABILITY_TERM, PERMEABILITY_EARLY) == pytest.approx(0.2544, abs=5e-5)
    assert mann_whitney([1, 2, 3, 4], [5, 6, 7, 8]) == pytest.approx(2 / 70)
    assert mann_whitney([1, 2, 3], [4, 5, 6]) == Missing("needs 4 values on each side, had 3")
    assert mann_whitney([1.0] * 5, [1.0] * 5) == pytest.approx(1.0)


def test_tost_is_two_one_sided_t_tests() -> None:
    other = [value * factor for value, factor in zip(FIVE, (1.01, 1.0, 1.02, 0.99, 1.015), strict=True)]
    differences, margin = np.log(other) - np.log(FIVE), math.log(1.03)
    paired = max(
        stats.ttest_1samp(differences, -margin, alternative="greater").pvalue,
        stats.ttest_1samp(differences, margin, alternative="less").pvalue,
    )
    assert tost(FIVE, other) == pytest.approx(paired)
    a, b = np.log(FIVE), np.log(other[:4])
    welch = max(
        stats.ttest_ind(b + margin, a, equal_var=False, alternative="greater").pvalue,
        stats.ttest_ind(b - margin, a, equal_var=False, alternative="less").pvalue,
    )
    assert tost(FIVE, other[:4]) == pytest.approx(welch)


def test_tost_of_values_without_any_spread() -> None:
    assert tost([1.0] * 3, [1.01] * 3) == pytest.approx(0.0, abs=1e-12)
    assert tost([2.0] * 3, [2.0] * 4) == 0.0
    assert tost([2.0] * 3, [3.0] * 4) == 1.0
    assert tost([1.0] * 2, [1.0] * 2) == Missing("n = 2: an interval needs 3 blocks")
    with pytest.raises(ValueError, match="margin"):
        tost(FIVE, FIVE, margin=0)


@pytest.mark.parametrize(
    ("values", "warning"),
    [
        ([1.0, 1.01], "n = 2: no interval below 3 blocks"),
        ([1.0, 1.01, 0.99], "n = 3 blocks: interval from Student t"),
        ([1.0, 1.3, 0.9, 1.1], "relative spread 16 %: noisy"),
        ([1.0, 2.1, 1.5, 1.2], "values differ by 2.1x"),
        ([100.0, 101.0, 99.0, 100.5, 60.0], "one block far off: 60 in block 5 of 5"),
    ],
)
def test_a_summary_carries_its_warnings(values: list[float], warning: str) -> None:
    assert warning in summary_of(values, seed=1).warnings


def test_quiet_blocks_carry_none() -> None:
    assert len(TEN) >= BLOCKS_FOR_BOOTSTRAP
    summary = summary_of(TEN, seed=1)
    assert summary.warnings == () and summary.n == 10
    assert summary.centre == pytest.approx(1_009, rel=2e-3)
    assert far_off([100.0, 100.1, 99.9, 100.0, 101.0]) is None
    assert far_off([1.0, 1.0, 5.0]) is None


def test_a_coarse_search_is_told_of() -> None:
    brackets = [(990.0, 1_040.0)] * 10
    assert resolution(brackets) == pytest.approx(50 / 990)
    told = warnings_of(TEN, brackets)
    assert told == ("the search resolves 5.1 %: more than the spread of the blocks",)
    assert resolution(None) == 0.0


def test_zeros_have_a_centre_and_no_interval() -> None:
    summary = summary_of([0.0, 0.0, 3.0], seed=1)
    assert summary.centre == 0.75
    assert summary.interval == Missing("a value is not a positive number")
    with pytest.raises(ValueError, match="no value"):
        summary_of([], seed=1)


def test_spread_is_the_relative_standard_deviation_of_small_ones() -> None:
    assert log_spread([1.0, math.e]) == pytest.approx(math.sqrt(0.5))
    rng = np.random.default_rng(1)
    assert log_spread(list(1 + 0.02 * rng.normal(size=RESAMPLES))) == pytest.approx(0.02, rel=0.05)
