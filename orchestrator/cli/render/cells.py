"""Cells as tables: what each holds, and the evidence beside it."""

from __future__ import annotations

from collections.abc import Callable

from orchestrator.cli.render.text import NOTHING, cell, count, spans
from orchestrator.cli.screen import Column, Grid, Screen, Span, Tone, line, natural_width
from orchestrator.domain.comparison import Answer
from orchestrator.domain.feasibility import cores, in_flight
from orchestrator.domain.instance_type import describe
from orchestrator.domain.measurement import Missing, value_of
from orchestrator.domain.plan import Aim
from orchestrator.domain.record import StoredRun
from orchestrator.domain.statistics import Summary
from orchestrator.domain.summary import CellSummary
from orchestrator.domain.units import show_bytes, show_ratio, show_seconds
from orchestrator.domain.versus import CAPACITY, Versus

_COLUMNS = (
    Column("instance type"),
    Column("server"),
    Column("bracket"),
    Column("trials", right=True, drop=3),
    Column("void", right=True, drop=1),
    Column("p99", right=True),
    Column("CPU/\nrequest", right=True, drop=1),
    Column("CPUs\nimplied", right=True, drop=2),
    Column("in\nflight", right=True, drop=4),
    Column("memory\npeak", right=True, drop=5),
    Column("binding", drop=6),
)
#: Only where one was needed.
_SIDECAR_COLUMNS = (Column("sidecar\nCPU", right=True, drop=1), Column("sidecar\nmemory", right=True, drop=5))


def capacity_lines(run: StoredRun, summaries: tuple[CellSummary, ...], pairs: tuple[Versus, ...], width: int) -> Screen:
    """For each workload what every Cell holds, then the evidence for it."""
    screen: Screen = ()
    for workload in dict.fromkeys(one.cell.workload for one in summaries):
        mine = tuple(one for one in summaries if one.cell.workload == workload)
        heading = f"capacity of {workload} under {run.manifest.slo} ({_basis(run, mine)})"
        table = _answer(run, mine, pairs, width)
        evidence = (*((line(),) if table else ()), evidence_grid(mine))
        notes = tuple(line(f"note: {text}") for text in _other_paths(run, workload))
        screen = (*screen, *((line(),) if screen else ()), line(heading), line(), *table, *evidence, *notes)
    return screen


def _other_paths(run: StoredRun, workload: str) -> tuple[str, ...]:
    """Which servers were asked at paths of their own, and where the others were."""
    usual = next(one for one in run.manifest.workloads if one.name == workload)
    theirs = ", ".join(str(one) for one in usual.requests)
    return tuple(
        f"{server.name} was asked {', '.join(str(one) for one in server.requests)}, the others {theirs}"
        for server in run.manifest.servers
        if workload in server.workloads and server.requests and server.requests != usual.requests
    )


def evidence_grid(summaries: tuple[CellSummary, ...]) -> Grid:
    """Bracket, windows, and what Little's law and the CPU's price of a request imply at the rate that held."""
    beside = [_beside(one) for one in summaries]
    if not any(beside):
        return Grid(_COLUMNS, tuple(_evidence(one) for one in summaries))
    rows = zip(summaries, beside, strict=True)
    return Grid(
        (*_COLUMNS, *_SIDECAR_COLUMNS), tuple((*_evidence(one), *spans(seen or (NOTHING,) * 2)) for one, seen in rows)
    )


def rate_words(summary: Summary | Missing) -> str:
    """``5,410 (5,240-5,560)``."""
    if isinstance(summary, Missing):
        return NOTHING
    interval = summary.interval
    around = "no interval" if isinstance(interval, Missing) else f"{interval.low:,.0f}-{interval.high:,.0f}"
    return f"{summary.centre:,.0f} ({around})"


def implied(summary: CellSummary) -> tuple[float | Missing, float | Missing]:
    """CPUs that the held rate needs at its CPU time per request, and requests in flight at its mean latency."""
    rate = value_of(summary.footprint, "rate_achieved_per_second")
    each = value_of(summary.footprint, "cpu_seconds_per_request")
    mean = value_of(summary.footprint, "latency_seconds_mean")
    if isinstance(rate, Missing):
        return rate, rate
    return (
        each if isinstance(each, Missing) else cores(rate, each),
        mean if isinstance(mean, Missing) else in_flight(rate, mean),
    )


def _basis(run: StoredRun, summaries: tuple[CellSummary, ...]) -> str:
    plan = run.manifest.plan
    blocks = max((len(one.blocks) for one in summaries), default=0)
    if plan.aim == Aim.CAPACITY:
        return f"requests/s, 95 % interval, n = {count(blocks, 'block')}"
    return f"requests/s, bracket of a staircase, n = {'trials' if blocks < 2 else count(blocks, 'block')}"


def _answer(run: StoredRun, summaries: tuple[CellSummary, ...], pairs: tuple[Versus, ...], width: int) -> Screen:
    """The matrix; where it is too wide a line for each Cell. A staircase's bracket is in the evidence anyway."""
    matrix = _matrix(run, summaries, pairs)
    searched = run.manifest.plan.aim == Aim.CAPACITY
    if natural_width(matrix) <= width and (searched or len(summaries) > 1):
        return (matrix,)
    if not searched:
        return _sustained(run)
    rows = tuple(
        (*spans((_described(run, one.cell.instance_type), one.cell.label)), _held(run, one)) for one in summaries
    )
    return (Grid((Column("instance type"), Column("server"), Column("capacity")), rows),)


def _which(pair: Versus) -> str:
    """In a word or two; what else there is to say stands in the table of comparisons."""
    if pair.reason:
        return "tie (ceiling)"
    undecided = pair.comparison.answer == Answer.NOT_ENOUGH_DATA
    return str(pair.comparison.answer if undecided else pair.comparison)


def _matrix(run: StoredRun, summaries: tuple[CellSummary, ...], pairs: tuple[Versus, ...]) -> Grid:
    """Instance types by servers; in a capacity search also which server is ahead."""
    labels = tuple(dict.fromkeys(one.cell.label for one in summaries))
    sizes = tuple(dict.fromkeys(one.cell.instance_type for one in summaries))
    by_place = {(one.cell.instance_type, one.cell.label): one for one in summaries}
    which = {
        size: "; ".join(
            dict.fromkeys(
                _which(one)
                for one in pairs
                if one.first.instance_type == size
                and one.first.workload == summaries[0].cell.workload
                and one.figure == CAPACITY
                and not one.control
            )
        )
        for size in sizes
    }
    last = (Column("which"),) if any(which.values()) else ()
    return Grid(
        (Column("instance type"), *(Column(label) for label in labels), *last),
        tuple(
            (
                Span(_described(run, size)),
                *(_held(run, by_place.get((size, label))) for label in labels),
                *((Span(which[size] or NOTHING),) if last else ()),
            )
            for size in sizes
        ),
    )


def _held(run: StoredRun, summary: CellSummary | None) -> Span:
    if summary is None:
        return Span(NOTHING)
    if run.manifest.plan.aim == Aim.CAPACITY and not isinstance(summary.rate, Missing):
        if summary.rate.n < len(summary.blocks):
            return Span(f"{rate_words(summary.rate)} in {summary.rate.n} of {len(summary.blocks)} blocks", Tone.WARN)
        return Span(rate_words(summary.rate), Tone.GOOD)
    void = f", {summary.void} void" if summary.void else ""
    return Span(f"{summary.capacity} (n = {summary.trials}{void})", tone_of(summary))


def _evidence(one: CellSummary) -> tuple[Span, ...]:
    def of(name: str, show: Callable[[float], str]) -> str:
        return cell(value_of(one.footprint, name), show)

    needed, flying = implied(one)
    return (
        *spans((one.cell.instance_type, one.cell.label)),
        Span(str(one.capacity), tone_of(one)),
        *spans(
            (
                f"{one.trials:,}",
                f"{one.void:,}",
                of("latency_seconds_p99", show_seconds),
                of("cpu_seconds_per_request", show_seconds),
                cell(needed, lambda value: f"{value:.3g}"),
                cell(flying, lambda value: f"{value:.3g}"),
                of("memory_bytes_peak", show_bytes),
                one.binding or NOTHING,
            )
        ),
    )


def _beside(one: CellSummary) -> tuple[str, ...]:
    """CPU seconds of its sidecar, of the CPU that it had, and its memory; nothing where it has none."""
    used = value_of(one.footprint, "sidecar_cpu_seconds")
    if isinstance(used, Missing):
        return ()
    share = cell(value_of(one.footprint, "sidecar_cpu_ratio"), show_ratio)
    return f"{show_seconds(used)} ({share})", cell(value_of(one.footprint, "sidecar_memory_bytes_peak"), show_bytes)


def spread_words(summary: Summary | Missing) -> str:
    """``41.2 us (40.1-42.0 us, n = 5)``."""
    if isinstance(summary, Missing):
        return f"not available ({summary.reason})"
    interval = summary.interval
    around = "" if isinstance(interval, Missing) else f"{show_seconds(interval.low)} to {show_seconds(interval.high)}, "
    return f"{show_seconds(summary.centre)} ({around}n = {summary.n})"


def tone_of(summary: CellSummary) -> Tone:
    """Holds, fails, or nobody knows."""
    if summary.capacity.holds is not None:
        return Tone.GOOD
    return Tone.BAD if summary.capacity.fails is not None else Tone.VOID


def _sustained(run: StoredRun) -> Screen:
    burstable = [one for one in run.manifest.instance_types if one.kind == "burstable"]
    return tuple(line(f"note: {describe(one)}") for one in burstable)


def _described(run: StoredRun, size: str) -> str:
    return next((describe(one) for one in run.manifest.instance_types if one.id == size), size)
