"""R1: how often a capacity search is wrong, and what it takes, beside the rules that others use.

All search the same services of known capacity (benchmarks.search_services): three curves, jitter from window to window,
and interference that spoils windows, either each by itself or for a while.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from statistics import fmean

from MLRsearch import Config, MeasurementResult, MultipleLossRatioSearch, SearchGoal

from benchmarks.row import Finding, Row
from benchmarks.search_services import ALLOWED, CURVES, WINDOW_SECONDS, Bursts, Interference, Lapses, Service
from orchestrator.domain.capacity import CapacitySearch, Step
from orchestrator.domain.measurement import Missing
from orchestrator.domain.slo import Verdict
from orchestrator.domain.units import show_share

SEARCHES = 400
WIDTH = 0.05
JITTER, INTERFERENCE = 0.02, 0.05
WRONG_GOAL, WINDOWS_GOAL = 0.01, 16.0
#: Requests per second about which capacities lie, and how far, so that no rule's grid of rates is favoured.
CAPACITY, CAPACITY_SPREAD = 12_000, math.log(1.4)
#: Those that know nothing of a service before begin or end at these rates.
RATE_MIN, RATE_MAX = 200.0, 100_000.0
#: Of ours: a closed loop of 5 s, and what of it is offered first.
CLOSED_SECONDS, SEED_SHARE = 5.0, 0.85
#: Nighthawk's adaptive load controller by its own defaults (source/adaptive_load/step_controller_impl.cc).
EXPONENTIAL_FACTOR, NIGHTHAWK_PRECISION, TESTING_SECONDS = 2.0, 0.01, 30.0
OURS = "ours"
SINGLE, BURSTY = "single windows", "bursts of 40 s"
INTERFERENCES: dict[str, Callable[[], Interference]] = {
    SINGLE: partial(Lapses, INTERFERENCE),
    BURSTY: partial(Bursts, INTERFERENCE),
}


@dataclass(frozen=True)
class Score:
    """What came of one rule's searches.

    Attributes:
        off: share of all searches whose capacity is off by more than WIDTH.
        without: share that gave no capacity.
        windows, load_seconds: of a search, mean.
    """

    searches: int
    off: float
    without: float
    windows: float
    load_seconds: float

    @property
    def wrong(self) -> float:
        """No answer is no better than a wrong one, where there is an answer."""
        return self.off + self.without


Rule = Callable[[Service], float | None]


def ours(service: Service) -> float | None:
    """CapacitySearch as ``orchestrator run --capacity`` uses it in one block; the closed loop counts as a window."""
    search = CapacitySearch(round(SEED_SHARE * service.closed_loop(CLOSED_SECONDS)), WIDTH)
    while (offer := search.next_offer) is not None:
        judgement, slowness = service.probe(offer.rate_per_second, WINDOW_SECONDS * offer.length)
        search = search.judged(Step(offer.rate_per_second, judgement, slowness, offer.phase))
    estimate = search.capacity.estimate
    return None if isinstance(estimate, Missing) else estimate


def nighthawk(service: Service, precision: float = NIGHTHAWK_PRECISION) -> float | None:
    """Double until a window misses, then bisect, each window believed, until two rates are within ``precision``.

    What it gives is the next middle, which it offers once more for its report and does not judge anew.
    """
    good, rate = 0.0, RATE_MIN
    while _held(service, rate):
        good, rate = rate, rate * EXPONENTIAL_FACTOR
    if not good:
        return None
    bad, before, rate = rate, rate, (good + rate) / 2
    while abs(rate / before - 1) >= precision:
        good, bad = (rate, bad) if _held(service, rate) else (good, rate)
        before, rate = rate, (good + bad) / 2
    service.probe(rate, TESTING_SECONDS)
    return rate


def mlrsearch(service: Service) -> float | None:
    """The library of RFC 9971: loss is what was too slow or not served, a load needs three windows of 10 s."""
    goal = SearchGoal(
        loss_ratio=ALLOWED,
        exceed_ratio=0.5,
        relative_width=WIDTH,
        initial_trial_duration=WINDOW_SECONDS,
        final_trial_duration=WINDOW_SECONDS,
        duration_sum=3 * WINDOW_SECONDS,
        fail_fast=False,
    )
    config = Config(goals=(goal,), min_load=RATE_MIN, max_load=RATE_MAX, warmup_duration=0.0)
    found = MultipleLossRatioSearch(config).search(_Measurer(service), debug=_say_nothing)[goal]
    low, high = found.relevant_lower_bound, found.relevant_upper_bound
    # Its own result is the lower bound; the middle of its bracket is kinder to it, and what ours gives.
    return None if low is None or high is None else math.sqrt(float(low) * float(high))


@dataclass(frozen=True)
class _Measurer:
    """A service as the library measures it."""

    service: Service

    def measure(self, intended_duration: float, intended_load: float) -> MeasurementResult:
        judgement, _ = self.service.probe(intended_load, intended_duration)
        # In overload the library expects the share that is served to come through, and aims by it.
        loss = max(judgement.evidence[0].seen_high, 1 - self.service.served(intended_load) / intended_load)
        due = round(intended_load * intended_duration)
        return MeasurementResult(intended_duration, intended_load, offered_count=due, loss_count=math.floor(due * loss))


RULES: dict[str, Rule] = {
    OURS: ours,
    "Nighthawk 1 %": nighthawk,
    "Nighthawk 5 %": partial(nighthawk, precision=WIDTH),
    "MLRsearch 3 trials": mlrsearch,
}


def service_of(curve: str, interference: str, number: int) -> Service:
    """The same for each rule, whatever else is measured."""
    chance = random.Random(f"{curve}/{interference}/{number}")
    capacity = CAPACITY * math.exp(chance.uniform(-CAPACITY_SPREAD, CAPACITY_SPREAD))
    return Service(capacity, CURVES[curve], chance, JITTER, INTERFERENCES[interference]())


def score(rule: Rule, curve: str, interference: str, searches: int = SEARCHES) -> Score:
    """One rule on as many services of one curve."""
    off = without = 0
    services = [service_of(curve, interference, number) for number in range(searches)]
    for service in services:
        found = rule(service)
        if found is None:
            without += 1
        elif abs(found / service.capacity - 1) > WIDTH:
            off += 1
    return Score(
        searches,
        off / searches,
        without / searches,
        fmean(one.windows for one in services),
        fmean(one.load_seconds for one in services),
    )


def wrong() -> list[Finding]:
    """R1: interference in single windows."""
    return [_wrong("R1", SINGLE)]


def windows() -> list[Finding]:
    """R1w: what the searches of R1 took."""
    scores = _scores(SINGLE)
    worst = {name: max(one.windows for one in found.values()) for name, found in scores.items()}
    return [Finding(_row("R1w", "windows of a capacity search, mean", SINGLE, worst, WINDOWS_GOAL))]


def bursty() -> list[Finding]:
    """R1b: interference that outlasts a window."""
    return [_wrong("R1b", BURSTY)]


def lines(scores: dict[str, dict[str, Score]]) -> tuple[str, ...]:
    """A table for people: each rule on each curve."""
    head = f"{'rule':<20}{'curve':<10}{'off > 5 %':>10}{'no answer':>11}{'windows':>9}{'load':>8}"
    return (
        head,
        *(
            f"{name:<20}{curve:<10}{one.off:>10.2%}{one.without:>11.2%}{one.windows:>9.1f}{one.load_seconds:>6.0f} s"
            for name, found in scores.items()
            for curve, one in found.items()
        ),
    )


def _wrong(name: str, interference: str) -> Finding:
    scores = _scores(interference)
    worst = {rule: max(one.wrong for one in found.values()) for rule, found in scores.items()}
    what = f"share of capacity searches off by more than {show_share(WIDTH)} or without answer"
    return Finding(_row(name, what, interference, worst, WRONG_GOAL), lines(scores))


def _row(name: str, what: str, interference: str, worst: dict[str, float], goal: float) -> Row:
    """Of three curves the worst. The peers show what others reach; the goal is an absolute one."""
    noise = f"interference {show_share(INTERFERENCE)} in {interference}"
    what = f"{what}, {noise}, worst of {len(CURVES)} curves, n = {SEARCHES}"
    peers = {rule: value for rule, value in worst.items() if rule != OURS}
    return Row(name, what, worst[OURS], peers, None, goal, worst[OURS] <= goal)


@cache
def _scores(interference: str) -> dict[str, dict[str, Score]]:
    return {name: {curve: score(rule, curve, interference) for curve in CURVES} for name, rule in RULES.items()}


def _held(service: Service, rate: float) -> bool:
    judgement, _ = service.probe(rate, WINDOW_SECONDS)
    return judgement.verdict == Verdict.PASS


def _say_nothing(_text: str) -> None:
    """Stands for the library's log, which would be most of the time it takes."""
