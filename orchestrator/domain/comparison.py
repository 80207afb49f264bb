"""Two Cells by one figure: a winner, a tie, or not enough data; and the noise floor, below which nothing is named."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from orchestrator.domain.measurement import Missing
from orchestrator.domain.resampling import Brackets
from orchestrator.domain.statistics import (
    BLOCKS_FEWEST,
    EQUIVALENCE_MARGIN,
    Interval,
    interval_of_ratio,
    log_ratio,
    log_spread,
    mann_whitney,
    resolution,
    tost,
    warnings_of,
)
from orchestrator.domain.units import show_ratio

LEVEL = 0.95
#: A winner must stand at this level too, since the question is asked again after each new block, and each time chance
#: may answer it (Pocock 1977, Biometrika 64(2): one stricter level for all looks, 0.988 for eight).
LEVEL_OF_WINNER = 0.99
#: 5 % on each side: an equivalence test at 5 % is a 90 % interval within the margin (Schuirmann 1987).
LEVEL_OF_TIE, P_OF_TIE = 0.90, 0.05
#: Fewer pairs than this tell too little even of their own spread.
BLOCKS_USUAL = 5
#: How likely the blocks that are advised should decide, and how many are still advised.
POWER, BLOCKS_MOST = 0.8, 100
FLOOR_SHARE = 0.95
OWN_FLOOR = Missing("an A/A pair is its own floor")


class Answer(StrEnum):
    """NOT_ENOUGH_DATA is an answer of its own: the blocks do not show which is better, nor that it does not matter."""

    WINNER = "winner"
    TIE = "tie"
    NOT_ENOUGH_DATA = "not enough data"


@dataclass(frozen=True)
class Comparison:
    """What the blocks say of two Cells.

    Attributes:
        winner: the better name; "" unless ``answer`` is WINNER.
        ratio: the second name's figure over the first's, whichever is better (Hodges-Lehmann of the blocks).
        interval: of ``ratio``, at 95 %.
        mann_whitney_p, tost_p: p of "neither tends to be larger", p of "they differ by the margin or more".
        margin: how much two may differ and still tie, as a ratio less 1; at least what the searches resolve.
        noise_floor: as a ratio less 1, from A/A pairs; differences up to it are never named.
        n: blocks in which both were measured; of unequal lengths the smaller.
        more: blocks to add that would probably decide; 0 when it is decided; Missing when blocks would not help.
    """

    answer: Answer
    winner: str
    names: tuple[str, str]
    higher_is_better: bool
    ratio: float | Missing
    interval: Interval | Missing
    mann_whitney_p: float | Missing
    tost_p: float | Missing
    margin: float
    noise_floor: float | Missing
    n: int
    warnings: tuple[str, ...]
    more: int | Missing = 0

    def __str__(self) -> str:
        """``rust-axum +15 % (9-21)``, ``tie (within 3 %)``, ``not enough data (...)``. Per cent of the other's figure;
        of a figure that is better low, the winner's is less: ``rust-axum -15 % (9-21)``."""
        if isinstance(self.ratio, Missing) or isinstance(self.interval, Missing):
            parts = [one.reason for one in (self.ratio, self.interval) if isinstance(one, Missing)]
            return f"{self.answer} ({'; '.join(dict.fromkeys((*parts, self._advice())))})"
        leader, ratio, low, high = self._leader(self.ratio, self.interval)
        sign, by, least, most = (
            ("+", ratio - 1, low - 1, high - 1) if ratio >= 1 else ("-", 1 - ratio, 1 - high, 1 - low)
        )
        digits = 0 if by >= 0.1 and most - least >= 0.05 else 1
        if self.answer == Answer.WINNER:
            return f"{leader} {sign}{_percent(by, digits)} % ({_percent(least, digits)}-{_percent(most, digits)})"
        if self.answer == Answer.TIE:
            sure = f": {leader} {sign}{_percent(by, 1)} %" if least > 0 else ""
            return f"tie (within {show_ratio(self.margin)}{sure})"
        span = f"{_signed(low - 1, digits)} to {_signed(high - 1, digits)}"
        return f"{self.answer} ({leader} {sign}{_percent(by, digits)} %, {span}; {self._advice()})"

    def _advice(self) -> str:
        return self.more.reason if isinstance(self.more, Missing) else f"add blocks: about {self.more} more"

    def _leader(self, ratio: float, interval: Interval) -> tuple[str, float, float, float]:
        """The better name, its figure over the other's, and the interval of that."""
        if (ratio > 1) == self.higher_is_better:
            return self.names[1], ratio, interval.low, interval.high
        return self.names[0], 1 / ratio, 1 / interval.high, 1 / interval.low


def compare(
    a: Sequence[float],
    b: Sequence[float],
    *,
    names: tuple[str, str],
    higher_is_better: bool,
    brackets_a: Brackets | None = None,
    brackets_b: Brackets | None = None,
    noise_floor: float | Missing,
    margin: float = EQUIVALENCE_MARGIN,
    seed: int,
    figure: str = "",
) -> Comparison:
    """Which of two is better by one positive figure; a[i] and b[i] are of the same block.

    - TIE: equivalent within the margin. The TOST says so at 5 % a side; with brackets, which it does not know, the 90 %
      interval must lie within the margin too. A sure difference below the margin is a tie; the words name it.
    - WINNER: no tie, the interval excludes 1 at 95 % and at the 99 % that asking again needs, and the difference is
      above the noise floor. Where no floor was measured the margin takes its place: an interval knows the spread of
      the blocks, not what moves one side of all of them.
    - NOT_ENOUGH_DATA otherwise, with what would help.

    It may be asked again after each new block until it is decided. Simulated over 5 to 12 blocks of one server against
    itself, without a floor: at a relative standard deviation of 1 to 2 % a TIE in 99 % of the runs and a WINNER in
    0.1 %; at 3 and 5 % a WINNER in 3 and 4 %. A true difference as large as the margin ends as a TIE in 12 %.

    Args:
        a, b: one value for each block; of unequal lengths they are two samples and not paired.
        brackets_a, brackets_b: (low, high) of each block, where a search only knows that much. The margin is never
            narrower than the middle bracket is wide.
        noise_floor, margin: as ratios less 1.
        seed, figure: the same seed gives the same answer; the figure's name is for the warnings.

    Raises ValueError for a margin of 0 or less and for another number of brackets than of values.
    """
    n = min(len(a), len(b))
    width = max(resolution(brackets_a), resolution(brackets_b))
    warnings = _warnings(a, b, names, _doubts(width, margin, noise_floor, figure))
    margin = max(margin, width)
    floor = margin if isinstance(noise_floor, Missing) else noise_floor

    def interval_at(level: float) -> Interval | Missing:
        return interval_of_ratio(a, b, brackets_a=brackets_a, brackets_b=brackets_b, level=level, seed=seed)

    ratio, interval, p_tie = _ratio(a, b), interval_at(LEVEL), tost(a, b, margin=margin)
    answer, winner = Answer.NOT_ENOUGH_DATA, ""
    more: int | Missing = 0
    if isinstance(ratio, Missing) or isinstance(interval, Missing) or isinstance(p_tie, Missing):
        more = BLOCKS_USUAL - n if n < BLOCKS_FEWEST else _first_missing(ratio, interval, p_tie)
    elif p_tie <= P_OF_TIE and (not width or _within(interval_at(LEVEL_OF_TIE), margin)):
        answer = Answer.TIE
    elif _excludes_one(interval_at(LEVEL_OF_WINNER)) and abs(math.log(ratio)) > math.log1p(floor):
        answer, winner = Answer.WINNER, names[1] if (ratio > 1) == higher_is_better else names[0]
    else:
        more = _more(a, b, ratio, margin=margin, floor=floor, width=width)
    return Comparison(
        answer=answer,
        winner=winner,
        names=names,
        higher_is_better=higher_is_better,
        ratio=ratio,
        interval=interval,
        mann_whitney_p=mann_whitney(a, b),
        tost_p=p_tie,
        margin=margin,
        noise_floor=noise_floor,
        n=n,
        warnings=warnings,
        more=more,
    )


def noise_floor(pairs: Sequence[tuple[float, float]]) -> float | Missing:
    """What one server measured as two differs by in 95 % of the blocks, as a ratio less 1.

    From 19 pairs on the order statistic that a further pair stays below with at least 95 % (Wilks 1941, Annals of
    Mathematical Statistics 12(1)). With fewer there is no such pair: then Student's t times the root mean square of the
    log ratios, which has the same meaning on normal noise. The mean is not subtracted: the true difference is 0, and
    what an order or a place adds belongs to the noise.

    Missing below 3 pairs and for a value of 0 or less.
    """
    from scipy.special import stdtrit

    n = len(pairs)
    if n < BLOCKS_FEWEST:
        return Missing(f"n = {n}: a noise floor needs {BLOCKS_FEWEST} A/A pairs")
    if any(min(pair) <= 0 for pair in pairs):
        return Missing("a value is not a positive number")
    off = sorted(abs(math.log(b / a)) for a, b in pairs)
    rank = math.ceil(FLOOR_SHARE * (n + 1))
    if rank <= n:
        return math.expm1(off[rank - 1])
    rms = math.sqrt(math.fsum(one**2 for one in off) / n)
    return math.expm1(float(stdtrit(n, (1 + FLOOR_SHARE) / 2)) * rms)


def blocks_needed(
    centre: float, spread: float, *, margin: float = EQUIVALENCE_MARGIN, floor: float = 0.0
) -> int | Missing:
    """How many blocks decide with 80 % probability, if centre and spread stay what they are.

    The least n at which (t(n - 1, 1 - alpha) + t(n - 1, 0.8)) x spread / sqrt(n) fits into the room that the centre
    leaves: to 1 for a winner (alpha 0.5 %), to the margin for a tie (alpha 5 %). Source: Julious 2004, Statistics in
    Medicine 23(12).

    Args:
        centre, spread: Hodges-Lehmann and standard deviation of the blocks' log ratios.
        margin, floor: as ratios less 1; no winner is named by a difference below the floor.

    Missing when a difference below the floor and outside the margin can never be decided, and above 100 blocks.
    """
    from scipy.special import stdtrit

    off = abs(centre)
    rooms = []
    if off > math.log1p(floor):
        rooms.append((off, (1 - LEVEL_OF_WINNER) / 2))
    if off < math.log1p(margin):
        rooms.append((math.log1p(margin) - off, P_OF_TIE))
    if not rooms:
        return Missing(f"below the noise floor of {show_ratio(floor)}: a quieter host would help, not more blocks")
    for n in range(BLOCKS_FEWEST, BLOCKS_MOST + 1):
        beta = float(stdtrit(n - 1, POWER))
        if any((float(stdtrit(n - 1, 1 - alpha)) + beta) * spread / math.sqrt(n) <= room for room, alpha in rooms):
            return n
    return Missing(f"more than {BLOCKS_MOST} blocks would be needed: a quieter host would help more")


def _more(
    a: Sequence[float], b: Sequence[float], ratio: float, *, margin: float, floor: float, width: float
) -> int | Missing:
    if len(a) == len(b):
        spread = log_spread([theirs / ours for ours, theirs in zip(a, b, strict=True)])
    else:
        spread = math.hypot(log_spread(a), log_spread(b))
    n, off = min(len(a), len(b)), math.log(ratio)
    needed = blocks_needed(off, spread, margin=margin, floor=floor)
    if width and not isinstance(needed, Missing) and needed <= n:
        # Their spread would have decided. Each lies anywhere in its bracket, a uniform draw: more blocks even that out.
        if abs(off) <= math.log1p(width):
            return Missing(f"narrow the search: it resolves {show_ratio(width)}")
        drawn = math.hypot(spread, math.log1p(width) / math.sqrt(6))
        needed = blocks_needed(off, drawn, margin=margin, floor=floor)
    return needed if isinstance(needed, Missing) else max(1, needed - n)


def _first_missing(*values: object) -> Missing:
    return next(value for value in values if isinstance(value, Missing))


def _doubts(width: float, margin: float, noise_floor: float | Missing, figure: str) -> tuple[str, ...]:
    found = []
    if width > margin:
        found.append(f"the search resolves {show_ratio(width)}: no tie within {show_ratio(margin)} can be told")
    if isinstance(noise_floor, Missing) and noise_floor != OWN_FLOOR:
        stand_in = show_ratio(max(width, margin))
        of = f" of {figure}" if figure else ""
        found.append(f"noise floor{of} not known ({noise_floor.reason}): {stand_in} stands in for it")
    return tuple(found)


def _warnings(
    a: Sequence[float], b: Sequence[float], names: tuple[str, str], doubts: tuple[str, ...]
) -> tuple[str, ...]:
    if min(len(a), len(b)) < BLOCKS_FEWEST or min(*a, *b) <= 0:
        return doubts
    if len(a) == len(b):
        return (*warnings_of([theirs / ours for ours, theirs in zip(a, b, strict=True)]), *doubts)
    each = (f"{name}: {text}" for name, values in zip(names, (a, b), strict=True) for text in warnings_of(values))
    return (f"{len(a)} blocks of {names[0]}, {len(b)} of {names[1]}: not paired", *each, *doubts)


def _ratio(a: Sequence[float], b: Sequence[float]) -> float | Missing:
    if not a or not b:
        return Missing("nothing to compare")
    if not all(0 < value < math.inf for value in (*a, *b)):
        return Missing("a value is not a positive number")
    return math.exp(log_ratio(a, b))


def _excludes_one(interval: Interval | Missing) -> bool:
    return not isinstance(interval, Missing) and not interval.low <= 1 <= interval.high


def _within(interval: Interval | Missing, margin: float) -> bool:
    return not isinstance(interval, Missing) and 1 / (1 + margin) <= interval.low and interval.high <= 1 + margin


def _percent(ratio: float, digits: int) -> str:
    return f"{100 * ratio:.{digits}f}"


def _signed(ratio: float, digits: int) -> str:
    return f"{100 * ratio:+.{digits}f}"
