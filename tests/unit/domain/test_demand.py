"""Demand: the cheapest size that holds, sizes from the cheapest up, a miss seen twice."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.domain.demand import Demand, cheapest_first
from orchestrator.domain.instance_type import InstanceType
from orchestrator.domain.slo import Verdict
from tests.unit.samples import PRICE


def size(name: str, usd: str, cpus: float, gib: int = 1) -> InstanceType:
    price = (replace(PRICE, usd_per_hour=Decimal(usd)),) if usd else ()
    return InstanceType(f"acme/{name}", "acme", "amd64", cpus, 1, "fixed", cpus, gib * 2**30, price)


SIZES = cheapest_first((size("c", "0.03", 4), size("a", "0.01", 1), size("b", "0.02", 2), size("d", "", 8)))


def run(search: Demand, able: float) -> tuple[Demand, list[str]]:
    """Every size with at least ``able`` CPUs holds."""
    tried = []
    while (one := search.next_size) is not None:
        tried.append(one.id)
        search = search.judged(one.id, Verdict.PASS if one.sustained_cpus >= able else Verdict.FAIL)
    return search, tried


def test_the_cheapest_comes_first_and_a_size_without_a_price_last() -> None:
    assert [one.id for one in SIZES] == ["acme/a", "acme/b", "acme/c", "acme/d"]


def test_a_miss_is_seen_twice_before_the_next_size_is_tried() -> None:
    search, tried = run(Demand(SIZES), able=2)
    assert tried == ["acme/a", "acme/a", "acme/b"]
    assert search.answer is not None and search.answer.id == "acme/b"


def test_a_miss_that_does_not_repeat_is_noise() -> None:
    search = Demand(SIZES).judged("acme/a", Verdict.FAIL).judged("acme/a", Verdict.PASS)
    assert search.next_size is None
    assert search.answer is not None and search.answer.id == "acme/a"


def test_none_holds() -> None:
    search, tried = run(Demand(SIZES), able=100)
    assert search.answer is None
    assert len(tried) == 8


def test_a_dearer_size_with_nothing_more_is_not_tried() -> None:
    sizes = cheapest_first((size("a", "0.01", 2), size("twin", "0.02", 2), size("b", "0.03", 4)))
    _, tried = run(Demand(sizes), able=4)
    assert tried == ["acme/a", "acme/a", "acme/b"]
    more_memory = cheapest_first((size("a", "0.01", 2), size("twin", "0.02", 2, gib=2)))
    assert run(Demand(more_memory), able=4)[1][-1] == "acme/twin"


def test_what_is_not_known_does_not_hold_and_does_not_fail() -> None:
    search = Demand(SIZES).judged("acme/a", Verdict.UNKNOWN).judged("acme/a", Verdict.UNKNOWN)
    assert search.next_size is not None and search.next_size.id == "acme/b"
    assert search.judged("acme/b", Verdict.PASS).answer == SIZES[1]


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(list(Verdict)), max_size=40))
def test_it_ends_whatever_the_verdicts(verdicts: list[Verdict]) -> None:
    search = Demand(SIZES)
    steps = 0
    for verdict in [*verdicts, *[Verdict.FAIL] * 8]:
        one = search.next_size
        if one is None:
            break
        search = search.judged(one.id, verdict)
        steps += 1
    assert search.next_size is None
    assert steps <= 3 * len(SIZES)


def test_cheapest_is_said_only_of_what_is_known_to_be() -> None:
    assert run(Demand(SIZES), able=2)[0].finding == "acme/b is the cheapest that holds"
    assert run(Demand(SIZES), able=8)[0].finding == "acme/d, whose price is unknown, is the first seen to hold"
    assert run(Demand(SIZES), able=100)[0].finding == "none of these sizes is seen to hold"
    search = Demand(SIZES)
    for verdict in (Verdict.UNKNOWN, Verdict.UNKNOWN):
        search = search.judged("acme/a", verdict)
    held = search.judged("acme/b", Verdict.PASS)
    assert held.finding == "acme/a not known; acme/b is the cheapest seen to hold"
