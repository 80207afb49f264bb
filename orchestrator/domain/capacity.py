"""Capacity: the highest rate at which a Cell holds the SLO, found by a search that is a pure state machine.

A Search says which rate to offer next and takes the Verdict; it knows nothing of containers. The staircase is the
coarse one; a finer one takes the same place (Search).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol, Self

from orchestrator.domain.slo import Judgement, Verdict


@dataclass(frozen=True)
class Step:
    """One Trial's rate and how it was judged."""

    rate_per_second: int
    judgement: Judgement


@dataclass(frozen=True)
class Capacity:
    """A bracket: ``holds`` is the highest rate that held, ``fails`` the lowest that did not; None when not seen.

    ``note`` says why the bracket is open on one side.
    """

    holds: int | None
    fails: int | None
    note: str = ""

    def __str__(self) -> str:
        if self.holds is None:
            low = f"does not hold {self.fails:,}" if self.fails is not None else "not known"
            return f"{low} ({self.note})" if self.note else low
        if self.fails is None:
            return f"holds {self.holds:,} ({self.note})"
        return f"holds {self.holds:,}, not {self.fails:,}"


class Search(Protocol):
    """Offers rates one by one; immutable, so a Run can be replayed from its journal."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """What was offered so far and how it was judged."""

    @property
    def next_rate(self) -> int | None:
        """Requests per second to offer next; None when the search is over."""

    def judged(self, rate_per_second: int, judgement: Judgement) -> Self:
        """The search after this Verdict."""

    @property
    def capacity(self) -> Capacity:
        """What is known so far."""


#: A miss may be the neighbour's noise and a void always is the rig's: either must be seen twice before it counts.
#: A pass is believed, since noise does not make a server faster.
TIMES_TO_BELIEVE = {Verdict.PASS: 1, Verdict.FAIL: 2, Verdict.UNKNOWN: 2}


@dataclass(frozen=True)
class Staircase:
    """Rising rates, each until it is believed to hold or not; ends at the first that does not hold."""

    rates: tuple[int, ...]
    steps: tuple[Step, ...] = ()

    @property
    def next_rate(self) -> int | None:
        for rate in self.rates:
            verdict = self._believed(rate)
            if verdict is None:
                return rate
            if verdict != Verdict.PASS:
                return None
        return None

    def judged(self, rate_per_second: int, judgement: Judgement) -> Staircase:
        return replace(self, steps=(*self.steps, Step(rate_per_second, judgement)))

    @property
    def capacity(self) -> Capacity:
        holds = fails = None
        note = ""
        for rate in self.rates:
            verdict = self._believed(rate)
            if verdict == Verdict.PASS:
                holds = rate
                continue
            if verdict == Verdict.FAIL:
                fails = rate
                note = self._reason(rate)
            elif verdict == Verdict.UNKNOWN:
                note = f"{rate:,} {self._reason(rate)}"
            else:
                note = f"{rate:,} not finished" if self.steps else "not measured"
            break
        else:
            note = "more was not tried"
        return Capacity(holds, fails, note)

    def _believed(self, rate: int) -> Verdict | None:
        seen = [step.judgement.verdict for step in self.steps if step.rate_per_second == rate]
        for verdict, times in TIMES_TO_BELIEVE.items():
            if seen.count(verdict) >= times:
                return verdict
        # One miss and one void are two attempts without an answer: not known.
        return Verdict.UNKNOWN if len(seen) >= 2 else None

    def _reason(self, rate: int) -> str:
        return next(step.judgement.reason for step in reversed(self.steps) if step.rate_per_second == rate)
