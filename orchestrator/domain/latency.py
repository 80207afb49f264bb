"""Latencies of one window: a dense grid of quantiles with its count, and exact counts beyond the limits of an Slo.

The grid is what is stored, so that a Trial can be judged anew under another Slo (``orchestrator judge``). A share
beyond a limit nobody named at the time lies between two of its quantiles; it is told as those two, never interpolated
to one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.domain.measurement import Missing

#: Finer where objectives are: by 1 % to p90, 0.25 % to p99, 0.05 % to p99.9, 0.01 % to p99.99, then the slowest.
QUANTILES: tuple[float, ...] = (
    *(round(0.01 * step, 2) for step in range(1, 90)),
    *(round(0.90 + 0.0025 * step, 4) for step in range(36)),
    *(round(0.99 + 0.0005 * step, 4) for step in range(18)),
    *(round(0.999 + 0.0001 * step, 4) for step in range(10)),
    1.0,
)
#: Four significant figures are kept: how far one is from what was measured, at most, relative to it.
ROUNDING = 5.1e-4
#: The quantiles that have a metric of their own.
NAMED = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p999": 0.999, "max": 1.0}


@dataclass(frozen=True)
class Between:
    """A share that is only known to lie in a range; exact where both are equal."""

    low: float
    high: float


@dataclass(frozen=True)
class Latencies:
    """Latency of every good answer of a window, from the intended send time to the last byte.

    Attributes:
        n: good answers.
        seconds: latency at each of QUANTILES (nearest rank), rising.
        slower: (limit in seconds, answers slower than it), counted one by one.
    """

    n: int
    seconds: tuple[float, ...]
    slower: tuple[tuple[float, int], ...] = ()

    def at(self, quantile: float) -> float | Missing:
        """Latency in seconds at the next stored quantile that is not below; Missing when there is no answer."""
        if not self.n:
            return Missing("no request was answered well")
        return self.seconds[min(bisect_left(QUANTILES, quantile), len(QUANTILES) - 1)]

    def slower_than(self, seconds: float) -> Between:
        """Answers slower than a limit, as a count: exact when it was named while measuring."""
        for limit, count in self.slower:
            if limit == seconds:
                return Between(count, count)
        if not self.n:
            return Between(0, 0)
        # At least QUANTILES[k] of the answers are not slower than seconds[k], and fewer than that are faster. Within
        # ROUNDING of the limit it is not known on which side they were.
        fast = bisect_right(self.seconds, seconds * (1 - ROUNDING))
        slow = bisect_right(self.seconds, seconds * (1 + ROUNDING))
        fast_low = QUANTILES[fast - 1] if fast else 0.0
        fast_high = QUANTILES[slow] if slow < len(QUANTILES) else 1.0
        return Between(self.n * (1 - fast_high), self.n * (1 - fast_low))

    def named(self, mean_seconds: float) -> dict[str, float]:
        """What is shown: mean, p50, p90, p99, p999, max, in seconds; empty when there is no answer."""
        found = {name: self.at(quantile) for name, quantile in NAMED.items()} if self.n else {}
        return {"mean": mean_seconds, **{k: v for k, v in found.items() if not isinstance(v, Missing)}} if found else {}


def latencies_of(sorted_seconds: Sequence[float], limits_seconds: Sequence[float] = ()) -> Latencies:
    """From latencies in rising order; quantiles by nearest rank, four significant figures."""
    n = len(sorted_seconds)
    if not n:
        return Latencies(0, (), tuple((limit, 0) for limit in limits_seconds))
    grid = tuple(shortened(sorted_seconds[max(0, _rank(quantile, n) - 1)]) for quantile in QUANTILES)
    slower = tuple((limit, n - bisect_right(sorted_seconds, limit)) for limit in limits_seconds)
    return Latencies(n, grid, slower)


def _rank(quantile: float, n: int) -> int:
    """Nearest rank: the smallest k with k / n >= quantile, safe against 0.07 * 100 = 7.000000000000001."""
    return min(n, int(-(-(quantile * n - 1e-9) // 1)))


def shortened(seconds: float) -> float:
    """Four significant figures."""
    return float(f"{seconds:.4g}")
