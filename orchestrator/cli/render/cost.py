"""What a load costs: the answer as a sentence, the ranked table, the prices behind it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from orchestrator.cli.render.json import plain, stored_run_facts
from orchestrator.cli.render.text import NOTHING, cell, spans, stamp, usd, usd_exactly, warning_lines, wrapped
from orchestrator.cli.screen import Column, Grid, Screen, Span, Tone, labelled, line
from orchestrator.domain.capacity import End
from orchestrator.domain.cost import Estimate, price_age_warning
from orchestrator.domain.instance_type import Price
from orchestrator.domain.measurement import Missing, value_of
from orchestrator.domain.plan import Aim
from orchestrator.domain.units import show_bytes, show_ratio, show_seconds
from orchestrator.usecases.cost import CostReport

NOT_INCLUDED = "load balancer, egress, public IPv4"
_BASIS = "Replicas: the load by what one instance was seen to hold; p99 and CPU are at that rate, memory is the peak"

_COLUMNS = (
    Column("#", right=True),
    Column("server"),
    Column("instance type"),
    Column("workload"),
    Column("repli-\ncas", right=True, drop=1),
    Column("use", right=True, drop=4),
    Column("USD/\nmonth", right=True),
    Column("USD/\nmillion", right=True, drop=3),
    Column("p99", right=True),
    Column("n of\np99", right=True, drop=2),
    Column("CPU/\nrequest", right=True, drop=6),
    Column("memory\npeak", right=True, drop=7),
    Column("binding", drop=5),
)


def cost_view(report: CostReport, today: date, width: int) -> Screen:
    """The whole answer of ``cost``."""
    manifest = report.run.manifest
    warnings = warning_lines(cost_warnings(report, today), width)
    evidence = labelled("Evidence", f"orchestrator show {manifest.run}")
    return (*stamp(manifest.simulated), *cost_body(report, width), *bound_lines(report), evidence, *warnings)


def cost_body(report: CostReport, width: int) -> Screen:
    """Sentences, table, what was not ranked, prices."""
    sentences = tuple(line(sentence) for sentence in answers(report))
    measured = tuple(one for one in report.estimates if one.footprint)
    table: Screen = (line(), _grid(measured)) if measured else ()
    return (*sentences, *table, *_not_ranked(report.estimates), line(), *_notes(report, width))


def bound_lines(report: CostReport) -> Screen:
    """The rates that no server of this cost can answer on one instance, in CPUs."""
    return tuple(line(f"Bound: {one}.") for one in report.bounds)


def cost_data(report: CostReport, today: date) -> dict[str, Any]:
    """The same for programs."""
    return {
        **stored_run_facts(report.run.manifest),
        "rate_per_second": report.rate_per_second,
        "currency": "USD",
        "answer": " ".join(answers(report)),
        "estimates": plain(report.estimates),
        "bounds": [{**plain(one), "cpus_needed": one.cpus_needed, "text": str(one)} for one in report.bounds],
        "not_included": NOT_INCLUDED,
        "as_of": today.isoformat(),
    }


def cost_warnings(report: CostReport, today: date) -> tuple[str, ...]:
    """What a reader of prices must know who does not see the Run's own result beside them."""
    return (*_unsettled(report), *price_warnings(report, today))


def price_warnings(report: CostReport, today: date) -> tuple[str, ...]:
    """Rates held that may be far from the most a size holds, and old prices."""
    several, names = _several(report.estimates), []
    for one in report.estimates:
        least = one.replicas_least
        if one.rank is not None and not isinstance(least, Missing) and least != one.replicas:
            of = f" under {one.workload}" if several else ""
            names.append(f"{one.server} on {one.instance_type}{of} ({least:,} or more)")
    bounds = (f"priced by a lower bound, may need fewer replicas: {', '.join(names)}",) if names else ()
    stale = price_age_warning(report.estimates, today)
    return (*bounds, stale) if stale else bounds


def _unsettled(report: CostReport) -> tuple[str, ...]:
    """Cells with a price whose search did not end between two rates, by their own words."""
    ranked = {(one.server, one.instance_type, one.workload) for one in report.estimates if one.rank is not None}
    return tuple(
        f"{one.cell.server} on {one.cell.instance_type}: {one.capacity}"
        for one in report.summaries
        if (one.cell.server, one.cell.instance_type, one.cell.workload) in ranked
        and not one.cell.twin
        and one.capacity.end not in (End.CLOSED, End.AT_LEAST)
    )


def answers(report: CostReport) -> tuple[str, ...]:
    """One sentence for each workload: the cheapest, and how far the next server or size is behind."""
    workloads = tuple(dict.fromkeys(one.workload for one in report.estimates))
    return tuple(_answer(report, workload, named=len(workloads) > 1) for workload in workloads)


def _answer(report: CostReport, workload: str, *, named: bool) -> str:
    objective = report.run.manifest.slo.latency_words
    of = f" of {workload}" if named else ""
    question = f"For {report.rate_per_second:,} requests/s{of} at {objective}"
    ranked = [one for one in report.estimates if one.workload == workload and one.rank is not None]
    if not ranked:
        return f"{question}: nothing can be ranked; the reasons are below."
    best, *others = ranked
    month, million = best.usd_per_month, best.usd_per_million
    if isinstance(month, Missing) or isinstance(million, Missing):
        raise ValueError("a ranked estimate has a price")
    text = f"{question}: {_fleet(best)}, {usd(month)} USD a month ({usd(million)} USD per million requests)"
    return f"{text}{_against(month, others)}."


def _against(month: Decimal, others: list[Estimate]) -> str:
    if not others or isinstance(others[0].usd_per_month, Missing):
        return "; nothing else was ranked"
    rivals = [one for one in others if _may_cost_less(one, month)]
    if rivals:
        names = " and ".join(f"{one.server} on {one.instance_type}" for one in rivals)
        return f"; {names} may be cheaper: a bracket is too wide to tell (orchestrator run --capacity)"
    second, theirs = others[0], others[0].usd_per_month
    if theirs == month:
        same = [one for one in others if one.usd_per_month == month]
        return f"; the same price as {' and '.join(_fleet(one) for one in same)}"
    by, at_least = show_ratio(float(1 - month / theirs)), second.usd_per_month_least
    if not isinstance(at_least, Missing) and at_least != theirs:
        by = f"{show_ratio(float(1 - month / at_least))} to {by}"
    return f", {by} cheaper than {_fleet(second)}"


def _several(estimates: tuple[Estimate, ...]) -> bool:
    """Whether a row must name its workload."""
    return len({one.workload for one in estimates}) > 1


def _may_cost_less(one: Estimate, month: Decimal) -> bool:
    return not isinstance(one.usd_per_month_least, Missing) and one.usd_per_month_least < month


def _fleet(one: Estimate) -> str:
    return f"{one.server} on {cell(one.replicas, lambda value: f'{value:,}')} x {one.instance_type}"


def _grid(estimates: tuple[Estimate, ...]) -> Grid:
    several = _several(estimates)
    kept = [index for index, column in enumerate(_COLUMNS) if several or column.heading != "workload"]
    rows = [_row(one) for one in estimates]
    return Grid(
        tuple(_COLUMNS[index] for index in kept),
        tuple(tuple(row[index] for index in kept) for row in rows),
    )


def _row(one: Estimate) -> tuple[Span, ...]:
    def of(name: str) -> float | Missing:
        return value_of(one.footprint, name)

    requests = next((row.n for row in one.footprint if row.metric == "latency_seconds_p99"), 0)
    words = spans(
        (
            NOTHING if one.rank is None else str(one.rank),
            one.server,
            one.instance_type,
            one.workload,
            cell(one.replicas, lambda value: f"{value:,}"),
            cell(one.use_ratio, show_ratio),
            _money(one, one.usd_per_month),
            _money(one, one.usd_per_million),
            cell(of("latency_seconds_p99"), show_seconds),
            f"{requests:,}",
            cell(of("cpu_seconds_per_request"), show_seconds),
            cell(of("memory_bytes_peak"), show_bytes),
        )
    )
    return (*words, Span(one.binding or NOTHING))


def _money(one: Estimate, amount: Decimal | Missing) -> str:
    if not isinstance(amount, Missing):
        return usd(amount)
    return "unknown" if one.price is None else NOTHING


def _not_ranked(estimates: tuple[Estimate, ...]) -> Screen:
    """Why, whether or not a row of the table shows figures; servers with the same reason together."""
    servers: dict[tuple[str, str, str], list[str]] = {}
    for one in estimates:
        if one.rank is None:
            servers.setdefault((one.instance_type, one.workload, one.status), []).append(one.server)
    if not servers:
        return ()
    several = _several(estimates)
    rows = tuple(
        (Span(NOTHING), *spans((size, ", ".join(names), *((workload,) if several else ()))), Span(status, Tone.VOID))
        for (size, workload, status), names in servers.items()
    )
    workloads = (Column("workload"),) if several else ()
    columns = (Column(""), Column("not ranked"), Column("server"), *workloads, Column("why"))
    return (line(), Grid(columns, rows))


def _notes(report: CostReport, width: int) -> Screen:
    estimates, aim = report.estimates, report.run.manifest.plan.aim
    rows: dict[Price, list[str]] = {}
    for one in estimates:
        if one.footprint and one.price is not None:
            rows.setdefault(one.price, []).append(one.instance_type)
    # A search has one container for all its rates, a staircase a fresh one for each.
    where = "of its container, overload included" if aim == Aim.CAPACITY else "since its start"
    notes = [f"{_BASIS} {where}."] if rows else []
    notes.append(f"Not included: {NOT_INCLUDED}.")
    for price, sizes in rows.items():
        terms = (price.region, price.purchase.replace("_", " "), f"tax {price.tax}" if price.tax else "", price.status)
        names = ", ".join(dict.fromkeys(sizes))
        notes.append(
            f"Price of {names}: {usd_exactly(price.usd_per_hour)} USD an hour, {price.as_of.isoformat()} "
            f"({', '.join(part for part in terms if part)}). Source: {price.source}"
        )
    unknown = dict.fromkeys(one.instance_type for one in estimates if one.price is None)
    if unknown:
        notes.append(f"Price of {', '.join(unknown)}: unknown; nobody wrote one down.")
    return tuple(part for note in notes for part in wrapped(note, width, 2))
