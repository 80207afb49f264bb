"""``cost``: from a stored Run to what each size costs at a rate. Works from disk alone."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.domain.bounds import Bound, bounds
from orchestrator.domain.cost import Estimate, estimate, not_measured, rank
from orchestrator.domain.instance_type import InstanceType
from orchestrator.domain.record import StoredRun
from orchestrator.domain.summary import CellSummary, summarise
from orchestrator.errors import RecordDamaged
from orchestrator.ports import RunStore
from orchestrator.usecases.stored import windows_of


@dataclass(frozen=True)
class CostReport:
    """Estimates, cheapest first, and the Run they come from.

    Attributes:
        bounds: what one instance of a size cannot serve at the rate that was asked for, whatever the server does.
    """

    run: StoredRun
    rate_per_second: int
    summaries: tuple[CellSummary, ...]
    estimates: tuple[Estimate, ...]
    bounds: tuple[Bound, ...] = ()


def newest(store: RunStore) -> StoredRun:
    """The newest Run of ranked windows that came to its end, else the newest.

    Raises RecordDamaged when there is none, and ConfigError when the newest is a batch Run.
    """
    for name in store.runs():
        try:
            stored = store.read(name)
        except RecordDamaged:
            continue  # told by ``list runs``; an older one may answer
        if stored.finished is True and isinstance(stored, StoredRun) and not stored.manifest.plan.unranked:
            return stored
    return windows_of(store.read("latest"), "cost")


def cost(
    stored: StoredRun, rate_per_second: int, asked: tuple[InstanceType, ...] = (), *, rate_asked: int | None = None
) -> CostReport:
    """Prices every Cell with the rows frozen in the manifest.

    Args:
        asked: sizes the user wants to see as well; those without a Trial say "not measured".
        rate_asked: the highest rate that somebody wants of one instance; None where nobody named one.
    """
    manifest = stored.manifest
    sizes = {one.id: one for one in manifest.instance_types}
    summaries = summarise(stored)
    ranked = [one for one in summaries if not one.cell.twin]
    estimates = [estimate(one, sizes[one.cell.instance_type], rate_per_second) for one in ranked]
    unseen = [(sizes[unfit.instance_type], unfit.reason) for unfit in manifest.plan.left_out]
    unseen += [(one, "") for one in asked if one.id not in sizes]
    estimates += [
        not_measured(server.name, size, workload.name, rate_per_second, why)
        for size, why in unseen
        for server in manifest.servers
        for workload in manifest.workloads
        if workload.name in server.workloads
    ]
    wanted = (*sizes.values(), *(one for one in asked if one.id not in sizes))
    # Of a duet a request's CPU time is that of a shared CPU.
    bound = bounds(stored.trials, wanted, rate_asked) if rate_asked is not None and not manifest.plan.unranked else ()
    return CostReport(stored, rate_per_second, summaries, rank(tuple(estimates)), bound)
