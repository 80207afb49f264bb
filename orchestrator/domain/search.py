"""What every Search is made of: Offers go out, Steps come in, a Capacity is what remains. All are values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, Self

from orchestrator.domain.measurement import Missing
from orchestrator.domain.slo import Judgement

#: A search goes no further than 5 %, and some rounding.
NARROW = 0.06


class Phase(StrEnum):
    """Why a rate is offered; CURVE, IDLE, LADDER (all rates in one container), THINK (users who think), DUET (beside a
    partner) and CLOSED_LOOP (the end of a warm-up: the most it can do) belong to no search."""

    STEP = "step"
    SEED = "seed"
    BRACKET = "bracket"
    REFINE = "refine"
    VERIFY = "verify"
    CURVE = "curve"
    IDLE = "idle"
    LADDER = "ladder"
    THINK = "think"
    DUET = "duet"
    CLOSED_LOOP = "closed_loop"


#: Phases that belong to a search; the others are measured beside it.
SEARCHED = frozenset({Phase.STEP, Phase.SEED, Phase.BRACKET, Phase.REFINE, Phase.VERIFY})


@dataclass(frozen=True)
class Offer:
    """What a search wants next.

    Attributes:
        length: of the window, in units of the Scenario's duration.
    """

    rate_per_second: int
    phase: Phase = Phase.STEP
    length: int = 1


@dataclass(frozen=True)
class Step:
    """One window's rate and how it was judged.

    Attributes:
        slowness: latency at the SLO's quantile by its limit; None when not known.
        rig: UNKNOWN because the generator, not chance, could not offer this rate.
        void: the rig spoiled the window.
        started: False when the server never answered: no load was offered at all.
    """

    rate_per_second: int
    judgement: Judgement
    slowness: float | None = None
    phase: Phase = Phase.STEP
    rig: bool = False
    void: bool = False
    started: bool = True


class End(StrEnum):
    """How sure a bracket is: OPEN while the search goes on or its bounds never settled."""

    OPEN = "open"
    CLOSED = "closed"
    AT_LEAST = "at_least"
    BELOW = "below"
    NOT_MONOTONE = "not_monotone"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Capacity:
    """A bracket: ``holds`` is the highest rate that held, ``fails`` the lowest that did not; None when not seen.

    ``note`` says why the bracket is open on one side, or not to be trusted.
    """

    holds: int | None
    fails: int | None
    note: str = ""
    end: End = End.OPEN

    @property
    def estimate(self) -> float | Missing:
        """Requests per second in the middle of the bracket, on the logarithm. Missing when it has one side only, and
        when it was left open and wide: then its middle is a guess."""
        if self.end == End.NOT_MONOTONE:
            return Missing(self.note)
        if self.end == End.AT_LEAST or self.holds is None or self.fails is None:
            return Missing(self._one_sided)
        if self.end != End.CLOSED and self.fails / self.holds - 1 > NARROW:
            return Missing(f"between {self.holds:,} and {self.fails:,}: {self.note or 'not finished'}")
        return math.sqrt(self.holds * self.fails)

    @property
    def width(self) -> float | Missing:
        """How much higher ``fails`` is than ``holds``, as a ratio less 1."""
        if self.holds is None or self.fails is None:
            return Missing(self._one_sided)
        return self.fails / self.holds - 1

    @property
    def _one_sided(self) -> str:
        bound = "not known"
        if self.holds is not None:
            bound = f"at least {self.holds:,}"
        elif self.fails is not None:
            bound = f"below {self.fails:,}"
        return f"{bound}: {self.note}" if self.note else bound

    def __str__(self) -> str:
        if self.end == End.NOT_MONOTONE:
            return self.note
        if self.holds is None:
            low = f"does not hold {self.fails:,}" if self.fails is not None else "not known"
            return f"{low} ({self.note})" if self.note else low
        bracket = f"holds {self.holds:,}" if self.fails is None else f"holds {self.holds:,}, not {self.fails:,}"
        return bracket if self.end == End.CLOSED or not self.note else f"{bracket} ({self.note})"


class Search(Protocol):
    """Offers rates one by one; immutable, so a Run can be replayed from its journal."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """What was offered so far and how it was judged."""

    @property
    def next_offer(self) -> Offer | None:
        """What to offer next; None when the search is over."""

    def judged(self, step: Step) -> Self:
        """The search after this Step."""

    @property
    def capacity(self) -> Capacity:
        """What is known so far."""
