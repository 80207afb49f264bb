"""Servers against each other, and the noise floor beside them."""

from __future__ import annotations

from orchestrator.cli.render.cells import spread_words
from orchestrator.cli.render.text import cell, spans
from orchestrator.cli.screen import Column, Grid, Screen, Span, Tone, line
from orchestrator.domain.comparison import Answer
from orchestrator.domain.measurement import Missing
from orchestrator.domain.summary import CellSummary
from orchestrator.domain.units import show_ratio
from orchestrator.domain.versus import Versus, floor_of

_TONES = {Answer.WINNER: Tone.GOOD, Answer.TIE: Tone.PLAIN, Answer.NOT_ENOUGH_DATA: Tone.WARN}


def versus_lines(summaries: tuple[CellSummary, ...], pairs: tuple[Versus, ...]) -> Screen:
    """One row for each pair and figure, then CPU time per request of each Cell, then the noise floor."""
    if not pairs:
        return ()
    columns = (
        Column("compared"),
        Column("instance type"),
        Column("by"),
        Column("answer"),
        Column("Mann-Whitney\np", right=True, drop=2),
        Column("TOST\np", right=True, drop=1),
        Column("n", right=True),
    )
    several = len({one.first.workload for one in pairs}) > 1
    rows = tuple(_pair(one, f" of {one.first.workload}" if several else "") for one in pairs)
    reasons = tuple(line(f"note: {text}") for text in dict.fromkeys(one.reason for one in pairs if one.reason))
    floors = tuple(line(_floor(summaries, figure)) for figure in dict.fromkeys(one.figure for one in pairs))
    each = tuple(
        line(f"CPU/request of {one.cell.label} on {one.cell.instance_type}{_of(one, several)}: {spread_words(one.cpu)}")
        for one in summaries
    )
    return (line(), Grid(columns, rows), *reasons, line(), *each, *floors)


def _of(one: CellSummary, several: bool) -> str:
    return f", {one.cell.workload}" if several else ""


def _pair(one: Versus, of: str) -> tuple[Span, ...]:
    comparison = one.comparison
    names = f"{one.first.label} / {one.second.label}"
    words = "tie (both at the ceiling)" if one.reason else str(comparison)
    return (
        *spans((names, one.first.instance_type, one.figure + of)),
        Span(words, Tone.WARN if one.control and comparison.answer == Answer.WINNER else _TONES[comparison.answer]),
        *spans(
            (
                cell(comparison.mann_whitney_p, lambda value: f"{value:.3f}"),
                cell(comparison.tost_p, lambda value: f"{value:.3f}"),
                str(comparison.n),
            )
        ),
    )


def _floor(summaries: tuple[CellSummary, ...], figure: str) -> str:
    floor = floor_of(summaries, figure)
    if isinstance(floor, Missing):
        return f"noise floor of {figure}: not known ({floor.reason})"
    return f"noise floor of {figure}: {show_ratio(floor)} (one server measured as two)"
