"""R1: services of known capacity are what they say, each rule finds them without noise, and misses are counted."""

from __future__ import annotations

import random
from functools import partial
from itertools import pairwise

import pytest

from benchmarks.__main__ import BENCHMARKS
from benchmarks.row import figure
from benchmarks.search import (
    BURSTY,
    OURS,
    RULES,
    SINGLE,
    Score,
    bursty,
    lines,
    mlrsearch,
    nighthawk,
    ours,
    score,
    service_of,
    windows,
    wrong,
)
from benchmarks.search_services import CURVES, Bursts, Interference, Lapses, Service
from orchestrator.domain.slo import Verdict


def quiet(curve: str, capacity: float = 12_345) -> Service:
    return Service(capacity, CURVES[curve], random.Random(1))


def verdict(service: Service, rate: float) -> Verdict:
    return service.probe(rate, 10)[0].verdict


@pytest.mark.parametrize("curve", CURVES)
def test_a_service_holds_its_capacity_and_no_more(curve: str) -> None:
    assert verdict(quiet(curve), 12_345 * 0.999) == Verdict.PASS
    assert verdict(quiet(curve), 12_345 * 1.001) == Verdict.FAIL
    slowness = [CURVES[curve].slowness(load / 100) for load in range(1, 300)]
    assert slowness == sorted(slowness)
    assert 1.0 <= quiet(curve).closed_loop(5) / 12_345 < 1.2


@pytest.mark.parametrize("curve", CURVES)
def test_the_share_beyond_the_limit_says_the_same_as_the_verdict(curve: str) -> None:
    service = quiet(curve)
    for share in (0.3, 0.9, 1.01, 1.3, 9.0):
        judgement, slowness = service.probe(share * service.capacity, 10)
        assert judgement.evidence[0].verdict == judgement.verdict
        assert (slowness <= 1) == (judgement.verdict == Verdict.PASS)


def test_a_service_counts_what_it_was_asked() -> None:
    service = quiet("knee")
    service.closed_loop(5)
    service.probe(100, 20)
    assert (service.windows, service.load_seconds, service.now) == (2, 25, 29)


def test_jitter_moves_the_capacity_and_not_the_truth() -> None:
    service = Service(1_000, CURVES["cliff"], random.Random(1), jitter=0.02)
    held = [verdict(service, 1_000) == Verdict.PASS for _ in range(1_000)]
    assert 400 < sum(held) < 600
    assert service.capacity == 1_000


def spoiled(interference: Interference, count: int = 20_000) -> list[bool]:
    chance = random.Random(3)
    return [interference.spoils(12.0 * number, 10.0, chance) for number in range(count)]


def test_lapses_come_by_themselves_and_longer_windows_meet_more() -> None:
    hit = spoiled(Lapses(0.05))
    assert sum(hit) / len(hit) == pytest.approx(0.05, rel=0.1)
    after = [second for first, second in pairwise(hit) if first]
    assert sum(after) / len(after) < 0.1
    chance = random.Random(3)
    assert sum(Lapses(0.05).spoils(0, 20, chance) for _ in range(20_000)) / 20_000 == pytest.approx(0.0975, rel=0.1)


def test_bursts_last_longer_than_a_window() -> None:
    hit = spoiled(Bursts(0.05))
    assert 0.05 < sum(hit) / len(hit) < 0.08, "touched is more than covered"
    after = [second for first, second in pairwise(hit) if first]
    assert sum(after) / len(after) > 0.6


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("rule", [ours, nighthawk, partial(nighthawk, precision=0.05), mlrsearch])
def test_each_rule_is_right_without_noise(curve: str, rule: object) -> None:
    service = quiet(curve)
    assert callable(rule)
    assert rule(service) == pytest.approx(service.capacity, rel=0.05)
    assert 7 <= service.windows <= 16


def test_nighthawk_believes_one_window() -> None:
    assert nighthawk(Service(12_000, CURVES["cliff"], random.Random(1), interference=Lapses(1.0))) is None


def test_its_last_window_is_longer_and_changes_nothing() -> None:
    service = quiet("cliff", 1_000)
    found = nighthawk(service)
    # 200, 400, 800, 1600; then 1200, 1000, 1100, 1050, 1025, 1012.5, from which the next is less than 1 % away.
    assert found == 1_006.25
    assert service.load_seconds == 10 * 10 + 30


def test_without_an_answer_is_as_wrong_as_a_wrong_one() -> None:
    assert Score(10, 0.1, 0.2, 5, 50).wrong == pytest.approx(0.3)
    none = score(lambda _: None, "knee", SINGLE, 3)
    assert (none.off, none.without, none.wrong) == (0, 1, 1)
    half = score(
        lambda service: service.capacity * (1.06 if service.chance.random() < 0.5 else 1.04), "knee", SINGLE, 40
    )
    assert 0.2 < half.off < 0.8
    assert half.without == 0


def test_every_rule_meets_the_same_services() -> None:
    assert service_of("knee", BURSTY, 7).capacity == service_of("knee", BURSTY, 7).capacity
    assert len({round(service_of("knee", SINGLE, number).capacity) for number in range(20)}) == 20


@pytest.mark.parametrize("interference", [SINGLE, BURSTY])
def test_ours_is_wrong_less_often(interference: str) -> None:
    found = {name: score(rule, "cliff", interference, 40) for name, rule in RULES.items()}
    assert found[OURS].wrong <= 0.025
    assert found[OURS].windows <= 17
    assert found["Nighthawk 1 %"].wrong > 0.05
    assert [line.split("  ")[0] for line in lines({name: {"cliff": one} for name, one in found.items()})[1:]] == [
        *RULES
    ]


def test_the_rows_name_the_worst_curve_and_the_peers(monkeypatch: pytest.MonkeyPatch) -> None:
    good, bad = Score(400, 0.0, 0.0, 12.0, 180.0), Score(400, 0.01, 0.02, 17.0, 250.0)
    found = {name: {"knee": good, "cliff": bad if name != OURS else good} for name in RULES}
    monkeypatch.setattr("benchmarks.search._scores", lambda _: found)
    (one,) = wrong()
    assert (one.row.id, one.row.ours, one.row.goal, one.row.met, one.row.ratio) == ("R1", 0.0, 0.01, True, None)
    assert one.row.peers == dict.fromkeys(set(RULES) - {OURS}, pytest.approx(0.03))
    assert len(one.notes) == 1 + 2 * len(RULES)
    assert (windows()[0].row.id, figure(windows()[0].row.ours), windows()[0].row.met) == ("R1w", "12", True)
    assert bursty()[0].row.id == "R1b"
    assert {"R1", "R1w", "R1b"} <= set(BENCHMARKS)
    found[OURS]["cliff"] = bad
    assert not wrong()[0].row.met
    assert not windows()[0].row.met
