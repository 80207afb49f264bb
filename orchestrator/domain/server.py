"""What is under test, and what was built of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from orchestrator.domain.measurement import Missing
from orchestrator.domain.request import Request
from orchestrator.domain.service import Service
from orchestrator.domain.sidecar import Sidecar
from orchestrator.domain.variant import Factor

#: Names travel into labels, paths, container names and queries: letters, digits and dashes only.
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,38}")


@dataclass(frozen=True)
class Server:
    """One HTTP program under test: a folder below ``servers/``, a Variant of one, or the user's own image.

    Attributes:
        name: of a Variant with what differs, ``go-nethttp:json=sonic``.
        language: what it is written in; ``go+rust`` is Go with a library in Rust linked in; "" where nobody knows: of a
            service.
        program: folder below ``servers/<language>/``, the first of two.
        port: the port it listens on inside its container.
        workloads: names of the Workloads it serves.
        factors: what can be varied of it.
        environment, build: what a Variant sets: variables of its container, arguments of its build.
        sidecars: what it needs beside it whatever the Workload.
        requests: its own where it serves a bundled Workload at other paths.
        service: what is known of an image that is not built here; None for a server of the lab.
    """

    name: str
    language: str
    program: str
    summary: str
    port: int
    workloads: tuple[str, ...]
    factors: tuple[Factor, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    build: Mapping[str, str] = field(default_factory=dict)
    sidecars: tuple[Sidecar, ...] = ()
    requests: tuple[Request, ...] = ()
    service: Service | None = None


@dataclass(frozen=True)
class Image:
    """What was built or pulled.

    Attributes:
        name: ``server/go-fasthttp``, ``k6``, ``prometheus``, ...
        reference: what to start, with its content hash as tag.
        digest: the engine's id of it, ``sha256:...``.
        bytes: unpacked size.
        supply: ``pull`` or ``build``; ``engine`` for a service's image that was there already.
        toolchain: compiler and version, or the pulled reference.
        fresh: built or pulled by this call, not found.
    """

    name: str
    reference: str
    digest: str
    bytes: int
    binary_bytes: int | Missing
    build_seconds: float | Missing
    supply: str
    toolchain: str
    fresh: bool = False


@dataclass(frozen=True)
class ImageNeed:
    """One image that is asked for, before anything is built: is it there already?"""

    name: str
    reference: str
    present: bool
