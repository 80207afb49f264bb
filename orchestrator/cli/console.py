"""The one place that prints. Words from outside are made harmless here; colours only where a terminal wants them."""

from __future__ import annotations

import io
import os
import shutil
import unicodedata
from typing import TYPE_CHECKING, TextIO

from orchestrator.cli.screen import Grid, Line, Screen, Span, fit

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

#: What a file or a pipe gets; the widest table is made for it.
WIDTH_WITHOUT_TERMINAL = 120
WIDTH_MIN = 40
#: Control, format (bidirectional marks, zero width), surrogate, line and paragraph separator: none is ever printed.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def clean(text: str) -> str:
    """The text without anything that could steer a terminal: such characters are shown escaped."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        one.encode("unicode_escape").decode() if unicodedata.category(one) in _UNSAFE else one for one in text
    )


def is_terminal(stream: TextIO) -> bool:
    """Whether somebody watches: a terminal that can do more than append lines."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def width_of(stream: TextIO) -> int:
    """Columns of the terminal, or of COLUMNS; 120 without either."""
    if stream.isatty():
        return max(WIDTH_MIN, shutil.get_terminal_size().columns)
    asked = os.environ.get("COLUMNS", "")
    return max(WIDTH_MIN, int(asked)) if asked.isdecimal() else WIDTH_WITHOUT_TERMINAL


def show(screen: Screen, stream: TextIO, width: int) -> None:
    """Prints a Screen. Raises BrokenPipeError."""
    from rich.console import Console

    colours = is_terminal(stream) and not os.environ.get("NO_COLOR")
    drawn = io.StringIO()
    console = Console(
        file=drawn,
        width=width,
        force_terminal=colours,
        color_system="standard" if colours else None,
        legacy_windows=False,
        markup=False,
        highlight=False,
        emoji=False,
    )
    for item in screen:
        if isinstance(item, Line):
            console.print(_text(item.spans), soft_wrap=not item.wrap)
            continue
        fitted = fit(item, width)
        console.print(_table(fitted.grid, fitted.gap))
        if fitted.dropped:
            console.print(f"left out at {width} columns: {', '.join(fitted.dropped)}; --json has all")
    # Tables pad their last column: blanks that only get in the way of who copies or compares.
    stream.write("".join(f"{one.rstrip()}\n" for one in drawn.getvalue().splitlines()))
    stream.flush()


def _text(spans: tuple[Span, ...]) -> Text:
    from rich.text import Text

    text = Text()
    for span in spans:
        text.append(clean(span.text), style=span.tone or None)
    text.rstrip()
    return text


def _table(grid: Grid, gap: int) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, gap, 0, 0), pad_edge=False, show_edge=False, header_style="")
    for column in grid.columns:
        justify = "right" if column.right else "left"
        table.add_column(Text(column.heading), justify=justify, vertical="top", overflow="fold")  # type: ignore[arg-type]
    for row in grid.rows:
        table.add_row(*(_text((span,)) for span in row))
    return table
