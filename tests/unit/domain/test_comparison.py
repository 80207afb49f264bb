"""Winner, tie or not enough data: hand-made blocks, and simulated runs that add blocks until they are decided."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from orchestrator.domain.comparison import Answer, Comparison, blocks_needed, compare, noise_floor
from orchestrator.domain.measurement import Missing
from orchestrator.domain.statistics import Brackets, Interval

NAMES = ("go-fasthttp", "rust-axum")
NO_FLOOR = Missing("no A/A pair")
FIVE = [1_000.0, 1_010.0, 990.0, 1_005.0, 995.0]
POSITIVE = st.floats(min_value=1.0, max_value=1e4)


def of(
    a: list[float],
    b: list[float],
    *,
    higher_is_better: bool = True,
    floor: float | Missing = 0.01,
    brackets: tuple[Brackets, Brackets] | None = None,
) -> Comparison:
    return compare(
        a,
        b,
        names=NAMES,
        higher_is_better=higher_is_better,
        brackets_a=brackets[0] if brackets else None,
        brackets_b=brackets[1] if brackets else None,
        noise_floor=floor,
        seed=1,
    )


def scaled(*factors: float) -> list[float]:
    return [value * factor for value, factor in zip(FIVE, factors, strict=True)]


@pytest.mark.parametrize(
    ("second", "higher_is_better", "words"),
    [
        (scaled(1.12, 1.18, 1.13, 1.20, 1.14), True, "rust-axum +15 % (11-20)"),
        (scaled(1.149, 1.151, 1.15, 1.152, 1.148), True, "rust-axum +15.0 % (14.8-15.2)"),
        (scaled(0.88, 0.82, 0.87, 0.81, 0.86), True, "go-fasthttp +18 % (13-24)"),
        (scaled(0.88, 0.82, 0.87, 0.81, 0.86), False, "rust-axum -16 % (12-19)"),
        (scaled(1.12, 1.18, 1.13, 1.20, 1.14), False, "go-fasthttp -13 % (10-17)"),
        (scaled(1.0, 1.001, 0.999, 1.0, 1.002), True, "tie (within 3 %)"),
        (scaled(1.012, 1.013, 1.011, 1.012, 1.011), True, "tie (within 3 %: rust-axum +1.2 %)"),
        (scaled(1.012, 1.013, 1.011, 1.012, 1.011), False, "tie (within 3 %: go-fasthttp -1.2 %)"),
        (
            scaled(1.05, 0.97, 1.03, 1.08, 0.99),
            True,
            "not enough data (rust-axum +2.4 %, -3.0 to +8.0; add blocks: about 39 more)",
        ),
    ],
)
def test_the_words_of_an_answer(second: list[float], higher_is_better: bool, words: str) -> None:
    assert str(of(FIVE, second, higher_is_better=higher_is_better)) == words


def test_an_answer_is_told_in_figures_too() -> None:
    found = of(FIVE, scaled(1.12, 1.18, 1.13, 1.20, 1.14))
    assert (found.answer, found.winner, found.n, found.more) == (Answer.WINNER, "rust-axum", 5, 0)
    assert found.ratio == pytest.approx(1.153, abs=2e-3)
    assert isinstance(found.interval, Interval) and found.interval.low < 1.153 < found.interval.high
    assert found.mann_whitney_p == pytest.approx(2 / math.comb(10, 5))
    assert isinstance(found.tost_p, float) and found.tost_p > 0.99
    assert (found.margin, found.noise_floor) == (0.03, 0.01)
    assert found.warnings == ("n = 5 blocks: interval from Student t",)


def test_two_blocks_are_not_enough_for_any_difference() -> None:
    found = of(FIVE[:2], [1_100.0, 1_111.0])
    assert found.answer == Answer.NOT_ENOUGH_DATA
    assert str(found) == "not enough data (n = 2: an interval needs 3 blocks; add blocks: about 3 more)"


def test_nothing_is_not_enough() -> None:
    assert str(of([], [])) == (
        "not enough data (nothing to compare; n = 0: an interval needs 3 blocks; add blocks: about 5 more)"
    )
    assert str(of([1.0, 0.0, 1.0], [1.0, 2.0, 1.0])) == "not enough data (a value is not a positive number)"


def test_a_difference_below_the_noise_floor_is_not_named() -> None:
    second = scaled(1.05, 1.052, 1.048, 1.05, 1.051)
    assert of(FIVE, second, floor=0.02).answer == Answer.WINNER
    found = of(FIVE, second, floor=0.06)
    assert found.answer == Answer.NOT_ENOUGH_DATA and found.winner == ""
    assert "below the noise floor of 6 %: a quieter host would help, not more blocks" in str(found)
    assert isinstance(found.more, Missing)


def test_without_a_noise_floor_the_margin_stands_in() -> None:
    found = of(FIVE, scaled(1.05, 1.052, 1.048, 1.05, 1.051), floor=NO_FLOOR)
    assert found.answer == Answer.WINNER
    assert "noise floor not known (no A/A pair): 3 % stands in for it" in found.warnings
    nearly = scaled(1.026, 1.033, 1.027, 1.031, 1.029)
    assert of(FIVE, nearly, floor=0.01).answer == Answer.WINNER
    assert of(FIVE, nearly, floor=NO_FLOOR).answer == Answer.NOT_ENOUGH_DATA


def test_unequal_lengths_are_two_samples() -> None:
    found = of(FIVE, [1_150.0, 1_160.0, 1_140.0, 1_155.0, 1_145.0, 1_150.0])
    assert found.answer == Answer.WINNER and found.n == 5
    assert "5 blocks of go-fasthttp, 6 of rust-axum: not paired" in found.warnings
    assert of(FIVE, [1_100.0, 900.0, 1_300.0]).answer == Answer.NOT_ENOUGH_DATA


def test_a_tie_is_not_told_finer_than_the_search() -> None:
    same: Brackets = [(1_000.0, 1_050.0)] * 5
    found = of(FIVE, FIVE, brackets=(same, same))
    assert str(found) == "tie (within 5 %)"
    assert found.margin == pytest.approx(0.05)
    assert "the search resolves 5 %: no tie within 3 % can be told" in found.warnings
    higher: Brackets = [(1_035.0, 1_086.75)] * 5
    doubtful = of([1_024.0] * 5, [1_060.0] * 5, brackets=(same, higher))
    assert doubtful.answer == Answer.NOT_ENOUGH_DATA
    assert "narrow the search: it resolves 5 %" in str(doubtful)
    clear = of(FIVE, scaled(1.3, 1.3, 1.3, 1.3, 1.3), brackets=(same, [(1_300.0, 1_365.0)] * 5))
    assert clear.winner == "rust-axum"


def test_more_blocks_are_asked_for_while_they_can_still_decide() -> None:
    """Three even blocks, 11 % apart: their spread alone would have decided, but a search resolves only 5 %."""
    ours: Brackets = [(6_428.0, 6_749.0), (6_587.0, 6_916.0), (6_890.0, 7_235.0)]
    theirs: Brackets = [(7_292.0, 7_640.0), (7_277.0, 7_640.0), (7_725.0, 8_111.0)]
    a, b = ([math.sqrt(low * high) for low, high in brackets] for brackets in (ours, theirs))
    found = of(a, b, brackets=(ours, theirs))
    assert found.answer == Answer.NOT_ENOUGH_DATA
    assert isinstance(found.more, int) and found.more > 0
    again = of(a * 2, b * 2, brackets=([*ours, *ours], [*theirs, *theirs]))
    assert again.winner == "rust-axum"


def test_words_hold_when_the_caller_knows_better() -> None:
    found = of(FIVE, scaled(1.12, 1.18, 1.13, 1.20, 1.14))
    assert str(replace(found, answer=Answer.TIE, winner="")).startswith("tie (within 3 %")


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.lists(st.tuples(POSITIVE, POSITIVE), min_size=1, max_size=7), st.booleans())
def test_the_order_of_the_two_does_not_matter(pairs: list[tuple[float, float]], higher: bool) -> None:
    a, b = [one for one, _ in pairs], [other for _, other in pairs]
    forth = compare(a, b, names=("a", "b"), higher_is_better=higher, noise_floor=0.02, seed=1)
    back = compare(b, a, names=("b", "a"), higher_is_better=higher, noise_floor=0.02, seed=1)
    assert (forth.answer, forth.winner) == (back.answer, back.winner)
    assert isinstance(forth.ratio, float) and isinstance(back.ratio, float)
    assert forth.ratio * back.ratio == pytest.approx(1.0)
    if forth.answer == Answer.WINNER:
        assert isinstance(forth.interval, Interval)
        assert not forth.interval.low <= 1 <= forth.interval.high
        assert (forth.winner == "b") == ((forth.ratio > 1) == higher)
    assert str(forth)


@pytest.mark.parametrize("pairs", [5, 10, 19, 40])
def test_a_further_aa_pair_stays_below_the_noise_floor_in_95_percent(pairs: int) -> None:
    rng = np.random.default_rng(pairs)
    below = 0
    for _ in range(2_000):
        ratios = np.exp(0.03 * rng.normal(size=pairs + 1))
        floor = noise_floor([(1.0, float(ratio)) for ratio in ratios[:-1]])
        assert isinstance(floor, float)
        below += abs(math.log(ratios[-1])) <= math.log1p(floor)
    assert below / 2_000 == pytest.approx(0.95, abs=0.015)


def test_a_noise_floor_is_students_t_of_few_pairs_and_an_order_statistic_of_many() -> None:
    few = noise_floor([(1.0, 1.01), (1.0, 0.99), (1.02, 1.0)])
    rms = math.sqrt((math.log(1.01) ** 2 + math.log(0.99) ** 2 + math.log(1.02) ** 2) / 3)
    assert few == pytest.approx(math.expm1(stats.t.ppf(0.975, 3) * rms))
    assert noise_floor([(1.0, 1 + i / 100) for i in range(1, 20)]) == pytest.approx(0.19)
    assert noise_floor([(1.0, 1.0)] * 2) == Missing("n = 2: a noise floor needs 3 A/A pairs")
    assert noise_floor([(1.0, 1.0), (0.0, 1.0), (1.0, 1.0)]) == Missing("a value is not a positive number")


def test_blocks_needed_grow_with_the_spread() -> None:
    found = [blocks_needed(0.1, spread) for spread in (0.02, 0.05, 0.1)]
    assert found == sorted(found, key=lambda n: n if isinstance(n, int) else 10**9)
    assert found[0] == 3 or found[0] == 4
    assert blocks_needed(0.0, 0.028) == 8
    assert blocks_needed(0.04, 0.01, floor=0.06) == Missing(
        "below the noise floor of 6 %: a quieter host would help, not more blocks"
    )
    assert isinstance(blocks_needed(0.0, 0.5), Missing)


def run_until_decided(rng: np.random.Generator, deviation: float, ratio: float, least: int, most: int) -> Comparison:
    """Blocks are added one by one, as a run does."""
    a = list(1_000 * np.exp(deviation * rng.normal(size=most)))
    b = list(1_000 * ratio * np.exp(deviation * rng.normal(size=most)))
    for n in range(least, most + 1):
        found = of(a[:n], b[:n], floor=NO_FLOOR)
        if found.answer != Answer.NOT_ENOUGH_DATA:
            break
    return found


def test_one_server_against_itself_is_a_tie() -> None:
    rng = np.random.default_rng(1)
    answers = [run_until_decided(rng, rng.uniform(0.01, 0.02), 1.0, 5, 12).answer for _ in range(200)]
    assert answers.count(Answer.TIE) >= 190
    assert answers.count(Answer.WINNER) < 10


def test_noise_is_not_often_taken_for_a_winner_however_often_one_asks() -> None:
    rng = np.random.default_rng(2)
    answers = [run_until_decided(rng, 0.03, 1.0, 5, 9).answer for _ in range(100)]
    assert answers.count(Answer.WINNER) < 5


@pytest.mark.parametrize("ratio", [1.1, 1 / 1.1])
def test_ten_percent_are_a_winner_after_five_blocks(ratio: float) -> None:
    rng = np.random.default_rng(3)
    names = [run_until_decided(rng, 0.02, ratio, 5, 5).winner for _ in range(200)]
    assert names.count(NAMES[ratio > 1]) > 180
    assert names.count(NAMES[ratio < 1]) == 0
