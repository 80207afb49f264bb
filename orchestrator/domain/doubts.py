"""What binds a Cell, and what a reader must doubt of it, from its stored windows."""

from __future__ import annotations

from orchestrator.domain.capacity import Capacity, End, Phase
from orchestrator.domain.feasibility import contradictions
from orchestrator.domain.measurement import Measurement, Missing, value_of
from orchestrator.domain.outcome import Failure, Status
from orchestrator.domain.ratios import CPU_RATIO_BINDING, THROTTLED_RATIO_NOTABLE
from orchestrator.domain.record import TrialRecord
from orchestrator.domain.slo import Slo, Verdict
from orchestrator.domain.units import show_ratio
from orchestrator.domain.verdict import at_cpu_limit, judge
from orchestrator.domain.workload import Workload

#: A capacity this near to what the workload's algorithm allows is that ceiling's, not the server's.
CEILING_SHARE = 0.03
CEILING = "ceiling"
#: A generator that is so late, by the p99 it tells, has told of itself as much as of the server.
LAG_SHARE_NOTABLE = 0.5


def binding(slo: Slo, records: list[TrialRecord], capacity: Capacity, workload: Workload, loop: float | Missing) -> str:
    """What kept it from holding more, as CellSummary has it; "" when not seen."""
    # Where the generator ends first, what a closed loop got answered shows the ceiling all the same.
    highest = loop if isinstance(capacity.estimate, Missing) and capacity.end == End.AT_LEAST else capacity.estimate
    ceiling = workload.ceiling_per_second
    if ceiling and not isinstance(highest, Missing) and abs(highest / ceiling - 1) <= CEILING_SHARE:
        return CEILING
    tried = [record for record in records if record.rate_per_second == capacity.fails]
    last = next((one for one in reversed(tried) if judge(slo, one).verdict == Verdict.FAIL), None)
    if last is None:
        return ""
    if last.outcome.status == Status.FAILED:
        return "memory" if last.outcome.kind == Failure.OOM else ""
    errors = value_of(last.measurements, "error_ratio")
    if not isinstance(errors, Missing) and errors > slo.error_ratio:
        return "errors"
    if at_cpu_limit(last.measurements):
        return "CPU"
    return "sidecar" if _sidecar_busy(last) else "latency"


def of_ceiling(workload: Workload, capacity: Capacity, loop: float | Missing) -> str:
    """What a Cell at its workload's ceiling says, and what not."""
    seen = "this is"
    if isinstance(capacity.estimate, Missing) and not isinstance(loop, Missing):
        seen = f"evenly paced load ended first, but a closed loop got {loop:,.0f} requests/s answered:"
    return (
        f"{seen} the ceiling of {workload.name}, {workload.ceiling_per_second:,} requests/s: {workload.ceiling_cause}. "
        "It says nothing of server or language"
    )


def doubts(footprint: tuple[Measurement, ...], records: list[TrialRecord]) -> tuple[str, ...]:
    """Sentences about the windows of a Cell."""
    found: list[str] = []
    throttled = value_of(footprint, "cpu_throttled_periods_ratio")
    if not isinstance(throttled, Missing) and throttled >= THROTTLED_RATIO_NOTABLE:
        found.append(
            f"CPU throttled in {show_ratio(throttled)} of periods at the rate it holds; latency there is a property "
            "of the quota"
        )
    lag, p99 = (value_of(footprint, name) for name in ("generator_lag_seconds_p99", "latency_seconds_p99"))
    if not isinstance(lag, Missing) and not isinstance(p99, Missing) and lag >= LAG_SHARE_NOTABLE * p99:
        found.append("half or more of its p99 is the generator's own lateness: the server's is less")
    completed = [record for record in records if record.outcome.status == Status.COMPLETED]
    found += _of_duets(completed)
    found += _of_sidecars(completed)
    odd = [text for record in completed if (text := _contradiction(record, footprint))]
    if odd:
        found.append(f"{len(odd)} of {len(completed)} windows contradict themselves, as in: {odd[0]}")
    return tuple(found)


def _of_duets(completed: list[TrialRecord]) -> list[str]:
    """Two that leave each other no room cost something else than either alone."""
    duets = [record for record in completed if record.phase == Phase.DUET]
    used = [share for record in duets if (share := _both_used(record)) is not None]
    full = sum(share >= CPU_RATIO_BINDING for share in used)
    limited = sum(at_cpu_limit(record.measurements) for record in duets)
    found = []
    if full:
        most = show_ratio(max(used))
        found.append(
            f"in {full} of {len(used)} windows both together used up to {most} of their CPUs: take a lower rate"
        )
    if limited:
        found.append(
            f"in {limited} of {len(duets)} windows it was at its own CPU limit, where a request costs what overload "
            "makes of it: take a lower rate"
        )
    return found


def _both_used(record: TrialRecord) -> float | None:
    own, others = (value_of(record.measurements, name) for name in ("cpu_cap_ratio", "others_cpu_ratio"))
    if isinstance(own, Missing) or isinstance(others, Missing):
        return None
    return own * record.limits.cpus / len(record.limits.cpuset) + others


def _of_sidecars(completed: list[TrialRecord]) -> list[str]:
    """Never a reason not to rank: the server had its CPUs for itself. But what it waited for was not all its own."""
    found = []
    if any(record.placement.crowded for record in completed):
        found.append("its sidecar stood on the generator's CPU: latency, and what it holds, may be theirs")
    busy = sum(_sidecar_busy(record) for record in completed)
    if busy:
        found.append(
            f"in {busy} of {len(completed)} windows the sidecar's CPU was used up: what it holds may be the sidecar's"
        )
    return found


def _sidecar_busy(record: TrialRecord) -> bool:
    """Whether nearly all CPU of the sidecars was used; on the generator's CPUs the generator uses it too."""
    used = value_of(record.measurements, "sidecar_cpu_ratio")
    if isinstance(used, Missing):
        return False
    load = value_of(record.measurements, "generator_cpu_ratio")
    if record.placement.crowded and not isinstance(load, Missing):
        used += load
    return used >= CPU_RATIO_BINDING


def _contradiction(record: TrialRecord, footprint: tuple[Measurement, ...]) -> str:
    """Beyond capacity what waits in the generator is in flight too: there only CPU time is compared."""
    users = value_of(footprint, "virtual_users") if record.measurements == footprint else Missing("beyond capacity")
    whole = users if isinstance(users, Missing) else round(users)
    return next(iter(contradictions(record.measurements, record.limits.cpus, whole)), "")
