"""Money: exact, never 0 for unknown, and stale prices are said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.capacity import Capacity, End
from orchestrator.domain.cost import estimate, price_age_warning, rank
from orchestrator.domain.measurement import Missing
from orchestrator.domain.plan import Aim, Cell
from orchestrator.domain.summary import CellSummary
from tests.unit.samples import SMALL, UNPRICED

CELL = Cell("go-fasthttp", "acme/small", "plaintext", "quick")
HELD = CellSummary(
    CELL, Capacity(2_000, 4_000), (), Aim.STAIRCASE, 4711, 4, 0, (), Missing("no closed loop"), "CPU", False, ()
)


def test_one_replica_at_half_use() -> None:
    one = estimate(HELD, SMALL, 1_000)
    assert (one.replicas, one.use_ratio) == (1, 0.5)
    assert one.usd_per_month == Decimal("7.30")
    assert one.usd_per_million == Decimal("7.30") / Decimal(1_000 * 3600 * 730) * 1_000_000


@given(rate=st.integers(1, 1_000_000), holds=st.integers(1, 100_000))
def test_the_fleet_carries_the_rate_and_one_less_would_not(rate: int, holds: int) -> None:
    one = estimate(replace(HELD, capacity=Capacity(holds, None)), SMALL, rate)
    assert isinstance(one.replicas, int)
    assert one.replicas * holds >= rate > (one.replicas - 1) * holds
    assert not isinstance(one.use_ratio, Missing) and 0 < one.use_ratio <= 1


def test_what_is_not_monotone_is_not_ranked() -> None:
    odd = Capacity(5_250, 5_000, "5,000 missed it although 5,250 held: not monotone", End.NOT_MONOTONE)
    one = estimate(replace(HELD, capacity=odd), SMALL, 1_000)
    assert one.status == "not ranked: 5,000 missed it although 5,250 held: not monotone"
    assert rank((one,))[0].rank is None


def test_no_price_is_unknown_and_not_ranked() -> None:
    one = estimate(HELD, UNPRICED, 1_000)
    assert isinstance(one.usd_per_month, Missing) and isinstance(one.usd_per_million, Missing)
    assert rank((one,))[0].rank is None


def test_a_cell_that_holds_nothing_has_no_fleet() -> None:
    one = estimate(replace(HELD, capacity=Capacity(None, 500, "p99 80 ms > 50 ms")), SMALL, 1_000)
    assert isinstance(one.usd_per_month, Missing)
    assert "does not hold 500" in one.status


def test_shared_is_never_ranked_even_when_cheapest() -> None:
    ranked = rank((estimate(replace(HELD, shared=True), SMALL, 1), estimate(HELD, SMALL, 10_000)))
    assert [each.rank for each in ranked] == [1, None]
    assert ranked[1].status == "shared: not ranked"


def test_stale_prices_are_said_with_their_age() -> None:
    ranked = rank((estimate(HELD, SMALL, 1_000),))
    assert price_age_warning(ranked, date(2026, 9, 22)) == "the oldest price row is 64 days old: check it"
    assert price_age_warning(ranked, date(2026, 8, 1)) == ""


@given(rate=st.integers(1, 100_000), holds=st.integers(1, 10_000), more=st.integers(1, 10_000))
def test_the_smallest_fleet_that_might_do_follows_from_what_was_missed(rate: int, holds: int, more: int) -> None:
    one = estimate(replace(HELD, capacity=Capacity(holds, holds + more)), SMALL, rate)
    assert isinstance(one.replicas, int) and isinstance(one.replicas_least, int)
    assert 1 <= one.replicas_least <= one.replicas
    # One less would have to hold more than was seen to miss.
    assert (one.replicas_least - 1) * (holds + more) <= rate
    assert one.replicas_least == one.replicas or one.replicas_least * (holds + more) > rate


def test_an_open_bracket_may_hold_everything() -> None:
    one = estimate(replace(HELD, capacity=Capacity(100, None)), SMALL, 1_000)
    assert (one.replicas, one.replicas_least) == (10, 1)
    assert one.usd_per_month_least == Decimal("7.30")
