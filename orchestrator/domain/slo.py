"""What counts as good enough, and the Verdict on one Trial."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from orchestrator.domain.gates import ACHIEVED_RATIO_MIN, is_at_limit
from orchestrator.domain.measurement import Measurement, Missing, value_of
from orchestrator.domain.outcome import Outcome, Status
from orchestrator.domain.units import parse_ratio, parse_seconds, show_ratio, show_seconds

#: The generator must begin its requests later than this share of the SLO's p99 in less than 1 % of cases, or a miss
#: proves nothing: what delays its sending delays its reading too. A server that stalls alone delays no request that
#: is still to be sent; one that is at its CPU limit has missed whatever the generator did.
LAG_SHARE = 0.1


class Verdict(StrEnum):
    """UNKNOWN is an answer of its own: the rig spoiled the Trial, or a figure is missing."""

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Slo:
    """All three must hold: p99 latency, error ratio, and the rate was really served."""

    latency_seconds_p99: float = 0.05
    error_ratio: float = 0.001
    achieved_ratio: float = ACHIEVED_RATIO_MIN

    def __str__(self) -> str:
        return f"p99 <= {show_seconds(self.latency_seconds_p99)} and errors <= {show_ratio(self.error_ratio)}"


@dataclass(frozen=True)
class Judgement:
    """A Verdict and why."""

    verdict: Verdict
    reason: str


def parse_slo(text: str) -> Slo:
    """``"p99=50ms,errors=0.1%"``; what is left out keeps its default. Raises ValueError."""
    chosen: dict[str, float] = {}
    for part in text.split(","):
        key, sign, value = part.strip().partition("=")
        if not sign or key not in ("p99", "errors"):
            raise ValueError(f"{part.strip()!r} is not an objective; write p99=50ms or errors=0.1%")
        if key == "p99":
            chosen["latency_seconds_p99"] = parse_seconds(value)
        else:
            chosen["error_ratio"] = parse_ratio(value)
    if chosen.get("latency_seconds_p99", 1.0) <= 0:
        raise ValueError("p99 must be more than 0")
    return Slo(**chosen)


def judge(slo: Slo, outcome: Outcome, measurements: Sequence[Measurement]) -> Judgement:
    """PASS, FAIL with the first objective that was missed, or UNKNOWN with what is not known."""
    if outcome.status == Status.FAILED:
        return Judgement(Verdict.FAIL, outcome.reason)
    if outcome.status != Status.COMPLETED:
        return Judgement(Verdict.UNKNOWN, f"{outcome.status}: {outcome.kind.replace('_', ' ')}")
    offered = value_of(measurements, "rate_offered_per_second")
    achieved = value_of(measurements, "rate_achieved_per_second")
    errors = value_of(measurements, "error_ratio")
    p99 = value_of(measurements, "latency_seconds_p99")
    dropped = value_of(measurements, "requests_dropped")
    for value in (offered, achieved, errors, p99, dropped):
        if isinstance(value, Missing):
            return Judgement(Verdict.UNKNOWN, value.reason)
    assert not isinstance(offered, Missing) and not isinstance(achieved, Missing) and not isinstance(dropped, Missing)
    assert not isinstance(errors, Missing) and not isinstance(p99, Missing)
    if dropped > 0:
        return Judgement(Verdict.FAIL, f"{dropped:,.0f} requests were due while all users waited for an answer")
    if achieved < slo.achieved_ratio * offered:
        return Judgement(Verdict.FAIL, f"served {achieved:,.0f} of {offered:,.0f} requests/s")
    if errors > slo.error_ratio:
        return Judgement(Verdict.FAIL, f"errors {show_ratio(errors)} > {show_ratio(slo.error_ratio)}")
    if p99 <= slo.latency_seconds_p99:
        return Judgement(Verdict.PASS, f"p99 {show_seconds(p99)}, errors {show_ratio(errors)}")
    return _judge_slow(slo, p99, measurements)


def _judge_slow(slo: Slo, p99: float, measurements: Sequence[Measurement]) -> Judgement:
    lag = value_of(measurements, "generator_lag_seconds_p99")
    if not isinstance(lag, Missing) and lag >= LAG_SHARE * slo.latency_seconds_p99 and not at_cpu_limit(measurements):
        reason = f"void: p99 {show_seconds(p99)}, but the generator was {show_seconds(lag)} late itself"
        return Judgement(Verdict.UNKNOWN, reason)
    return Judgement(Verdict.FAIL, f"p99 {show_seconds(p99)} > {show_seconds(slo.latency_seconds_p99)}")


def at_cpu_limit(measurements: Sequence[Measurement]) -> bool:
    """Whether the server of a measured Trial was at its CPU limit."""
    return is_at_limit(value_of(measurements, "cpu_cap_ratio"), value_of(measurements, "cpu_throttled_periods_ratio"))
