"""What a command shows, as plain data: lines and grids of words with a tone. No terminal, no library."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from orchestrator.errors import LabError


class Tone(StrEnum):
    """What the words say already; a terminal with colours shows it as well."""

    PLAIN = ""
    GOOD = "green"
    BAD = "red"
    WARN = "yellow"
    VOID = "bright_black"


@dataclass(frozen=True)
class Span:
    """Some words. They may come from anywhere: the console makes them harmless."""

    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True)
class Line:
    """One line; ``wrap`` off for what is meant to be copied, such as commands and addresses."""

    spans: tuple[Span, ...] = ()
    wrap: bool = True


@dataclass(frozen=True)
class Column:
    """A column of a Grid. ``drop``: 0 stays always; of the others the highest goes first where there is no room."""

    heading: str
    right: bool = False
    drop: int = 0


@dataclass(frozen=True)
class Grid:
    """A table; each row has one Span for each column."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Span, ...], ...]


Screen = tuple[Line | Grid, ...]


@dataclass(frozen=True)
class Answer:
    """What a command hands back: the result for people (given a width in columns) and for programs.

    Attributes:
        failed: what could not be had although the command went on to its end, by name.
    """

    view: Callable[[int], Screen]
    data: dict[str, object]
    exit_code: int = 0
    warnings: tuple[str, ...] = ()
    failed: Mapping[str, LabError] = field(default_factory=dict)


@dataclass(frozen=True)
class Fitted:
    """A Grid that fits a width as well as it can."""

    grid: Grid
    gap: int
    dropped: tuple[str, ...]


def line(text: str = "", tone: Tone = Tone.PLAIN, *, wrap: bool = True) -> Line:
    """A line of one tone."""
    return Line((Span(text, tone),), wrap)


def labelled(label: str, text: str, tone: Tone = Tone.PLAIN) -> Line:
    """``Next       orchestrator run``: never broken, so that it can be copied."""
    return Line((Span(label.ljust(11), tone), Span(text)), wrap=False)


def advice(label: str, command: str, why: str, width: int, pad: int = 0) -> Line:
    """A command and what it is good for; where there is no room, the command alone."""
    full = f"{command.ljust(pad)}  {why}"
    return labelled(label, full if 11 + len(full) <= width else command)


def fit(grid: Grid, width: int) -> Fitted:
    """Two blanks between columns, then one, then fewer columns: until the widest row has room."""
    dropped: list[str] = []
    while True:
        for gap in (2, 1):
            if natural_width(grid, gap) <= width:
                return Fitted(grid, gap, tuple(dropped))
        index, column = max(enumerate(grid.columns), key=lambda one: one[1].drop)
        if column.drop == 0:
            return Fitted(grid, 1, tuple(dropped))
        dropped.append(column.heading.replace("-\n", "").replace("\n", " ").replace("/ ", "/"))
        grid = replace(
            grid,
            columns=(*grid.columns[:index], *grid.columns[index + 1 :]),
            rows=tuple((*row[:index], *row[index + 1 :]) for row in grid.rows),
        )


def natural_width(grid: Grid, gap: int = 2) -> int:
    """Columns of a terminal that the grid takes when nothing is folded."""
    widths = [
        max([len(part) for part in column.heading.split("\n")] + [len(row[index].text) for row in grid.rows])
        for index, column in enumerate(grid.columns)
    ]
    return sum(widths) + gap * (len(widths) - 1)
