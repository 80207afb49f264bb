"""Rates that a size cannot serve: the CPU time they take, at what a request was seen to cost, is more than it has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from orchestrator.domain.feasibility import cores
from orchestrator.domain.instance_type import InstanceType
from orchestrator.domain.measurement import Missing, value_of
from orchestrator.domain.outcome import Status
from orchestrator.domain.record import TrialRecord
from orchestrator.domain.units import show_seconds
from orchestrator.domain.verdict import at_cpu_limit


@dataclass(frozen=True)
class Bound:
    """What a rate takes of a server's CPUs, and the sizes that have less.

    Attributes:
        cpu_seconds_per_request: the least that was measured of it, on any size; by preference of servers at their CPU
            limit, since a busier server spends less on a request.
        seen_at_per_second: the rate it was measured at, where no server was at its limit; None else.
        sizes: id and CPUs it may use for ever, of each size that cannot serve the rate.
    """

    server: str
    workload: str
    rate_per_second: int
    cpu_seconds_per_request: float
    sizes: tuple[tuple[str, float], ...]
    seen_at_per_second: float | None = None

    @property
    def cpus_needed(self) -> float:
        """CPUs that the rate keeps busy."""
        return cores(self.rate_per_second, self.cpu_seconds_per_request)

    def __str__(self) -> str:
        had = ", ".join(f"{size} has {cpus:g}" for size, cpus in self.sizes)
        each = show_seconds(self.cpu_seconds_per_request)
        where = "as measured"
        if self.seen_at_per_second is not None and self.seen_at_per_second < self.rate_per_second:
            where = f"as measured at {self.seen_at_per_second:,.0f}/s; a busier server may spend less"
        return (
            f"{self.rate_per_second:,} requests/s of {self.workload} need {self.cpus_needed:,.3g} CPUs of "
            f"{self.server} ({each} of CPU each, {where}); {had}"
        )


def bounds(records: Iterable[TrialRecord], sizes: Iterable[InstanceType], rate_per_second: int) -> tuple[Bound, ...]:
    """One for each server and workload that needs more CPUs than some of the sizes have, by all completed windows."""
    windows: dict[tuple[str, str], list[_Window]] = {}
    for record in records:
        seen = _window_of(record)
        if seen is not None:
            windows.setdefault((record.cell.server, record.cell.workload), []).append(seen)
    every = tuple(sizes)
    made = []
    for (server, workload), of in windows.items():
        least = min((one for one in of if one.at_limit), default=min(of))
        needed = cores(rate_per_second, least.cost)
        short = tuple((one.id, one.sustained_cpus) for one in every if one.sustained_cpus < needed)
        if short:
            seen_at = None if least.at_limit else least.rate
            made.append(Bound(server, workload, rate_per_second, least.cost, short, seen_at))
    return tuple(made)


@dataclass(frozen=True, order=True)
class _Window:
    """CPU seconds per request, and requests per second."""

    cost: float
    rate: float
    at_limit: bool


def _window_of(record: TrialRecord) -> _Window | None:
    """Also one that missed the Slo: what it answered cost CPU as well."""
    rows = record.measurements
    cost, rate = value_of(rows, "cpu_seconds_per_request"), value_of(rows, "rate_achieved_per_second")
    if record.outcome.status != Status.COMPLETED or isinstance(cost, Missing) or isinstance(rate, Missing):
        return None
    return _Window(cost, rate, at_cpu_limit(rows))
