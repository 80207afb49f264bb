"""What is written down of a Run. Everything the lab shows later is computed from these and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.domain.instance_type import InstanceType
from orchestrator.domain.limits import EffectiveLimits, Limits
from orchestrator.domain.measurement import Measurement, Missing
from orchestrator.domain.outcome import Outcome
from orchestrator.domain.placement import Placement
from orchestrator.domain.plan import Cell, Plan
from orchestrator.domain.server import Image, Server
from orchestrator.domain.slo import Slo
from orchestrator.domain.workload import Workload

SCHEMA = 1


@dataclass(frozen=True)
class HostFingerprint:
    """The machine and engine the numbers belong to; a Run never mixes two."""

    kernel: str
    cpu_model: str
    cpus: int
    memory_bytes: int
    cgroup_version: int
    engine_version: str
    virtual: str


@dataclass(frozen=True)
class RunManifest:
    """Written before the first Trial.

    Attributes:
        created_at: UTC, RFC 3339.
        mode: how sizes are imitated (limits.MODES).
        warnings: what doctor found of the host that makes the numbers less sure.
        simulated: made by ``--dry-run``: no container ran, and every view says so.
    """

    schema: int
    run: str
    created_at: str
    version: str
    mode: str
    simulated: bool
    plan: Plan
    slo: Slo
    host: HostFingerprint
    servers: tuple[Server, ...]
    images: tuple[Image, ...]
    instance_types: tuple[InstanceType, ...]
    workloads: tuple[Workload, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class TrialRecord:
    """One Trial, appended the moment it ends.

    Attributes:
        effective: limits read back from the kernel at both edges of the window; Missing when it never opened.
        server_info: what the server said of itself (``/lab/info``), such as the parallelism its runtime chose.
        log_tail: last lines of the server's log when it failed.
    """

    schema: int
    trial: str
    cell: Cell
    rate_per_second: int
    attempt: int
    started_at: str
    seconds: float
    mode: str
    placement: Placement
    limits: Limits
    effective: tuple[EffectiveLimits, ...]
    image_digest: str
    outcome: Outcome
    measurements: tuple[Measurement, ...]
    server_info: dict[str, str]
    log_tail: tuple[str, ...] = ()


@dataclass(frozen=True)
class Event:
    """One step of a Run in the journal.

    ``run_started``, ``server_skipped``, ``trial_started``, then ``run_finished`` or ``run_aborted``.
    """

    at: str
    event: str
    trial: str = ""
    note: str = ""


@dataclass(frozen=True)
class StoredRun:
    """A Run as read back: how it ended is an Event, or Missing when it never said so."""

    manifest: RunManifest
    trials: tuple[TrialRecord, ...]
    events: tuple[Event, ...]

    @property
    def finished(self) -> bool | Missing:
        """Whether the Run came to its end; Missing when the journal stops without a word."""
        names = [event.event for event in self.events]
        if "run_finished" in names:
            return True
        return False if "run_aborted" in names else Missing("the journal stops without an end: it was killed")
