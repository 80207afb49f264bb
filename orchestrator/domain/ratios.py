"""Shares that gates and measurements both need, from the Evidence of one Trial."""

from __future__ import annotations

from orchestrator.domain.limits import Limits
from orchestrator.domain.measurement import Missing, difference
from orchestrator.domain.reading import Evidence, LoadResult

#: From this share of throttled periods on, latency is a property of the quota.
THROTTLED_RATIO_NOTABLE = 0.25
#: From this share of the CPU limit on, CPU is what binds.
CPU_RATIO_BINDING = 0.9
NO_SIDECAR = Missing("no sidecar is needed")


def achieved_ratio(rate_per_second: int, load: LoadResult) -> float:
    """Requests answered, whatever the answer, of those that were due in the window."""
    due = rate_per_second * load.duration_seconds
    return load.requests / due if due else 0.0


def generator_cpu_ratio(evidence: Evidence) -> float:
    """CPU time the generator used of what it may use: its CPUs, or less where a quota was put on it."""
    opening, closing = evidence.generator_opening, evidence.generator_closing
    limits, may = closing.limits, float(evidence.generator_cpus)
    quota, period = limits.quota_microseconds, limits.period_microseconds
    if not isinstance(quota, Missing) and not isinstance(period, Missing) and quota > 0 and period > 0:
        may = min(may, quota / period)
    if opening is not None:
        seconds, used = closing.at_seconds - opening.at_seconds, closing.cpu_seconds - opening.cpu_seconds
    else:  # it was started after the opening reading: its counters began at 0
        load = evidence.load
        seconds = load.duration_seconds if isinstance(load.busy_seconds, Missing) else load.busy_seconds
        used = closing.cpu_seconds
    return used / (seconds * may) if seconds > 0 else 0.0


def others_ratio(evidence: Evidence, cpus: int) -> float | Missing:
    """CPU time that others used on the server's CPUs, of what these could give while the generator ran."""
    return _share_of_cpus(evidence, evidence.beginning.others_cpu_seconds, evidence.closing.others_cpu_seconds, cpus)


def neighbours_ratio(evidence: Evidence, cpus: int) -> float | Missing:
    """The same without the other half of a duet, which is to be there."""
    beginning, closing = evidence.beginning.others_cpu_seconds, evidence.closing.others_cpu_seconds
    strangers = closing if isinstance(closing, Missing) else closing - evidence.partner_cpu_seconds
    return _share_of_cpus(evidence, beginning, strangers, cpus)


def steal_ratio(evidence: Evidence, cpus: int) -> float | Missing:
    """Time the hypervisor took from the server's CPUs, of all while the generator ran."""
    return _share_of_cpus(evidence, evidence.beginning.steal_seconds, evidence.closing.steal_seconds, cpus)


def sampler_coverage(evidence: Evidence) -> float:
    """Share of the time between the readings in which the observer kept its interval."""
    seconds = evidence.closing.at_seconds - evidence.opening.at_seconds
    return (evidence.closing.sampled_seconds - evidence.opening.sampled_seconds) / seconds if seconds > 0 else 0.0


def sidecar_cpu_seconds(evidence: Evidence) -> float | Missing:
    """CPU time that all sidecars used between the readings."""
    if not evidence.sidecars:
        return NO_SIDECAR
    return sum(one.closing.cpu_seconds - one.opening.cpu_seconds for one in evidence.sidecars)


def sidecar_cpu_ratio(evidence: Evidence) -> float | Missing:
    """The same, of the CPUs that they share."""
    used = sidecar_cpu_seconds(evidence)
    if isinstance(used, Missing):
        return used
    first = evidence.sidecars[0]
    may = (first.closing.at_seconds - first.opening.at_seconds) * first.cpus
    return used / may if may > 0 else Missing("no time passed between readings")


def sidecar_memory_bytes_peak(evidence: Evidence) -> float | Missing:
    """Most memory charged to each since its start, added up."""
    peaks = [one.closing.memory_bytes_peak for one in evidence.sidecars]
    total = 0
    for peak in peaks:
        if isinstance(peak, Missing):
            return peak
        total += peak
    return total if peaks else NO_SIDECAR


def pool_share_needed(rate_per_second: float, load: LoadResult) -> float | Missing:
    """Virtual users the rate needed at the mean iteration time, of those there were (Little's law)."""
    if isinstance(load.iteration_seconds_mean, Missing):
        return load.iteration_seconds_mean
    return rate_per_second * load.iteration_seconds_mean / load.virtual_users


def cpu_cap_ratio(limits: Limits, evidence: Evidence) -> float | Missing:
    """CPU time the server used within the window, of what its limits allow."""
    if evidence.window_seconds <= 0:
        return Missing("the server's counters ended before the window")
    used = evidence.closing.cpu_seconds - evidence.opening.cpu_seconds
    return used / (evidence.window_seconds * limits.cpus)


def throttled_ratio(evidence: Evidence) -> float | Missing:
    """Quota periods in which the server was stopped, of all."""
    periods = difference(evidence.opening.cpu_periods, evidence.closing.cpu_periods)
    throttled = difference(evidence.opening.cpu_throttled_periods, evidence.closing.cpu_throttled_periods)
    if isinstance(periods, Missing):
        return periods
    if isinstance(throttled, Missing):
        return throttled
    return throttled / periods if periods > 0 else Missing("no quota period passed")


def pool_holds(users: float, rate_per_second: int, latency_seconds: float) -> bool:
    """Whether so many users can carry the rate when each answer takes this long (Little's law)."""
    return users >= rate_per_second * latency_seconds


def is_at_limit(cap_ratio: float | Missing, throttled: float | Missing) -> bool:
    """Whether a server used nearly all CPU it may, or was stopped by its quota in many periods."""
    hot = not isinstance(cap_ratio, Missing) and cap_ratio >= CPU_RATIO_BINDING
    return hot or (not isinstance(throttled, Missing) and throttled >= THROTTLED_RATIO_NOTABLE)


def _share_of_cpus(
    evidence: Evidence, opening: float | Missing, closing: float | Missing, cpus: int
) -> float | Missing:
    used = difference(opening, closing)
    seconds = evidence.closing.at_seconds - evidence.beginning.at_seconds
    if isinstance(used, Missing):
        return used
    return max(0.0, used) / (seconds * cpus) if seconds > 0 and cpus else Missing("no time passed between readings")
