"""Gates: what makes a Trial void, so that a fault of the rig is never taken for a property of the server."""

from __future__ import annotations

from orchestrator.domain.limits import Limits, not_in_force
from orchestrator.domain.measurement import Missing, difference
from orchestrator.domain.outcome import COMPLETED, Failure, Gate, Outcome, Status
from orchestrator.domain.reading import Evidence, LoadResult

#: Below this share of the offered rate the server was not asked what we claim to have asked it.
ACHIEVED_RATIO_MIN = 0.99
#: k6's own guidance: keep 20 % of the CPU idle, or its latencies are its own.
GENERATOR_CPU_RATIO_MAX = 0.8
#: Little's law: with less than this share of the pool needed, a dropped request is the generator's stall.
POOL_SHARE_NEEDED = 0.8
#: From this share of throttled periods on, latency is a property of the quota.
THROTTLED_RATIO_NOTABLE = 0.25
#: From this share of the CPU limit on, CPU is what binds.
CPU_RATIO_BINDING = 0.9
#: The engine's flag alone was seen wrong. It is believed when memory was last seen this near its limit.
OOM_PEAK_RATIO = 0.9


def judge_outcome(limits: Limits, rate_per_second: int, evidence: Evidence) -> Outcome:
    """The Outcome of a Trial that ran to its end: failed, void by the first gate that fires, or completed."""
    for gate in (_limits, _generator_died, _server_failed, _server_restarted, _window, _generator_busy, _rate):
        outcome = gate(limits, rate_per_second, evidence)
        if outcome is not None:
            return outcome
    return COMPLETED


def achieved_ratio(rate_per_second: int, load: LoadResult) -> float:
    """Requests answered, whatever the answer, of those that were due in the window."""
    due = rate_per_second * load.duration_seconds
    return load.requests / due if due else 0.0


def generator_cpu_ratio(evidence: Evidence) -> float:
    """CPU time the generator used of the CPUs it had, within the window."""
    seconds = evidence.generator_closing.at_seconds - evidence.generator_opening.at_seconds
    used = evidence.generator_closing.cpu_seconds - evidence.generator_opening.cpu_seconds
    return used / (seconds * evidence.generator_cpus) if seconds > 0 else 0.0


def pool_share_needed(rate_per_second: int, load: LoadResult) -> float | Missing:
    """Virtual users the rate needed at the mean iteration time, of those there were (Little's law)."""
    if isinstance(load.iteration_seconds_mean, Missing):
        return load.iteration_seconds_mean
    return rate_per_second * load.iteration_seconds_mean / load.virtual_users


def _limits(limits: Limits, _rate: int, evidence: Evidence) -> Outcome | None:
    for edge, reading in (("start", evidence.opening), ("end", evidence.closing)):
        wrong = not_in_force(limits, reading.limits)
        if wrong:
            return Outcome(Status.VOID, Gate.LIMITS, f"limits not in force at the {edge} of the window: {wrong[0]}")
    if evidence.closing.limits_changes:
        return Outcome(
            Status.VOID, Gate.LIMITS, f"limits changed {evidence.closing.limits_changes} times while measuring"
        )
    return None


def _generator_died(_limits: Limits, _rate: int, evidence: Evidence) -> Outcome | None:
    code = evidence.load.exit_code
    if code == 0:
        return None
    why = "killed: out of memory, or from outside" if code == 137 else f"exit code {code}"
    return Outcome(Status.VOID, Gate.GENERATOR_DIED, f"the generator died ({why})")


def _server_failed(limits: Limits, _rate: int, evidence: Evidence) -> Outcome | None:
    kills = evidence.closing.oom_kills
    if not isinstance(kills, Missing) and kills > 0:
        return Outcome(Status.FAILED, Failure.OOM, f"out of memory: the kernel killed {kills} of its processes")
    after, peak = evidence.after, evidence.closing.memory_bytes_peak
    if after.running:
        return None
    if after.oom_killed and not isinstance(peak, Missing) and peak >= limits.memory_bytes * OOM_PEAK_RATIO:
        # Its cgroup went with it, and the kernel's count too: the engine's word needs this second witness.
        reason = f"out of memory: the engine says so, and memory was last seen at {peak / limits.memory_bytes:.0%}"
        return Outcome(Status.FAILED, Failure.OOM, reason)
    doubt = "; perhaps out of memory: not proven" if after.oom_killed else ""
    return Outcome(Status.FAILED, Failure.EXITED, f"the server exited with code {after.exit_code}{doubt}")


def _server_restarted(_limits: Limits, _rate: int, evidence: Evidence) -> Outcome | None:
    if evidence.after.restarts != evidence.before.restarts or evidence.after.started_at != evidence.before.started_at:
        return Outcome(Status.VOID, Gate.SERVER_RESTARTED, "the server was restarted within the window")
    return None


def _window(_limits: Limits, _rate: int, evidence: Evidence) -> Outcome | None:
    if evidence.quiet_seconds >= 0 and evidence.window_seconds >= evidence.load.duration_seconds:
        return None
    reason = (
        f"the counters were read {-evidence.quiet_seconds:.2f} s after the window had opened"
        if evidence.quiet_seconds < 0
        else f"the counters cover {evidence.window_seconds:.2f} of {evidence.load.duration_seconds:g} s"
    )
    return Outcome(Status.VOID, Gate.WINDOW, f"{reason}: this host was too busy")


def _generator_busy(_limits: Limits, _rate: int, evidence: Evidence) -> Outcome | None:
    ratio = generator_cpu_ratio(evidence)
    if ratio <= GENERATOR_CPU_RATIO_MAX:
        return None
    used = f"{ratio:.0%} of its CPU (limit {GENERATOR_CPU_RATIO_MAX:.0%})"
    return Outcome(Status.VOID, Gate.GENERATOR_BUSY, f"the generator used {used}: this host cannot offer the rate")


def _rate(limits: Limits, rate: int, evidence: Evidence) -> Outcome | None:
    """Requests that were due and not sent: no virtual user was free. Who held them?

    The server, when the mean answer took so long that Little's law needs the pool, or when it was at its CPU limit.
    Then the Trial counts, and the SLO is missed. Otherwise a stall that nobody can be blamed for drained the pool.
    """
    load = evidence.load
    ratio = achieved_ratio(rate, load)
    if ratio >= ACHIEVED_RATIO_MIN and load.dropped == 0:
        return None
    share = pool_share_needed(rate, load)
    if not isinstance(share, Missing) and share >= POOL_SHARE_NEEDED:
        return None
    if load.dropped and is_at_limit(cpu_cap_ratio(limits, evidence), throttled_ratio(evidence)):
        return None
    if load.dropped:
        reason = (
            f"{load.dropped:,} requests were not sent: a stall that the server cannot be blamed for drained the pool"
        )
        return Outcome(Status.VOID, Gate.DROPPED, reason)
    return Outcome(Status.VOID, Gate.RATE, f"only {ratio:.1%} of the rate was achieved although users were free")


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


def is_at_limit(cap_ratio: float | Missing, throttled: float | Missing) -> bool:
    """Whether a server used nearly all CPU it may, or was stopped by its quota in many periods."""
    hot = not isinstance(cap_ratio, Missing) and cap_ratio >= CPU_RATIO_BINDING
    return hot or (not isinstance(throttled, Missing) and throttled >= THROTTLED_RATIO_NOTABLE)
