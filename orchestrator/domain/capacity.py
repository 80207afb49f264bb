"""Capacity: the highest rate at which a Cell holds the SLO, found by a search that is a pure state machine.

A Search says which rate to offer next and takes the Verdict; it knows nothing of containers. The staircase
(domain.staircase) is the coarse one, CapacitySearch the fine one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from orchestrator.domain.search import Capacity, End, Offer, Phase, Search, Step
from orchestrator.domain.walk import EndedError, Walker

__all__ = ["Capacity", "CapacitySearch", "End", "Offer", "Phase", "Search", "Step"]

#: A search that needs more windows has no answer: it ends whatever it is told.
STEPS_MAX = 60


@dataclass(frozen=True)
class CapacitySearch:
    """Bracket, refine, verify: the highest rate that holds, to a bracket of ``width``, despite noise.

    Written as a walk that yields Offers and is sent Steps (``domain.walk``); this replays its steps through one, so a
    search is equal to the one read back from its journal. What is more in it than "a pass is believed, a miss must
    repeat, both bounds are verified" gained on services of known capacity (benchmarks, row R1; per hundred searches):

    - Strides of 1.1, and 1.5 from the fourth on only, instead of 1.15 and 1.5; and a refinement stays one width away
      from each bound, so that no window is spent on a sliver: one to four windows fewer.
    - Verified are both bounds in turn to the end, and a miss of the upper one counts only when the lower one passed in
      the window before: under bursts of interference 0.3 are wrong instead of 1, for one window more.
    - Three misses take the lower bound back, not two, and bounds that contradict each other are asked once more: else
      1 would end as not monotone.
    - Bounds that move twice the same way are sought anew by strides, not by 5 % at a time: else 2 or 3 would be wrong
      or not settle under bursts.

    Attributes:
        first: rate to begin with; a share of what a closed loop found, or what a neighbour holds.
        width: of the bracket to reach, as a ratio less 1.
        rate_max, rate_min: never offer more or less.
    """

    first: int
    width: float = 0.05
    rate_max: int = 1_000_000
    rate_min: int = 1
    steps: tuple[Step, ...] = ()

    @property
    def next_offer(self) -> Offer | None:
        """What to offer next; None at the end. Raises ValueError when a step is not what was offered."""
        return self._replayed[0]

    @property
    def capacity(self) -> Capacity:
        """What is known so far; how it ended once ``next_offer`` is None."""
        return self._replayed[1]

    def judged(self, step: Step) -> CapacitySearch:
        """The search after this Step. Raises ValueError when it is not of the rate that was offered."""
        _check(self.next_offer, step)
        return replace(self, steps=(*self.steps, step))

    @cached_property
    def _replayed(self) -> tuple[Offer | None, Capacity]:
        walker = Walker(self.first, self.width, self.rate_max, self.rate_min)
        walk = walker.walk()
        offer: Offer | None = next(walk)
        ended = walker.known(End.OPEN, "not measured")
        for count, step in enumerate(self.steps, 1):
            offer = _check(offer, step)
            try:
                offer = walk.send(step)
                ended = walker.known(End.OPEN, "not finished")
            except EndedError as error:
                offer, ended = None, error.capacity
            if offer is not None and count == STEPS_MAX:
                offer, ended = None, walker.known(End.UNKNOWN, f"no answer in {STEPS_MAX} windows")
        return offer, ended


def _check(offer: Offer | None, step: Step) -> Offer:
    if offer is None or offer.rate_per_second != step.rate_per_second:
        wanted = "nothing" if offer is None else f"{offer.rate_per_second:,}"
        raise ValueError(f"a step of {step.rate_per_second:,} requests/s where {wanted} was offered")
    return offer
