"""Which Cells are measured and in which order: seeded, interleaved, told before anything starts."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from orchestrator.domain.generator import Generator
from orchestrator.domain.placement import Unfit
from orchestrator.domain.search import SEARCHED, Phase
from orchestrator.domain.slo import Slo
from orchestrator.domain.variant import slug_of
from orchestrator.domain.verdict import window_seconds
from orchestrator.domain.workload import Scenario

#: What the second name of an A/A pair ends in: the same image, measured as if it were another server.
TWIN = "again"
CellT = TypeVar("CellT")


@dataclass(frozen=True)
class Cell:
    """Server x InstanceType x Workload x Scenario, by name. ``twin``: the second half of an A/A pair."""

    server: str
    instance_type: str
    workload: str
    scenario: str
    twin: bool = False

    @property
    def label(self) -> str:
        """``go-fasthttp``; of a twin ``go-fasthttp (again)``."""
        return f"{self.server} ({TWIN})" if self.twin else self.server

    @property
    def slug(self) -> str:
        """``go-fasthttp.azure-b1s.plaintext``: safe in labels, paths and queries."""
        server = slug_of(f"{self.server}-{TWIN}" if self.twin else self.server)
        return f"{server}.{self.instance_type.replace('/', '-')}.{self.workload}"


@dataclass(frozen=True)
class Trial:
    """One window of a Cell at one rate.

    Attributes:
        block: from 1; in each block every Cell is measured anew, in a fresh container.
        attempt: counts repetitions of the same rate in the same block from 1.
    """

    cell: Cell
    block: int
    rate_per_second: int
    attempt: int
    phase: Phase = Phase.STEP

    @property
    def id(self) -> str:
        """``go-fasthttp.azure-b1s.plaintext.b1.2000.1``; what belongs to no search carries its phase."""
        phase = "" if self.phase in SEARCHED else f".{self.phase}"
        return f"{self.cell.slug}.b{self.block}{phase}.{self.rate_per_second}.{self.attempt}"


class Aim(StrEnum):
    """What is looked for: a coarse bracket by rising rates, the capacity itself, the smallest size for a rate, or which
    of two servers takes less CPU time for a request (both at once)."""

    STAIRCASE = "staircase"
    CAPACITY = "capacity"
    DEMAND = "demand"
    DUET = "duet"


@dataclass(frozen=True)
class Blocks:
    """How often every Cell is measured: at least, and at most where the data do not suffice for an answer."""

    least: int
    most: int


#: An A/A pair is measured until it is a tie or something is wrong with this host. Simulated, 3 % of noise in a block
#: ends as a tie in 95 % of runs, after twelve blocks in the mean; 2 % in 99 %, after seven.
BLOCKS_AA = Blocks(5, 30)
#: By aim, when the user does not say how often. A staircase is the coarse answer: once. A block of a duet is one window
#: of both.
BLOCKS = {
    Aim.STAIRCASE: Blocks(1, 1),
    Aim.CAPACITY: Blocks(3, 7),
    Aim.DEMAND: Blocks(1, 1),
    Aim.DUET: BLOCKS_AA,
}


@dataclass(frozen=True)
class Extras:
    """What is measured beside the aim."""

    curve: bool = False
    near_idle: bool = False
    noise_floor: bool = False


@dataclass(frozen=True)
class Plan:
    """What a Run will do.

    Attributes:
        left_out: instance types that do not fit this host, with the reason.
        generator: one for all Cells.
        generator_cause: why it can be no other; "" where another could offer the same.
        searches: Cells times the least number of blocks.
        seconds_expected: duration when each search goes as such searches usually do.
    """

    seed: int
    cells: tuple[Cell, ...]
    scenario: Scenario
    left_out: tuple[Unfit, ...]
    aim: Aim
    blocks: Blocks
    extras: Extras
    generator: Generator
    searches: int
    seconds_expected: float
    generator_cause: str = ""

    @property
    def unranked(self) -> str:
        """Why its windows tell of no capacity and no price; "" when they do."""
        if self.aim == Aim.DUET:
            return "two at once share their CPUs: that tells which costs less, and not what one alone holds"
        return self.scenario.unranked


#: Wall time of one window beside warm-up and load, for the estimate only.
OVERHEAD_SECONDS = 4.0
#: A window in a container that runs already.
PROBE_OVERHEAD_SECONDS = 2.0
#: A lead-in at the same rate in a container that is warm: connections are made, queues find their length.
LEAD_IN_SECONDS = 1.0
#: A window of a search is lengthened up to this where its quantiles need more requests.
PROBE_SECONDS_MAX = 60.0
#: Windows that a capacity search usually takes, and what they amount to in windows of the scenario's duration, since
#: those of the verification are twice as long: of fourteen searches at a quota of 0.25 CPU, where the latency moves
#: little with the rate. Simulated services, which are calmer, take fifteen (benchmarks, row R1).
WINDOWS_EXPECTED, PROBES_EXPECTED = 25, 32
WARM_UP_SECONDS = 12.0
CURVE_SHARES = (0.1, 0.3, 0.5, 0.7, 0.9)
IDLE_RATE_PER_SECOND = 1


def cells_of(
    servers: tuple[str, ...], instance_types: tuple[str, ...], workloads: tuple[str, ...], scenario: Scenario
) -> tuple[Cell, ...]:
    """Every combination."""
    return tuple(
        Cell(server, instance_type, workload, scenario.name)
        for instance_type in instance_types
        for server in servers
        for workload in workloads
    )


def expand(
    cells: tuple[Cell, ...],
    scenario: Scenario,
    *,
    aim: Aim,
    blocks: Blocks,
    extras: Extras,
    generator: Generator,
    seed: int,
    slo: Slo,
) -> Plan:
    """The A/A twin of the first Cell, in a duet of each, where it was asked for, and how long it will take."""
    if extras.noise_floor:
        # A duet is of a pair: each Cell has its twin. Elsewhere one pair tells what the host does.
        cells = (*cells, *(replace(one, twin=True) for one in cells[: None if aim == Aim.DUET else 1]))
    more = len(CURVE_SHARES) * extras.curve + extras.near_idle
    each = blocks.least * _search_seconds(aim, scenario, slo) + more * _trial_seconds(scenario)
    return Plan(
        seed=seed,
        cells=cells,
        scenario=scenario,
        left_out=(),
        aim=aim,
        blocks=blocks,
        extras=extras,
        generator=generator,
        searches=len(cells) * blocks.least,
        seconds_expected=len(cells) * each,
    )


def order(plan: Plan, block: int, turn: int = 0) -> tuple[Cell, ...]:
    """The Cells of one block (and of one turn within it) in a random order of its own, the same for the same seed.

    Interleaving spreads what drifts on the host (heat, neighbours) over all Cells instead of the last one.
    """
    return shuffled(plan.cells, plan.seed, block, turn)


def shuffled(cells: tuple[CellT, ...], seed: int, block: int, turn: int = 0) -> tuple[CellT, ...]:
    """In a random order that seed, block and turn decide."""
    mixed = list(cells)
    random.Random(f"{seed}/{block}/{turn}").shuffle(mixed)
    return tuple(mixed)


def _trial_seconds(scenario: Scenario, seconds: float | None = None) -> float:
    return scenario.warmup_seconds + (seconds or scenario.duration_seconds) + OVERHEAD_SECONDS


def _search_seconds(aim: Aim, scenario: Scenario, slo: Slo) -> float:
    probe = scenario.duration_seconds + LEAD_IN_SECONDS + PROBE_OVERHEAD_SECONDS
    if aim == Aim.CAPACITY:
        return PROBES_EXPECTED * probe + WARM_UP_SECONDS
    if scenario.ladder:
        return len(scenario.rates) * probe + scenario.warmup_seconds + OVERHEAD_SECONDS
    connecting = sum(scenario.connecting_seconds(rate) for rate in scenario.rates)
    if scenario.think_seconds is not None:
        return _trial_seconds(scenario)
    again = scenario.rates[-1:] * (windows_of(scenario) - len(scenario.rates))
    windows = (window_seconds(scenario.duration_seconds, slo, rate) for rate in (*scenario.rates, *again))
    at_once = 2 if aim == Aim.DUET else 1
    return (sum(_trial_seconds(scenario, seconds) for seconds in windows) + connecting) / at_once


def windows_of(scenario: Scenario) -> int:
    """How many a Cell usually takes; in a staircase the miss at its end is seen twice."""
    return len(scenario.rates) + (len(scenario.rates) > 1 and not scenario.ladder)


def windows_expected(plan: Plan) -> int:
    """How many windows it will probably take; for an estimate of the time left only."""
    each = WINDOWS_EXPECTED if plan.aim == Aim.CAPACITY else windows_of(plan.scenario)
    return plan.searches * each + len(plan.cells) * (len(CURVE_SHARES) * plan.extras.curve + plan.extras.near_idle)
