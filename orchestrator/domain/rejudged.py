"""A Cell of a stored Run under another Slo than the one its search was led by."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from orchestrator.domain.capacity import Capacity, End, Phase
from orchestrator.domain.plan import Cell
from orchestrator.domain.record import StoredRun, TrialRecord
from orchestrator.domain.slo import Judgement, Slo, Verdict
from orchestrator.domain.summary import SEARCHED
from orchestrator.domain.verdict import judge

#: As in every search here: one miss may be noise.
FAILS_NEEDED = 2


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
    judged = [(record, judge(slo, record)) for record in records]
    verdicts = Counter(str(one.verdict) for _, one in judged)
    own = run.manifest.slo
    capacity, against = _bracket([(record, one) for record, one in judged if record.phase in SEARCHED])
    return Rejudged(
        cell=cell,
        capacity=capacity,
        against=against,
        verdicts={str(verdict): verdicts[str(verdict)] for verdict in Verdict},
        changed=sum(judge(own, record).verdict != one.verdict for record, one in judged),
        cannot=dict(Counter(one.reason for _, one in judged if one.verdict == Verdict.UNKNOWN)),
    )


def _bracket(judged: list[tuple[TrialRecord, Judgement]]) -> tuple[Capacity, int]:
    """The cut between two rates that the fewest windows contradict, and how many do; of equal cuts the lowest.

    A search near a limit sees one rate hold and miss by turns, and the host is slower in one block than in another.
    Whoever takes each rate for itself then finds a lower one missed and a higher one held, where there is only noise.
    """
    rates: dict[int, Counter[Verdict]] = {}
    for record, one in judged:
        rates.setdefault(record.rate_per_second, Counter())[one.verdict] += 1
    held = [rate for rate, seen in rates.items() if seen[Verdict.PASS]]
    failed = [rate for rate, seen in rates.items() if seen[Verdict.FAIL]]
    if not held and not failed:
        return Capacity(None, None, "no stored trial can tell", End.UNKNOWN), 0

    def against(cut: float) -> int:
        return sum(seen[Verdict.FAIL] if rate < cut else seen[Verdict.PASS] for rate, seen in rates.items())

    cut = min((*sorted(rates), math.inf), key=against)
    holds = max((rate for rate in held if rate < cut), default=None)
    fails = min((rate for rate in failed if rate >= cut), default=None)
    if fails is not None and sum(rates[rate][Verdict.FAIL] for rate in failed if rate >= cut) < FAILS_NEEDED:
        fails = None
    if holds is None:
        return Capacity(None, fails, "" if fails is not None else "no stored trial can tell", End.UNKNOWN), against(cut)
    if fails is None:
        return Capacity(holds, None, "no higher rate is known to miss it", End.AT_LEAST), against(cut)
    return Capacity(holds, fails, "", End.CLOSED), against(cut)
