"""The staircase: what it offers next, what it believes, and how its bracket reads."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.domain.capacity import End, Offer, Phase, Step
from orchestrator.domain.slo import Judgement, Verdict
from orchestrator.domain.staircase import Staircase, believed

RATES = (500, 1_000, 2_000)


def climb(*verdicts: Verdict) -> Staircase:
    """Offers what the search asks for and answers with these verdicts in turn."""
    search = Staircase(RATES)
    for verdict in verdicts:
        offer = search.next_offer
        assert offer is not None
        search = search.judged(Step(offer.rate_per_second, Judgement(verdict, f"because {offer.rate_per_second}")))
    return search


P, F, U = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN


def test_bracket_between_two_steps() -> None:
    search = climb(P, P, F, F)
    assert search.next_offer is None
    assert str(search.capacity) == "holds 1,000, not 2,000"
    assert search.capacity.end == End.CLOSED


def test_each_window_has_the_length_of_the_scenario() -> None:
    assert Staircase(RATES).next_offer == Offer(500, Phase.STEP, 1)


def test_a_single_miss_is_offered_again_and_a_pass_is_believed() -> None:
    assert climb(P, F).next_offer == Offer(1_000)
    assert str(climb(P, F, P, F, F).capacity) == "holds 1,000, not 2,000"


def test_all_held_says_that_more_was_not_tried() -> None:
    assert str(climb(P, P, P).capacity) == "holds 2,000 (more was not tried)"
    assert climb(P, P, P).capacity.end == End.AT_LEAST


def test_nothing_held() -> None:
    assert str(climb(F, F).capacity) == "does not hold 500 (because 500)"
    assert climb(F, F).capacity.end == End.BELOW


def test_void_twice_leaves_the_bracket_open_with_its_reason() -> None:
    search = climb(P, U, U)
    assert search.next_offer is None
    assert str(search.capacity) == "holds 500 (1,000 because 1000)"
    assert search.capacity.fails is None
    assert search.capacity.end == End.AT_LEAST
    assert climb(U, U).capacity.end == End.UNKNOWN


def test_void_and_miss_together_are_not_known() -> None:
    assert climb(P, U, F).capacity.fails is None
    assert climb(P, F, U).next_offer is None


def test_void_once_is_repeated() -> None:
    assert climb(P, U).next_offer == Offer(1_000)
    assert climb(P, U, P).next_offer == Offer(2_000)


def test_not_measured_and_not_finished() -> None:
    assert str(Staircase(RATES).capacity) == "not known (not measured)"
    assert str(climb(P).capacity) == "holds 500 (1,000 not finished)"
    assert climb(P).capacity.end == End.OPEN


def test_what_several_attempts_say() -> None:
    assert [believed(seen) for seen in ([], [P], [F], [F, F], [F, P], [U, F], [U, U])] == [None, P, None, F, P, U, U]


@settings(derandomize=True, deadline=None)
@given(st.lists(st.sampled_from(Verdict), max_size=20))
def test_ends_within_two_offers_a_rate_and_its_bracket_is_in_order(verdicts: list[Verdict]) -> None:
    search = Staircase(RATES)
    for verdict in verdicts:
        offer = search.next_offer
        if offer is None:
            break
        search = search.judged(Step(offer.rate_per_second, Judgement(verdict, "x")))
    assert all(sum(step.rate_per_second == rate for step in search.steps) <= 2 for rate in RATES)
    capacity = search.capacity
    if capacity.holds is not None and capacity.fails is not None:
        assert capacity.holds < capacity.fails
