"""How a job ended, what was measured of it, and where program and kernel contradict each other.

Each check is a function of what was asked and of the evidence; CHECKS is their order. The first that bites decides.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from orchestrator.domain.batch import BatchWorkload, JobCell, Program
from orchestrator.domain.footprint import measure_image
from orchestrator.domain.gates import CLOCK_STEP_SECONDS_MAX, OOM_PEAK_RATIO, OTHERS_RATIO_MAX, STEAL_RATIO_MAX
from orchestrator.domain.job import JobEvidence, Said, not_as_asked
from orchestrator.domain.limits import Limits, not_in_force
from orchestrator.domain.measurement import Measurement, Missing, difference, measured
from orchestrator.domain.outcome import COMPLETED, Failure, Gate, Outcome, Status
from orchestrator.domain.reading import Reading
from orchestrator.domain.server import Image
from orchestrator.domain.units import show_ratio, show_seconds

#: Program and kernel may differ by this share before it is said.
CONTRADICTION_RATIO = 0.10
#: Counters whose last reading is further from the end than this share of the time it ran are not shown as its counts.
UNSEEN_RATIO_MAX = 0.10
#: The host's counters of others come in ticks of 10 ms: below this they tell little.
TELLING_SECONDS = 0.5
#: Beyond this a percentage says nothing: the job is a moment of its container.
TIMES_TOLD = 10
NEVER_SEEN = Missing("it ended before the observer saw its container")


@dataclass(frozen=True)
class JobAsked:
    """What a job was to do. ``shared``: bench and program stand on the same CPUs."""

    cell: JobCell
    workload: BatchWorkload
    program: Program
    limits: Limits
    shared: bool


def job_outcome(asked: JobAsked, evidence: JobEvidence) -> Outcome:
    """Failed, void by the first check that bites, or completed."""
    for check in CHECKS:
        outcome = check(asked, evidence)
        if outcome is not None:
            return outcome
    return COMPLETED


def job_doubts(asked: JobAsked, evidence: JobEvidence) -> tuple[str, ...]:
    """What a reader must know of a completed job, in words: contradictions above all."""
    said, end = evidence.said, evidence.end
    if isinstance(said, Missing) or end is None:
        return ()
    found = []
    ran = end.finished_unix_seconds - end.started_unix_seconds
    if said.wall_seconds > ran * (1 + CONTRADICTION_RATIO):
        claim = show_seconds(said.wall_seconds)
        found.append(f"contradiction: the program says {claim} of wall time, its container ran for {show_seconds(ran)}")
    if evidence.closing is None:
        return (*found, f"limits and kernel counters not known: {NEVER_SEEN.reason}")
    return (*found, *_cpu_contradiction(asked, evidence, said, evidence.closing))


def measure_job(asked: JobAsked, evidence: JobEvidence, image: Image) -> tuple[Measurement, ...]:
    """All Measurements of a job: one row of JOB_METRICS each."""
    return (*_program(evidence), *_kernel(evidence), *_host(asked, evidence), *measure_image(image))


def _cpu_contradiction(asked: JobAsked, evidence: JobEvidence, said: Said, closing: Reading) -> tuple[str, ...]:
    """The kernel's count ends at the last reading; what may have been used after it is added before it is held against
    the program. The container counts more than the job: the input is made and the output hashed in it."""
    unseen = evidence.unseen_seconds
    least = closing.cpu_seconds
    most = least + (0.0 if isinstance(unseen, Missing) else unseen * len(asked.limits.cpuset))
    claim = show_seconds(said.cpu_seconds)
    if said.cpu_seconds > most * (1 + CONTRADICTION_RATIO):
        counted = f"the kernel counted {show_seconds(most)} at most for all of its container"
        return (f"contradiction: the program says {claim} of CPU time, {counted}",)
    if least > said.cpu_seconds * (1 + CONTRADICTION_RATIO):
        times = least / said.cpu_seconds if said.cpu_seconds > 0 else math.inf
        more = f"{show_ratio(times - 1)} more" if times < TIMES_TOLD else "far more"
        counted = f"the kernel counted {show_seconds(least)}, {more}"
        return (f"{counted} than the {claim} of the job: start, input and hashing count in the container only",)
    return ()


def _void(gate: Gate, reason: str) -> Outcome:
    return Outcome(Status.VOID, gate, reason)


def _failed(failure: Failure, reason: str) -> Outcome:
    return Outcome(Status.FAILED, failure, reason)


def _limits(asked: JobAsked, evidence: JobEvidence) -> Outcome | None:
    """A job that was over before it was seen cannot prove its limits: that is a doubt, not a fault of the rig."""
    if evidence.closing is None:
        return None
    wrong = not_in_force(asked.limits, evidence.closing.limits)
    if wrong:
        return _void(Gate.LIMITS, f"limits not in force: {wrong[0]}")
    changes = evidence.closing.limits_changes
    return _void(Gate.LIMITS, f"limits changed {changes} times while it ran") if changes else None


def _timed_out(_asked: JobAsked, evidence: JobEvidence) -> Outcome | None:
    if evidence.end is not None:
        return None
    return _failed(Failure.TIMED_OUT, f"still ran after {show_seconds(evidence.allowed_seconds)}, and was stopped")


def _ended_badly(asked: JobAsked, evidence: JobEvidence) -> Outcome | None:
    end, closing = evidence.end, evidence.closing
    kills = closing.oom_kills if closing else NEVER_SEEN
    if not isinstance(kills, Missing) and kills > 0:
        return _failed(Failure.OOM, f"out of memory: the kernel killed {kills} of its processes")
    if end is None or end.exit_code == 0:
        return None
    peak = closing.memory_bytes_peak if closing else NEVER_SEEN
    memory = asked.limits.memory_bytes
    if end.oom_killed and not isinstance(peak, Missing) and peak >= memory * OOM_PEAK_RATIO:
        # Its cgroup went with it, and the kernel's count too: the engine's word needs this second witness.
        reason = f"out of memory: the engine says so, and memory was last seen at {peak / memory:.0%}"
        return _failed(Failure.OOM, reason)
    doubt = "; perhaps out of memory: not proven" if end.oom_killed else ""
    return _failed(Failure.EXITED, f"the program exited with code {end.exit_code}{doubt}")


def _unreadable(asked: JobAsked, evidence: JobEvidence) -> Outcome | None:
    said = evidence.said
    if isinstance(said, Missing):
        return _failed(Failure.UNREADABLE, said.reason)
    other = not_as_asked(said, asked.cell, asked.workload, asked.program)
    return _failed(Failure.UNREADABLE, f"its line tells of another job: {other}") if other else None


def _checksum(asked: JobAsked, evidence: JobEvidence) -> Outcome | None:
    expected, said = asked.workload.checksum(asked.cell.n), evidence.said
    if not expected or isinstance(said, Missing) or said.checksum == expected:
        return None
    return _failed(Failure.CHECKSUM, f"checksum {said.checksum[:60]}, expected {expected[:60]}")


def _clock(_asked: JobAsked, evidence: JobEvidence) -> Outcome | None:
    if evidence.opening is None or evidence.closing is None:
        return None
    step = evidence.closing.clock_offset_seconds - evidence.opening.clock_offset_seconds
    if abs(step) <= CLOCK_STEP_SECONDS_MAX:
        return None
    return _void(Gate.CLOCK, f"the wall clock was moved by {step:+.2f} s while it ran")


def _neighbour(asked: JobAsked, evidence: JobEvidence) -> Outcome | None:
    ratio = _others(asked, evidence)
    if asked.shared or isinstance(ratio, Missing) or ratio <= OTHERS_RATIO_MAX:
        return None
    return _void(Gate.NEIGHBOUR, f"others used {ratio:.0%} of its CPUs (limit {OTHERS_RATIO_MAX:.0%})")


def _steal(asked: JobAsked, evidence: JobEvidence) -> Outcome | None:
    ratio = _stolen(asked, evidence)
    if isinstance(ratio, Missing) or ratio <= STEAL_RATIO_MAX:
        return None
    return _void(Gate.STEAL, f"the hypervisor took {ratio:.1%} of its CPUs (limit {STEAL_RATIO_MAX:.0%})")


#: What explains more comes first: limits that are not in force explain a time-out, an early end an empty output.
CHECKS: tuple[Callable[[JobAsked, JobEvidence], Outcome | None], ...] = (
    _limits,
    _timed_out,
    _ended_badly,
    _unreadable,
    _checksum,
    _clock,
    _neighbour,
    _steal,
)


def _others(asked: JobAsked, evidence: JobEvidence) -> float | Missing:
    return _share(asked, evidence, lambda reading: reading.others_cpu_seconds)


def _stolen(asked: JobAsked, evidence: JobEvidence) -> float | Missing:
    return _share(asked, evidence, lambda reading: reading.steal_seconds)


def _share(asked: JobAsked, evidence: JobEvidence, counter: Callable[[Reading], float | Missing]) -> float | Missing:
    opening, closing = evidence.opening, evidence.closing
    if opening is None or closing is None:
        return NEVER_SEEN
    seconds = closing.at_seconds - opening.at_seconds
    if seconds < TELLING_SECONDS:
        return Missing(f"seen for {show_seconds(seconds)}: too short to tell")
    used = difference(counter(opening), counter(closing))
    return used if isinstance(used, Missing) else max(0.0, used) / (seconds * len(asked.limits.cpuset))


def _program(evidence: JobEvidence) -> tuple[Measurement, ...]:
    said = evidence.said
    window = 0.0 if isinstance(said, Missing) else said.wall_seconds

    def row(metric: str, value: float | Missing) -> Measurement:
        return measured(metric, value, source="program", window_seconds=window, n=1)

    if isinstance(said, Missing):
        names = ("job_wall_seconds", "job_cpu_seconds", "job_threads", "job_allocations", "job_allocated_bytes")
        return tuple(row(name, said) for name in names)
    return (
        row("job_wall_seconds", said.wall_seconds),
        row("job_cpu_seconds", said.cpu_seconds),
        row("job_threads", said.threads),
        row("job_allocations", said.allocations),
        row("job_allocated_bytes", said.allocated_bytes),
    )


def _kernel(evidence: JobEvidence) -> tuple[Measurement, ...]:
    closing, end = evidence.closing, evidence.end
    ran: float | Missing = Missing("its end was not seen")
    if end is not None:
        ran = end.finished_unix_seconds - end.started_unix_seconds
    window = 0.0 if isinstance(ran, Missing) else ran

    def row(metric: str, value: float | Missing, source: str = "kernel") -> Measurement:
        return measured(metric, value, source=source, window_seconds=window, n=1)

    def counted(value: float | Missing) -> float | Missing:
        """A count that ends long before the job did is not the job's."""
        unseen = evidence.unseen_seconds
        if isinstance(ran, Missing) or isinstance(unseen, Missing) or unseen <= UNSEEN_RATIO_MAX * ran:
            return value
        return Missing(f"its last {show_seconds(unseen)} of {show_seconds(ran)} were not seen")

    return (
        row("container_wall_seconds", ran, "engine"),
        row("container_cpu_seconds", counted(closing.cpu_seconds) if closing else NEVER_SEEN),
        row("container_unseen_seconds", evidence.unseen_seconds, "observer"),
        row("memory_bytes_peak", counted(closing.memory_bytes_peak) if closing else NEVER_SEEN),
        row("oom_kills", closing.oom_kills if closing else NEVER_SEEN),
        row("cpu_throttled_seconds", counted(closing.cpu_throttled_seconds) if closing else NEVER_SEEN),
    )


def _host(asked: JobAsked, evidence: JobEvidence) -> tuple[Measurement, ...]:
    opening, closing = evidence.opening, evidence.closing
    seconds = closing.at_seconds - opening.at_seconds if opening and closing else 0.0
    rows = (("others_cpu_ratio", _others(asked, evidence)), ("steal_ratio", _stolen(asked, evidence)))
    return tuple(measured(name, value, source="kernel", window_seconds=seconds, n=2) for name, value in rows)
