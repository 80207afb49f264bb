"""The staircase, the coarse Search: rates rise, each until it is believed to hold or not; the bracket is one stair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from orchestrator.domain.capacity import Capacity, End, Offer, Step
from orchestrator.domain.slo import Verdict

#: A miss may be the neighbour's noise and a void always is the rig's: either must be seen twice before it counts.
#: A pass is believed, since noise does not make a server faster.
TIMES_TO_BELIEVE = {Verdict.PASS: 1, Verdict.FAIL: 2, Verdict.UNKNOWN: 2}


def believed(seen: Sequence[Verdict]) -> Verdict | None:
    """What several attempts at one thing say together; None while another attempt is needed."""
    for verdict, times in TIMES_TO_BELIEVE.items():
        if seen.count(verdict) >= times:
            return verdict
    # One miss and one void are two attempts without an answer: not known.
    return Verdict.UNKNOWN if len(seen) >= 2 else None


@dataclass(frozen=True)
class Staircase:
    """Ends at the first rate that does not hold. Rates in requests per second, rising."""

    rates: tuple[int, ...]
    steps: tuple[Step, ...] = ()

    @property
    def next_offer(self) -> Offer | None:
        """The lowest rate of which it is not known whether it holds; None at the end."""
        for rate in self.rates:
            verdict = self._believed(rate)
            if verdict is None:
                return Offer(rate)
            if verdict != Verdict.PASS:
                return None
        return None

    def judged(self, step: Step) -> Staircase:
        """The search after this Step."""
        return replace(self, steps=(*self.steps, step))

    @property
    def capacity(self) -> Capacity:
        """The last stair that held and the first that did not."""
        holds: int | None = None
        for rate in self.rates:
            verdict = self._believed(rate)
            if verdict == Verdict.PASS:
                holds = rate
                continue
            if verdict == Verdict.FAIL:
                return Capacity(holds, rate, self._reason(rate), End.BELOW if holds is None else End.CLOSED)
            if verdict == Verdict.UNKNOWN:
                note = f"{rate:,} {self._reason(rate)}"
                return Capacity(holds, None, note, End.UNKNOWN if holds is None else End.AT_LEAST)
            return Capacity(holds, None, f"{rate:,} not finished" if self.steps else "not measured")
        return Capacity(holds, None, "more was not tried", End.AT_LEAST)

    def _believed(self, rate: int) -> Verdict | None:
        return believed([step.judgement.verdict for step in self.steps if step.rate_per_second == rate])

    def _reason(self, rate: int) -> str:
        return next(step.judgement.reason for step in reversed(self.steps) if step.rate_per_second == rate)
