"""The walk of a capacity search: what it offers after what, and what it believes."""

from __future__ import annotations

import math

from orchestrator.domain.capacity import Capacity, CapacitySearch, End, Offer, Phase
from tests.unit.searches import F, P, bracket, ended, exact, fed, rates, step, verifying


def test_it_begins_with_its_seed() -> None:
    assert CapacitySearch(850).next_offer == Offer(850, Phase.SEED, 1)
    assert CapacitySearch(850, rate_max=500).next_offer == Offer(500, Phase.SEED, 1)
    assert CapacitySearch(850, rate_min=900).next_offer == Offer(900, Phase.SEED, 1)
    assert str(CapacitySearch(850).capacity) == "not known (not measured)"


def test_a_pass_is_believed_and_a_miss_must_repeat() -> None:
    assert fed(CapacitySearch(1_000), P).next_offer == Offer(1_100, Phase.BRACKET)
    assert fed(CapacitySearch(1_000), F).next_offer == Offer(1_000, Phase.SEED)
    assert fed(CapacitySearch(1_000), F, F).next_offer == Offer(910, Phase.BRACKET)


def test_of_a_miss_and_a_pass_a_third_window_decides() -> None:
    undecided = fed(CapacitySearch(1_000), F, P)
    assert undecided.next_offer == Offer(1_000, Phase.SEED)
    assert fed(undecided, P).next_offer == Offer(1_100, Phase.BRACKET)
    assert fed(undecided, F).next_offer == Offer(910, Phase.BRACKET)


def test_strides_become_long_when_the_seed_was_far_off() -> None:
    up = fed(CapacitySearch(1_000), P, P, P, P, P)
    assert [one.rate_per_second for one in up.steps] == [1_000, 1_100, 1_210, 1_331, 1_996]


def test_a_bracket_of_two_widths_is_closed_by_one_window_in_its_middle() -> None:
    search = verifying()
    assert rates(search, Phase.REFINE) == [996]
    assert bracket(search) == (996, 1_045)


def test_the_secant_goes_where_slowness_crosses_its_limit() -> None:
    """Five rates apart: 0.9 of the limit at the lower bound and 90 times it at the upper one is near the lower one."""
    search = CapacitySearch(1_000)
    for verdict, slowness in ((P, 0.5), (P, 0.5), (P, 0.5), (P, 0.9), (F, 90.0), (F, 99.0)):
        offer = search.next_offer
        assert offer is not None
        search = search.judged(step(offer, verdict, slowness=slowness))
    offer = search.next_offer
    assert offer is not None and offer.phase == Phase.REFINE
    holds, fails = bracket(search)
    assert holds * 1.05 - 1 <= offer.rate_per_second <= holds * 1.06 < math.sqrt(holds * fails)


def test_both_bounds_are_verified_in_turn_in_longer_windows() -> None:
    search = ended(verifying(), exact(1_000))
    assert rates(search, Phase.VERIFY) == [996, 1_045, 996, 1_045]
    assert verifying().next_offer == Offer(996, Phase.VERIFY, 2)
    assert str(search.capacity) == "holds 996, not 1,045"
    assert search.capacity.end == End.CLOSED


def test_a_lower_bound_falls_at_its_third_miss_and_both_are_verified_anew() -> None:
    search = fed(verifying(), F, F, F, F)
    assert (search.next_offer or Offer(0)).rate_per_second == 996
    search = fed(search, F)
    assert search.next_offer == Offer(949, Phase.VERIFY, 2)
    assert str(fed(search, P, F, P).capacity) == "holds 949, not 996"
    assert fed(search, P, F, P).capacity.end == End.CLOSED


def test_an_upper_bound_that_holds_moves_up() -> None:
    search = fed(verifying(), P, P, P, P)
    assert search.next_offer == Offer(1_045, Phase.VERIFY, 2)
    search = fed(search, P, F, P, F)
    assert str(search.capacity) == "holds 1,045, not 1,097"


def test_a_bound_just_moved_to_is_not_said_to_be_one() -> None:
    assert fed(verifying(), P, P, P, P).capacity == Capacity(1_045, None, "not finished", End.OPEN)
    assert fed(verifying(), F, F, F, F, F).capacity == Capacity(950, 996, "not finished", End.OPEN)


def test_a_miss_of_both_bounds_one_after_the_other_is_no_vote_on_the_upper() -> None:
    """What disturbs both is not the load: two more of the upper bound are needed."""
    search = fed(verifying(), F, F, P, F, P)
    assert search.next_offer == Offer(1_045, Phase.VERIFY, 2)
    assert fed(search, F).capacity.end == End.CLOSED


def test_no_two_votes_on_a_bound_come_from_the_same_moment() -> None:
    """The lower bound is offered between two windows of the upper one even when it needs no more votes."""
    search = fed(verifying(), P, F, P, P)
    assert search.next_offer == Offer(996, Phase.VERIFY, 2)
    assert fed(search, P).next_offer == Offer(1_045, Phase.VERIFY, 2)


def test_bounds_that_move_twice_the_same_way_are_sought_by_strides() -> None:
    search = fed(verifying(), P, P, P, P)
    search = fed(search, P, P, P, P)
    assert search.next_offer == Offer(1_151, Phase.BRACKET)
    assert fed(search, P).next_offer == Offer(1_266, Phase.BRACKET)
