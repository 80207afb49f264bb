"""Verdicts: shares are counted, everything that was due counts, and what cannot be told is UNKNOWN."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from orchestrator.domain.latency import Latencies, latencies_of
from orchestrator.domain.measurement import Measurement, Missing, measured
from orchestrator.domain.outcome import COMPLETED, Failure, Gate, Outcome, Status
from orchestrator.domain.slo import Slo, Verdict, parse_slo
from orchestrator.domain.verdict import judge, requests_needed, slowness, window_seconds

LIMIT = 0.05


@dataclass(frozen=True)
class Seen:
    outcome: Outcome
    measurements: tuple[Measurement, ...]
    latencies: Latencies | Missing


def seen(
    slow: int = 0,
    failed: int = 0,
    dropped: int = 0,
    n: int = 5_000,
    offered: float = 1_000,
    limits: tuple[float, ...] = (LIMIT,),
    **more: float | Missing,
) -> Seen:
    """``n`` answers in 5 s, ``slow`` of them in 80 ms and the rest in 10 ms."""
    good = n - failed
    latencies = latencies_of([0.01] * (good - slow) + [0.08] * slow, limits)
    values = {
        "rate_offered_per_second": offered,
        "rate_achieved_per_second": n / 5,
        "requests_dropped": dropped,
        "error_ratio": failed / n,
        "generator_lag_seconds_p99": 0.0001,
        **more,
    }
    rows = tuple(measured(name, value, source="k6", window_seconds=5, n=n) for name, value in values.items())
    return Seen(COMPLETED, rows, latencies)


@pytest.mark.parametrize(
    ("case", "verdict", "word"),
    [
        (seen(), Verdict.PASS, "p99 10 ms"),
        (seen(slow=50), Verdict.PASS, "p99"),
        (seen(slow=51), Verdict.FAIL, "slower than 50 ms"),
        (seen(failed=5), Verdict.PASS, "errors 0.1 %"),
        (seen(failed=6), Verdict.FAIL, "errors"),
        (seen(slow=45, failed=5), Verdict.PASS, "p99"),
        (seen(slow=46, failed=5), Verdict.FAIL, "slower"),
        (seen(n=4_949), Verdict.FAIL, "served"),
        (seen(n=4_995, dropped=5), Verdict.PASS, "p99"),
        (seen(n=4_990, dropped=10), Verdict.FAIL, "errors"),
    ],
)
def test_every_request_that_was_due_counts(case: Seen, verdict: Verdict, word: str) -> None:
    judged = judge(Slo(), case)
    assert judged.verdict == verdict
    assert word in judged.reason


def test_a_judgement_shows_the_counts_it_stands_on() -> None:
    judged = judge(parse_slo("p99=50ms,errors=0.1%,goodput=99.5%"), seen(slow=20, failed=2))
    assert [check.objective for check in judged.evidence] == [
        "errors <= 0.1 %",
        "p99 <= 50 ms",
        "goodput >= 99.5 % within 50 ms",
    ]
    assert [round(check.seen_low * 5_000) for check in judged.evidence] == [2, 22, 22]
    assert judged.verdict == Verdict.PASS
    assert judge(parse_slo("goodput=99.5%"), seen(slow=24, failed=2)).verdict == Verdict.FAIL


def test_another_limit_is_judged_from_the_grid_or_not_at_all() -> None:
    case = seen(slow=51, limits=())
    assert judge(parse_slo("p99=100ms"), case).verdict == Verdict.PASS
    assert judge(parse_slo("p99=5ms"), case).verdict == Verdict.FAIL
    # 1.02 % are slower than 50 ms: between two stored quantiles, and 1 % may be.
    doubt = judge(parse_slo("p99=50ms"), case)
    assert doubt.verdict == Verdict.UNKNOWN
    assert "stored quantiles cannot tell" in doubt.reason


@pytest.mark.parametrize(
    ("lag", "at_limit", "verdict"),
    [(0.0051, 0.2, Verdict.UNKNOWN), (0.0049, 0.2, Verdict.FAIL), (0.0051, 0.98, Verdict.FAIL)],
)
def test_a_miss_proves_nothing_when_the_generator_was_late_itself(
    lag: float, at_limit: float, verdict: Verdict
) -> None:
    assert judge(Slo(), seen(slow=100, generator_lag_seconds_p99=lag, cpu_cap_ratio=at_limit)).verdict == verdict


def test_a_pass_is_believed_although_the_generator_was_late() -> None:
    assert judge(Slo(), seen(generator_lag_seconds_p99=0.03)).verdict == Verdict.PASS


def test_after_a_drop_of_k6_a_pass_is_not_known_and_a_miss_is_a_miss() -> None:
    unknown = Missing("requests were dropped")
    judged = judge(Slo(), seen(n=4_997, dropped=3, generator_lag_seconds_p99=unknown))
    assert judged.verdict == Verdict.UNKNOWN and "3 requests were not sent" in judged.reason
    slow = seen(n=4_997, dropped=3, slow=60, generator_lag_seconds_p99=unknown, cpu_cap_ratio=1.0)
    assert judge(Slo(), slow).verdict == Verdict.FAIL


def test_wrong_bodies_count_also_where_latencies_hold_them() -> None:
    """After a drop k6 keeps the latency of every answer with a status below 400."""
    case = replace(seen(n=4_997, failed=4_997, dropped=3), latencies=latencies_of([0.01] * 4_997, (LIMIT,)))
    judged = judge(Slo(), case)
    assert judged.verdict == Verdict.FAIL and "errors" in judged.reason


def test_too_few_requests_for_the_quantile_are_unknown() -> None:
    assert judge(Slo(), seen(n=999, offered=199.8)).reason == "needs 1,000 requests, had 999"
    assert judge(parse_slo("p99.9=50ms"), seen()).verdict == Verdict.UNKNOWN
    assert judge(parse_slo("p95=50ms"), seen(n=999, offered=199.8)).verdict == Verdict.PASS


def test_void_is_unknown_even_with_good_figures() -> None:
    assert judge(Slo(), replace(seen(), outcome=Outcome(Status.VOID, Gate.LIMITS, "x"))).verdict == Verdict.UNKNOWN


def test_a_server_that_failed_missed_the_slo() -> None:
    assert judge(Slo(), replace(seen(), outcome=Outcome(Status.FAILED, Failure.OOM, "x"))).verdict == Verdict.FAIL


def test_what_was_not_kept_is_unknown_with_its_reason() -> None:
    assert judge(Slo(), replace(seen(), latencies=Missing("not kept"))).reason == "not kept"
    assert judge(Slo(), Seen(COMPLETED, (), seen().latencies)).verdict == Verdict.UNKNOWN


def test_slowness_is_of_the_requests_due() -> None:
    assert slowness(Slo(), seen()) == pytest.approx(0.2)
    assert slowness(Slo(), seen(slow=100)) == pytest.approx(1.6)
    assert slowness(parse_slo("p50=10ms,p99=100ms"), seen(slow=100)) == pytest.approx(1.0)
    # 2 % were never answered: the 99th percentile of those due is not known.
    assert slowness(Slo(), seen(n=4_900, dropped=100)) is None


@pytest.mark.parametrize("metric", ["others_cpu_ratio", "steal_ratio"])
@pytest.mark.parametrize(
    ("share", "at_limit", "verdict"),
    [(0.09, 0.2, Verdict.UNKNOWN), (0.07, 0.2, Verdict.FAIL), (0.09, 0.98, Verdict.FAIL)],
)
def test_a_miss_proves_nothing_when_the_cpu_went_elsewhere(
    metric: str, share: float, at_limit: float, verdict: Verdict
) -> None:
    case = seen(slow=100, cpu_cap_ratio=at_limit, **{metric: share})
    assert judge(Slo(), case).verdict == verdict
    assert judge(Slo(), seen(**{metric: share})).verdict == Verdict.PASS


NOISY = {"others_cpu_ratio": 0.15, "cpu_cap_ratio": 0.85}


@pytest.mark.parametrize(
    ("case", "slo", "verdict", "word"),
    [
        (seen(n=4_900, **NOISY), "p99=50ms", Verdict.UNKNOWN, "void: served 980 of 1,000 requests/s, but 15 %"),
        (seen(n=4_990, dropped=10, **NOISY), "p99=50ms", Verdict.UNKNOWN, "void: errors <= 0.1 % missed"),
        (seen(failed=10, **NOISY), "p99=50ms", Verdict.FAIL, "errors"),
        (seen(slow=30, **NOISY), "p99=50ms,goodput=99.5%", Verdict.UNKNOWN, "void: goodput"),
        (seen(slow=30, generator_lag_seconds_p99=0.02), "p99=50ms,goodput=99.5%", Verdict.UNKNOWN, "late itself"),
        (seen(n=4_900, others_cpu_ratio=0.15, cpu_cap_ratio=0.99), "p99=50ms", Verdict.FAIL, "served"),
    ],
)
def test_noise_excuses_every_objective_that_it_can_break(case: Seen, slo: str, verdict: Verdict, word: str) -> None:
    judged = judge(parse_slo(slo), case)
    assert judged.verdict == verdict and word in judged.reason


def test_goodput_needs_requests_as_a_quantile_does() -> None:
    assert requests_needed(parse_slo("p50=50ms,goodput=99.99%")) == 100_000
    assert requests_needed(parse_slo("p50=50ms,goodput=100%")) == 20
    assert judge(parse_slo("p50=50ms,goodput=99.99%"), seen()).reason == "needs 100,000 requests, had 5,000"


@pytest.mark.parametrize(
    ("rate", "slo", "seconds"),
    [
        (1_000, "p99=50ms", 5.0),
        (200, "p99=50ms", 6.0),
        (20, "p99=50ms", 51.0),
        (20, "p90=50ms", 6.0),
        (1, "p99=50ms", 300.0),
    ],
)
def test_a_window_has_the_requests_that_its_slo_needs_and_some_more(rate: int, slo: str, seconds: float) -> None:
    assert window_seconds(5.0, parse_slo(slo), rate) == seconds
