"""What a stored Run says of each Cell: its Capacity over all blocks, its interval, the footprint where it held."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import median_high, median_low

from orchestrator.domain.capacity import Capacity, CapacitySearch, End, Phase, Search, Step
from orchestrator.domain.cut import bracket_of
from orchestrator.domain.doubts import CEILING, binding, doubts, of_ceiling
from orchestrator.domain.measurement import Measurement, Missing, value_of
from orchestrator.domain.outcome import Status
from orchestrator.domain.plan import PROBE_SECONDS_MAX, Aim, Cell, Plan
from orchestrator.domain.record import StoredRun, TrialRecord
from orchestrator.domain.search import SEARCHED
from orchestrator.domain.slo import Slo, Verdict
from orchestrator.domain.staircase import Staircase
from orchestrator.domain.statistics import Summary, summary_of
from orchestrator.domain.step import step_of
from orchestrator.domain.verdict import requests_needed
from orchestrator.domain.workload import POOL_MIN, VIRTUAL_USERS_MAX, Workload

#: A search below a known ceiling is a check of the lab itself, and taken finer than the usual 5 %.
WIDTH, WIDTH_AT_CEILING = 0.05, 0.02


@dataclass(frozen=True)
class Found:
    """What one block found of a Cell.

    Attributes:
        footprint: Measurements of the last window that held at ``capacity.holds``; of the last that was completed
            when none held.
        held: the same of every rate at which a window held.
        windows: how many were offered; ``load_seconds`` how long in all.
    """

    block: int
    capacity: Capacity
    footprint: tuple[Measurement, ...]
    held: dict[int, tuple[Measurement, ...]]
    windows: int
    load_seconds: float


@dataclass(frozen=True)
class CellSummary:
    """A Cell after all its blocks.

    Attributes:
        capacity: one block's bracket; of several the median of their bounds, which held and did not.
        aim, seed: of the Plan: what intervals are made for, and from.
        trials, void: how many there were, and how many of them were void.
        footprint: Measurements of the last window that held at ``capacity.holds``; empty when none held.
        closed_loop: the most requests per second that a closed loop got answered, whatever the latency; Missing when
            none was run.
        binding: what kept it from holding more: ``CPU``, ``memory``, ``errors``, ``latency``, ``ceiling``,
            ``sidecar``; "" when not seen.
        shared: server and generator stood on the same CPUs: never ranked.
        doubts: sentences about its trials; ``warnings`` has those of its intervals too.

    Intervals are computed when they are asked for: pricing a thousand trials needs none.
    """

    cell: Cell
    capacity: Capacity
    blocks: tuple[Found, ...]
    aim: Aim
    seed: int
    trials: int
    void: int
    footprint: tuple[Measurement, ...]
    closed_loop: float | Missing
    binding: str
    shared: bool
    doubts: tuple[str, ...]

    @cached_property
    def rate(self) -> Summary | Missing:
        """Requests per second over the blocks that ended between two rates; Missing for a staircase, which is a bracket
        only, and where a block found no rate that held: the others would be its survivors."""
        if self.aim != Aim.CAPACITY:
            return Missing("a staircase gives a bracket only: orchestrator run --capacity")
        if any(found.capacity.end == End.BELOW for found in self.blocks):
            return Missing(str(self.capacity))
        closed = [found.capacity for found in self.blocks if not isinstance(found.capacity.estimate, Missing)]
        if not closed:
            return Missing(str(self.capacity))
        values = [float(one.estimate) for one in closed if not isinstance(one.estimate, Missing)]
        brackets = [(float(one.holds or 0), float(one.fails or 0)) for one in closed]
        return summary_of(values, brackets=brackets, seed=self.seed)

    @cached_property
    def cpu(self) -> Summary | Missing:
        """CPU seconds per request over all blocks."""
        seen = [value_of(found.footprint, "cpu_seconds_per_request") for found in self.blocks]
        values = [value for value in seen if not isinstance(value, Missing)]
        if not values:
            return next((value for value in seen if isinstance(value, Missing)), Missing("not measured"))
        return summary_of(values, seed=self.seed)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences about this Cell, without its name."""
        return self.doubts if isinstance(self.rate, Missing) else (*self.rate.warnings, *self.doubts)

    @property
    def windows(self) -> int:
        """Windows of all searches."""
        return sum(found.windows for found in self.blocks)

    @property
    def load_seconds(self) -> float:
        """Seconds under load in all searches, lead-ins left out."""
        return sum(found.load_seconds for found in self.blocks)


def search_of(plan: Plan, slo: Slo, workload: Workload, records: Sequence[TrialRecord]) -> Search:
    """The search a Cell of this Plan starts with in a block; a capacity search began at its first record's rate."""
    if plan.aim == Aim.CAPACITY:
        return capacity_search(records[0].rate_per_second if records else plan.scenario.rates[0], workload, slo)
    return Staircase(plan.scenario.rates)


def capacity_search(first: int, workload: Workload, slo: Slo) -> CapacitySearch:
    """The search of a Cell: as narrow as its workload asks, between rates of which a window can tell something.

    At a lower rate the longest window has too few requests for the SLO's quantiles; for a higher one there are not
    connections enough to tell a slow server from a pool that ran dry.
    """
    low = math.ceil(requests_needed(slo) / PROBE_SECONDS_MAX)
    high = max(low, int((VIRTUAL_USERS_MAX - POOL_MIN) / slo.latency_seconds_max))
    width = WIDTH if workload.ceiling_per_second is None else WIDTH_AT_CEILING
    return CapacitySearch(min(max(first, low), high), width, high, low)


def summarise(run: StoredRun) -> tuple[CellSummary, ...]:
    """Every Cell of the Plan, in its order, also those that were never measured."""
    by_cell: dict[Cell, list[TrialRecord]] = {cell: [] for cell in run.manifest.plan.cells}
    loops: dict[Cell, list[float]] = {cell: [] for cell in run.manifest.plan.cells}
    for record in run.trials:
        if record.phase in SEARCHED or record.phase == Phase.DUET:
            by_cell[record.cell].append(record)
        elif record.phase == Phase.CLOSED_LOOP:
            rate = value_of(record.measurements, "rate_achieved_per_second")
            loops[record.cell] += [] if isinstance(rate, Missing) else [rate]
    return tuple(
        _cell(run, cell, records, max(loops[cell], default=Missing("no closed loop was run")))
        for cell, records in by_cell.items()
    )


def _cell(run: StoredRun, cell: Cell, records: list[TrialRecord], loop: float | Missing) -> CellSummary:
    manifest = run.manifest
    slo, plan = manifest.slo, manifest.plan
    workload = next(one for one in manifest.workloads if one.name == cell.workload)
    numbers = sorted({record.block for record in records})
    blocks = tuple(
        _found(plan, slo, workload, [one for one in records if one.block == number], number) for number in numbers
    )
    nothing = Capacity(None, None, plan.unranked or "not measured")
    capacity = over_blocks([found.capacity for found in blocks]) if blocks else nothing
    footprint = _holding(blocks, capacity)
    binds = binding(slo, records, capacity, workload, loop)
    return CellSummary(
        cell=cell,
        capacity=capacity,
        blocks=blocks,
        aim=plan.aim,
        seed=plan.seed,
        trials=len(records),
        void=sum(record.outcome.status == Status.VOID for record in records),
        footprint=footprint,
        closed_loop=loop,
        binding=binds,
        shared=any(record.placement.shared for record in records),
        doubts=(
            *((of_ceiling(workload, capacity, loop),) if binds == CEILING else ()),
            *_odd_blocks(blocks, capacity),
            *doubts(footprint, records),
        ),
    )


def _found(plan: Plan, slo: Slo, workload: Workload, records: list[TrialRecord], block: int) -> Found:
    if plan.aim == Aim.DUET:
        # Noise that both share may make either late: what a request cost is known all the same.
        capacity = Capacity(None, None, plan.unranked)
        held = {one.rate_per_second: one.measurements for one in records if _served_well(slo, one)}
    else:
        steps = [step_of(slo, record) for record in records]
        capacity = _replayed(search_of(plan, slo, workload, records), steps)
        held = {
            record.rate_per_second: record.measurements
            for record, step in zip(records, steps, strict=True)
            if step.judgement.verdict == Verdict.PASS
        }
    last = next((one.measurements for one in reversed(records) if one.outcome.status == Status.COMPLETED), ())
    seconds = sum(window_seconds(record) for record in records)
    return Found(block, capacity, held.get(capacity.holds or 0, last), held, len(records), seconds)


def _served_well(slo: Slo, record: TrialRecord) -> bool:
    errors = value_of(record.measurements, "error_ratio")
    wrong = isinstance(errors, Missing) or errors > slo.error_ratio
    return record.outcome.status == Status.COMPLETED and not wrong


def _replayed(search: Search, steps: list[Step]) -> Capacity:
    """What the search found. One that was led by the rules of another version of the lab asked for other rates: of that
    only its windows can be read."""
    try:
        for step in steps:
            search = search.judged(step)
    except ValueError:
        found, _ = bracket_of((step.rate_per_second, step.judgement.verdict) for step in steps)
        return replace(found, note="searched by another version of the lab; read from its windows", end=End.UNKNOWN)
    return search.capacity


def window_seconds(record: TrialRecord) -> float:
    """Length of the judged window; 0 where none was opened."""
    return next((one.window_seconds for one in record.measurements if one.metric == "rate_achieved_per_second"), 0.0)


def over_blocks(found: list[Capacity]) -> Capacity:
    """Medians of the bounds; the least certain end of all blocks, of which there is one at least.

    What is not monotone has no bounds: it counts only where no block has any.
    """
    found = [one for one in found if one.end != End.NOT_MONOTONE] or found
    if len(found) == 1:
        return found[0]
    holds = [one.holds for one in found if one.holds is not None]
    fails = [one.fails for one in found if one.fails is not None]
    worst = max(found, key=lambda one: _CERTAIN.index(one.end))
    so_many, most = sum(one.end == worst.end for one in found), len(found) / 2
    note = worst.note if so_many == len(found) or not worst.note else f"{so_many} of {len(found)} blocks: {worst.note}"
    return Capacity(
        median_low(holds) if len(holds) > most else None,
        median_high(fails) if len(fails) > most else None,
        note,
        worst.end,
    )


_CERTAIN = (End.CLOSED, End.AT_LEAST, End.BELOW, End.NOT_MONOTONE, End.OPEN, End.UNKNOWN)


def _odd_blocks(blocks: tuple[Found, ...], capacity: Capacity) -> tuple[str, ...]:
    odd = [one.capacity.note for one in blocks if one.capacity.end == End.NOT_MONOTONE]
    if not odd or capacity.end == End.NOT_MONOTONE:
        return ()
    return (f"{len(odd)} of {len(blocks)} blocks left out: {odd[0]}",)


def _holding(blocks: tuple[Found, ...], capacity: Capacity) -> tuple[Measurement, ...]:
    """Of the last window that held at the bound that is shown, in whichever block that was."""
    rate = capacity.holds
    return next((found.held[rate] for found in reversed(blocks) if rate in found.held), ()) if rate else ()
