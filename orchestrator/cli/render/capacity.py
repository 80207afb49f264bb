"""The result of a Run: what each server holds on each instance type, then what that costs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from orchestrator.cli.render.cost import cost_body, cost_data, cost_warnings
from orchestrator.cli.render.json import plain, stored_run_facts
from orchestrator.cli.render.text import NOTHING, cell, count, spans, stamp, warning_lines
from orchestrator.cli.render.watch import watch_lines
from orchestrator.cli.screen import Column, Grid, Screen, Span, Tone, advice, labelled, line, natural_width
from orchestrator.cli.verdicts import open_ended
from orchestrator.domain.instance_type import describe
from orchestrator.domain.measurement import value_of
from orchestrator.domain.record import StoredRun
from orchestrator.domain.summary import CellSummary
from orchestrator.domain.units import show_seconds
from orchestrator.usecases.cost import CostReport


def run_view(report: CostReport, priced: bool, today: date, urls: Mapping[str, str], width: int) -> Screen:
    """Capacity first, then warnings, then the price of the highest step, then where to watch.

    Args:
        priced: off leaves the money out.
        urls: the bench's pages.
    """
    manifest = report.run.manifest
    screen: Screen = (*stamp(manifest.simulated), *capacity_lines(report, width))
    screen = (*screen, *warning_lines(run_warnings(report, today), width), line())
    if priced:
        heading = f"cost at {report.rate_per_second:,} requests/s, the highest step of this run"
        screen = (*screen, line(heading), line(), *cost_body(report, width))
    if manifest.simulated:
        return (*screen, labelled("Evidence", "none: a simulated run is not stored"))
    return (
        *screen,
        labelled("Evidence", f"orchestrator show {manifest.run}"),
        *watch_lines(urls, width),
        advice("Next", f"orchestrator cost {manifest.run} --rate N", "the same for another load", width),
    )


def run_data(report: CostReport, priced: bool, today: date) -> dict[str, Any]:
    """The same for programs."""
    run = report.run
    return {
        **stored_run_facts(run.manifest),
        "finished": plain(run.finished),
        "plan": plain(run.manifest.plan),
        "cells": [{**plain(one), "capacity": capacity_data(one)} for one in report.summaries],
        "cost": cost_data(report, today) if priced else {"missing": "no rate was offered"},
    }


def capacity_data(summary: CellSummary) -> dict[str, Any]:
    """A bracket with its words."""
    return {**plain(summary.capacity), "text": str(summary.capacity)}


def run_warnings(report: CostReport, today: date) -> tuple[str, ...]:
    """What a reader must know beside the numbers: void cells, servers and sizes left out, throttling, old prices."""
    run = report.run
    found: list[str] = []
    finished = run.finished
    if finished is not True:
        found.append("the run did not finish; what is missing says so")
    found += [f"server left out: {event.note}" for event in run.events if event.event == "server_skipped"]
    found += [f"{unfit.instance_type} left out: {unfit.reason}" for unfit in run.manifest.plan.left_out]
    for one in report.summaries:
        where = f"{one.cell.server} on {one.cell.instance_type}"
        void = f"{one.void} of {count(one.trials, 'trial')} void; " if one.void else ""
        if open_ended(run, one):
            found.append(f"{where}: {void}no closed answer: {one.capacity}")
        elif void:
            found.append(f"{where}: {void}{one.capacity}")
        if one.shared:
            found.append(f"{where}: server and generator shared CPUs; not ranked")
        found += one.warnings
    return (*found, *cost_warnings(report, today))


def capacity_lines(report: CostReport, width: int) -> Screen:
    """A table for each workload: instance types by servers; one row for each Cell where that is too wide."""
    manifest = report.run.manifest
    screen: Screen = ()
    for workload in dict.fromkeys(one.cell.workload for one in report.summaries):
        mine = tuple(one for one in report.summaries if one.cell.workload == workload)
        heading = line(f"capacity of {workload} under {manifest.slo} (requests/s, bracket of a staircase, n = trials)")
        table: Screen = (_matrix(report.run, mine),)
        if natural_width(_matrix(report.run, mine)) > width or len(mine) == 1:
            table = (_list(mine), *_sustained(report.run))
        screen = (*screen, *((line(),) if screen else ()), heading, line(), *table)
    return screen


def _matrix(run: StoredRun, summaries: tuple[CellSummary, ...]) -> Grid:
    servers = tuple(dict.fromkeys(one.cell.server for one in summaries))
    sizes = tuple(dict.fromkeys(one.cell.instance_type for one in summaries))
    by_place = {(one.cell.instance_type, one.cell.server): one for one in summaries}
    return Grid(
        (Column("instance type"), *(Column(server) for server in servers)),
        tuple(
            (Span(_described(run, size)), *(_bracket(by_place.get((size, server))) for server in servers))
            for size in sizes
        ),
    )


def _list(summaries: tuple[CellSummary, ...]) -> Grid:
    columns = (
        Column("instance type"),
        Column("server"),
        Column("capacity"),
        Column("n", right=True),
        Column("void", right=True, drop=1),
        Column("p99", right=True, drop=2),
    )
    rows = []
    for one in summaries:
        p99 = cell(value_of(one.footprint, "latency_seconds_p99"), show_seconds)
        rows.append(
            (
                *spans((one.cell.instance_type, one.cell.server)),
                Span(str(one.capacity), _tone(one)),
                *spans((str(one.trials), str(one.void), p99)),
            )
        )
    return Grid(columns, tuple(rows))


def _sustained(run: StoredRun) -> Screen:
    burstable = [one for one in run.manifest.instance_types if one.kind == "burstable"]
    return tuple(line(f"note: {describe(one)}") for one in burstable)


def _described(run: StoredRun, size: str) -> str:
    return next((describe(one) for one in run.manifest.instance_types if one.id == size), size)


def _bracket(summary: CellSummary | None) -> Span:
    if summary is None:
        return Span(NOTHING)
    void = f", {summary.void} void" if summary.void else ""
    return Span(f"{summary.capacity} (n = {summary.trials}{void})", _tone(summary))


def _tone(summary: CellSummary) -> Tone:
    if summary.capacity.holds is not None:
        return Tone.GOOD
    return Tone.BAD if summary.capacity.fails is not None else Tone.VOID
