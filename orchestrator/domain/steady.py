"""Steady state: whether figures taken one after another still move, by ranks and medians, so that one outlier is none.

A warm-up is not over because some seconds are: at most 43.5 % of the pairs of VM and benchmark came to a steady peak in
Barrett et al., OOPSLA 2017, and averages over an unsteady start mislead (Georges et al., OOPSLA 2007). So it is tested.
Two things count as a trend, each only when it is larger than the tolerance:

- **drift**: Theil-Sen slope over all values (Sen 1968, Journal of the American Statistical Association 63), believed
  when Mann-Kendall's test says so (Mann 1945, Econometrica 13; Kendall 1975, Rank Correlation Methods);
- **step**: at some cut the medians of both sides differ by more than four times what the noise makes of them. The noise
  is read from neighbours' differences (von Neumann et al. 1941, Annals of Mathematical Statistics 12(2), with the
  median), which neither drift nor step inflates much.

Simulated with 5 % of normal noise: of 6 to 60 values without any trend 3 to 6 % are said to have one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist, median

from orchestrator.domain.measurement import Missing
from orchestrator.domain.units import show_ratio

TOLERANCE = 0.05
VALUES_FEWEST = 3
#: On both sides of a cut; with fewer a single outlier would be a step.
STEP_SIDE = 3
#: Above it Kendall's normal approximation is good to a tenth of p.
EXACT_MOST = 10
#: A steady part that is less than half would be chosen, not found.
STEADY_SHARE = 0.5
#: Starts that are tried in long series: enough to place the end of a warm-up.
STARTS_MOST = 40


@dataclass(frozen=True)
class _Proof:
    """How sure a trend must be: p of Mann-Kendall at most ``alpha``, a step at least ``sigmas`` of its noise."""

    alpha: float
    sigmas: float


#: Values are innocent at first.
ENOUGH = _Proof(alpha=0.02, sigmas=4.0)
#: Once a trend was seen, what is left of the values must show that it has ended: less is enough to doubt them.
LESS = _Proof(alpha=0.3, sigmas=3.0)


def trend_free(values: Sequence[float], *, tolerance: float = TOLERANCE) -> bool:
    """Whether values in the order of time neither drift nor step by more than ``tolerance`` of their median.

    Fewer than 3 values show nothing: False. Takes time of n squared: for seconds and slices, not for requests.
    Method and sources: this module.
    """
    return len(values) >= VALUES_FEWEST and not _trend(values, tolerance, ENOUGH)


def steady_from(values: Sequence[float], *, least: int = 3, tolerance: float = TOLERANCE) -> int | Missing:
    """Index of the first value from which no trend is left.

    At least ``least`` values and half of all must be left, or a leak would be steady over its last three. The first of
    them must not be far off the others: a short ramp moves no median.

    Args:
        values: one for each second or slice, in any unit: CPU seconds per request, achieved rate, mean latency.
        tolerance: how much they may still change in all, of their median.

    Returns Missing with words and figures when there is no such value.
    """
    n = len(values)
    least = max(least, VALUES_FEWEST)
    if n < least:
        return Missing(f"no steady state: {n} values, {least} are needed")
    last = n - max(least, math.ceil(n * STEADY_SHARE))
    found, start = "", 0
    for start in range(0, last + 1, max(1, last // STARTS_MOST)):
        tail = values[start:]
        found = _trend(tail, tolerance, LESS if start else ENOUGH) or _far_start(tail, tolerance)
        if not found:
            return start
    left = f"the last {n - start} of {n} values" if start else f"{n} values"
    return Missing(f"no steady state: {left} {found} ({show_ratio(tolerance)} allowed)")


def steady(values: Sequence[float], *, tolerance: float = TOLERANCE) -> bool | Missing:
    """Whether a finished window was steady from its beginning: no step from its first third to the rest.

    A drift over all of it is a step too, if the halves of it differ by more than the tolerance.
    Missing with fewer than 9 values. Method: this module.
    """
    n = len(values)
    if n < 3 * STEP_SIDE:
        return Missing(f"{n} values: {3 * STEP_SIDE} are needed")
    return not _step(values, range(STEP_SIDE, n // 3 + 1), tolerance, ENOUGH)


def _trend(values: Sequence[float], tolerance: float, proof: _Proof) -> str:
    """By how much the values move and how, in words; "" when they do not."""
    cuts = range(STEP_SIDE, len(values) - STEP_SIDE + 1)
    return _drift(values, tolerance, proof) or _step(values, cuts, tolerance, proof)


def _drift(values: Sequence[float], tolerance: float, proof: _Proof) -> str:
    n = len(values)
    pairs = [(i, j) for j in range(n) for i in range(j)]
    change = _relative(median((values[j] - values[i]) / (j - i) for i, j in pairs) * (n - 1), values)
    if abs(change) <= tolerance:
        return ""
    score = sum((values[j] > values[i]) - (values[j] < values[i]) for i, j in pairs)
    # So few that no order is rare enough: then their strict order is. 3 are in one by chance in 1 of 3 cases, but one
    # more value is cheaper than a warm-up that was missed.
    rarest = 2 / math.factorial(min(n, EXACT_MOST))
    if _mann_kendall_p(abs(score), n) > max(proof.alpha, rarest):
        return ""
    return f"still change by {show_ratio(abs(change))}"


def _step(values: Sequence[float], cuts: Iterable[int], tolerance: float, proof: _Proof) -> str:
    """The largest step at one of the cuts, in units of what noise alone makes of it; "" when all are within it."""
    noise, largest, most = _noise(values), "", 1.0
    for cut in cuts:
        before, after = values[:cut], values[cut:]
        step = median(after) - median(before)
        allowed = proof.sigmas * noise * math.sqrt(1 / len(before) + 1 / len(after))
        change = _relative(step, values)
        if abs(change) > tolerance and abs(step) > most * allowed:
            most = abs(step) / allowed if allowed else math.inf
            largest = f"step by {show_ratio(abs(change))} after {cut} of them"
    return largest


def _far_start(values: Sequence[float], tolerance: float) -> str:
    rest = values[1:]
    off = values[0] - median(rest)
    change = _relative(off, values)
    if abs(change) <= tolerance or abs(off) <= ENOUGH.sigmas * _noise(rest):
        return ""
    return f"begin {show_ratio(abs(change))} off"


def _noise(values: Sequence[float]) -> float:
    """Standard deviation of one value, from the median difference of neighbours: 0.954 times it on normal noise."""
    return median(abs(b - a) for a, b in pairwise(values)) / (NormalDist().inv_cdf(0.75) * math.sqrt(2))


def _relative(change: float, values: Sequence[float]) -> float:
    scale = abs(median(values))
    if scale:
        return change / scale
    return math.copysign(math.inf, change) if change else 0.0


def _mann_kendall_p(score: int, n: int) -> float:
    """Two-sided p of Kendall's score, at least 0: by counting orders up to 10 values, then by its normal approximation
    with continuity correction. Ties only make it larger than it should be."""
    if score == 0:
        return 1.0
    pairs = n * (n - 1) // 2
    if n > EXACT_MOST:
        deviation = math.sqrt(n * (n - 1) * (2 * n + 5) / 18)
        return 2 * NormalDist().cdf(-(score - 1) / deviation)
    # Orders of n values by how many of their pairs are inverted (MacMahon): each value added brings 0 to its index.
    orders = [1]
    for index in range(1, n):
        orders = [sum(orders[max(0, k - index) : k + 1]) for k in range(len(orders) + index)]
    return min(1.0, 2 * sum(orders[: (pairs - score) // 2 + 1]) / math.factorial(n))
