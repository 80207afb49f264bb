"""A bracket from windows as they are stored, whoever chose their rates: the cut that the fewest of them contradict."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

from orchestrator.domain.capacity import Capacity, End
from orchestrator.domain.slo import Verdict

#: As in every search here: one miss may be noise.
FAILS_NEEDED = 2


def bracket_of(windows: Iterable[tuple[int, Verdict]]) -> tuple[Capacity, int]:
    """The cut between two rates that the fewest windows contradict, and how many do; of equal cuts the lowest.

    A search near a limit sees one rate hold and miss by turns, and the host is slower in one block than in another.
    Whoever takes each rate for itself then finds a lower one missed and a higher one held, where there is only noise.

    Args:
        windows: rate in requests per second, and what was said of it.
    """
    rates: dict[int, Counter[Verdict]] = {}
    for rate, verdict in windows:
        rates.setdefault(rate, Counter())[verdict] += 1
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
