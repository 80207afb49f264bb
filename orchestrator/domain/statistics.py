"""Centre, interval and tests of a few positive figures, one for each block. What they cannot carry is refused in words.

A block is one repetition with a fresh container, not a request: n is 3 to 20 here, and everything is computed on
logarithms, since noise of rates, times and sizes is relative. numpy and scipy are imported where they are used, so that
a command that needs no statistics does not wait for them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.domain.measurement import Missing
from orchestrator.domain.resampling import (
    BLOCKS_FOR_BOOTSTRAP,
    Brackets,
    centres,
    drawn,
    ends_of_one,
    ends_of_two,
)
from orchestrator.domain.units import show_ratio

#: Two values tell their spread so badly that an interval of them is hundreds of times wider in one case than in
#: another (Student t with one degree of freedom): none is given.
BLOCKS_FEWEST = 3
#: With fewer on a side no order of the values is rare enough: 3 + 3 gives p = 0.1 at best.
MANN_WHITNEY_FEWEST = 4
EQUIVALENCE_MARGIN = 0.03
#: pyperf warns from the same relative standard deviation on.
SPREAD_NOISY = 0.10
VALUES_DIFFER = 2.0
FAR_OFF_ALPHA, FAR_OFF_LEAST, FAR_OFF_FEWEST = 0.05, 0.10, 4


@dataclass(frozen=True)
class Interval:
    """Where the centre is believed to lie; ``level`` from 0 to 1 is how often such intervals hold it."""

    low: float
    high: float
    level: float


@dataclass(frozen=True)
class Summary:
    """A figure over all blocks, with what a reader must know of it.

    Attributes:
        centre: Hodges-Lehmann, in the figure's own unit; of positive values it is taken on logarithms.
        n: how many blocks.
    """

    centre: float
    interval: Interval | Missing
    n: int
    warnings: tuple[str, ...]


def hodges_lehmann(values: Sequence[float]) -> float:
    """The median of the averages of all pairs, each value with itself included (Walsh averages).

    As precise as the mean on normal noise (96 %), and up to 29 % of the values may be wild. Source: Hodges and Lehmann
    1963, Annals of Mathematical Statistics 34(2). Takes time and memory of n squared: for blocks, not for requests.
    Raises ValueError for no value.
    """
    import numpy as np

    if not values:
        raise ValueError("no value: there is no centre")
    return float(centres(np.array([values], dtype=np.float64))[0])


def hodges_lehmann_shift(a: Sequence[float], b: Sequence[float]) -> float:
    """By how much b lies above a: the median of all differences b[j] - a[i]; lengths may differ.

    Source: as :func:`hodges_lehmann`. Raises ValueError when either is empty.
    """
    import numpy as np

    if not a or not b:
        raise ValueError("no value on one side: there is no shift")
    return float(np.median(np.subtract.outer(np.array(b, dtype=np.float64), np.array(a, dtype=np.float64))))


def interval_of_blocks(
    values: Sequence[float], *, brackets: Brackets | None = None, level: float = 0.95, seed: int
) -> Interval | Missing:
    """An interval of the Hodges-Lehmann centre of positive values, on logarithms.

    - Below 8 blocks: Student t around the centre, with the standard deviation of the logarithms.
    - From 8 on: bootstrap of the centre with the percentiles moved outward to where normal noise needs them,
      Phi(sqrt(n / (n - 1)) t(n - 1)): the *expanded percentile interval*. Source of both: Hesterberg 2015, "What
      Teachers Should Know about the Bootstrap", The American Statistician 69(4).
    - ``brackets``: the search only knows that block i lies between brackets[i]. Each of the 2,000 resamples draws the
      block uniformly in the logarithm of its bracket, so that the interval includes what the search cannot resolve.
      Blocks whose brackets coincide share the draw: more blocks do not mend that they stop at the same two rates.

    Simulated coverage of the nominal 95 %: 94.6 to 95.6 % on lognormal noise at n = 3 to 12, 95 to 97 % with the heavy
    tails of t(3); with brackets 93 to 100 %, whether or not the searches share their rates.

    Args:
        values: one for each block; with brackets, the search's own estimates, which the interval always includes.
        seed: the same seed gives the same interval.

    Returns Missing below 3 blocks, for a value of 0 or less and for an open bracket.
    Raises ValueError when there are not as many brackets as values, or level is not between 0 and 1.
    """
    import numpy as np

    why = _unfit(values, brackets, level)
    if why:
        return Missing(why)
    rng = np.random.default_rng(seed)
    low, high = ends_of_one(drawn(values, brackets, rng), level, rng)
    return _including(low, high, hodges_lehmann([math.log(value) for value in values]), level)


def interval_of_ratio(
    a: Sequence[float],
    b: Sequence[float],
    *,
    brackets_a: Brackets | None = None,
    brackets_b: Brackets | None = None,
    level: float = 0.95,
    seed: int,
) -> Interval | Missing:
    """An interval of b over a. Equal lengths: a[i] and b[i] are of one block, and the ratios of the blocks are taken as
    in :func:`interval_of_blocks`. Otherwise two samples: Welch's t around the Hodges-Lehmann shift of the logarithms.

    Missing and ValueError as in :func:`interval_of_blocks`.
    """
    import numpy as np

    why = _unfit(a, brackets_a, level) or _unfit(b, brackets_b, level)
    if why:
        return Missing(why)
    rng = np.random.default_rng(seed)
    rows_a, rows_b = drawn(a, brackets_a, rng), drawn(b, brackets_b, rng)
    ends = ends_of_one(rows_b - rows_a, level, rng) if len(a) == len(b) else ends_of_two(rows_a, rows_b, level, rng)
    return _including(*ends, log_ratio(a, b), level)


def log_ratio(a: Sequence[float], b: Sequence[float]) -> float:
    """Hodges-Lehmann centre of log(b / a): by block when lengths are equal, of all pairs otherwise.

    Raises ValueError for a value of 0 or less, and for none.
    """
    logs_a, logs_b = [math.log(one) for one in a], [math.log(one) for one in b]
    if len(a) != len(b):
        return hodges_lehmann_shift(logs_a, logs_b)
    return hodges_lehmann([theirs - ours for ours, theirs in zip(logs_a, logs_b, strict=True)])


def mann_whitney(a: Sequence[float], b: Sequence[float]) -> float | Missing:
    """Two-sided p of "neither tends to be larger", blocks not paired; exact for few values without ties.

    Source: Mann and Whitney 1947, Annals of Mathematical Statistics 18(1), as in scipy.stats.mannwhitneyu. A second
    witness only: it knows no size of a difference. Missing with fewer than 4 values on a side.
    """
    fewest = min(len(a), len(b))
    if fewest < MANN_WHITNEY_FEWEST:
        return Missing(f"needs {MANN_WHITNEY_FEWEST} values on each side, had {fewest}")
    from scipy.stats import mannwhitneyu

    return float(mannwhitneyu(a, b, alternative="two-sided").pvalue)


def tost(a: Sequence[float], b: Sequence[float], *, margin: float = EQUIVALENCE_MARGIN) -> float | Missing:
    """p of "b over a is off by ``margin`` or more": small means equivalent. Two one-sided t tests on logarithms.

    The margin is symmetric on logarithms: 0.03 asks for a ratio between 1 / 1.03 and 1.03. Paired when the lengths are
    equal, Welch's otherwise. Source: Schuirmann 1987, Journal of Pharmacokinetics and Biopharmaceutics 15(6).
    Missing below 3 values on a side and for a value of 0 or less. Raises ValueError for a margin of 0 or less.
    """
    from scipy.special import stdtr

    if margin <= 0:
        raise ValueError("a margin of equivalence must be more than 0")
    why = _unfit(a, None) or _unfit(b, None)
    if why:
        return Missing(why)
    if len(a) == len(b):
        ratios = [theirs / ours for ours, theirs in zip(a, b, strict=True)]
        mean, error, freedom = _mean_log(ratios), log_spread(ratios) / math.sqrt(len(ratios)), len(ratios) - 1.0
    else:
        mean = _mean_log(b) - _mean_log(a)
        shares = [(log_spread(one) ** 2 / len(one), len(one) - 1) for one in (a, b)]
        error = math.sqrt(sum(share for share, _ in shares))
        # Welch 1947 and Satterthwaite 1946.
        freedom = error**4 / sum(share**2 / below for share, below in shares) if error else 1.0
    room = math.log1p(margin) - abs(mean)
    if not error:
        return 0.0 if room > 0 else 1.0
    return float(stdtr(freedom, -room / error))


def summary_of(values: Sequence[float], *, brackets: Brackets | None = None, level: float = 0.95, seed: int) -> Summary:
    """Centre, interval and warnings of one figure over its blocks. Arguments as in :func:`interval_of_blocks`.

    With a value of 0 or less among them the centre is that of the values as they are. Raises ValueError for no value.
    """
    n = len(values)
    interval = interval_of_blocks(values, brackets=brackets, level=level, seed=seed)
    if any(value <= 0 for value in values):
        return Summary(hodges_lehmann(values), interval, n, ())
    centre = math.exp(hodges_lehmann([math.log(value) for value in values]))
    return Summary(centre, interval, n, warnings_of(values, brackets))


def warnings_of(values: Sequence[float], brackets: Brackets | None = None) -> tuple[str, ...]:
    """What a reader should know before believing positive values: too few, noisy, one far off, known too coarsely."""
    n = len(values)
    if n < BLOCKS_FEWEST:
        return (f"n = {n}: no interval below {BLOCKS_FEWEST} blocks",)
    found = [f"n = {n} blocks: interval from Student t"] if n < BLOCKS_FOR_BOOTSTRAP else []
    spread = log_spread(values)
    if spread > SPREAD_NOISY:
        found.append(f"relative spread {show_ratio(spread)}: noisy")
    if max(values) >= VALUES_DIFFER * min(values):
        found.append(f"values differ by {max(values) / min(values):.2g}x")
    odd = far_off(values)
    if odd is not None:
        found.append(f"one block far off: {values[odd]:.3g} in block {odd + 1} of {n}")
    width = resolution(brackets)
    if width > spread > 0:
        found.append(f"the search resolves {show_ratio(width)}: more than the spread of the blocks")
    return tuple(found)


def far_off(values: Sequence[float]) -> int | None:
    """Index of the positive value that does not belong to the others; None when all do, and below 4 values.

    Grubbs 1969, Technometrics 11(1), at 5 % on logarithms; and off by 10 % at least, since among very quiet blocks the
    farthest is still a good one.
    """
    from scipy.special import stdtrit

    n = len(values)
    if n < FAR_OFF_FEWEST:
        return None
    middle = hodges_lehmann([math.log(value) for value in values])
    odd = max(range(n), key=lambda index: abs(math.log(values[index]) - middle))
    others = [value for index, value in enumerate(values) if index != odd]
    off = abs(math.log(values[odd]) - _mean_log(others))
    limit = float(stdtrit(n - 2, 1 - FAR_OFF_ALPHA / (2 * n))) * log_spread(others) * math.sqrt(n / (n - 1))
    return odd if off > max(limit, math.log1p(FAR_OFF_LEAST)) else None


def log_spread(values: Sequence[float]) -> float:
    """Standard deviation (n - 1) of the logarithms: for small ones, the relative standard deviation.

    Raises ZeroDivisionError below 2 values and ValueError for one of 0 or less.
    """
    mean = _mean_log(values)
    return math.sqrt(math.fsum((math.log(value) - mean) ** 2 for value in values) / (len(values) - 1))


def resolution(brackets: Brackets | None) -> float:
    """Width of the middle bracket, as a ratio less 1; 0 without brackets and where one is open."""
    widths = sorted(high / low - 1 if low > 0 else 0.0 for low, high in brackets or ())
    return widths[len(widths) // 2] if widths else 0.0


def _mean_log(values: Sequence[float]) -> float:
    return math.fsum(math.log(value) for value in values) / len(values)


def _unfit(values: Sequence[float], brackets: Brackets | None, level: float = 0.95) -> str:
    """Why there is no interval; "" when there is one."""
    if not 0 < level < 1:
        raise ValueError("a level lies between 0 and 1")
    if brackets is not None and len(brackets) != len(values):
        raise ValueError(f"{len(brackets)} brackets of {len(values)} values")
    if len(values) < BLOCKS_FEWEST:
        return f"n = {len(values)}: an interval needs {BLOCKS_FEWEST} blocks"
    if not all(0 < value < math.inf for value in values):
        return "a value is not a positive number"
    if not all(0 < low <= high < math.inf for low, high in brackets or ()):
        return "a bracket is open"
    return ""


def _including(low: float, high: float, centre: float, level: float) -> Interval:
    return Interval(math.exp(min(low, centre)), math.exp(max(high, centre)), level)
