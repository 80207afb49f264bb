"""Servers under limits, and their sidecars (ports.Stack): a fresh container each, gone when its block ends."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from orchestrator.adapters.docker.containers import Containers, Order, ensure_network, succeeds
from orchestrator.adapters.docker.labels import (
    LIVE,
    ROLE,
    ROLE_GENERATOR,
    ROLE_SERVER,
    SERVER,
    owned,
    tags_from,
    trial_labels,
)
from orchestrator.adapters.files.services import read_secret
from orchestrator.domain.box import BoxSpec, LiveBox
from orchestrator.domain.limits import Limits
from orchestrator.domain.measurement import Missing
from orchestrator.domain.reading import BoxState
from orchestrator.errors import EngineLost
from orchestrator.ports import Box

#: What the engine's state of a container that is gone looks like: no code of its own is ever negative.
EXIT_CODE_UNKNOWN = -1
#: What a log shows in place of a secret.
HIDDEN = "(secret)"


class DockerBox:
    """A started container (ports.Box)."""

    def __init__(
        self, containers: Containers, container: str, name: str, ordered: float, secrets: tuple[str, ...] = ()
    ) -> None:
        self._containers = containers
        self._secrets = secrets
        self._ordered = ordered
        self._id = container
        self._name = name

    @property
    def id(self) -> str:
        return self._id

    @property
    def name(self) -> str:
        return self._name

    def ordered_unix_seconds(self) -> float | Missing:
        """When the engine was told to make and start it, by this machine's clock."""
        if not self._containers.client.endpoint.is_socket:
            return Missing("the engine is on another machine, with a clock of its own")
        return self._ordered

    def started_unix_seconds(self) -> float:
        """When the engine started its process. Raises EngineLost when it is gone."""
        started_at = self.state().started_at
        if not started_at:
            raise EngineLost(f"container {self._name} was removed by somebody else", where=self._name)
        return parse_engine_time(started_at)

    def state(self) -> BoxState:
        """A container that somebody removed is not running, with EXIT_CODE_UNKNOWN."""
        found = self._containers.inspect(self._id)
        if found is None:
            return BoxState(running=False, exit_code=EXIT_CODE_UNKNOWN, restarts=0, started_at="", oom_killed=False)
        state = found["State"]
        return BoxState(
            running=bool(state["Running"]),
            exit_code=int(state["ExitCode"]),
            restarts=int(found["RestartCount"]),
            started_at=str(state["StartedAt"]),
            oom_killed=bool(state["OOMKilled"]),
        )

    def log_tail(self, lines: int) -> tuple[str, ...]:
        """Its last lines; a secret that it was given is not repeated in them."""
        return tuple(without(line, self._secrets) for line in self._containers.log_tail(self._id, lines))

    def succeeds(self, command: tuple[str, ...]) -> bool:
        return succeeds(self._containers.client, self._id, command)


class DockerStack:
    """Containers under limits on one engine (ports.Stack)."""

    def __init__(self, containers: Containers) -> None:
        self._containers = containers

    @contextmanager
    def start(self, spec: BoxSpec) -> Iterator[Box]:
        """A fresh container, removed when the block ends."""
        box = self._start(spec, live=False)
        try:
            yield box
        finally:
            # What had to be known of it was read: nothing is gained by letting it stop in its own time.
            self._containers.remove(box.id)

    def start_live(self, spec: BoxSpec) -> Box:
        """A container that stays until ``stop_live``."""
        return self._start(spec, live=True)

    def live(self) -> tuple[LiveBox, ...]:
        """The live servers that run with their load still running."""
        found = self._list_live(all_states=False)
        running = [LiveBox(one["Id"], one["Image"], self._limits(one["Id"]), tags_from(one["Labels"])) for one in found]
        loaded = {box.tags.trial for box in running if box.tags.role == ROLE_GENERATOR}
        return tuple(box for box in running if box.tags.role == ROLE_SERVER and box.tags.trial in loaded)

    def stop_live(self, server: str = "") -> int:
        """Removes the live servers and their load, or one server's; how many servers there were."""
        found = [one for one in self._list_live(all_states=True) if server in ("", one["Labels"].get(SERVER))]
        for one in found:
            self._containers.remove(one["Id"])
        return sum(one["Labels"].get(ROLE) == ROLE_SERVER for one in found)

    def _limits(self, container: str) -> Limits:
        """What the engine was asked for; the kernel's word is the observer's to give."""
        found = self._containers.inspect(container)
        asked = found["HostConfig"] if found else {}
        memory = int(asked.get("Memory") or 0)
        return Limits(
            cpuset=tuple(int(cpu) for cpu in str(asked.get("CpusetCpus") or "").split(",") if cpu),
            quota_microseconds=int(asked.get("CpuQuota") or 0),
            period_microseconds=int(asked.get("CpuPeriod") or 0),
            memory_bytes=memory,
            swap_bytes=int(asked.get("MemorySwap") or 0) - memory,
            pids=int(asked.get("PidsLimit") or 0),
        )

    def _list_live(self, *, all_states: bool) -> list[dict[str, Any]]:
        wanted = owned(self._containers.lab)
        wanted["label"].append(LIVE)
        with self._containers.client.calls("list live servers") as api:
            return list(api.containers(all=all_states, filters=wanted))

    def _start(self, spec: BoxSpec, *, live: bool) -> DockerBox:
        containers = self._containers
        network = ensure_network(containers.client, containers.lab)
        secrets = {one.variable: read_secret(one) for one in spec.secrets}
        order = Order(
            image=spec.image,
            command=spec.command,
            labels=trial_labels(containers.lab, spec.tags, live=live),
            limits=spec.limits,
            network=f"container:{spec.beside}" if spec.beside else network,
            quota=not spec.beside,
            foreign=bool(spec.beside),
            # The live servers of two labs on one engine have the same names, each in its own network.
            name=f"{network}.{spec.name}" if live else spec.name,
            alias=spec.name if live and not spec.beside else None,
            environment=dict(spec.env) | secrets,
            user=spec.user,
            tmpfs=spec.tmpfs,
            read_only=spec.read_only,
            open_files=spec.open_files,
        )
        ordered = time.time()
        return DockerBox(containers, containers.start(order), spec.name, ordered, tuple(secrets.values()))


def without(line: str, secrets: tuple[str, ...]) -> str:
    """A line of a log with each secret in it, and each line of one, replaced."""
    parts = {part for secret in secrets for part in (secret, *secret.splitlines()) if part.strip()}
    for part in sorted(parts, key=len, reverse=True):
        line = line.replace(part, HIDDEN)
    return line


def parse_engine_time(text: str) -> float:
    """``2026-11-21T11:06:33.123456789Z`` -> Unix seconds. The engine writes nanoseconds, Python reads micro."""
    whole, _, fraction = text.removesuffix("Z").partition(".")
    return datetime.fromisoformat(f"{whole}+00:00").timestamp() + float(f"0.{fraction or 0}")
