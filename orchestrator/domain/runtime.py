"""What a server's runtime says of itself (``/lab/runtime``, servers/contract/README.md) at both edges of a window."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeGuard

from orchestrator.domain.measurement import Measurement, Missing, difference, measured

RUNTIME_PATH = "/lab/runtime"
#: Grow while the server runs: what a window added is the difference.
_GROWN = ("gc_cycles", "gc_cpu_seconds")
#: As they are once the last answer of the window was given.
_NOW = ("heap_live_bytes", "heap_goal_bytes", "goroutines", "async_workers", "blocking_threads", "alive_tasks")
_NULL = Missing("this runtime has none")
_STARTED_ANEW = Missing("the counter fell: the process was started anew")

#: The page, flat, every value as JSON text: ``{"gc_cycles": "12", "gc_pauses.counts": "[0, 3]"}``.
Page = Mapping[str, str]


@dataclass(frozen=True)
class RuntimePages:
    """The page before the opening reading and after the closing one: asking for it costs the window nothing."""

    opening: Page | Missing
    closing: Page | Missing


def measure_runtime(pages: RuntimePages, window_seconds: float) -> tuple[Measurement, ...]:
    """Rows ``runtime_*``; Missing with its reason where the server, its language or its framework says nothing."""
    pause, pauses = _longest_pause(pages)
    return (
        *(
            _row(name, _grown(_number(pages.opening, name), _number(pages.closing, name)), window_seconds, 2)
            for name in _GROWN
        ),
        _row("gc_pause_seconds_max", pause, window_seconds, pauses),
        *(_row(name, _number(pages.closing, name), 0, 1) for name in _NOW),
    )


def _row(name: str, value: float | Missing, window_seconds: float, n: int) -> Measurement:
    return measured(f"runtime_{name}", value, source="program", window_seconds=window_seconds, n=n)


def _grown(opening: float | Missing, closing: float | Missing) -> float | Missing:
    grown = difference(opening, closing)
    return grown if isinstance(grown, Missing) or grown >= 0 else _STARTED_ANEW


def _number(page: Page | Missing, name: str) -> float | Missing:
    value = _value(page, name)
    if isinstance(value, Missing):
        return value
    return value if _is_number(value) else Missing(f"{name} on its page is no number")


def _is_number(value: object) -> TypeGuard[float]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and value >= 0


def _longest_pause(pages: RuntimePages) -> tuple[float | Missing, int]:
    """The upper end of the range that holds the longest pause of the window, and how many pauses there were.

    Of the last range, which has no end, its beginning: the pause was at least that long.
    """
    before, after = _histogram(pages.opening), _histogram(pages.closing)
    if isinstance(before, Missing):
        return before, 0
    if isinstance(after, Missing):
        return after, 0
    ends, counts = after
    if len(counts) != len(before[1]):
        return Missing("the ranges of gc_pauses changed"), 0
    grown = [now - then for then, now in zip(before[1], counts, strict=True)]
    if min(grown, default=0) < 0:
        return _STARTED_ANEW, 0
    last = max((at for at, count in enumerate(grown) if count), default=None)
    return (Missing("no collection within the window"), 0) if last is None else (ends[last], sum(grown))


def _histogram(page: Page | Missing) -> tuple[list[float], list[int]] | Missing:
    """The end of each range in seconds, and how many pauses were in it. Null as a whole without a collector."""
    if isinstance(page, Missing):
        return page
    if page.get("gc_pauses") == "null":
        return _NULL
    uppers, counts = _value(page, "gc_pauses.upper_seconds"), _value(page, "gc_pauses.counts")
    for value in (uppers, counts):
        if isinstance(value, Missing):
            return value
    if not isinstance(uppers, list) or not isinstance(counts, list) or len(uppers) != len(counts):
        return Missing("gc_pauses on its page is no histogram")
    ends = [*uppers[:-1], *(uppers[-2:-1] if uppers[-1:] == [None] else uppers[-1:])]
    if len(ends) != len(counts) or not all(_is_number(one) for one in (*ends, *counts)):
        return Missing("gc_pauses on its page is no histogram")
    return [float(one) for one in ends], [int(one) for one in counts]


def _value(page: Page | Missing, name: str) -> object:
    """What stands there, Missing where nothing or null does."""
    if isinstance(page, Missing):
        return page
    try:
        value = json.loads(page[name])
    except (KeyError, ValueError):
        return Missing(f"its page has no {name}")
    return _NULL if value is None else value
