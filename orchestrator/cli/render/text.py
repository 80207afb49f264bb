"""Quantities in words, for every view."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable
from decimal import Decimal

from orchestrator.cli.screen import Line, Span, Tone, line
from orchestrator.domain.measurement import Missing
from orchestrator.domain.units import show_bytes, show_ratio, show_seconds

SIMULATED = "simulated: no container ran"
NOTHING = "-"

_SHOW: dict[str, Callable[[float], str]] = {
    "s": show_seconds,
    "B": show_bytes,
    "1/s": lambda value: f"{value:,.5g}/s" if value < 1000 else f"{value:,.0f}/s",
    "1": lambda value: f"{value:,.4g}" if value < 1000 else f"{value:,.0f}",
}


def usd(amount: Decimal) -> str:
    """Cents from one dollar on; below it two figures that say something: ``7.59``, ``0.0014``."""
    if amount >= 1 or amount == 0:
        return f"{amount:,.2f}"
    return f"{amount:.{1 - amount.adjusted()}f}"


def usd_exactly(amount: Decimal) -> str:
    """A price row as it was written down: ``0.0104``."""
    return f"{amount.normalize():f}"


def quantity(value: float | Missing, unit: str) -> str:
    """A value in its unit, or why there is none."""
    if isinstance(value, Missing):
        return f"not available ({value.reason})"
    return _SHOW[unit](value)


def metric(name: str, value: float | Missing, unit: str) -> str:
    """The same; shares of a whole as percent."""
    if name.endswith("_ratio") and not isinstance(value, Missing):
        return show_ratio(value)
    return quantity(value, unit)


def cell(value: float | Missing, show: Callable[[float], str]) -> str:
    """In a table: the value, or ``-``."""
    return NOTHING if isinstance(value, Missing) else show(value)


def count(number: int, noun: str, plural: str = "") -> str:
    """``1 trial``, ``12 trials``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def spans(row: Iterable[str]) -> tuple[Span, ...]:
    """A row without tones."""
    return tuple(Span(one) for one in row)


def stamp(simulated: bool) -> tuple[Line, ...]:
    """The first line of everything that comes from a simulated Run."""
    return (line(SIMULATED, Tone.WARN), line()) if simulated else ()


def wrapped(text: str, width: int, indent: int) -> tuple[Line, ...]:
    """A sentence over several lines, those after the first one set in."""
    parts = textwrap.wrap(text, width, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False)
    return tuple(line(part, wrap=False) for part in parts)


def warning_lines(warnings: tuple[str, ...], width: int) -> tuple[Line, ...]:
    """How many there are, then each on a line of its own."""
    if not warnings:
        return ()
    heading = line(count(len(warnings), "warning"), Tone.WARN)
    return (line(), heading, *(part for one in warnings for part in wrapped(f"  - {one}", width, 4)))
