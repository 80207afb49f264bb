"""Which Cells are measured and in which order: seeded, interleaved, told before anything starts."""

from __future__ import annotations

import random
from dataclasses import dataclass

from orchestrator.domain.placement import Unfit
from orchestrator.domain.workload import Scenario


@dataclass(frozen=True)
class Cell:
    """Server x InstanceType x Workload x Scenario, by name."""

    server: str
    instance_type: str
    workload: str
    scenario: str


@dataclass(frozen=True)
class Trial:
    """One fresh repetition of a Cell at one rate. ``attempt`` counts repetitions of the same rate from 1."""

    cell: Cell
    rate_per_second: int
    attempt: int

    @property
    def id(self) -> str:
        """``go-fasthttp.azure-b1s.plaintext.2000.1``: safe in labels, paths and queries."""
        cell = self.cell
        size = cell.instance_type.replace("/", "-")
        return f"{cell.server}.{size}.{cell.workload}.{self.rate_per_second}.{self.attempt}"


@dataclass(frozen=True)
class Plan:
    """What a Run will do.

    Attributes:
        left_out: instance types that do not fit this host, with the reason.
        trials_min, trials_max: the search decides how many are needed.
        seconds_expected: duration when each Cell climbs to its last rate and repeats one.
    """

    seed: int
    cells: tuple[Cell, ...]
    scenario: Scenario
    left_out: tuple[Unfit, ...]
    trials_min: int
    trials_max: int
    seconds_expected: float


#: Wall time of one Trial beside warm-up and load, for the estimate only.
OVERHEAD_SECONDS = 4.0


def expand(
    servers: tuple[str, ...],
    instance_types: tuple[str, ...],
    workloads: tuple[str, ...],
    scenario: Scenario,
    *,
    left_out: tuple[Unfit, ...] = (),
    seed: int,
) -> Plan:
    """Every combination as a Cell, and how long it will take."""
    cells = tuple(
        Cell(server, instance_type, workload, scenario.name)
        for instance_type in instance_types
        for server in servers
        for workload in workloads
    )
    seconds = scenario.warmup_seconds + scenario.duration_seconds + OVERHEAD_SECONDS
    return Plan(
        seed=seed,
        cells=cells,
        scenario=scenario,
        left_out=left_out,
        trials_min=len(cells),
        trials_max=len(cells) * len(scenario.rates) * 2,
        seconds_expected=len(cells) * (len(scenario.rates) + 1) * seconds,
    )


def order(plan: Plan, block: int) -> tuple[Cell, ...]:
    """The Cells of one block in a random order of its own, the same for the same seed.

    Interleaving spreads what drifts on the host (heat, neighbours) over all Cells instead of the last one.
    """
    cells = list(plan.cells)
    random.Random(f"{plan.seed}/{block}").shuffle(cells)
    return tuple(cells)
