"""Servers against each other, the noise floor beside them, and what was measured beside the aim."""

from __future__ import annotations

from collections.abc import Callable

from orchestrator.cli.render.cells import spread_words
from orchestrator.cli.render.text import cell, spans
from orchestrator.cli.screen import Column, Grid, Screen, Span, Tone, line
from orchestrator.domain.capacity import Phase
from orchestrator.domain.comparison import Answer
from orchestrator.domain.measurement import Missing, value_of
from orchestrator.domain.record import StoredRun, TrialRecord
from orchestrator.domain.summary import CellSummary
from orchestrator.domain.units import show_bytes, show_ratio, show_seconds
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
    rows = tuple(_pair(one) for one in pairs)
    reasons = tuple(line(f"note: {text}") for text in dict.fromkeys(one.reason for one in pairs if one.reason))
    floors = tuple(line(_floor(summaries, figure)) for figure in dict.fromkeys(one.figure for one in pairs))
    each = tuple(
        line(f"CPU/request of {one.cell.label} on {one.cell.instance_type}: {spread_words(one.cpu)}")
        for one in summaries
    )
    return (line(), Grid(columns, rows), *reasons, line(), *each, *floors)


def beside_lines(run: StoredRun) -> Screen:
    """The shape over load, and the standing cost; nothing when neither was asked for."""
    screen: Screen = ()
    for phase, heading in (
        (Phase.CURVE, "shape over load (shares of what the cell holds)"),
        (Phase.IDLE, "near idle (1 request/s): the standing cost"),
    ):
        records = sorted(
            (one for one in run.trials if one.phase == phase),
            key=lambda one: (one.cell.slug, one.rate_per_second),
        )
        if records:
            screen = (*screen, line(), line(heading), line(), _shape(records))
    return screen


def _pair(one: Versus) -> tuple[Span, ...]:
    comparison = one.comparison
    names = f"{one.first.label} / {one.second.label}"
    words = "tie (both at the ceiling)" if one.reason else str(comparison)
    return (
        *spans((names, one.first.instance_type, one.figure)),
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


def _shape(records: list[TrialRecord]) -> Grid:
    columns = (
        Column("instance type"),
        Column("server"),
        Column("rate", right=True),
        Column("p50", right=True, drop=3),
        Column("p99", right=True),
        Column("CPU/\nrequest", right=True),
        Column("CPU\nof cap", right=True, drop=1),
        Column("throttled", right=True, drop=2),
        Column("memory", right=True, drop=4),
        Column("outcome", drop=5),
    )

    def row(record: TrialRecord) -> tuple[Span, ...]:
        def of(name: str, show: Callable[[float], str]) -> str:
            return cell(value_of(record.measurements, name), show)

        return spans(
            (
                record.cell.instance_type,
                record.cell.label,
                f"{record.rate_per_second:,}/s",
                of("latency_seconds_p50", show_seconds),
                of("latency_seconds_p99", show_seconds),
                of("cpu_seconds_per_request", show_seconds),
                of("cpu_cap_ratio", show_ratio),
                of("cpu_throttled_periods_ratio", show_ratio),
                of("memory_bytes_current", show_bytes),
                str(record.outcome.kind or record.outcome.status),
            )
        )

    return Grid(columns, tuple(row(record) for record in records))
