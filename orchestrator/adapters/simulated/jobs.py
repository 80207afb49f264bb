"""Jobs and JobBox: a program that would have computed something, and takes as long as such programs were seen to."""

from __future__ import annotations

import json
import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from orchestrator.adapters.simulated.world import SimulatedContainer, World
from orchestrator.domain.batch import PROGRAMS, BatchWorkload
from orchestrator.domain.box import BoxSpec
from orchestrator.domain.job import JobEnd, JobSpec
from orchestrator.errors import EngineLost, Interrupted
from orchestrator.ports import Catalog, JobBox

#: The process runs that long before and after its job.
AROUND_SECONDS = 0.002
OOM_EXIT_CODE = 137
#: CPU seconds of Go and Rust at an n, by kernel and kind of algorithm: of runs on one CPU of a shared host.
_SECONDS: dict[tuple[str, str], tuple[int, float, float]] = {
    ("binarytrees", "same"): (18, 4.5, 1.7),
    ("binarytrees", "best"): (18, 0.60, 0.37),
    ("fannkuch", "same"): (11, 1.8, 1.9),
    ("fannkuch", "best"): (11, 1.1, 0.58),
    ("mandelbrot", "same"): (5_000, 1.9, 1.87),
    ("mandelbrot", "best"): (5_000, 1.1, 0.26),
    ("k-nucleotide", "same"): (2_500_000, 0.99, 0.13),
    ("k-nucleotide", "best"): (2_500_000, 0.25, 0.26),
    ("spawn-tasks", "same"): (100_000, 39.0, 20.0),
    ("prime", "same"): (100_000, 0.21, 0.21),
    ("prime", "best"): (100_000, 0.0037, 0.0021),
    ("json-parse", "same"): (100_000, 8.6, 1.5),
    ("json-parse", "best"): (100_000, 1.0, 1.4),
    ("convolution", "same"): (4_096, 0.87, 0.06),
    ("convolution", "best"): (4_096, 0.19, 0.03),
    ("grey", "same"): (8_192, 0.14, 0.08),
    ("grey", "best"): (8_192, 0.14, 0.06),
    ("sieve", "same"): (100_000_000, 0.9, 0.6),
    ("sieve", "best"): (100_000_000, 0.2, 0.1),
    ("sha256", "same"): (256, 0.2, 0.2),
}
_SECONDS_ELSE = (0, 0.8, 0.6)
#: TinyGo's collector and code are slower than Go's.
_TINYGO = 1.6
_BYTES = {"go": 24 * 2**20, "rust": 9 * 2**20, "tinygo": 14 * 2**20}
#: What blocks differ by at most, either way.
_NOISE = 0.02


class SimulatedJobBox:
    """One job in the World."""

    def __init__(self, world: World, container: SimulatedContainer, spec: JobSpec, workload: BatchWorkload) -> None:
        self._world, self._container, self._spec, self._workload = world, container, spec, workload
        self._asked = dict(zip(spec.command[1::2], spec.command[2::2], strict=True))
        self._cpu_seconds = self._cost()
        self._wall_seconds = self._cpu_seconds / min(self._threads(), spec.limits.cpus)

    @property
    def id(self) -> str:
        return self._container.id

    def begin(self) -> None:
        one, faults = self._container, self._world.faults
        one.begun, one.started = True, self._world.now
        one.memory_bytes_peak = _BYTES[self._spec.tags.server]
        one.job_seconds = float("inf") if faults.job_never_ends else self._wall_seconds + 2 * AROUND_SECONDS
        one.job_cpus = self._cpu_seconds / self._wall_seconds
        one.exit_code = faults.job_exit_code
        if faults.out_of_memory:
            one.oom_kills, one.exit_code = 1, OOM_EXIT_CODE

    def end(self) -> JobEnd | None:
        one = self._container
        if not one.begun:
            return None
        finished = one.started + one.job_seconds
        if self._world.now < finished:
            return None
        one.loads = 1
        return JobEnd(one.exit_code, one.oom_kills > 0, one.started, finished)

    def output(self) -> str:
        faults = self._world.faults
        if self._container.exit_code != 0:
            return ""
        return json.dumps(self._line()) + "\n" if faults.job_line is None else faults.job_line

    def log_tail(self, lines: int) -> tuple[str, ...]:
        return ("kernels: simulated",)[:lines]

    def _line(self) -> dict[str, Any]:
        program = next(one for one in PROGRAMS if one.name == self._spec.tags.server)
        kind, mode, n = self._asked["--algorithm"], self._asked.get("--mode"), int(self._asked["--n"])
        algorithm = next(one for one in self._workload.algorithms if (one.kind, one.mode) == (kind, mode or ""))
        known = self._workload.checksum(n) or f"simulated-{self._workload.kernel}-{n}"
        return {
            "kernel": self._workload.kernel,
            "variant": kind,
            "mode": mode,
            "cores": self._asked["--cores"],
            "n": n,
            "language": program.language,
            "language_version": "simulated",
            "algorithm": algorithm.tags[program.language],
            "threads": self._threads(),
            "checksum": self._world.faults.job_checksums.get(program.name, known),
            "wall_seconds": self._wall_seconds,
            "cpu_seconds": self._cpu_seconds * self._world.faults.job_cpu_share_claimed,
            "allocations": None,
            "allocated_bytes": None,
            "simd": False,
        }

    def _threads(self) -> int:
        return 1 if self._asked["--cores"] == "single" else len(self._spec.limits.cpuset)

    def _cost(self) -> float:
        usual, go, rust = _SECONDS.get((self._workload.kernel, self._asked["--algorithm"]), _SECONDS_ELSE)
        n, program = int(self._asked["--n"]), self._spec.tags.server
        seconds = {"go": go, "rust": rust, "tinygo": go * _TINYGO}[program] * (n / usual if usual else 1.0)
        return seconds * random.Random(self._spec.name).uniform(1 - _NOISE, 1 + _NOISE)


class SimulatedJobs:
    """Makes jobs of what the catalog knows of them, and breaks them where World.faults says so."""

    def __init__(self, world: World, catalog: Catalog) -> None:
        self._world, self._catalog = world, catalog

    @contextmanager
    def make(self, spec: JobSpec) -> Iterator[JobBox]:
        world, faults = self._world, self._world.faults
        world.trials_started += 1
        if faults.engine_lost_after_trials is not None and world.trials_started > faults.engine_lost_after_trials:
            raise EngineLost("the engine stopped answering", hint="make engine, then run again")
        if faults.interrupt_after_trials is not None and world.trials_started > faults.interrupt_after_trials:
            raise Interrupted(signal.SIGINT)
        workload = next(one for one in self._catalog.batch_workloads() if one.name == spec.tags.workload)
        container = world.add(BoxSpec(spec.name, spec.image, 0, spec.limits, {}, spec.tags))
        container.begun = False
        try:
            yield SimulatedJobBox(world, container, spec, workload)
        finally:
            world.remove(container.id)
