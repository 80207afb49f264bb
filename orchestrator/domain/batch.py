"""What one batch job does, and in which order jobs are run: programs that compute something and end.

The programs are ``servers/<language>/kernels``; their contract is servers/contract/kernels.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from orchestrator.domain.instance_type import InstanceType
from orchestrator.domain.placement import Unfit
from orchestrator.domain.plan import Blocks, shuffled

#: Where nothing else is asked for: a size with one CPU, as the published figures are of one thread.
SIZE_DEFAULT = "aws/c7a.medium"
#: Five blocks tell their spread; jobs are short.
BLOCKS_BATCH = Blocks(5, 5)
#: Wall time of a usual job with its container's start and end, for the estimate only.
JOB_SECONDS_EXPECTED = 4.0
#: Two hundred times a usual job on a whole CPU: one that still runs then is no slow one.
JOB_SECONDS_MAX = 600.0


class Cores(StrEnum):
    """How much of its size a job may use: one thread, or as many as its runtime sees CPUs."""

    SINGLE = "single"
    ALL = "all"


@dataclass(frozen=True)
class Program:
    """The kernels in one language, by one compiler.

    Attributes:
        language: what its line says it is written in.
        optional: the lab works without it: where it cannot be built, its rows say why.
    """

    name: str
    language: str
    optional: bool = False

    @property
    def image(self) -> str:
        """Its name in images/images.toml."""
        return f"kernels/{self.name}"


#: Ratios are of the others over BASELINE.
PROGRAMS = (Program("go", "go"), Program("rust", "rust"), Program("tinygo", "go", optional=True))
BASELINE = "rust"


@dataclass(frozen=True)
class Size:
    """How much is computed, and the checksum that comes out; "" where nobody knows it yet."""

    n: int
    checksum: str = ""


@dataclass(frozen=True)
class Algorithm:
    """One way to compute it.

    Attributes:
        kind: ``same`` in all languages, or the ``best`` known in each.
        mode: which of the kernel's; "" where it has none.
        tags: by language; equal where the algorithm is equal.
    """

    kind: str
    mode: str
    tags: Mapping[str, str]


@dataclass(frozen=True)
class BatchWorkload:
    """What one batch job computes.

    Attributes:
        kernel: what the program calls it.
        sizes: each is a job of its own; several make a sweep.
        algorithms: where the best is no other program than the same, it is not there twice.
    """

    name: str
    kernel: str
    summary: str
    sizes: tuple[Size, ...]
    algorithms: tuple[Algorithm, ...]

    def checksum(self, n: int) -> str:
        """What comes out at this n; "" where nobody knows it yet."""
        return next((size.checksum for size in self.sizes if size.n == n), "")


@dataclass(frozen=True)
class JobCell:
    """Program x InstanceType x BatchWorkload x Algorithm x n x Cores, by name. ``algorithm`` is its kind."""

    program: str
    instance_type: str
    workload: str
    algorithm: str
    mode: str
    n: int
    cores: Cores

    @property
    def label(self) -> str:
        """``mandelbrot same, lanes8, n 5,000, single``: what it computes, whichever program does."""
        parts = (f"{self.workload} {self.algorithm}", self.mode, f"n {self.n:,}", str(self.cores))
        return ", ".join(part for part in parts if part)

    @property
    def slug(self) -> str:
        """``go.aws-c7a.medium.mandelbrot.same-lanes8.5000.single``: safe in labels, paths and queries."""
        how = f"{self.algorithm}-{self.mode}" if self.mode else self.algorithm
        size = self.instance_type.replace("/", "-")
        return f"{self.program}.{size}.{self.workload}.{how}.{self.n}.{self.cores}"


@dataclass(frozen=True)
class Job:
    """One run of a JobCell to its end, in a container of its own.

    Attributes:
        block: from 1; in each block every JobCell is run anew.
        attempt: from 1; what the rig spoiled is run once more.
    """

    cell: JobCell
    block: int
    attempt: int = 1

    @property
    def id(self) -> str:
        """``go.aws-c7a.medium.mandelbrot.same-lanes8.5000.single.b1.1``."""
        return f"{self.cell.slug}.b{self.block}.{self.attempt}"


@dataclass(frozen=True)
class JobPlan:
    """What a batch Run will do. ``left_out``: instance types that do not fit this host, with the reason."""

    seed: int
    cells: tuple[JobCell, ...]
    blocks: Blocks
    left_out: tuple[Unfit, ...] = ()

    @property
    def jobs(self) -> int:
        """How many there are when none has to be run again."""
        return len(self.cells) * self.blocks.most

    @property
    def seconds_expected(self) -> float:
        """Duration when each job takes as long as such jobs usually do."""
        return self.jobs * JOB_SECONDS_EXPECTED


def job_cells(
    programs: tuple[Program, ...], instance_types: tuple[InstanceType, ...], workloads: tuple[BatchWorkload, ...]
) -> tuple[JobCell, ...]:
    """Every combination; ``all`` cores only where the size has more than one CPU."""
    return tuple(
        JobCell(program.name, size.id, workload.name, algorithm.kind, algorithm.mode, one.n, cores)
        for size in instance_types
        for workload in workloads
        for one in workload.sizes
        for algorithm in workload.algorithms
        for cores in Cores
        if cores == Cores.SINGLE or size.cpus_visible > 1
        for program in programs
    )


def job_order(plan: JobPlan, block: int) -> tuple[JobCell, ...]:
    """The JobCells of one block in a random order of its own, the same for the same seed."""
    return shuffled(plan.cells, plan.seed, block)


def seconds_allowed(cpus: float) -> float:
    """How long a job may take on so many CPUs: longer in proportion where it gets less than one."""
    return JOB_SECONDS_MAX / min(1.0, cpus)
