"""Capacity searches led by hand, for tests."""

from __future__ import annotations

from collections.abc import Callable

from orchestrator.domain.capacity import CapacitySearch, Offer, Phase, Step
from orchestrator.domain.slo import Judgement, Verdict

P, F, U = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN


def step(offer: Offer, verdict: Verdict, *, slowness: float | None = None, rig: bool = False) -> Step:
    return Step(offer.rate_per_second, Judgement(verdict, f"because of {verdict}"), slowness, offer.phase, rig)


def fed(search: CapacitySearch, *verdicts: Verdict, rig: bool = False) -> CapacitySearch:
    """The search after these verdicts on whatever it offered."""
    for verdict in verdicts:
        offer = search.next_offer
        assert offer is not None
        search = search.judged(step(offer, verdict, rig=rig))
    return search


def ended(search: CapacitySearch, answer: Callable[[Offer], Step]) -> CapacitySearch:
    while (offer := search.next_offer) is not None:
        search = search.judged(answer(offer))
    return search


def exact(capacity: int) -> Callable[[Offer], Step]:
    """A service without noise that tells nothing but whether it held."""
    return lambda offer: step(offer, P if offer.rate_per_second <= capacity else F)


def verifying(capacity: int = 1_000, first: int = 950) -> CapacitySearch:
    """A search of an exact service that is about to verify."""
    search = CapacitySearch(first)
    while (offer := search.next_offer) is not None and offer.phase != Phase.VERIFY:
        search = search.judged(exact(capacity)(offer))
    return search


def rates(search: CapacitySearch, phase: Phase) -> list[int]:
    return [one.rate_per_second for one in search.steps if one.phase == phase]


def bracket(search: CapacitySearch) -> tuple[int, int]:
    capacity = search.capacity
    assert capacity.holds is not None and capacity.fails is not None
    return capacity.holds, capacity.fails
