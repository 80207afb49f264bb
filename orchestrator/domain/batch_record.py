"""What is written down of a batch Run. It holds jobs and no rate, so that it is no other Run with empty fields."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.domain.batch import BatchWorkload, JobCell, JobPlan
from orchestrator.domain.instance_type import InstanceType
from orchestrator.domain.job import Said
from orchestrator.domain.limits import EffectiveLimits, Limits
from orchestrator.domain.measurement import Measurement, Missing
from orchestrator.domain.outcome import Outcome
from orchestrator.domain.placement import Placement
from orchestrator.domain.record import Event, HostFingerprint, finished_of
from orchestrator.domain.server import Image

#: What tells its manifest from that of another Run.
BATCH = "batch"


@dataclass(frozen=True)
class Unsupported:
    """A program that cannot be had here, and why."""

    program: str
    reason: str


@dataclass(frozen=True)
class BatchManifest:
    """Written before the first job. Fields that a RunManifest has mean the same."""

    schema: int
    kind: str
    run: str
    created_at: str
    version: str
    mode: str
    simulated: bool
    plan: JobPlan
    host: HostFingerprint
    images: tuple[Image, ...]
    instance_types: tuple[InstanceType, ...]
    workloads: tuple[BatchWorkload, ...]
    unsupported: tuple[Unsupported, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class JobRecord:
    """One job, appended the moment it ended.

    Attributes:
        said: the program's own line; Missing where it printed none that can be read.
        effective: limits read back from the kernel while it ran; Missing when it ended before it was seen.
        doubts: what a reader must know of its figures, such as a contradiction of program and kernel.
        log_tail: last lines of its log when it failed.
    """

    schema: int
    job: str
    cell: JobCell
    block: int
    attempt: int
    started_at: str
    seconds: float
    mode: str
    placement: Placement
    limits: Limits
    effective: EffectiveLimits | Missing
    image_digest: str
    outcome: Outcome
    said: Said | Missing
    measurements: tuple[Measurement, ...]
    doubts: tuple[str, ...] = ()
    log_tail: tuple[str, ...] = ()


@dataclass(frozen=True)
class StoredBatch:
    """A batch Run as read back."""

    manifest: BatchManifest
    jobs: tuple[JobRecord, ...]
    events: tuple[Event, ...]

    @property
    def finished(self) -> bool | Missing:
        """Whether it came to its end; Missing when the journal stops without a word."""
        return finished_of(self.events)
