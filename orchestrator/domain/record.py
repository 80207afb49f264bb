"""What is written down of a Run. Everything the lab shows later is computed from these and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.domain.capacity import Phase
from orchestrator.domain.generator import Generator
from orchestrator.domain.instance_type import InstanceType
from orchestrator.domain.latency import Latencies
from orchestrator.domain.limits import EffectiveLimits, Limits
from orchestrator.domain.measurement import Measurement, Missing
from orchestrator.domain.outcome import Outcome
from orchestrator.domain.placement import Placement
from orchestrator.domain.plan import Cell, Plan
from orchestrator.domain.server import Image, Server
from orchestrator.domain.sidecar import Sidecar
from orchestrator.domain.slo import Slo
from orchestrator.domain.workload import Workload

#: 2: latencies as a grid, seconds of the window, blocks and phases, the generator.
#: 3: workloads of several requests, and servers that are no part of the lab.
SCHEMA = 3


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
        sidecars: what stood beside the servers.
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
    sidecars: tuple[Sidecar, ...] = ()


@dataclass(frozen=True)
class Second:
    """One second of a window: the generator's counts beside the kernel's.

    Attributes:
        at_seconds: its beginning, from the first request of the window.
        seconds: longer than 1 where the window is a minute or more.
        requests: due in it and answered, well or not.
        cpu_cores: CPU seconds per second of the server.
        memory_bytes: charged to the server at its end.
    """

    at_seconds: float
    seconds: float
    requests: int
    failed: int
    latency_seconds_p99: float | Missing
    cpu_cores: float | Missing
    throttled_ratio: float | Missing
    memory_bytes: int | Missing


@dataclass(frozen=True)
class TrialRecord:
    """One Trial, appended the moment it ends.

    Attributes:
        block: from 1; the Trials of one search share a container, those of two blocks never do.
        latencies: kept so that it can be judged anew under another Slo.
        effective: limits read back from the kernel at both edges of the window; Missing when it never opened.
        server_info: what the server said of itself (``/lab/info``), such as the parallelism its runtime chose; Missing
            where it has no such page.
        log_tail: last lines of the server's log when it failed.
    """

    schema: int
    trial: str
    cell: Cell
    block: int
    phase: Phase
    rate_per_second: int
    attempt: int
    generator: Generator
    started_at: str
    seconds: float
    mode: str
    placement: Placement
    limits: Limits
    effective: tuple[EffectiveLimits, ...]
    image_digest: str
    outcome: Outcome
    measurements: tuple[Measurement, ...]
    latencies: Latencies | Missing
    seconds_of_window: tuple[Second, ...]
    server_info: Missing | dict[str, str]
    log_tail: tuple[str, ...] = ()


@dataclass(frozen=True)
class Event:
    """One step of a Run in the journal.

    ``run_started``, ``server_skipped``, ``search_started`` and ``warmed_up`` of a capacity search, ``trial_started``,
    ``block_added``, then ``run_finished`` or ``run_aborted``. Of a batch Run: ``program_skipped``, ``job_started``.
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
        return finished_of(self.events)


def finished_of(events: tuple[Event, ...]) -> bool | Missing:
    """How a journal ends: True or False, Missing when it stops without a word."""
    names = [event.event for event in events]
    if "run_finished" in names:
        return True
    return False if "run_aborted" in names else Missing("the journal stops without an end: it was killed")
