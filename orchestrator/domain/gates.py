"""Gates: what makes a Trial void, so that a fault of the rig is never taken for a property of the server.

Each gate is a function of what was asked and of the Evidence; GATES is their order. The first that bites decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from orchestrator.domain.generator import Generator
from orchestrator.domain.limits import Limits, not_in_force
from orchestrator.domain.measurement import Missing
from orchestrator.domain.outcome import COMPLETED, Failure, Gate, Outcome, Status
from orchestrator.domain.ratios import (
    achieved_ratio,
    cpu_cap_ratio,
    generator_cpu_ratio,
    is_at_limit,
    neighbours_ratio,
    pool_holds,
    pool_share_needed,
    sampler_coverage,
    steal_ratio,
    throttled_ratio,
)
from orchestrator.domain.reading import Evidence, FirstAnswer

#: Below this share of the offered rate the server was not asked what we claim to have asked it.
ACHIEVED_RATIO_MIN = 0.99
#: k6's own guidance: keep 20 % of the CPU idle, or its latencies are its own. oha tells how late it was for each
#: request, so that it may come nearer to its end.
GENERATOR_CPU_RATIO_MAX = {Generator.K6: 0.8, Generator.OHA: 0.95}
#: Little's law: with less than this share of the pool needed, a dropped request is the generator's stall.
POOL_SHARE_NEEDED = 0.8
#: The engine's flag alone was seen wrong. It is believed when memory was last seen this near its limit.
OOM_PEAK_RATIO = 0.9
#: A wall clock that was set by more than this while measuring moves every timestamp of the record.
CLOCK_STEP_SECONDS_MAX = 0.1
#: Samples of the observer must cover this share of the window: what it did not see, a limit changed and changed back
#: among it, could have been anything.
SAMPLER_COVERAGE_MIN = 0.95
#: CPU time that others used on the server's CPUs, of what these CPUs could give, and time the hypervisor took from
#: them. On a quiet shared host both were 3 to 5 %. Less than this spoils no count of CPU time; a miss that it explains
#: is not believed long before (domain.verdict.NOISE_SHARE).
OTHERS_RATIO_MAX = STEAL_RATIO_MAX = 0.20


@dataclass(frozen=True)
class Asked:
    """What a Trial was to do.

    Attributes:
        rate_per_second: None in a closed loop, which has no schedule that could be missed.
        latency_seconds_limit: the longest of the SLO's limits.
        shared: the generator stands on the server's CPUs, and is no stranger there. Such numbers are never ranked.
    """

    limits: Limits
    rate_per_second: int | None
    latency_seconds_limit: float
    shared: bool = False


def judge_outcome(asked: Asked, evidence: Evidence) -> Outcome:
    """The Outcome of a Trial that ran to its end: failed, void by the first gate that bites, or completed."""
    for gate in GATES:
        outcome = gate(asked, evidence)
        if outcome is not None:
            return outcome
    return COMPLETED


def rig_limited(outcome: Outcome) -> bool:
    """Whether the generator could not offer this rate: another try at the same rate would not help for long."""
    return outcome.kind in (Gate.GENERATOR_BUSY, Gate.RATE, Gate.DROPPED, Gate.POOL)


def fallback_of(answer: FirstAnswer) -> str:
    """Why the codec a Variant asks for is not the one at work, by what the server says of itself; "" when it is.

    sonic hands its work to encoding/json on a Go it does not know: a row of it would show the other's figures.
    """
    said = "" if isinstance(answer.info, Missing) else answer.info.get("json_fallback", "null")
    return "" if said in ("", "null") else f"the JSON library of this variant is not at work: {said}"


def _void(gate: Gate, reason: str) -> Outcome:
    return Outcome(Status.VOID, gate, reason)


def _limits(asked: Asked, evidence: Evidence) -> Outcome | None:
    for edge, reading in (("start", evidence.opening), ("end", evidence.closing)):
        wrong = not_in_force(asked.limits, reading.limits)
        if wrong:
            return _void(Gate.LIMITS, f"limits not in force at the {edge} of the window: {wrong[0]}")
    changes = evidence.closing.limits_changes - evidence.opening.limits_changes
    return _void(Gate.LIMITS, f"limits changed {changes} times while measuring") if changes else None


def _server_restarted(_asked: Asked, evidence: Evidence) -> Outcome | None:
    """Before the generator's end: a restart takes the network namespace that both share."""
    if evidence.after.restarts != evidence.before.restarts or evidence.after.started_at != evidence.before.started_at:
        return _void(Gate.SERVER_RESTARTED, "the server was restarted within the window")
    return None


def _generator_died(_asked: Asked, evidence: Evidence) -> Outcome | None:
    code = evidence.load.exit_code
    if code == 0:
        return None
    why = "killed: out of memory, or from outside" if code == 137 else f"exit code {code}"
    return _void(Gate.GENERATOR_DIED, f"the generator died ({why})")


def _sidecar(_asked: Asked, evidence: Evidence) -> Outcome | None:
    for one in evidence.sidecars:
        kills = one.closing.oom_kills
        if not one.after.running:
            return _void(Gate.SIDECAR, f"sidecar {one.name} exited with code {one.after.exit_code}")
        if one.after.started_at != one.before.started_at:
            return _void(Gate.SIDECAR, f"sidecar {one.name} was restarted")
        if not isinstance(kills, Missing) and kills > 0:
            return _void(Gate.SIDECAR, f"sidecar {one.name} ran out of memory: {kills} of its processes were killed")
    return None


def _generator_restarted(_asked: Asked, evidence: Evidence) -> Outcome | None:
    opening, closing = evidence.generator_opening, evidence.generator_closing
    if opening is not None and closing.cpu_seconds < opening.cpu_seconds:
        return _void(Gate.GENERATOR_RESTARTED, "the generator was restarted: its counters began anew")
    kills = closing.oom_kills
    if not isinstance(kills, Missing) and kills > 0:
        return _void(Gate.GENERATOR_DIED, f"the kernel killed {kills} of the generator's processes for memory")
    return None


def _server_failed(asked: Asked, evidence: Evidence) -> Outcome | None:
    kills = evidence.closing.oom_kills
    if not isinstance(kills, Missing) and kills > 0:
        return Outcome(Status.FAILED, Failure.OOM, f"out of memory: the kernel killed {kills} of its processes")
    after, peak = evidence.after, evidence.closing.memory_bytes_peak
    if after.running:
        return None
    memory = asked.limits.memory_bytes
    if after.oom_killed and not isinstance(peak, Missing) and peak >= memory * OOM_PEAK_RATIO:
        # Its cgroup went with it, and the kernel's count too: the engine's word needs this second witness.
        reason = f"out of memory: the engine says so, and memory was last seen at {peak / memory:.0%}"
        return Outcome(Status.FAILED, Failure.OOM, reason)
    doubt = "; perhaps out of memory: not proven" if after.oom_killed else ""
    return Outcome(Status.FAILED, Failure.EXITED, f"the server exited with code {after.exit_code}{doubt}")


def _clock(_asked: Asked, evidence: Evidence) -> Outcome | None:
    step = evidence.closing.clock_offset_seconds - evidence.opening.clock_offset_seconds
    if abs(step) <= CLOCK_STEP_SECONDS_MAX:
        return None
    return _void(Gate.CLOCK, f"the wall clock was moved by {step:+.2f} s while measuring")


def _sampler(_asked: Asked, evidence: Evidence) -> Outcome | None:
    coverage = sampler_coverage(evidence)
    if coverage >= SAMPLER_COVERAGE_MIN:
        return None
    return _void(Gate.SAMPLER, f"the observer saw only {coverage:.0%} of the window")


def _window(_asked: Asked, evidence: Evidence) -> Outcome | None:
    if evidence.generator_opening is None:
        return _outlived(evidence)
    if evidence.quiet_seconds >= 0 and evidence.window_seconds >= evidence.load.duration_seconds:
        return None
    reason = (
        f"the counters were read {-evidence.quiet_seconds:.2f} s after the window had opened"
        if evidence.quiet_seconds < 0
        else f"the counters cover {evidence.window_seconds:.2f} of {evidence.load.duration_seconds:g} s"
    )
    return _void(Gate.WINDOW, f"{reason}: this host was too busy")


def _outlived(evidence: Evidence) -> Outcome | None:
    """A generator that was started after the one reading and ended before the other lies between them. One that was
    started anew has ended once before the closing reading, and what it counted belongs to its second life."""
    read, busy = evidence.closing.at_seconds - evidence.opening.at_seconds, evidence.load.busy_seconds
    if isinstance(busy, Missing) or busy <= read:
        return None
    why = "the generator was started anew, or lost from sight"
    return _void(Gate.WINDOW, f"the counters cover {read:.2f} of {busy:.2f} s of load: {why}")


def _neighbour(asked: Asked, evidence: Evidence) -> Outcome | None:
    ratio = neighbours_ratio(evidence, len(asked.limits.cpuset))
    if asked.shared or isinstance(ratio, Missing) or ratio <= OTHERS_RATIO_MAX:
        return None
    return _void(Gate.NEIGHBOUR, f"others used {ratio:.0%} of the server's CPUs (limit {OTHERS_RATIO_MAX:.0%})")


def _steal(asked: Asked, evidence: Evidence) -> Outcome | None:
    ratio = steal_ratio(evidence, len(asked.limits.cpuset))
    if isinstance(ratio, Missing) or ratio <= STEAL_RATIO_MAX:
        return None
    return _void(Gate.STEAL, f"the hypervisor took {ratio:.1%} of the server's CPUs (limit {STEAL_RATIO_MAX:.0%})")


def _generator_busy(asked: Asked, evidence: Evidence) -> Outcome | None:
    """A closed loop of oha is to use all it can get; one of k6 has think time, and its latencies count."""
    generator = evidence.load.generator
    ratio, limit = generator_cpu_ratio(evidence), GENERATOR_CPU_RATIO_MAX[generator]
    if ratio <= limit or (asked.rate_per_second is None and generator == Generator.OHA):
        return None
    used = f"{ratio:.0%} of the CPU it has (limit {limit:.0%})"
    return _void(Gate.GENERATOR_BUSY, f"the generator used {used}: this host cannot offer the rate")


def _pool(asked: Asked, evidence: Evidence) -> Outcome | None:
    """A pool that could not hold what is in flight at the edge of the SLO limits the rate by itself."""
    rate, load = asked.rate_per_second, evidence.load
    if rate is None or not load.dropped or pool_holds(load.virtual_users, rate, asked.latency_seconds_limit):
        return None
    needed = rate * asked.latency_seconds_limit
    return _void(
        Gate.POOL,
        f"{load.dropped:,} requests were not sent: {load.virtual_users:,} virtual users cannot carry {rate:,} "
        f"requests/s at the SLO's latency, which takes {needed:,.0f}",
    )


def _rate(asked: Asked, evidence: Evidence) -> Outcome | None:
    """Requests that were due and not sent: no virtual user was free. Who held them?

    The server, when the mean answer took so long that Little's law needs the pool, or when it was at its CPU limit.
    Then the Trial counts, and the SLO is missed. Otherwise a stall that nobody can be blamed for drained the pool.
    """
    rate, load = asked.rate_per_second, evidence.load
    if rate is None:
        return None
    ratio = achieved_ratio(rate, load)
    if ratio >= ACHIEVED_RATIO_MIN and load.dropped == 0:
        return None
    sent = rate if load.generator == Generator.K6 else load.requests / load.duration_seconds
    share = pool_share_needed(sent, load)
    if not isinstance(share, Missing) and share >= POOL_SHARE_NEEDED:
        return None
    if load.dropped and is_at_limit(cpu_cap_ratio(asked.limits, evidence), throttled_ratio(evidence)):
        return None
    if load.dropped:
        reason = (
            f"{load.dropped:,} requests were not sent: a stall that the server cannot be blamed for drained the pool"
        )
        return _void(Gate.DROPPED, reason)
    return _void(Gate.RATE, f"only {ratio:.1%} of the rate was achieved although users were free")


#: What explains more comes first: a restarted server also kills its generator, a moved clock also spoils rates. A
#: server may well exit when its database does.
GATES: tuple[Callable[[Asked, Evidence], Outcome | None], ...] = (
    _limits,
    _server_restarted,
    _sidecar,
    _generator_died,
    _generator_restarted,
    _server_failed,
    _clock,
    _sampler,
    _window,
    _neighbour,
    _steal,
    _generator_busy,
    _pool,
    _rate,
)
