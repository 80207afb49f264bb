"""A Cell of a stored Run under another Slo than the one its search was led by."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from orchestrator.domain.capacity import Capacity, End
from orchestrator.domain.plan import Cell
from orchestrator.domain.record import StoredRun, TrialRecord
from orchestrator.domain.slo import Judgement, Slo, Verdict
from orchestrator.domain.verdict import judge

#: As in every search here: a miss may be noise, so it must have been seen twice.
FAILS_NEEDED = 2


@dataclass(frozen=True)
class Rejudged:
    """What the stored Trials of a Cell say.

    Attributes:
        capacity: the highest rate believed to hold, and the lowest above it believed not to. The search offered rates
            around another limit: this bracket is as wide as the rates that happened to be tried.
        verdicts: how many Trials passed, failed, are unknown.
        changed: Trials whose Verdict is another one than under the Run's own Slo.
        cannot: why Trials have no answer, and how many.
    """

    cell: Cell
    capacity: Capacity
    verdicts: dict[str, int]
    changed: int
    cannot: dict[str, int]


def rejudged(run: StoredRun, cell: Cell, slo: Slo) -> Rejudged:
    """Every Trial of the Cell judged by ``slo``; rates decide by their own Trials, over all blocks."""
    records = [record for record in run.trials if record.cell == cell]
    judged = [(record, judge(slo, record)) for record in records]
    verdicts = Counter(str(one.verdict) for _, one in judged)
    own = run.manifest.slo
    return Rejudged(
        cell=cell,
        capacity=_bracket(judged),
        verdicts={str(verdict): verdicts[str(verdict)] for verdict in Verdict},
        changed=sum(judge(own, record).verdict != one.verdict for record, one in judged),
        cannot=dict(Counter(one.reason for _, one in judged if one.verdict == Verdict.UNKNOWN)),
    )


def _bracket(judged: list[tuple[TrialRecord, Judgement]]) -> Capacity:
    rates: dict[int, Counter[Verdict]] = {}
    for record, one in judged:
        rates.setdefault(record.rate_per_second, Counter())[one.verdict] += 1
    held = [rate for rate, seen in rates.items() if seen[Verdict.PASS] > seen[Verdict.FAIL]]
    failed = [
        rate
        for rate, seen in rates.items()
        if seen[Verdict.FAIL] >= FAILS_NEEDED and seen[Verdict.FAIL] > seen[Verdict.PASS]
    ]
    holds = max(held, default=None)
    lowest = min(failed, default=None)
    if holds is not None and lowest is not None and lowest < holds:
        note = f"{lowest:,} missed it although {holds:,} held: not monotone"
        return Capacity(holds, lowest, note, End.NOT_MONOTONE)
    if holds is None:
        return Capacity(None, lowest, "" if lowest is not None else "no stored trial can tell", End.UNKNOWN)
    if lowest is None:
        return Capacity(holds, None, "no higher rate is known to miss it", End.AT_LEAST)
    return Capacity(holds, lowest, "", End.CLOSED)
