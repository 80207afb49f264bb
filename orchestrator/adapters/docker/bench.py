"""The bench (ports.Bench): Compose starts it, the engine's labels say how it stands, HTTP says when it answers."""

from __future__ import annotations

import hashlib
import socket
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator.adapters.docker.containers import Containers, ensure_network
from orchestrator.adapters.docker.labels import COMPONENT, RECIPE, ROLE_BENCH, network_name, owned
from orchestrator.domain.box import BenchStatus
from orchestrator.domain.server import Image
from orchestrator.errors import BenchNotReady, EnvironmentNotFit

READY_SECONDS_MAX = 60.0
POLL_SECONDS = 0.05
RECIPE_VARIABLE = "BENCH_RECIPE"
ANSWER_SECONDS_MAX = 2.0
LOG_LINES = 20
#: Why its image could not be had is known to who asked for it (usecases.bench), not here.
NO_GRAFANA = "not part of this bench"
#: What engines say when a port was taken between our look and their start.
_PORT_LOST = ("address already in use", "port is already allocated")


@dataclass(frozen=True)
class Component:
    """One service of compose/bench.yaml.

    Attributes:
        port: inside its container.
        published: where it is looked for on 127.0.0.1; 0 for any free port.
        url: its name in BenchStatus.urls; "" when nobody opens it.
        optional: the bench is whole without it.
    """

    name: str
    image: str
    port: int
    published: int
    ready_path: str
    url: str = ""
    page: str = "/"
    optional: bool = False


COMPONENTS = (
    Component("prometheus", "bench-prometheus", 9090, 9090, "/-/ready", "prometheus"),
    Component("cadvisor", "cadvisor", 8080, 0, "/healthz"),
    Component("observer", "observer", 9464, 9464, "/healthz", "live"),
    Component("grafana", "bench-grafana", 3000, 3000, "/api/health", "grafana", "/d/lab", optional=True),
)


class DockerBench:
    """The bench of one lab on one engine.

    Args:
        compose_file: compose/bench.yaml.
        cpus: tells the bench's own CPUs on the engine's host; they should be nobody else's (domain.placement). Asked
            when the bench is started, and not before: it asks the engine.
    """

    def __init__(self, containers: Containers, compose_file: Path, cpus: Callable[[], tuple[int, ...]]) -> None:
        self._containers = containers
        self._compose_file = compose_file
        self._cpus = cpus

    def up(self, images: dict[str, Image]) -> BenchStatus:
        """Starts what does not run as asked, and waits until all answers. Raises BenchNotReady, EnvironmentNotFit."""
        wanted = [one for one in COMPONENTS if one.image in images or not one.optional]
        values = self._values(wanted, images)
        found = self._found()
        if not all(_runs(found.get(one.name), values[RECIPE_VARIABLE]) for one in wanted):
            ensure_network(self._containers.client, self._containers.lab)
            self._compose_up(wanted, values)
            found = self._found()
        self._wait_ready(wanted, found)
        return _status(found, _missing(wanted))

    def status(self) -> BenchStatus | None:
        """How it stands, from the engine alone; None when nothing of it runs."""
        found = {name: one for name, one in self._found().items() if one["State"] == "running"}
        if not found:
            return None
        absent = {one.name: NO_GRAFANA if one.optional else "not running" for one in COMPONENTS}
        return _status(found, {name: why for name, why in absent.items() if name not in found})

    def _found(self) -> dict[str, dict[str, Any]]:
        with self._containers.client.calls("list the bench's containers") as api:
            listed = api.containers(all=True, filters=owned(self._containers.lab, ROLE_BENCH))
        return {one["Labels"][COMPONENT]: dict(one) for one in listed if COMPONENT in one["Labels"]}

    def _values(self, wanted: list[Component], images: Mapping[str, Image]) -> dict[str, str]:
        """What compose/bench.yaml asks for, but the ports. Raises BenchNotReady when an image is not given."""
        absent = [one.image for one in wanted if one.image not in images]
        if absent:
            raise BenchNotReady(f"no image of {', '.join(absent)}", hint="orchestrator build")
        lab, cpus = self._containers.lab, self._cpus()
        parts = [self._compose_file.read_text(encoding="utf-8"), repr(cpus)]
        parts += [images[one.image].digest for one in wanted]
        return {
            "BENCH_PROJECT": network_name(lab),
            "BENCH_NETWORK": network_name(lab),
            "BENCH_LAB": lab,
            RECIPE_VARIABLE: hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12],
            "BENCH_CPUS": ",".join(str(cpu) for cpu in cpus),
            **{f"BENCH_{one.name.upper()}_IMAGE": images[one.image].reference for one in wanted},
        }

    def _compose_up(self, wanted: list[Component], values: Mapping[str, str]) -> None:
        """Once more, with another port, when somebody took one after we saw it free."""
        try:
            self._compose(wanted, values)
        except BenchNotReady as error:
            if not any(words in line for line in error.detail for words in _PORT_LOST):
                raise
            self._compose(wanted, values)

    def _compose(self, wanted: list[Component], values: Mapping[str, str]) -> None:
        from python_on_whales import DockerClient
        from python_on_whales.client_config import ClientNotFoundError
        from python_on_whales.exceptions import DockerException

        found = self._found()
        ports = {one.name: _published(one, found.get(one.name)) or _free_port(one) for one in wanted if one.published}
        lines = [f"{name}={value}\n" for name, value in values.items()]
        lines += [f"BENCH_{one.name.upper()}_PORT={ports.get(one.name, 0)}\n" for one in wanted]
        with tempfile.NamedTemporaryFile("w", suffix=".env", encoding="utf-8") as env_file:
            env_file.write("".join(lines))
            env_file.flush()
            try:
                DockerClient(
                    compose_files=[self._compose_file],
                    compose_env_files=[env_file.name],
                    compose_profiles=[one.name for one in wanted if one.optional],
                ).compose.up(detach=True, quiet=True, pull="never")
            except DockerException as error:
                raise BenchNotReady(
                    "Compose could not start the bench",
                    where=str(self._compose_file),
                    hint="orchestrator doctor; then orchestrator up",
                    detail=tuple((error.stderr or str(error)).splitlines()[-LOG_LINES:]),
                ) from error
            except ClientNotFoundError as error:
                raise EnvironmentNotFit("the docker command is not installed", hint="make engine") from error

    def _wait_ready(self, wanted: list[Component], found: Mapping[str, dict[str, Any]]) -> None:
        """All at once, in turns. Raises BenchNotReady when one ended or does not answer in time."""
        if not self._containers.client.endpoint.is_socket:
            # Published on the engine's loopback, which is not ours: that they run is all that can be seen from here.
            return
        waiting = list(wanted)
        deadline = time.monotonic() + READY_SECONDS_MAX
        while waiting:
            waiting = [one for one in waiting if not _answers(one, _published(one, found.get(one.name)))]
            if not waiting:
                return
            found = self._found()
            for one in waiting:
                state = found.get(one.name, {"State": "gone"})["State"]
                if state != "running" or time.monotonic() > deadline:
                    raise self._not_ready(one, found.get(one.name), state)
            time.sleep(POLL_SECONDS)

    def _not_ready(self, component: Component, container: Mapping[str, Any] | None, state: str) -> BenchNotReady:
        why = f"does not answer after {READY_SECONDS_MAX:.0f} s" if state == "running" else f"is {state}"
        return BenchNotReady(
            f"{component.name} {why}",
            where=component.name,
            hint="orchestrator down, then orchestrator up",
            detail=self._containers.log_tail(container["Id"], LOG_LINES) if container else (),
        )


def _runs(container: Mapping[str, Any] | None, recipe: str) -> bool:
    return container is not None and container["State"] == "running" and container["Labels"].get(RECIPE) == recipe


def _missing(wanted: list[Component]) -> dict[str, str]:
    return {one.name: NO_GRAFANA for one in COMPONENTS if one not in wanted}


def _status(found: Mapping[str, Mapping[str, Any]], missing: dict[str, str]) -> BenchStatus:
    components, urls, notes = [], {}, []
    for one in COMPONENTS:
        container = found.get(one.name)
        if container is None or one.name in missing:
            continue
        components.append(one.name)
        port = _published(one, container)
        if one.url and port is not None:
            urls[one.url] = f"http://127.0.0.1:{port}{one.page}"
            if port != one.published:
                notes.append(f"port {one.published} was taken: {one.name} is on {port}")
    return BenchStatus(tuple(components), missing, urls, tuple(notes))


def _published(component: Component, container: Mapping[str, Any] | None) -> int | None:
    """The loopback port that leads to it, as the engine lists it."""
    for port in (container or {}).get("Ports") or []:
        if port["PrivatePort"] == component.port and port.get("PublicPort"):
            return int(port["PublicPort"])
    return None


def _free_port(component: Component) -> int:
    """Its usual port, or any free one when that is taken."""
    with socket.socket() as usual:
        # As the engine's own proxy does: a port in TIME_WAIT is not taken.
        usual.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            usual.bind(("127.0.0.1", component.published))
        except OSError:
            with socket.socket() as other:
                other.bind(("127.0.0.1", 0))
                return int(other.getsockname()[1])
        return component.published


def _answers(component: Component, port: int | None) -> bool:
    if port is None:
        return False
    # No proxy: loopback is never behind one.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://127.0.0.1:{port}{component.ready_path}", timeout=ANSWER_SECONDS_MAX) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError, ValueError):
        return False
