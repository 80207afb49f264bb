"""The capacity search as a story: bracket, refine, verify, in the order in which it happens."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from itertools import chain, cycle, repeat
from typing import TypeVar

from orchestrator.domain.search import Capacity, End, Offer, Phase, Step
from orchestrator.domain.slo import Verdict

#: From rate to rate until both bounds are seen. Two strides of 5 % first: one window in the middle closes such a
#: bracket. Then quickly, since the seed was far off.
STRIDES = (1.1, 1.1, 1.1, 1.5)
#: A server that never answered so often is not asked for another rate.
SILENT_MOST = 2
#: How often a window that gives no answer is offered in all.
TRIES = 3
#: A verification is of windows this long, in units of the Scenario's duration.
VERIFY_LENGTH = 2
#: After this many moves of its bounds a search gives up.
VERIFY_ROUNDS = 6
#: Equal outcomes that settle a bound. Noise makes misses and no passes, so it takes a miss more to take ``holds`` back.
TO_STAND, TO_REFUTE_HOLDS, TO_REFUTE_FAILS = 2, 3, 2
#: Moves the same way after which bounds are sought anew: they were found in a bad time.
MOVES_TO_BRACKET = 2

#: Of ratios that are equal but for the last bits.
_ROUNDING = 1e-9

_T = TypeVar("_T")
_Walk = Generator[Offer, Step, _T]


class EndedError(Exception):
    """Leaves the walk from wherever it is."""

    def __init__(self, capacity: Capacity) -> None:
        super().__init__(capacity)
        self.capacity = capacity


@dataclass
class _Votes:
    """Windows of a verification at one bound."""

    passes: int = 0
    fails: int = 0

    def add(self, passed: bool) -> None:
        """One more window."""
        self.passes += passed
        self.fails += not passed

    def holds(self, passes: int, fails: int) -> bool | None:
        """What that many equal votes say; None before."""
        if self.passes >= passes:
            return True
        return False if self.fails >= fails else None


@dataclass
class Walker:
    """Lives for one replay, and so may remember. Rates in requests per second.

    Attributes:
        first, width, rate_max, rate_min: of the search.
        lo, hi: the bounds that are believed, or tried next.
        seen: rates that passed and rates that did not, be it once.
        slowness: the least that was seen at a rate, since noise only makes slower.
        last: whether the rate judged last held.
        silent: how often the server never answered.
    """

    first: int
    width: float
    rate_max: int
    rate_min: int
    lo: int | None = None
    hi: int | None = None
    seen: dict[bool, set[int]] = field(default_factory=lambda: {True: set(), False: set()})
    slowness: dict[int, float] = field(default_factory=dict)
    last: bool = False
    silent: int = 0

    def known(self, end: End, note: str) -> Capacity:
        """The bracket by rates that were seen to hold or not, once at least: a bound just moved to is not one yet."""
        holds, fails = self.lo, self.hi
        if holds is not None and holds not in self.seen[True]:
            holds = max((one for one in self.seen[True] if fails is None or one < fails), default=None)
        if fails is not None and fails not in self.seen[False]:
            fails = min((one for one in self.seen[False] if holds is None or one > holds), default=None)
        return Capacity(holds, fails, note, end)

    def walk(self) -> _Walk[None]:
        """Never returns: it is left by ``EndedError``."""
        first = min(max(self.first, self.rate_min), self.rate_max)
        yield from self._bracket(first, Phase.SEED)
        low, high = _Votes(), _Votes()
        row = 0
        for _ in range(VERIFY_ROUNDS):
            if abs(row) >= MOVES_TO_BRACKET:
                yield from self._bracket(self._let_go(upper=row > 0), Phase.BRACKET)
                low, high, row = _Votes(), _Votes(), 0
            yield from self._refine()
            up = yield from self._verify(low, high)
            row = (max(row, 0) + 1) if up else (min(row, 0) - 1)
            # Both are verified anew, at a later time; of the misses that refuted the lower bound one still counts.
            low, high = _Votes(), _Votes(fails=0 if up else 1)
            self._move(up=up)
        raise EndedError(self.known(End.OPEN, "bounds did not settle"))

    def _bracket(self, rate: int, phase: Phase) -> _Walk[None]:
        """Away from the bound that is known, with longer strides, until there is one on each side."""
        for stride in chain(STRIDES, repeat(STRIDES[-1])):
            yield from self._judge(rate, phase)
            if self.lo is not None and self.hi is not None:
                return
            rate = self._beyond(rate, stride, up=self.hi is None)
            phase = Phase.BRACKET

    def _refine(self) -> _Walk[None]:
        """Secant and bisection in turn: the first is quick, the second is sure."""
        secant = True
        while (rate := self._between(secant=secant)) is not None:
            yield from self._judge(rate, Phase.REFINE)
            secant = not secant

    def _verify(self, low: _Votes, high: _Votes) -> _Walk[bool]:
        """Both bounds in turn, so that no two votes on one come from the same moment; whether they must move up."""
        lo, hi = self._both
        more, calm = 0, True
        turns = cycle((lo, hi))
        while True:
            rate = next(turns)
            stands = low.holds(TO_STAND + more, TO_REFUTE_HOLDS + more)
            beyond = high.holds(TO_REFUTE_FAILS + more, TO_STAND + more)
            if stands is False and beyond and not more:
                more, stands, beyond = 1, None, None
            move = _direction(low, high, stands, beyond)
            if move is not None:
                return move
            if stands and beyond is False:
                raise EndedError(self.known(End.CLOSED, ""))
            if stands is False and beyond:
                note = f"{lo:,} missed it although {hi:,} held: not monotone"
                raise EndedError(Capacity(hi, lo, note, End.NOT_MONOTONE))
            if rate == lo and stands is not False and (stands is None or beyond is None):
                calm = yield from self._window(Offer(lo, Phase.VERIFY, VERIFY_LENGTH))
                if stands is None:
                    low.add(calm)
            elif rate == hi and beyond is None:
                passed = yield from self._window(Offer(hi, Phase.VERIFY, VERIFY_LENGTH))
                # What made both miss, one after the other, may be neither's load.
                if passed or calm or stands is False:
                    high.add(passed)

    def _move(self, *, up: bool) -> None:
        """The bracket by one width: the bound that was refuted becomes the other one."""
        lo, hi = self._both
        if up:
            self.lo, self.hi = hi, None
            self.hi = self._beyond(hi, 1 + self.width, up=True)
        else:
            self.lo, self.hi = None, lo
            self.lo = self._beyond(lo, 1 + self.width, up=False)

    def _let_go(self, *, upper: bool) -> int:
        """Of the bound that was just moved to, which is returned: nothing is known of it."""
        lo, hi = self._both
        if upper:
            self.hi = None
            return hi
        self.lo = None
        return lo

    def _beyond(self, rate: int, factor: float, *, up: bool) -> int:
        """The next rate, rounded so that the two are no further apart. Ends the search where there is none."""
        if up:
            if rate >= self.rate_max:
                raise EndedError(self.known(End.AT_LEAST, "no higher rate can be offered here"))
            return min(self.rate_max, max(rate + 1, math.floor(rate * factor)))
        if rate <= self.rate_min:
            raise EndedError(self.known(End.BELOW, "no lower rate is of use"))
        return max(self.rate_min, min(rate - 1, math.ceil(rate / factor)))

    def _between(self, *, secant: bool) -> int | None:
        """The rate that tells most; None when the bracket is narrow.

        The secant guesses where the logarithm of slowness crosses 0, and aims half a width beyond, so that the bound
        that is still far becomes the near one. Never within one width of a bound, or the rest stays too wide.
        """
        lo, hi = self._both
        if hi - lo <= 1 or hi / lo <= 1 + self.width + _ROUNDING:
            return None
        span, one = math.log(hi / lo), math.log1p(self.width)
        low, high = self.slowness.get(lo, 0.0), self.slowness.get(hi, 0.0)
        share = 0.5
        if secant and 0 < low < 1 < high:
            half = one / 2 / span
            share = math.log(low) / (math.log(low) - math.log(high)) + (half if self.last else -half)
        share = 0.5 if span <= 2 * one + _ROUNDING else min(max(share, one / span), 1 - one / span)
        return min(max(round(lo * math.exp(share * span)), lo + 1), hi - 1)

    @property
    def _both(self) -> tuple[int, int]:
        assert self.lo is not None and self.hi is not None
        return self.lo, self.hi

    def _judge(self, rate: int, phase: Phase) -> _Walk[None]:
        """A pass is believed, a miss must repeat: two of three. The rate becomes a bound."""
        offer = Offer(rate, phase)
        self.last = yield from self._window(offer)
        if not self.last:
            self.last = (yield from self._window(offer)) and (yield from self._window(offer))
        if self.last:
            self.lo = rate
        else:
            self.hi = rate

    def _window(self, offer: Offer) -> _Walk[bool]:
        """Whether it passed; offered again while there is no answer, and in the end the search is over."""
        rate = offer.rate_per_second
        for _ in range(TRIES):
            step = yield offer
            if step.slowness is not None:
                self.slowness[rate] = min(step.slowness, self.slowness.get(rate, step.slowness))
            self.silent += not step.started
            if self.silent >= SILENT_MOST:
                end = End.BELOW if not self.seen[True] else End.UNKNOWN
                raise EndedError(replace(self.known(end, step.judgement.reason), end=end))
            if step.judgement.verdict != Verdict.UNKNOWN:
                passed = step.judgement.verdict == Verdict.PASS
                self.seen[passed].add(rate)
                return passed
        note = f"{rate:,} {step.judgement.reason}"
        if step.rig:
            note = f"generator-limited: {note}"
        known = self.known(End.UNKNOWN, note)
        at_least = known.holds is not None and (step.rig or known.fails is None)
        raise EndedError(replace(known, end=End.AT_LEAST) if at_least else known)


def _direction(low: _Votes, high: _Votes, stands: bool | None, beyond: bool | None) -> bool | None:
    """Whether the bracket must move up or down (False) by what is known; None while it need not.

    A bound with a vote against the move is asked to the end first: the two may contradict each other.
    """
    if stands is False and (beyond is False or (beyond is None and not high.passes)):
        return False
    if beyond and (stands or (stands is None and not low.fails)):
        return True
    return None
