"""The capacity search: where it ends, what it says then, and how often it is right."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.search_services import CURVES, Bursts, Interference, Lapses, Service
from orchestrator.domain.capacity import STEPS_MAX, Capacity, CapacitySearch, End, Offer, Phase, Step
from orchestrator.domain.measurement import Missing
from orchestrator.domain.slo import Judgement, Verdict
from tests.unit.searches import F, P, U, bracket, ended, exact, fed, rates, step, verifying

quick = settings(derandomize=True, max_examples=150, deadline=None)


def test_a_rate_that_held_above_one_that_did_not_is_said_and_not_averaged() -> None:
    search = fed(verifying(), F, P, F, P, F, P, F)
    assert search.next_offer is None
    assert search.capacity.end == End.NOT_MONOTONE
    assert str(search.capacity) == "996 missed it although 1,045 held: not monotone"
    assert search.capacity.estimate == Missing("996 missed it although 1,045 held: not monotone")


def test_bounds_that_never_settle() -> None:
    """A service that holds everything later: each verification moves the bracket up."""
    search = ended(
        CapacitySearch(1_000), lambda offer: step(offer, P if offer.phase in (Phase.SEED, Phase.VERIFY) else F)
    )
    assert search.capacity.end == End.OPEN
    assert search.capacity.note == "bounds did not settle"
    assert search.capacity.fails is None
    assert len(rates(search, Phase.VERIFY)) == 6 * 4


def test_a_search_that_goes_on_and_on_has_no_answer() -> None:
    """Both bounds miss from some moment on, which tells nothing of the upper one."""
    search = ended(fed(verifying(), P, F, P, P), lambda offer: step(offer, F))
    assert len(search.steps) == STEPS_MAX
    assert search.capacity == Capacity(996, 1_045, f"no answer in {STEPS_MAX} windows", End.UNKNOWN)


def test_no_answer_is_asked_for_three_times() -> None:
    search = fed(CapacitySearch(1_000), P, U, U)
    assert search.next_offer == Offer(1_100, Phase.BRACKET)
    assert fed(search, P).next_offer == Offer(1_210, Phase.BRACKET)
    assert fed(search, U).next_offer is None


def test_what_the_generator_cannot_offer_is_a_lower_bound() -> None:
    capacity = fed(fed(CapacitySearch(1_000), P), U, U, U, rig=True).capacity
    assert (capacity.holds, capacity.fails, capacity.end) == (1_000, None, End.AT_LEAST)
    assert capacity.note.startswith("generator-limited")
    assert isinstance(capacity.estimate, Missing) and capacity.estimate.reason.startswith("at least 1,000: generator")
    nothing = fed(CapacitySearch(1_000), U, U, U, rig=True).capacity
    assert (nothing.holds, nothing.end) == (None, End.UNKNOWN)


def test_windows_that_chance_spoiled_leave_what_was_known() -> None:
    low = fed(CapacitySearch(1_000), P, U, U, U).capacity
    assert low == Capacity(1_000, None, "1,100 because of unknown", End.AT_LEAST)
    both = fed(verifying(), U, U, U).capacity
    assert both == Capacity(996, 1_045, "996 because of unknown", End.UNKNOWN)
    assert both.estimate == pytest.approx(1_020, rel=0.01)
    assert fed(CapacitySearch(1_000), U, U, U).capacity.end == End.UNKNOWN


def test_no_rate_above_the_most_that_is_known_to_work() -> None:
    search = ended(CapacitySearch(1_000, rate_max=1_050), exact(5_000))
    assert [one.rate_per_second for one in search.steps] == [1_000, 1_050]
    assert search.capacity == Capacity(1_050, None, "no higher rate can be offered here", End.AT_LEAST)


def test_an_upper_bound_at_the_most_that_holds_after_all() -> None:
    search = CapacitySearch(1_000, rate_max=1_040)
    search = fed(search, P, F, F, P, P, P, P)
    assert search.capacity == Capacity(1_040, None, "no higher rate can be offered here", End.AT_LEAST)


def test_a_server_that_holds_nothing() -> None:
    search = ended(CapacitySearch(3), exact(0))
    assert (search.capacity.holds, search.capacity.fails, search.capacity.end) == (None, 1, End.BELOW)


@pytest.mark.parametrize("capacity", [1, 2, 3, 7, 12, 19, 20, 21, 41])
@pytest.mark.parametrize("first", [1, 2, 5, 60])
def test_small_rates_end_at_neighbouring_integers(capacity: int, first: int) -> None:
    holds, fails = bracket(ended(CapacitySearch(first), exact(capacity)))
    assert holds <= capacity < fails
    assert fails == holds + 1 or fails / holds <= 1.05


def test_a_search_is_the_one_replayed_from_its_steps() -> None:
    search = ended(CapacitySearch(700), exact(1_234))
    assert CapacitySearch(700, steps=search.steps) == search
    for count in range(len(search.steps)):
        part = CapacitySearch(700, steps=search.steps[:count])
        offer = part.next_offer
        assert offer is not None
        assert (offer.rate_per_second, offer.phase) == (search.steps[count].rate_per_second, search.steps[count].phase)


def test_a_step_that_was_not_offered_is_refused() -> None:
    with pytest.raises(ValueError, match="999 requests/s where 1,000 was offered"):
        CapacitySearch(1_000).judged(Step(999, Judgement(P, "x")))
    with pytest.raises(ValueError, match="where 700 was offered"):
        _ = CapacitySearch(700, steps=(Step(800, Judgement(P, "x")),)).capacity
    over = ended(CapacitySearch(700), exact(1_234))
    with pytest.raises(ValueError, match="where nothing was offered"):
        over.judged(over.steps[-1])


def test_a_bracket_in_words_and_figures() -> None:
    closed = Capacity(1_000, 1_050, "", End.CLOSED)
    assert closed.estimate == pytest.approx(1_024.7, rel=1e-4)
    assert closed.width == pytest.approx(0.05)
    assert Capacity(None, None, "not measured").width == Missing("not known: not measured")
    assert Capacity(None, 500).estimate == Missing("below 500")
    assert str(Capacity(1_000, 1_100, "bounds did not settle")) == "holds 1,000, not 1,100 (bounds did not settle)"
    assert str(Capacity(2_000, None)) == "holds 2,000"


@quick
@given(
    st.lists(st.tuples(st.sampled_from(Verdict), st.booleans(), st.floats(0, 200) | st.none()), max_size=STEPS_MAX),
    st.integers(1, 2_000_000),
    st.sampled_from([0.02, 0.05, 0.2]),
    st.sampled_from(list(Verdict)),
)
def test_it_ends_whatever_it_is_told(
    told: list[tuple[Verdict, bool, float | None]], first: int, width: float, then: Verdict
) -> None:
    search = CapacitySearch(first, width, rate_max=1_000_000, rate_min=2)
    answers = iter(told)

    def answer(offer: Offer) -> Step:
        assert 2 <= offer.rate_per_second <= 1_000_000
        verdict, rig, slowness = next(answers, (then, False, None))
        return step(offer, verdict, slowness=slowness, rig=rig)

    search = ended(search, answer)
    assert len(search.steps) <= STEPS_MAX
    capacity = search.capacity
    if capacity.end == End.CLOSED:
        holds, fails = bracket(search)
        assert fails == holds + 1 or fails / holds <= 1 + width + 1e-9
    if capacity.holds is not None and capacity.fails is not None and capacity.end != End.NOT_MONOTONE:
        assert capacity.holds < capacity.fails


@quick
@given(st.integers(1, 900_000), st.floats(0.2, 5), st.sampled_from([*CURVES, None]))
def test_without_noise_the_bracket_holds_the_truth(capacity: int, seed: float, curve: str | None) -> None:
    def answer(offer: Offer) -> Step:
        load = offer.rate_per_second / capacity
        return step(offer, P if load <= 1 else F, slowness=CURVES[curve].slowness(load) if curve else None)

    search = ended(CapacitySearch(max(1, round(seed * capacity))), answer)
    holds, fails = bracket(search)
    assert search.capacity.end == End.CLOSED
    assert holds <= capacity < fails
    assert fails == holds + 1 or fails / holds <= 1.05
    votes = [one.rate_per_second for one in search.steps if one.phase == Phase.VERIFY]
    assert votes == [holds, fails, holds, fails]


def off(curve: str, interference: Callable[[], Interference], jitter: float, searches: int = 50) -> list[float]:
    """By how much each of these searches was wrong; those without an answer by everything."""
    found = []
    for number in range(searches):
        service = Service(12_000, CURVES[curve], random.Random(number), jitter, interference())

        def answer(offer: Offer, service: Service = service) -> Step:
            judgement, slowness = service.probe(offer.rate_per_second, 10 * offer.length)
            return Step(offer.rate_per_second, judgement, slowness, offer.phase)

        estimate = ended(CapacitySearch(round(0.85 * service.closed_loop(5))), answer).capacity.estimate
        found.append(1.0 if isinstance(estimate, Missing) else abs(estimate / service.capacity - 1))
    return found


@pytest.mark.parametrize("curve", CURVES)
def test_jitter_alone_moves_no_answer_by_more_than_the_width(curve: str) -> None:
    assert max(off(curve, lambda: Lapses(0.0), 0.01)) <= 0.05


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("interference", [lambda: Lapses(0.05), lambda: Bursts(0.05)], ids=["lapses", "bursts"])
def test_interference_spoils_one_search_in_fifty_at_most(curve: str, interference: Callable[[], Interference]) -> None:
    assert sum(error > 0.05 for error in off(curve, interference, 0.02)) <= 1
