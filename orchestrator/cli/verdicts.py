"""The exit code of a finished Run."""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator.domain.batch_summary import JobPair, JobRow
from orchestrator.domain.capacity import End
from orchestrator.domain.outcome import Status
from orchestrator.domain.plan import Aim
from orchestrator.domain.record import StoredRun
from orchestrator.domain.summary import CellSummary
from orchestrator.domain.versus import Versus

HELD = 0
MISSED = 1
UNRESOLVED = 4


def run_exit_code(summaries: Sequence[CellSummary], *, asked_one_rate: bool) -> int:
    """1 when one rate was asked for and a Cell does not hold it; 4 when a Cell has no answer at all; else 0.

    In a staircase a miss is no failure: it is what closes the bracket. A proven miss comes before a void one, since
    no repetition can turn it into a pass.
    """
    if asked_one_rate and any(one.capacity.fails is not None for one in summaries):
        return MISSED
    nothing = any(one.capacity.holds is None and one.capacity.fails is None for one in summaries)
    return UNRESOLVED if nothing else HELD


def demand_exit_code(summaries: Sequence[CellSummary]) -> int:
    """1 when some server holds the rate on none of the sizes; 4 when that, or whether a cheaper size than the one that
    holds would do, is not known; else 0."""
    codes = []
    for server, workload in dict.fromkeys((one.cell.server, one.cell.workload) for one in summaries):
        mine = [one for one in summaries if (one.cell.server, one.cell.workload) == (server, workload)]
        held = any(one.capacity.holds is not None for one in mine)
        doubt = any(one.trials and one.capacity.holds is None and one.capacity.fails is None for one in mine)
        codes.append(UNRESOLVED if doubt else HELD if held else MISSED)
    return max(codes, default=HELD)


def batch_exit_code(rows: Sequence[JobRow], pairs: Sequence[JobPair]) -> int:
    """1 when a program failed a job or two computed different things; 4 when a job has no figures else; else 0.

    What this machine cannot build is no miss: its rows say so.
    """
    if any(row.failed for row in rows) or any(pair.checksums_differ for pair in pairs):
        return MISSED
    return UNRESOLVED if any(not row.completed and not row.optional for row in rows) else HELD


def unranked_exit_code(run: StoredRun) -> int:
    """4 when of some Cell there is no window but void ones; what a server did in the others is a result, not a miss."""
    seen = {record.cell for record in run.trials if record.outcome.status != Status.VOID}
    return HELD if seen.issuperset(run.manifest.plan.cells) else UNRESOLVED


def duet_exit_code(run: StoredRun, pairs: Sequence[Versus]) -> int:
    """4 when some two were not compared at all."""
    cells = run.manifest.plan.cells
    return HELD if len(pairs) == len({(cell.instance_type, cell.workload) for cell in cells}) else UNRESOLVED


def open_ended(run: StoredRun, summary: CellSummary) -> bool:
    """Whether its search ended before a rate failed or the highest one held: told as a warning."""
    capacity, plan = summary.capacity, run.manifest.plan
    if plan.unranked:
        return False
    if plan.aim == Aim.CAPACITY:
        return capacity.end != End.CLOSED
    if plan.aim == Aim.DEMAND and not summary.trials:
        return False  # a cheaper size holds, or one that has as much did not
    return capacity.fails is None and capacity.holds != max(plan.scenario.rates)
