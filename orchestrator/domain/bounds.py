"""Rates that cannot be served, whatever the server does: the CPU time they take is more than a size has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from orchestrator.domain.feasibility import cores
from orchestrator.domain.instance_type import InstanceType
from orchestrator.domain.measurement import Missing, value_of
from orchestrator.domain.summary import CellSummary
from orchestrator.domain.units import show_seconds


@dataclass(frozen=True)
class Bound:
    """What a rate takes of a server's CPUs, and the sizes that have less.

    Attributes:
        cpu_seconds_per_request: the least that was measured of it, on any size.
        sizes: id and CPUs it may use for ever, of each size that cannot serve the rate.
    """

    server: str
    workload: str
    rate_per_second: int
    cpu_seconds_per_request: float
    sizes: tuple[tuple[str, float], ...]

    @property
    def cpus_needed(self) -> float:
        """CPUs that the rate keeps busy."""
        return cores(self.rate_per_second, self.cpu_seconds_per_request)

    def __str__(self) -> str:
        had = ", ".join(f"{size} has {cpus:g}" for size, cpus in self.sizes)
        each = show_seconds(self.cpu_seconds_per_request)
        return (
            f"{self.rate_per_second:,} requests/s of {self.workload} need {self.cpus_needed:,.3g} CPUs of "
            f"{self.server} ({each} of CPU each, as measured); {had}"
        )


def bounds(summaries: Sequence[CellSummary], sizes: Iterable[InstanceType], rate_per_second: int) -> tuple[Bound, ...]:
    """One for each server and workload that needs more CPUs than some of the sizes have."""
    costs: dict[tuple[str, str], list[float]] = {}
    for one in summaries:
        for found in one.blocks:
            cost = value_of(found.footprint, "cpu_seconds_per_request")
            if not isinstance(cost, Missing):
                costs.setdefault((one.cell.server, one.cell.workload), []).append(cost)
    every = tuple(sizes)
    made = []
    for (server, workload), seen in costs.items():
        needed = cores(rate_per_second, min(seen))
        short = tuple((one.id, one.sustained_cpus) for one in every if one.sustained_cpus < needed)
        if short:
            made.append(Bound(server, workload, rate_per_second, min(seen), short))
    return tuple(made)
