"""R7: how many bytes an image or a program takes: the smallest server of each language, and all others in the notes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from benchmarks.row import BenchmarkError, Finding, Row
from orchestrator.adapters.docker.client import EngineClient
from orchestrator.adapters.docker.images import DockerImages
from orchestrator.adapters.docker.labels import image_labels, lab_id
from orchestrator.adapters.files.resources import project_root
from orchestrator.domain.measurement import Missing
from orchestrator.domain.server import Image, Server
from orchestrator.domain.variant import MARK, variant_of
from orchestrator.wiring import REGISTRY_VARIABLE, catalog

#: What ``images/rust.Dockerfile`` makes of it cannot run in its image, and is no Variant therefore.
DYNAMIC = {"LINK": "dynamic"}
SLIM = "slim=nextid"


@dataclass(frozen=True)
class Size:
    """One row.

    Attributes:
        id: of the row.
        factors: what the servers are built with, as in a Variant's name; "" for none.
        goal_bytes: the most that the smallest may have.
        program: the executable is weighed, not the image.
        dynamic: it is linked dynamically.
    """

    id: str
    what: str
    language: str
    factors: str
    goal_bytes: int
    program: bool = False
    dynamic: bool = False


#: Goals of the programs are the figures of the published comparison that serves ids, whose Rust is stripped and linked
#: dynamically and whose Go has its symbols.
SIZES = (
    Size("R7-slim-rust", "image in Rust, /nextid alone", "rust", SLIM, 2_000_000),
    Size("R7-slim-go", "image in Go, /nextid alone", "go", SLIM, 6_000_000),
    Size("R7-program-rust", "program in Rust, /nextid alone, dynamic", "rust", SLIM, 870_000, True, True),
    Size("R7-program-go", "program in Go, /nextid alone", "go", SLIM, 7_600_000, True),
    Size("R7-symbols-go", "program in Go, /nextid alone, symbols", "go", f"profile=default,{SLIM}", 7_600_000, True),
    Size("R7-full-rust", "image in Rust, all workloads", "rust", "", 5_000_000),
    Size("R7-full-go", "image in Go, all workloads", "go", "", 14_000_000),
)


def sizes() -> list[Finding]:
    """All rows; builds what is not there. Raises BuildFailed."""
    servers = catalog().servers()
    needed = {size.id: built_for(size, servers) for size in SIZES}
    client = EngineClient()
    try:
        images = DockerImages(
            client,
            project_root(),
            [one for several in needed.values() for one in several],
            mirror=os.environ.get(REGISTRY_VARIABLE),
            labels=image_labels(lab_id()),
        )
        return [
            judged(size, {one.name: images.provide(f"server/{one.name}") for one in needed[size.id]}) for size in SIZES
        ]
    finally:
        client.close()


def built_for(size: Size, servers: Iterable[Server]) -> tuple[Server, ...]:
    """Every server of its language as the row has it built."""
    found = [one for one in servers if one.language == size.language]
    made = tuple(variant_of(one, size.factors) if size.factors else one for one in found)
    if not size.dynamic:
        return made
    return tuple(replace(one, name=f"{one.name}-dynamic", build={**one.build, **DYNAMIC}) for one in made)


def judged(size: Size, images: Mapping[str, Image]) -> Finding:
    """The smallest against the goal; every one in the notes, the smallest first. Raises BenchmarkError without any."""
    found = {name.partition(MARK)[0]: _bytes(size, image) for name, image in images.items()}
    if not found:
        raise BenchmarkError(f"{size.id}: there is no server in {size.language}")
    rising = sorted(found.items(), key=lambda one: one[1])
    best, count = rising[0]
    what = f"bytes of the smallest {size.what}: {best}"
    row = Row(size.id, what, float(count), {}, None, float(size.goal_bytes), count <= size.goal_bytes)
    return Finding(row, (f"{size.what}: " + ", ".join(f"{name} {bytes_:,}" for name, bytes_ in rising),))


def _bytes(size: Size, image: Image) -> int:
    if not size.program:
        return image.bytes
    if isinstance(image.binary_bytes, Missing):
        raise BenchmarkError(f"{size.id}: no program in {image.reference}: {image.binary_bytes.reason}")
    return image.binary_bytes
