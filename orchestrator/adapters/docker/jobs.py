"""Jobs under limits (ports.Jobs): a container each that ends by itself, without any network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from orchestrator.adapters.docker.containers import Containers, Order, begin
from orchestrator.adapters.docker.labels import trial_labels
from orchestrator.adapters.docker.stack import EXIT_CODE_UNKNOWN, parse_engine_time
from orchestrator.domain.job import JobEnd, JobSpec
from orchestrator.ports import JobBox

#: What the engine calls a container whose process is over.
_ENDED = ("exited", "dead")


class DockerJobBox:
    """The container of one job (ports.JobBox)."""

    def __init__(self, containers: Containers, container: str, name: str) -> None:
        self._containers = containers
        self._id = container
        self._name = name

    @property
    def id(self) -> str:
        return self._id

    def begin(self) -> None:
        begin(self._containers.client, self._id, self._name)

    def end(self) -> JobEnd | None:
        """One that somebody removed has ended, with EXIT_CODE_UNKNOWN."""
        found = self._containers.inspect(self._id)
        if found is None:
            return JobEnd(EXIT_CODE_UNKNOWN, oom_killed=False, started_unix_seconds=0.0, finished_unix_seconds=0.0)
        state = found["State"]
        if state["Status"] not in _ENDED:
            return None
        return JobEnd(
            exit_code=int(state["ExitCode"]),
            oom_killed=bool(state["OOMKilled"]),
            started_unix_seconds=parse_engine_time(str(state["StartedAt"])),
            finished_unix_seconds=parse_engine_time(str(state["FinishedAt"])),
        )

    def output(self) -> str:
        return self._containers.output(self._id)

    def log_tail(self, lines: int) -> tuple[str, ...]:
        return self._containers.log_tail(self._id, lines)


class DockerJobs:
    """Makes jobs on one engine (ports.Jobs)."""

    def __init__(self, containers: Containers) -> None:
        self._containers = containers

    @contextmanager
    def make(self, spec: JobSpec) -> Iterator[JobBox]:
        """A container that is there and does not run before ``begin``; removed when the block ends."""
        containers = self._containers
        order = Order(
            image=spec.image,
            labels=trial_labels(containers.lab, spec.tags, live=False),
            limits=spec.limits,
            network="none",
            name=spec.name,
            command=spec.command,
        )
        made = containers.make(order)
        try:
            yield DockerJobBox(containers, made, spec.name)
        finally:
            containers.remove(made)
