"""Which generator, and how a window is cut into slots."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.generator import K6_RATE_PER_CPU, SLOTS_MAX, Generator, choose, slots_of


@pytest.mark.parametrize(
    ("rate", "cpus", "chosen"),
    [
        (100, 1, Generator.K6),
        (K6_RATE_PER_CPU, 1, Generator.K6),
        (K6_RATE_PER_CPU + 1, 1, Generator.OHA),
        (K6_RATE_PER_CPU + 1, 2, Generator.K6),
        (None, 8, Generator.OHA),
    ],
)
def test_the_highest_rate_decides_for_all(rate: int | None, cpus: int, chosen: Generator) -> None:
    assert choose(rate, cpus) is chosen


def test_what_k6_alone_can_offer_it_offers_at_any_rate() -> None:
    assert choose(None, 1, k6_alone=True) is Generator.K6
    assert choose(100_000, 1, k6_alone=True) is Generator.K6


def test_names_are_what_users_write() -> None:
    assert [str(one) for one in Generator] == ["k6", "oha"]


def test_a_window_is_told_by_the_second() -> None:
    assert slots_of(3.0, Generator.K6) == ((0, 1), (1, 1), (2, 1))
    assert slots_of(2.5, Generator.OHA) == ((0, 1), (1, 1), (2, 0.5))
    assert slots_of(0.25, Generator.K6) == ((0, 0.25),)


def test_a_long_window_has_wider_slots() -> None:
    assert len(slots_of(60.0, Generator.K6)) == 60
    assert slots_of(61.0, Generator.K6)[-1] == (60, 1)
    assert slots_of(120.0, Generator.K6)[0] == (0, 2)
    assert slots_of(120.0, Generator.OHA)[0] == (0, 1)


@given(st.floats(0.1, 4_000), st.sampled_from(Generator))
def test_slots_cover_the_window_without_a_gap(seconds: float, generator: Generator) -> None:
    slots = slots_of(seconds, generator)
    assert len(slots) <= SLOTS_MAX[generator]
    assert all(at == pytest.approx(before + length) for (before, length), (at, _) in pairwise(slots))
    assert slots[0][0] == 0 and sum(slots[-1]) == pytest.approx(seconds)
