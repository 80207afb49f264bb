"""One job, a straight line: container, watched from its first moment, begun, its end, evidence, Outcome, record."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.domain.batch import BatchWorkload, Job, Program, seconds_allowed
from orchestrator.domain.batch_record import JobRecord
from orchestrator.domain.box import Tags
from orchestrator.domain.instance_type import InstanceType
from orchestrator.domain.job import JobEvidence, JobSpec, Said, command_of, read_said
from orchestrator.domain.job_outcome import NEVER_SEEN, JobAsked, job_doubts, job_outcome, measure_job
from orchestrator.domain.limits import MODES, EffectiveLimits, Limits, limits_for
from orchestrator.domain.measurement import Measurement, Missing
from orchestrator.domain.outcome import COMPLETED, Outcome, Status
from orchestrator.domain.placement import Placement
from orchestrator.domain.reading import Reading
from orchestrator.domain.record import SCHEMA
from orchestrator.domain.server import Image
from orchestrator.errors import TrialFailed
from orchestrator.ports import JobBox, Lab
from orchestrator.usecases.ready import LOG_LINES

#: Between two readings: what the kernel counted after the last one is not known, and may be this much.
WATCH_SECONDS = 0.05
#: What a job that was stopped has printed is none of its result.
STOPPED = Missing("it was stopped")


@dataclass(frozen=True)
class JobSetting:
    """What a job needs to know beside its own place in the plan."""

    run: str
    program: Program
    instance_type: InstanceType
    workload: BatchWorkload
    placement: Placement
    image: Image

    @property
    def limits(self) -> Limits:
        """What is asked of the kernel."""
        return limits_for(self.instance_type, self.placement)


@dataclass(frozen=True)
class _Seen:
    outcome: Outcome
    measurements: tuple[Measurement, ...]
    said: Said | Missing
    effective: EffectiveLimits | Missing = NEVER_SEEN
    doubts: tuple[str, ...] = ()
    log_tail: tuple[str, ...] = ()


def run_job(lab: Lab, job: Job, setting: JobSetting) -> JobRecord:
    """One job in a container of its own; returns its record, whatever happened to it.

    Raises EngineLost, Interrupted.
    """
    started_at, begin = lab.clock.now(), lab.clock.monotonic()
    seen = _run(lab, job, setting)
    return JobRecord(
        schema=SCHEMA,
        job=job.id,
        cell=job.cell,
        block=job.block,
        attempt=job.attempt,
        started_at=started_at,
        seconds=lab.clock.monotonic() - begin,
        mode=MODES[0],
        placement=setting.placement,
        limits=setting.limits,
        effective=seen.effective,
        image_digest=setting.image.digest,
        outcome=seen.outcome,
        said=seen.said,
        measurements=seen.measurements,
        doubts=seen.doubts,
        log_tail=seen.log_tail,
    )


def _run(lab: Lab, job: Job, setting: JobSetting) -> _Seen:
    tags = Tags(setting.run, job.id, job.cell.program, setting.instance_type.id, setting.workload.name, "job")
    command = command_of(job.cell, setting.workload)
    spec = JobSpec(f"{setting.run}.{job.id}", setting.image.reference, command, setting.limits, tags)
    asked = JobAsked(job.cell, setting.workload, setting.program, spec.limits, setting.placement.shared)
    with lab.jobs.make(spec) as box:
        try:
            lab.meter.watch(box.id, tags, spec.limits, setting.instance_type.usd_per_hour)
            box.begin()
            evidence = _to_its_end(lab, box, seconds_allowed(spec.limits.cpus))
        finally:
            lab.meter.forget(box.id)
        return _judged(asked, evidence, setting.image, box)


def _judged(asked: JobAsked, evidence: JobEvidence, image: Image, box: JobBox) -> _Seen:
    outcome = job_outcome(asked, evidence)
    return _Seen(
        outcome,
        measure_job(asked, evidence, image),
        evidence.said,
        evidence.closing.limits if evidence.closing else NEVER_SEEN,
        job_doubts(asked, evidence) if outcome == COMPLETED else (),
        box.log_tail(LOG_LINES) if outcome.status == Status.FAILED else (),
    )


def _to_its_end(lab: Lab, box: JobBox, allowed_seconds: float) -> JobEvidence:
    """Reads its counters until they stand still, which is when its cgroup went: only then the engine is asked."""
    deadline = lab.clock.monotonic() + allowed_seconds
    opening: Reading | None = None
    closing: Reading | None = None
    while lab.clock.monotonic() < deadline:
        reading = _reading(lab, box)
        stands_still = reading is None or (closing is not None and reading.at_seconds == closing.at_seconds)
        opening, closing = opening or reading, reading or closing
        if stands_still and (end := box.end()) is not None:
            return JobEvidence(opening, _reading(lab, box) or closing, end, allowed_seconds, read_said(box.output()))
        lab.clock.sleep(WATCH_SECONDS)
    return JobEvidence(opening, closing, None, allowed_seconds, STOPPED)


def _reading(lab: Lab, box: JobBox) -> Reading | None:
    """None while it was never seen to run."""
    try:
        return lab.meter.reading(box.id)
    except TrialFailed:
        return None
