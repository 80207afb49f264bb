"""What one benchmark found, as a row: judged, shown and kept. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from statistics import median
from typing import Any


class BenchmarkError(Exception):
    """A benchmark could not be measured; the message says what happened and what to do."""


@dataclass(frozen=True)
class Row:
    """One line of benchmarks/latest.json.

    Attributes:
        what: what is compared, with the unit of ``ours`` and ``peers``, and n.
        ours: median; seconds, bytes or a share, as ``what`` says.
        peers: medians of the same by the peer's name; empty where the goal is an absolute one.
        ratio: ours by what it is held against; None where the goal is an absolute one.
        goal: the most that ``ratio``, or without one ``ours``, may be.
        machine: filled in when all is measured.
    """

    id: str
    what: str
    ours: float
    peers: dict[str, float]
    ratio: float | None
    goal: float
    met: bool
    machine: str = ""


@dataclass(frozen=True)
class Finding:
    """A row, and lines that explain it: spread, parts, what stood in the way."""

    row: Row
    notes: tuple[str, ...] = ()


def against_peer(
    id: str,  # noqa: A002  the issue's own name of the field
    what: str,
    ours: Sequence[float],
    peer: str,
    theirs: Sequence[float],
    *,
    goal: float,
    factor: float = 1.0,
    allowance: float = 0.0,
) -> Row:
    """Medians of both and their ratio: ours / (factor x peer + allowance). Raises BenchmarkError without samples."""
    mine, other = middle(ours), middle(theirs)
    bound = factor * other + allowance
    if bound <= 0:
        raise BenchmarkError(f"{id}: {peer} measured {other}, which nothing can be compared with")
    ratio = mine / bound
    counts = f"n = {len(ours)}" if len(ours) == len(theirs) else f"n = {len(ours)} and {len(theirs)}"
    return Row(id, f"{what}, median, {counts}", mine, {peer: other}, ratio, goal, ratio <= goal)


def against_limit(id: str, what: str, ours: Sequence[float], *, goal: float) -> Row:  # noqa: A002  as above
    """The median, held against an absolute goal. Raises BenchmarkError without samples."""
    mine = middle(ours)
    return Row(id, f"{what}, median, n = {len(ours)}", mine, {}, None, goal, mine <= goal)


def middle(samples: Sequence[float]) -> float:
    """The median. Raises BenchmarkError without samples."""
    if not samples:
        raise BenchmarkError("nothing was measured")
    return median(samples)


def spread(name: str, samples: Sequence[float]) -> str:
    """``ours: 4.1 to 4.9`` for the notes."""
    return f"{name}: {min(samples):.4g} to {max(samples):.4g}"


def merged(old: Iterable[Mapping[str, Any]], new: Sequence[Row], order: Sequence[str]) -> list[dict[str, Any]]:
    """Rows of a benchmark measured now take the place of its older ones; the others stay, with the machine they name.

    Args:
        order: ids of the benchmarks.
    """
    measured = {benchmark_of(one.id, order) for one in new}
    rows = [dict(one) for one in old if benchmark_of(str(one["id"]), order) not in measured]
    rows += [asdict(one) for one in new]
    return [row for name in order for row in rows if benchmark_of(str(row["id"]), order) == name]


def benchmark_of(row: str, benchmarks: Iterable[str]) -> str:
    """The benchmark that a row's id is of: ``R7`` of ``R7-slim-go``; "" when there is none."""
    return next((name for name in benchmarks if row == name or row.startswith(f"{name}-")), "")


def on_machine(row: Row, machine: str) -> Row:
    return replace(row, machine=machine)


def to_json(rows: Sequence[Mapping[str, Any]]) -> str:
    """latest.json as text."""
    return json.dumps(rows, indent=2, allow_nan=False) + "\n"


def table(rows: Sequence[Row]) -> str:
    """The rows for people, as a Markdown table: what is printed can be copied into a page as it is."""
    head = ("id", "what", "ours", "peer", "ratio", "goal", "met")
    lines = [head, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    shown = [
        "| " + " | ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join((shown[0], rule, *shown[1:]))


def _cells(row: Row) -> tuple[str, ...]:
    peers = ", ".join(f"{name} {figure(value)}" for name, value in row.peers.items()) or "none"
    ratio = "-" if row.ratio is None else f"{row.ratio:.3f}"
    return (row.id, row.what, figure(row.ours), peers, ratio, figure(row.goal), "yes" if row.met else "no")


def figure(value: float) -> str:
    """Four figures, never with an exponent; whole numbers with separators from ten thousand on."""
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{Decimal(f'{value:.4g}'):f}"
