"""Orders and answers about containers: what to start, what to offer it, what stands."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.domain.generator import Generator
from orchestrator.domain.limits import Limits
from orchestrator.domain.service import Secret
from orchestrator.domain.workload import Workload, k6_alone


@dataclass(frozen=True)
class Tags:
    """What every container, series and reading of a Trial carries. ``role``: server, generator, sidecar or job.

    ``server`` is the program's name where it is a job.
    """

    run: str
    trial: str
    server: str
    instance_type: str
    workload: str
    role: str


#: Characters of a text that is announced.
ANNOUNCED_MOST = 500


@dataclass(frozen=True)
class Ended:
    """A window that is over, for those who watch.

    Attributes:
        mark: how it is drawn: ``pass``, ``fail``, ``unknown``, ``void`` or ``shared``; the last two are never ranked.
        kind: the Gate or Failure; "" for neither.
        text: whose it is and what it gave, in a line that can be printed.
        rate_per_second, latency_seconds_p99: as measured; None where they were not.
    """

    run: str
    trial: str
    server: str
    instance_type: str
    workload: str
    mark: str
    kind: str
    text: str
    rate_per_second: float | None
    latency_seconds_p99: float | None


@dataclass(frozen=True)
class BoxSpec:
    """A container to start.

    Attributes:
        name: unique on the engine; also its host name on the lab's network.
        port: the port the program listens on; 0 where nobody says.
        env: added to the image's own.
        command: in place of the image's own; () leaves that.
        beside: id of the server's container whose network namespace a sidecar joins; "" for one of its own.
        secrets: more of the same, read when it is started.
        user: "" for the image's own.
        tmpfs: folders in memory that it may write to.
        open_files: that a process of it may have; None: the engine's own limit.
    """

    name: str
    image: str
    port: int
    limits: Limits
    env: dict[str, str]
    tags: Tags
    command: tuple[str, ...] = ()
    beside: str = ""
    secrets: tuple[Secret, ...] = ()
    user: str = ""
    tmpfs: tuple[str, ...] = ()
    read_only: bool = True
    open_files: int | None = None


@dataclass(frozen=True)
class LiveBox:
    """A live server that runs: its container's id, the image it was started from, what it may use, its tags."""

    id: str
    image: str
    limits: Limits
    tags: Tags


@dataclass(frozen=True)
class LoadSpec:
    """Load on one Box, sent to 127.0.0.1 inside its network namespace.

    Attributes:
        rate_per_second: evenly paced arrivals (open model); None: each virtual user sends again once it was answered
            (closed model). Without think time this finds the most a server can do and says nothing of its latency.
        cpus: CPUs of the generator.
        virtual_users: made before the start, never more; connections of oha.
        limits_seconds: latencies that answers are counted against, one by one.
        think_seconds: of a closed model, between an answer and the same user's next request.
    """

    workload: Workload
    port: int
    rate_per_second: int | None
    warmup_seconds: float
    duration_seconds: float
    virtual_users: int
    cpus: tuple[int, ...]
    tags: Tags
    limits_seconds: tuple[float, ...] = ()
    think_seconds: float = 0.0


def not_offered(spec: LoadSpec, generator: Generator) -> str:
    """Why this generator cannot offer it; "" when it can."""
    if generator == Generator.K6:
        closed = spec.rate_per_second is None and not spec.think_seconds
        return "a closed loop without think time is for oha" if closed else ""
    return "it has no think time: that is for k6" if spec.think_seconds else k6_alone(spec.workload)


@dataclass(frozen=True)
class BenchStatus:
    """The bench as it stands.

    Attributes:
        components: names that run.
        missing: component -> why it cannot be had.
        urls: what to open: ``grafana``, ``prometheus``, ``live`` (the observer's page).
        notes: such as a port that was taken and its replacement.
    """

    components: tuple[str, ...]
    missing: dict[str, str]
    urls: dict[str, str]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Owned:
    """How many objects of ours were found or removed, by kind."""

    containers: int
    networks: int
    volumes: int
    images: int
