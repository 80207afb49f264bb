"""Ports: what the use-cases need of the world. Domain nouns in, domain nouns out; adapters/ fulfils them.

Each has a simulated adapter beside the real one (adapters/simulated), and tests/contract runs one suite on both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from orchestrator.domain.batch import BatchWorkload
from orchestrator.domain.batch_record import BatchManifest, JobRecord, StoredBatch
from orchestrator.domain.box import BenchStatus, BoxSpec, Ended, LiveBox, LoadSpec, Owned, Tags
from orchestrator.domain.checks import HostFacts, SelfTest
from orchestrator.domain.generator import Generator
from orchestrator.domain.instance_type import InstanceType
from orchestrator.domain.job import JobEnd, JobSpec
from orchestrator.domain.limits import Limits
from orchestrator.domain.measurement import Missing
from orchestrator.domain.reading import BoxState, FirstAnswer, LoadResult, Point, Reading
from orchestrator.domain.record import Event, HostFingerprint, RunManifest, StoredRun, TrialRecord
from orchestrator.domain.request import Request
from orchestrator.domain.server import Image, ImageNeed, Server
from orchestrator.domain.sidecar import Sidecar
from orchestrator.domain.workload import Scenario, Workload


class Catalog(Protocol):
    """What can be measured, from the project's and the user's files."""

    def servers(self) -> tuple[Server, ...]: ...
    def instance_types(self) -> tuple[InstanceType, ...]: ...
    def workloads(self) -> tuple[Workload, ...]: ...
    def batch_workloads(self) -> tuple[BatchWorkload, ...]: ...
    def scenarios(self) -> tuple[Scenario, ...]: ...
    def sidecars(self) -> tuple[Sidecar, ...]: ...


class ImageSupply(Protocol):
    """Images by name: ``server/<name>``, ``observer``, ``bench-prometheus``, ``cadvisor``, ``k6``, ..."""

    def needs(self, names: Sequence[str]) -> tuple[ImageNeed, ...]:
        """Which are there already. No network when all are. ``reference`` is empty when it cannot be told."""

    def provide(self, name: str) -> Image:
        """The image, built or pulled if it is not there.

        Raises BuildFailed, ImageUnavailable, EnvironmentNotFit, EngineUnavailable.
        """

    def kind(self) -> str | Missing:
        """``pull`` or ``build``; Missing when neither can work here."""


class Box(Protocol):
    """One started container."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    def ordered_unix_seconds(self) -> float | Missing:
        """When the engine was told to start it; Missing when the engine's clock is not ours."""

    def started_unix_seconds(self) -> float:
        """When the engine started its process."""

    def state(self) -> BoxState: ...
    def log_tail(self, lines: int) -> tuple[str, ...]: ...
    def succeeds(self, command: tuple[str, ...]) -> bool:
        """Runs a program inside it and tells whether it ended with 0; False also when there is no such program, or
        the container does not run."""


class Stack(Protocol):
    """Containers under limits."""

    def start(self, spec: BoxSpec) -> AbstractContextManager[Box]:
        """A fresh container, removed when the block ends, also when it never started.

        Raises EngineLost, EngineUnavailable.
        """

    def start_live(self, spec: BoxSpec) -> Box:
        """A container that stays until ``stop_live``."""

    def live(self) -> tuple[LiveBox, ...]:
        """The live servers that run with their load still running."""

    def stop_live(self, server: str = "") -> int:
        """Removes the live servers and their load, or one server's; how many servers there were."""


class JobBox(Protocol):
    """The container of one job: it ends by itself."""

    @property
    def id(self) -> str: ...
    def begin(self) -> None:
        """Starts it. Raises EnvironmentNotFit, EngineLost."""

    def end(self) -> JobEnd | None:
        """How it ended; None while it runs."""

    def output(self) -> str:
        """All that its program printed for others to read, without its log."""

    def log_tail(self, lines: int) -> tuple[str, ...]: ...


class Jobs(Protocol):
    """Containers that compute something and end."""

    def make(self, spec: JobSpec) -> AbstractContextManager[JobBox]:
        """A container under limits that was not started, so that it can be watched from its first moment. Removed when
        the block ends, also when it still runs.

        Raises ImageUnavailable, EngineLost, EngineUnavailable.
        """


class LoadRun(Protocol):
    """A generator at work."""

    @property
    def box_id(self) -> str:
        """The generator's container."""

    @property
    def running(self) -> bool:
        """Whether its container has been started. oha starts in ``begin``, after the opening reading."""

    def wait_quiet(self) -> None:
        """Returns when nothing is in flight: the moment for the opening reading. k6: the pause between warm-up and
        window. oha: at once, since nothing was sent yet. Raises LoadFailed."""

    def seconds_to_window(self) -> float:
        """Until the first request between the readings; negative once it is due; 0 before the start."""

    def begin(self) -> None:
        """Starts what was not started yet: oha. ``wait_finished`` does it where nobody did. Raises LoadFailed."""

    def wait_finished(self) -> None:
        """Returns when the last request of the window was answered: the moment for the closing reading."""

    def result(self) -> LoadResult:
        """Waits for the generator's end. Raises LoadFailed when it left no result."""


class LoadGenerator(Protocol):
    """Offers load to a Box."""

    def start(self, box: Box, spec: LoadSpec) -> AbstractContextManager[LoadRun]:
        """Starts warm-up at once; the generator is removed when the block ends.

        Raises LoadFailed, here or in ``begin``, beside a server that ended."""

    def start_live(self, box: Box, spec: LoadSpec) -> None:
        """Light load that stays until ``Stack.stop_live`` or until its time is over."""


class Meter(Protocol):
    """The observer: reads cgroups and waits for first answers."""

    def watch(self, box_id: str, tags: Tags, limits: Limits | None, usd_per_hour: float | None) -> None:
        """From now on the container is sampled and its series carry these tags."""

    def forget(self, box_id: str) -> None: ...

    def points(self, box_id: str) -> tuple[Point, ...]:
        """Its seconds since it is watched, oldest first, an hour at most; empty when it was never seen."""

    def announce(self, text: str, ended: Ended | None = None) -> None:
        """What runs now, in words: the first line of the live page; and the window that has just ended."""

    def reading(self, box_id: str) -> Reading:
        """Its counters now; the last ones seen when the container is gone already.

        Raises TrialFailed for a container that was never seen, BenchNotReady when the observer is silent.
        """

    def expect_answer(
        self, host: str, port: int, request: Request, info_path: str, timeout_seconds: float, ready_path: str = ""
    ) -> str:
        """Starts asking a host that may not exist yet; returns a ticket for ``first_answer``.

        Args:
            request: the Workload's own; of a range of numbers the lowest is asked for.
            ready_path: must be answered with a 2xx before the request is asked; "" for none.
        """

    def first_answer(self, ticket: str) -> FirstAnswer | Missing | None:
        """The answer; None while it is still waited for; Missing when the time is over, with what was seen instead.

        Raises TrialFailed when the observer does not know the ticket: it was started anew.
        """


class Bench(Protocol):
    """The long-lived helpers."""

    def up(self, images: dict[str, Image]) -> BenchStatus:
        """Starts what does not run and waits until it answers. Raises BenchNotReady."""

    def status(self) -> BenchStatus | None:
        """None when the bench is not up."""


class Engine(Protocol):
    """The Docker Engine as a whole."""

    def facts(self) -> HostFacts:
        """What is known at once; what takes time to find out is Missing here. Raises EngineUnavailable."""

    def steal_ratio(self) -> float | Missing:
        """Share of CPU time the hypervisor takes from the host, sampled for a moment."""

    def fingerprint(self) -> HostFingerprint: ...

    def self_test(self, image: str, limits: Limits) -> SelfTest:
        """A container of the observer's image under these limits that burns CPU: read back, and stopped how often."""

    def sweep(self) -> Owned:
        """Removes Trial containers that a dead Run left behind."""

    def remove_owned(self, *, images: bool) -> Owned:
        """Removes everything that carries this lab's label, and nothing else. Gone already is success."""

    def hold(self, cpus: tuple[int, ...] = ()) -> AbstractContextManager[None]:
        """This lab measures on this engine. Raises LabHeld when another one does.

        Args:
            cpus: where this process may run meanwhile, when the engine is on this machine: beside the bench, or it
                would be a neighbour of the server itself. Anywhere when left out.
        """


class RunStore(Protocol):
    """Runs on disk."""

    def open(self, manifest: RunManifest | BatchManifest) -> Journal: ...
    def read(self, run: str) -> StoredRun | StoredBatch:
        """A Run by its id, a unique part of it, or ``latest``. Raises RecordDamaged."""

    def runs(self) -> tuple[str, ...]:
        """All ids, newest first."""


class Journal(Protocol):
    """One open Run. Every line is on disk before the call returns."""

    def event(self, event: Event) -> None: ...
    def trial(self, record: TrialRecord) -> None: ...
    def job(self, record: JobRecord) -> None: ...
    def close(self) -> None: ...


class Clock(Protocol):
    """Time."""

    def now(self) -> str:
        """UTC, RFC 3339, to the millisecond."""

    def monotonic(self) -> float: ...
    def sleep(self, seconds: float) -> None: ...


class Progress(Protocol):
    """What the user is told while work goes on. Use-cases never print."""

    def say(self, topic: str, text: str) -> None:
        """One fact: ``engine``, ``images``, ``bench``, ``live``, ``plan``, ``host``, ``run``."""

    def trial(self, number: int, of: int, text: str, eta_seconds: float) -> None: ...


@dataclass(frozen=True)
class Lab:
    """All ports together: what a use-case is given. Built in one place, ``wiring``."""

    catalog: Catalog
    images: ImageSupply
    stack: Stack
    jobs: Jobs
    generators: Mapping[Generator, LoadGenerator]
    meter: Meter
    bench: Bench
    engine: Engine
    store: RunStore
    clock: Clock
    progress: Progress
    simulated: bool
