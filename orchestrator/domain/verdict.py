"""The Verdict on one Trial: shares are counted, not read off a percentile, and each objective shows its counts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

from orchestrator.domain.latency import Latencies
from orchestrator.domain.measurement import Measurement, Missing, value_of
from orchestrator.domain.outcome import Outcome, Status
from orchestrator.domain.ratios import is_at_limit
from orchestrator.domain.slo import Checked, Judgement, LatencyLimit, Slo, Verdict
from orchestrator.domain.units import show_ratio, show_seconds, show_share

#: The generator must begin its requests later than this share of the SLO's limit in less than 1 % of cases, or a miss
#: proves nothing: what delays its sending delays its reading too. A server that stalls alone delays no request that
#: is still to be sent; one that is at its CPU limit has missed whatever the generator did.
LAG_SHARE = 0.1
#: A miss proves nothing either when others, or the hypervisor, took this share of the server's CPUs and it was not at
#: its own limit. A pass is believed: noise makes no server faster.
NOISE_SHARE = 0.08
#: Requests beyond a quantile without which it says nothing: with ten, one request does not move it far.
BEYOND_NEEDED = 10
#: So many times the requests that are needed: the last one due may fall out of the window.
SPARE = 1.02
#: Nobody waits longer for one answer.
WINDOW_SECONDS_MAX = 300.0


class Judged(Protocol):
    """What of a Trial is judged; a TrialRecord has it."""

    @property
    def outcome(self) -> Outcome: ...
    @property
    def measurements(self) -> tuple[Measurement, ...]: ...
    @property
    def latencies(self) -> Latencies | Missing: ...


def judge(slo: Slo, seen: Judged) -> Judgement:
    """PASS, FAIL with the first objective that was missed, or UNKNOWN with what is not known.

    Every request that was due counts: an answer that was wrong, refused, timed out or never sent breaks each
    objective, however quick.
    """
    if seen.outcome.status == Status.FAILED:
        return Judgement(Verdict.FAIL, seen.outcome.reason)
    if seen.outcome.status != Status.COMPLETED:
        return Judgement(Verdict.UNKNOWN, f"{seen.outcome.status}: {seen.outcome.kind.replace('_', ' ')}")
    counted, served = _counted(seen), _served(seen)
    for value in (counted, served):
        if isinstance(value, Missing):
            return Judgement(Verdict.UNKNOWN, value.reason)
    assert not isinstance(counted, Missing) and not isinstance(served, Missing)
    (due, sent, good, latencies), (offered, achieved) = counted, served
    few = _too_few(slo, due)
    if few:
        return Judgement(Verdict.UNKNOWN, few)
    checks = _checks(slo, due, due - good, latencies)
    if achieved < slo.achieved_ratio * offered:
        return _missed(f"served {achieved:,.0f} of {offered:,.0f} requests/s", _noise(seen), checks)
    missed = _first_missed(slo, seen, checks, (sent - good) / due)
    if missed is not None:
        return missed
    unsure = next((check for check in checks if check.verdict == Verdict.UNKNOWN), None)
    if unsure is not None:
        reason = (
            f"stored quantiles cannot tell {unsure.objective}: {show_ratio(unsure.seen_low)} to "
            f"{show_ratio(unsure.seen_high)} broke it, {show_ratio(unsure.allowed)} may"
        )
        return Judgement(Verdict.UNKNOWN, reason, checks)
    late = _lateness_unknown(seen)
    verdict, reason = (Verdict.UNKNOWN, late) if late else (Verdict.PASS, _held(slo, checks, latencies))
    return Judgement(verdict, reason, checks)


def slowness(slo: Slo, seen: Judged) -> float | None:
    """Latency at the SLO's quantile by its limit, the worst of all limits; None where it is not known.

    Of the requests due, not of those answered: when fewer were answered than the quantile asks, nobody knows it.
    """
    counted = _counted(seen)
    if isinstance(counted, Missing):
        return None
    due, _, _, latencies = counted
    worst = 0.0
    for limit in slo.latency:
        share = limit.quantile * due / latencies.n if latencies.n else 2.0
        seconds = latencies.at(share) if share <= 1 else Missing("too few good answers")
        if isinstance(seconds, Missing):
            return None
        worst = max(worst, seconds / limit.seconds)
    return worst or None


def finest(slo: Slo) -> tuple[float, str]:
    """The smallest share that an objective allows, and its name: ``(0.01, "p99")``."""
    shares = [(limit.allowed, limit.name) for limit in slo.latency]
    if slo.goodput_ratio is not None and slo.goodput_ratio < 1:
        shares.append((1 - slo.goodput_ratio, "goodput"))
    return min(shares)


def requests_needed(slo: Slo) -> int:
    """How many must be due in a window, so that BEYOND_NEEDED lie beyond what the finest objective allows."""
    return round(BEYOND_NEEDED / finest(slo)[0])


def window_seconds(least_seconds: float, slo: Slo, rate_per_second: int) -> float:
    """As long as the requests take that the Slo needs, and no less than asked; never more than WINDOW_SECONDS_MAX."""
    needed = math.ceil(SPARE * requests_needed(slo) / rate_per_second)
    return max(least_seconds, min(needed, WINDOW_SECONDS_MAX))


def at_cpu_limit(measurements: Sequence[Measurement]) -> bool:
    """Whether the server of a measured Trial was at its CPU limit."""
    return is_at_limit(value_of(measurements, "cpu_cap_ratio"), value_of(measurements, "cpu_throttled_periods_ratio"))


def _counted(seen: Judged) -> tuple[int, int, int, Latencies] | Missing:
    """Requests due, those sent, those answered well, and latencies. After a drop k6 also has those of wrong bodies
    among them."""
    if isinstance(seen.latencies, Missing):
        return seen.latencies
    row = next((one for one in seen.measurements if one.metric == "rate_achieved_per_second"), None)
    dropped = value_of(seen.measurements, "requests_dropped")
    if row is None or isinstance(dropped, Missing):
        return Missing("not measured") if row is None or not isinstance(dropped, Missing) else dropped
    wrong = value_of(seen.measurements, "error_ratio")
    good = seen.latencies.n if isinstance(wrong, Missing) else min(seen.latencies.n, row.n - round(wrong * row.n))
    return row.n + round(dropped), row.n, good, seen.latencies


def _served(seen: Judged) -> tuple[float, float] | Missing:
    """Requests per second offered and achieved."""
    offered = value_of(seen.measurements, "rate_offered_per_second")
    achieved = value_of(seen.measurements, "rate_achieved_per_second")
    if isinstance(offered, Missing):
        return offered
    return achieved if isinstance(achieved, Missing) else (offered, achieved)


def _too_few(slo: Slo, due: int) -> str:
    """Why the requests are too few for the SLO's quantiles; "" when they are enough."""
    if not due:
        return "no request was due"
    needed = requests_needed(slo)
    return f"needs {needed:,} requests, had {due:,}" if due < needed else ""


def _checks(slo: Slo, due: int, lost: int, latencies: Latencies) -> tuple[Checked, ...]:
    def share(limit: LatencyLimit, objective: str, allowed: float) -> Checked:
        slow = latencies.slower_than(limit.seconds)
        return Checked(objective, (slow.low + lost) / due, (slow.high + lost) / due, allowed)

    found = [Checked(f"errors <= {show_share(slo.error_ratio)}", lost / due, lost / due, slo.error_ratio)]
    found += [share(limit, str(limit), limit.allowed) for limit in slo.latency]
    if slo.goodput_ratio is not None:
        tightest = min(slo.latency, key=lambda limit: limit.seconds)
        objective = f"goodput >= {show_share(slo.goodput_ratio)} within {show_seconds(tightest.seconds)}"
        found.append(share(tightest, objective, 1 - slo.goodput_ratio))
    return tuple(found)


def _first_missed(slo: Slo, seen: Judged, checks: tuple[Checked, ...], wrong_share: float) -> Judgement | None:
    if checks[0].verdict == Verdict.FAIL:
        # Noise makes a pool run dry; it makes no answer wrong.
        excuse = _noise(seen) if wrong_share <= slo.error_ratio else ""
        return _missed(f"{checks[0].objective} missed: {show_ratio(checks[0].seen_low)} failed", excuse, checks)
    for check, limit in zip(checks[1:], (*slo.latency, None), strict=False):
        if check.verdict == Verdict.FAIL:
            seconds = min(slo.limits_seconds) if limit is None else limit.seconds
            return _missed(_slow(check, limit, seen), _lag(seen, seconds) or _noise(seen), checks)
    return None


def _missed(reason: str, excuse: str, checks: tuple[Checked, ...]) -> Judgement:
    """A miss that the rig explains as well proves nothing."""
    if excuse:
        return Judgement(Verdict.UNKNOWN, f"void: {reason}, but {excuse}", checks)
    return Judgement(Verdict.FAIL, reason, checks)


def _slow(check: Checked, limit: LatencyLimit | None, seen: Judged) -> str:
    """What was too slow, in words; without a limit of its own it is goodput."""
    if limit is None:
        return f"{check.objective} missed: {show_ratio(check.seen_low)} were not good in time"
    at = seen.latencies if isinstance(seen.latencies, Missing) else seen.latencies.at(limit.quantile)
    shown = "not known" if isinstance(at, Missing) else show_seconds(at)
    return f"{show_ratio(check.seen_low)} slower than {show_seconds(limit.seconds)} ({limit.name} {shown})"


def _lag(seen: Judged, seconds: float) -> str:
    """The generator's own lateness, where it could have made an answer miss this limit; "" where it could not."""
    lag = value_of(seen.measurements, "generator_lag_seconds_p99")
    if isinstance(lag, Missing) or lag < LAG_SHARE * seconds or at_cpu_limit(seen.measurements):
        return ""
    return f"the generator was {show_seconds(lag)} late itself"


def _noise(seen: Judged) -> str:
    """The larger of what others used and what the hypervisor took, where it is much and the server had room."""
    shares = [value_of(seen.measurements, metric) for metric in ("others_cpu_ratio", "steal_ratio")]
    noise = max((share for share in shares if not isinstance(share, Missing)), default=0.0)
    if noise < NOISE_SHARE or at_cpu_limit(seen.measurements):
        return ""
    return f"{show_ratio(noise)} of the server's CPUs went elsewhere"


def _lateness_unknown(seen: Judged) -> str:
    """Why a window without a miss is no pass; "" when it is. k6 numbers only what it began: after a drop its latencies
    are less than what a user saw, so that they can prove a miss and nothing else."""
    dropped = value_of(seen.measurements, "requests_dropped")
    lag = value_of(seen.measurements, "generator_lag_seconds_p99")
    if isinstance(dropped, Missing) or not dropped or not isinstance(lag, Missing):
        return ""
    return f"{dropped:,.0f} requests were not sent, and how late the others were is not known"


def _held(slo: Slo, checks: tuple[Checked, ...], latencies: Latencies) -> str:
    words = []
    for limit in slo.latency:
        at = latencies.at(limit.quantile)
        words.append(f"{limit.name} {'not known' if isinstance(at, Missing) else show_seconds(at)}")
    return f"{', '.join(words)}, errors {show_ratio(checks[0].seen_low)}"
