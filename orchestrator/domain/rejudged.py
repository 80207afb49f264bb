"""A Cell of a stored Run under another Slo than the one its search was led by."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from orchestrator.domain.capacity import Capacity, Phase
from orchestrator.domain.cut import bracket_of
from orchestrator.domain.measurement import Missing, value_of
from orchestrator.domain.outcome import Status
from orchestrator.domain.plan import Cell
from orchestrator.domain.ratios import pool_holds
from orchestrator.domain.record import StoredRun, TrialRecord
from orchestrator.domain.search import SEARCHED
from orchestrator.domain.slo import Judgement, Slo, Verdict
from orchestrator.domain.verdict import judge


@dataclass(frozen=True)
class Rejudged:
    """What the stored Trials of a Cell say.

    Attributes:
        capacity: the highest rate believed to hold, and the lowest above it believed not to. The search offered rates
            around another limit: this bracket is as wide as the rates that happened to be tried.
        against: windows of a search that contradict this bracket; noise, or a host that changed.
        verdicts: how many Trials passed, failed, are unknown.
        changed: Trials whose Verdict is another one than under the Run's own Slo.
        cannot: why Trials have no answer, and how many.
    """

    cell: Cell
    capacity: Capacity
    against: int
    verdicts: dict[str, int]
    changed: int
    cannot: dict[str, int]


def rejudged(run: StoredRun, cell: Cell, slo: Slo) -> Rejudged:
    """Every Trial of the Cell judged by ``slo``, over all blocks."""
    records = [record for record in run.trials if record.cell == cell and record.phase != Phase.CLOSED_LOOP]
    judged = [(record, _judged(slo, record)) for record in records]
    verdicts = Counter(str(one.verdict) for _, one in judged)
    own = run.manifest.slo
    searched = ((record.rate_per_second, one.verdict) for record, one in judged if record.phase in SEARCHED)
    capacity, against = bracket_of(searched)
    return Rejudged(
        cell=cell,
        capacity=capacity,
        against=against,
        verdicts={str(verdict): verdicts[str(verdict)] for verdict in Verdict},
        changed=sum(judge(own, record).verdict != one.verdict for record, one in judged),
        cannot=dict(Counter(one.reason for _, one in judged if one.verdict == Verdict.UNKNOWN)),
    )


def _judged(slo: Slo, record: TrialRecord) -> Judgement:
    """As the Slo says, unless it allows more latency than the pool was made for: a larger one might have done."""
    users, dropped = (value_of(record.measurements, name) for name in ("virtual_users", "requests_dropped"))
    if isinstance(users, Missing) or isinstance(dropped, Missing) or record.outcome.status != Status.COMPLETED:
        return judge(slo, record)
    if not dropped or pool_holds(users, record.rate_per_second, slo.latency_seconds_max):
        return judge(slo, record)
    reason = f"{users:,.0f} users cannot carry {record.rate_per_second:,} requests/s at {slo.latency_words}"
    return Judgement(Verdict.UNKNOWN, reason)
