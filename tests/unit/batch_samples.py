"""A batch job as it was ordered, run and read: valid, small, and changed where a test wants it otherwise."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from orchestrator.adapters.simulated.progress import RecordedProgress
from orchestrator.adapters.simulated.world import Faults, World
from orchestrator.domain.batch import BLOCKS_BATCH, PROGRAMS, BatchWorkload, Cores, JobCell, JobPlan
from orchestrator.domain.batch_record import BATCH, BatchManifest, JobRecord, StoredBatch, Unsupported
from orchestrator.domain.job import JobEnd, JobEvidence, Said, read_said
from orchestrator.domain.job_config import JobConfig
from orchestrator.domain.job_outcome import JobAsked
from orchestrator.domain.measurement import measured
from orchestrator.domain.outcome import COMPLETED
from orchestrator.domain.placement import Placement
from orchestrator.domain.record import SCHEMA, HostFingerprint
from orchestrator.domain.server import Image
from orchestrator.ports import Lab
from orchestrator.usecases.batch import BatchRequest
from tests.unit import samples

GO, RUST, TINYGO = PROGRAMS
IMAGE = Image("kernels/go", "footprint-lab/kernels/go:1", "sha256:0", 5, 4, 3.0, "build", "go1.26")
CELL = JobCell("go", "acme/unpriced", "picture", "same", "scalar", 5_000, Cores.SINGLE)
CHECKSUM = samples.PICTURE.sizes[0].checksum
ASKED = JobAsked(CELL, samples.PICTURE, GO, samples.LIMITS, shared=False)
LINE: dict[str, Any] = {
    "kernel": "mandelbrot",
    "language": "go",
    "language_version": "1.26.8",
    "algorithm": "mandelbrot-scalar",
    "variant": "same",
    "cores": "single",
    "threads": 1,
    "n": 5_000,
    "mode": "scalar",
    "checksum": CHECKSUM,
    "wall_seconds": 2.0,
    "cpu_seconds": 1.9,
    "allocations": 12,
    "allocated_bytes": 4096,
    "simd": False,
}
#: It began at 100 s and ended at 102.1 s by the engine's clock; the last reading is 40 ms older.
END = JobEnd(0, oom_killed=False, started_unix_seconds=100.0, finished_unix_seconds=102.1)
EVIDENCE = JobEvidence(
    opening=samples.reading(100.05, 0.02),
    closing=samples.reading(102.06, 1.93, memory_bytes_peak=9 * 2**20),
    end=END,
    allowed_seconds=600.0,
    said=read_said(json.dumps(LINE)),
)


def said(**changes: object) -> Said:
    """The line of CELL's job, with these fields otherwise."""
    found = read_said(json.dumps({**LINE, **changes}))
    assert isinstance(found, Said), found
    return found


def evidence(**changes: Any) -> JobEvidence:
    """EVIDENCE, with these fields otherwise."""
    return replace(EVIDENCE, **changes)


def record(cell: JobCell, block: int, wall_seconds: float, **changes: Any) -> JobRecord:
    """A completed job of a cell; its line says what its cell asks."""
    language = next(one.language for one in PROGRAMS if one.name == cell.program)
    line = said(language=language, cpu_seconds=wall_seconds * 0.95, wall_seconds=wall_seconds)
    made = JobRecord(
        schema=SCHEMA,
        job=f"{cell.slug}.b{block}.1",
        cell=cell,
        block=block,
        attempt=1,
        started_at="2026-01-01T00:00:00.000Z",
        seconds=wall_seconds + 0.5,
        mode="limit",
        placement=Placement((1,), (0,), (0,), shared=False),
        limits=samples.LIMITS,
        effective=samples.IN_FORCE,
        image_digest="sha256:0",
        outcome=COMPLETED,
        said=line,
        measurements=(
            measured("job_wall_seconds", wall_seconds, source="program", window_seconds=wall_seconds, n=1),
            measured("job_cpu_seconds", wall_seconds * 0.95, source="program", window_seconds=wall_seconds, n=1),
            measured("memory_bytes_peak", 9 * 2**20, source="kernel", window_seconds=wall_seconds, n=1),
        ),
    )
    return replace(made, **changes)


def stored(*records: JobRecord, cells: tuple[JobCell, ...] = ()) -> StoredBatch:
    """A batch Run of these records, without TinyGo."""
    every = cells or tuple(dict.fromkeys(one.cell for one in records))
    manifest = BatchManifest(
        schema=SCHEMA,
        kind=BATCH,
        run="2026-11-21-1432-calm-otter",
        created_at="2026-11-21T14:32:00.000Z",
        version="0.1.0",
        mode="limit",
        simulated=False,
        plan=JobPlan(4711, every, BLOCKS_BATCH),
        host=HostFingerprint("6.18", "a CPU", 2, 2**34, 1, "26.1.5", "kvm"),
        images=(IMAGE,),
        instance_types=(samples.UNPRICED,),
        workloads=(samples.PICTURE, samples.FLIPS),
        unsupported=(Unsupported("tinygo", "no tinygo toolchain"),),
    )
    return StoredBatch(manifest, records, ())


def lab(faults: Faults | None = None, cpus: tuple[int, ...] = (0, 1)) -> tuple[Lab, World, RecordedProgress]:
    """A simulated lab on a host with these CPUs."""
    one, world, progress = samples.lab(faults)
    world.cpus = cpus
    return one, world, progress


def request(*workloads: BatchWorkload, size: str = "acme/unpriced", **changes: Any) -> BatchRequest:
    """A batch Run of these workloads; fields of the request and of its config can be changed."""
    names = tuple(one.name for one in workloads or (samples.PICTURE,))
    config = JobConfig(names, (size,), 4711, repeat=changes.pop("repeat", 3))
    asked = BatchRequest("2026-01-01-0000-test-run", config, named=True, allow_shared=False, version="0.0.0")
    return replace(asked, **changes)
