"""What a stored Run says of each Cell: its Capacity and the footprint at the highest rate that held."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.domain.capacity import Capacity, Search, Staircase
from orchestrator.domain.gates import THROTTLED_RATIO_NOTABLE
from orchestrator.domain.measurement import Measurement, Missing, value_of
from orchestrator.domain.outcome import Failure, Status
from orchestrator.domain.plan import Cell
from orchestrator.domain.record import StoredRun, TrialRecord
from orchestrator.domain.slo import Slo, Verdict, at_cpu_limit, judge
from orchestrator.domain.units import show_ratio


@dataclass(frozen=True)
class CellSummary:
    """A Cell after all its Trials.

    Attributes:
        trials, void: how many there were, and how many of them were void.
        footprint: Measurements of the last Trial that held at ``capacity.holds``; empty when none held.
        binding: what kept it from holding more: ``CPU``, ``memory``, ``errors``, ``latency``; "" when not seen.
        shared: server and generator stood on the same CPUs: never ranked.
    """

    cell: Cell
    capacity: Capacity
    trials: int
    void: int
    footprint: tuple[Measurement, ...]
    binding: str
    shared: bool
    warnings: tuple[str, ...]


def search_for(run: StoredRun) -> Search:
    """The Search every Cell of this Run starts with."""
    return Staircase(run.manifest.plan.scenario.rates)


def summarise(run: StoredRun) -> tuple[CellSummary, ...]:
    """Every Cell of the Plan, in its order, also those that were never measured."""
    return tuple(_cell(run, cell) for cell in run.manifest.plan.cells)


def _cell(run: StoredRun, cell: Cell) -> CellSummary:
    records = [record for record in run.trials if record.cell == cell]
    slo = run.manifest.slo
    search = search_for(run)
    for record in records:
        search = search.judged(record.rate_per_second, judge(slo, record.outcome, record.measurements))
    capacity = search.capacity
    footprint = _holding(slo, records, capacity.holds)
    return CellSummary(
        cell=cell,
        capacity=capacity,
        trials=len(records),
        void=sum(record.outcome.status == Status.VOID for record in records),
        footprint=footprint,
        binding=_binding(slo, records, capacity.fails),
        shared=any(record.placement.shared for record in records),
        warnings=_warnings(cell, footprint),
    )


def _holding(slo: Slo, records: list[TrialRecord], rate: int | None) -> tuple[Measurement, ...]:
    for record in reversed(records):
        verdict = judge(slo, record.outcome, record.measurements).verdict
        if record.rate_per_second == rate and verdict == Verdict.PASS:
            return record.measurements
    return ()


def _binding(slo: Slo, records: list[TrialRecord], fails: int | None) -> str:
    missed = [record for record in records if record.rate_per_second == fails]
    if not missed:
        return ""
    last = missed[-1]
    if last.outcome.status == Status.FAILED:
        return "memory" if last.outcome.kind == Failure.OOM else ""
    errors = value_of(last.measurements, "error_ratio")
    if not isinstance(errors, Missing) and errors > slo.error_ratio:
        return "errors"
    return "CPU" if at_cpu_limit(last.measurements) else "latency"


def _warnings(cell: Cell, footprint: tuple[Measurement, ...]) -> tuple[str, ...]:
    throttled = value_of(footprint, "cpu_throttled_periods_ratio")
    if isinstance(throttled, Missing) or throttled < THROTTLED_RATIO_NOTABLE:
        return ()
    return (
        f"{cell.server} on {cell.instance_type}: CPU throttled in {show_ratio(throttled)} of periods at the rate it "
        "holds; latency there is a property of the quota",
    )
