"""The result of a Run: what each server holds on each instance type, who is ahead, then what that costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from orchestrator.cli.render.beside import beside_lines
from orchestrator.cli.render.cells import capacity_lines
from orchestrator.cli.render.cost import bound_lines, cost_body, cost_data, price_warnings
from orchestrator.cli.render.json import plain, stored_run_facts
from orchestrator.cli.render.text import count, stamp, warning_lines
from orchestrator.cli.render.versus import versus_lines
from orchestrator.cli.render.watch import watch_lines
from orchestrator.cli.screen import Screen, advice, labelled, line
from orchestrator.cli.verdicts import open_ended
from orchestrator.domain.comparison import Answer
from orchestrator.domain.outcome import Status
from orchestrator.domain.plan import Aim
from orchestrator.domain.record import StoredRun
from orchestrator.domain.summary import CellSummary, window_seconds
from orchestrator.domain.units import show_seconds
from orchestrator.domain.versus import Versus
from orchestrator.usecases.cost import CostReport

#: A container was fit for no further window.
ENDED_EARLY = frozenset({"ladder_stopped", "curve_stopped"})


def run_view(
    report: CostReport, pairs: tuple[Versus, ...], priced: bool, today: date, urls: Mapping[str, str], width: int
) -> Screen:
    """Capacity first, then who is ahead, warnings, the price of the highest step, and where to watch.

    Args:
        priced: off leaves the money out.
        urls: the bench's pages.
    """
    manifest = report.run.manifest
    duet = manifest.plan.aim == Aim.DUET
    compared = versus_lines(report.summaries, pairs) if duet or not manifest.plan.unranked else ()
    ranked: Screen = ()
    if not manifest.plan.unranked:
        ranked = capacity_lines(report.run, report.summaries, pairs, width)
    elif duet:
        ranked = (line(f"two at once on the same CPUs, under {manifest.slo}; not ranked: {manifest.plan.unranked}"),)
    screen: Screen = (
        *stamp(manifest.simulated),
        *ranked,
        *compared,
        *beside_lines(report.run),
        *warning_lines(run_warnings(report, pairs, priced, today), width),
        line(),
        line(_effort(report)),
        line(),
    )
    if priced:
        heading = f"cost at {report.rate_per_second:,} requests/s, the highest step of this run"
        screen = (*screen, line(heading), line(), *cost_body(report, width), *bound_lines(report))
    if manifest.simulated:
        return (*screen, labelled("Evidence", "none: a simulated run is not stored"))
    next_one = advice("Next", f"orchestrator cost {manifest.run} --rate N", "the same for another load", width)
    return (
        *screen,
        labelled("Evidence", f"orchestrator show {manifest.run}"),
        *watch_lines(urls, width),
        *((next_one,) if not manifest.plan.unranked else ()),
    )


def run_data(report: CostReport, pairs: tuple[Versus, ...], priced: bool, today: date) -> dict[str, Any]:
    """The same for programs."""
    run = report.run
    unranked = run.manifest.plan.unranked
    return {
        **stored_run_facts(run.manifest),
        "finished": plain(run.finished),
        "plan": plain(run.manifest.plan),
        "cells": [cell_data(one) for one in report.summaries],
        "comparisons": [{**plain(one), "text": str(one.comparison)} for one in pairs],
        "cost": cost_data(report, today) if priced else {"missing": unranked or "no rate was offered"},
    }


def cell_data(summary: CellSummary) -> dict[str, Any]:
    """A Cell with its intervals, and its bracket in words."""
    return {
        **plain(summary),
        "capacity": {**plain(summary.capacity), "text": str(summary.capacity)},
        "blocks": [plain(replace(found, held={})) for found in summary.blocks],
        "rate": plain(summary.rate),
        "cpu": plain(summary.cpu),
        "warnings": list(summary.warnings),
    }


def run_warnings(report: CostReport, pairs: tuple[Versus, ...], priced: bool, today: date) -> tuple[str, ...]:
    """What a reader must know beside the numbers: void cells, servers and sizes left out, throttling, old prices."""
    run = report.run
    found: list[str] = []
    finished = run.finished
    if finished is not True:
        found.append("the run did not finish; what is missing says so")
    found += [f"server left out: {event.note}" for event in run.events if event.event == "server_skipped"]
    found += [f"{event.trial} ended {event.note}" for event in run.events if event.event in ENDED_EARLY]
    found += [f"no curve of {event.note}" for event in run.events if event.event == "curve_skipped"]
    found += _of_unranked(run)
    found += [f"{unfit.instance_type} left out: {unfit.reason}" for unfit in run.manifest.plan.left_out]
    for one in report.summaries:
        where = f"{one.cell.label} on {one.cell.instance_type}"
        void = f"{one.void} of {count(one.trials, 'trial')} void; " if one.void else ""
        if open_ended(run, one):
            found.append(f"{where}: {void}no closed answer: {one.capacity}")
        elif void and not run.manifest.plan.unranked:
            found.append(f"{where}: {void}{one.capacity}")
        if one.shared:
            found.append(f"{where}: server and generator shared CPUs; not ranked")
    cells = [(f"{one.cell.label} on {one.cell.instance_type}", one) for one in report.summaries]
    told = [(name, text) for name, one in cells for text in one.warnings]
    found += [_shaken(one) for one in pairs if one.control and one.comparison.answer == Answer.WINNER]
    told += [(f"{one.first.label} / {one.second.label}", text) for one in pairs for text in one.comparison.warnings]
    return (*found, *_together(told), *(price_warnings(report, today) if priced else ()))


def _of_unranked(run: StoredRun) -> list[str]:
    """Windows of no search that were spoiled."""
    if not run.manifest.plan.unranked:
        return []
    found = []
    for cell in run.manifest.plan.cells:
        mine = [record for record in run.trials if record.cell == cell]
        void = [record for record in mine if record.outcome.status == Status.VOID]
        where = f"{cell.label} on {cell.instance_type}"
        if void:
            found.append(f"{where}: {len(void)} of {count(len(mine), 'window')} void: {void[0].outcome.reason}")
        elif not mine:
            found.append(f"{where}: not measured")
    return found


def _shaken(pair: Versus) -> str:
    """An A/A pair must be a tie."""
    return (
        f"one server measured as two differs by {pair.figure} on {pair.first.instance_type}: {pair.comparison}; "
        "this host moved, and no difference of that size is to be believed"
    )


def _together(told: list[tuple[str, str]]) -> list[str]:
    """One sentence for all it is true of."""
    where: dict[str, list[str]] = {}
    for name, text in told:
        where.setdefault(text, []).append(name)
    return [f"{', '.join(dict.fromkeys(names))}: {text}" for text, names in where.items()]


def _effort(report: CostReport) -> str:
    """What the answer took."""
    records = report.run.trials
    if report.run.manifest.plan.unranked:
        windows, load = len(records), sum(window_seconds(record) for record in records)
    else:
        windows = sum(one.windows for one in report.summaries)
        load = sum(one.load_seconds for one in report.summaries)
    took = sum(record.seconds for record in records)
    if report.run.manifest.plan.aim == Aim.DUET:  # two at once
        load, took = load / 2, took / 2
    return (
        f"took {count(windows, 'window')}, {show_seconds(load)} of load judged, {show_seconds(took)} with all that "
        f"belongs to it; load by {report.run.manifest.plan.generator}, seed {report.run.manifest.plan.seed}"
    )
