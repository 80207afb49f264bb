"""Sidecars from files: the catalog's own, and the services of a user's Compose file."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from orchestrator.adapters.files.document import kind_of, quote, read_document
from orchestrator.adapters.files.fields import Line, Memory, Name, Pids, Port
from orchestrator.adapters.files.strict import Strict
from orchestrator.domain.sidecar import Sidecar
from orchestrator.errors import ConfigError

#: A service of a Compose file without limits of its own gets these: enough for a database with a small table.
MEMORY_BYTES = 512 * 2**20
PIDS = 1024
_REFERENCE = re.compile(r"[a-z0-9][A-Za-z0-9._/:@-]{0,254}")


class SidecarModel(Strict):
    """One row of catalog/sidecars.yaml."""

    name: Name
    image: Name
    memory: Memory
    pids: Pids
    port: Port | None = None
    ready: list[Line] = Field(default=[])
    command: list[Line] = Field(default=[])
    environment: dict[str, str] = Field(default={})
    variables: dict[str, str] = Field(default={})

    def sidecar(self) -> Sidecar:
        return Sidecar(
            name=self.name,
            image=self.image,
            memory_bytes=self.memory,
            pids=self.pids,
            port=self.port,
            ready=tuple(self.ready),
            command=tuple(self.command),
            environment=self.environment,
            variables=self.variables,
        )


class SidecarsFile(Strict):
    """catalog/sidecars.yaml."""

    sidecars: list[SidecarModel]


def _reference(text: str) -> str:
    if not _REFERENCE.fullmatch(text):
        raise ValueError(f"{quote(text)} is not an image; write it as in redis:8.2.1")
    return text


def _plain(value: object) -> str:
    """A scalar as Compose hands it on."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float):
        raise ValueError(f"expected text, found {kind_of(value)}")
    if "$" in str(value).replace("$$", ""):
        raise ValueError(f"{quote(value)} would be filled in by Compose; write the value out, and a dollar sign as $$")
    return str(value).replace("$$", "$")


def _environment(value: object) -> object:
    """Both forms: ``{NAME: value}`` and ``[NAME=value]``."""
    if isinstance(value, list):
        pairs = [_plain(one).partition("=") for one in value]
        for name, equals, _ in pairs:
            if not equals:
                raise ValueError(f"{quote(name)} would be taken from your shell; write {name}=value")
        return {name: text for name, _, text in pairs}
    if isinstance(value, dict):
        absent = [name for name, one in value.items() if one is None]
        if absent:
            raise ValueError(f"{quote(absent[0])} would be taken from your shell; write its value")
        return {str(name): _plain(one) for name, one in value.items()}
    raise ValueError(f"expected 'NAME: value' lines, found {kind_of(value)}")


def _words(value: object) -> object:
    """Both forms: a list, and one line that is split as a shell would."""
    return shlex.split(_plain(value)) if isinstance(value, str) else _listed(value)


def _listed(value: object) -> list[str]:
    if not isinstance(value, list):
        raise ValueError(f"expected a list, found {kind_of(value)}")
    return [_plain(one) for one in value]


def _test(value: object) -> object:
    """``healthcheck.test``: a line for the shell, ``[CMD-SHELL, line]`` or ``[CMD, program, ...]``."""
    if isinstance(value, str):
        return ["sh", "-c", _plain(value)]
    match _listed(value):
        case ["CMD-SHELL", line]:
            return ["sh", "-c", line]
        case ["CMD", first, *rest]:
            return [first, *rest]
    raise ValueError("write one line, or [CMD, program, argument]")


def _expose(value: object) -> object:
    ports = _listed(value)
    if len(ports) != 1 or not ports[0].isdecimal() or not 1 <= int(ports[0]) <= 65_535:
        raise ValueError("write one port from 1 to 65,535: it is waited for until it is open")
    return int(ports[0])


class HealthcheckModel(Strict):
    """When a service is ready. How often it is asked is the lab's choice."""

    test: Annotated[list[str], BeforeValidator(_test)]


class ServiceModel(Strict):
    """What of a Compose service the lab can give. Everything else is refused by name, never left out in silence."""

    image: Annotated[str, BeforeValidator(_plain), BeforeValidator(_reference)]
    environment: Annotated[dict[str, str], BeforeValidator(_environment)] = Field(default={})
    command: Annotated[list[str], BeforeValidator(_words)] = Field(default=[])
    expose: Annotated[int | None, BeforeValidator(_expose)] = None
    healthcheck: HealthcheckModel | None = None

    def sidecar(self, name: str) -> Sidecar:
        return Sidecar(
            name=name,
            image=self.image,
            memory_bytes=MEMORY_BYTES,
            pids=PIDS,
            port=self.expose,
            ready=tuple(self.healthcheck.test) if self.healthcheck else (),
            command=tuple(self.command),
            environment=self.environment,
        )


class ComposeFile(Strict):
    """A user's Compose file, as far as it describes sidecars."""

    services: dict[Name, ServiceModel] = Field(min_length=1)


def load_sidecars(path: Path) -> tuple[Sidecar, ...]:
    """The services of a Compose file, in its order, as what stands beside a server: its image, environment, command,
    and when it is ready (``healthcheck.test``, or the one port it ``expose``\\ s; else as soon as it runs).

    A service's name is no host name here: it is reached at 127.0.0.1. ``Sidecar.image`` is the reference as written.

    Raises ConfigError with every key that the lab would have to ignore, each at its line.
    """
    from orchestrator.adapters.files.mistakes import checked

    document = read_document(path)
    content: Any = checked(document, ComposeFile)
    if document.mistakes:
        raise ConfigError(tuple(document.mistakes))
    return tuple(service.sidecar(name) for name, service in content.services.items())
