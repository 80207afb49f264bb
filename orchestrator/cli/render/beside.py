"""What belongs to no search: the shape over load, the standing cost, ladders and closed loops."""

from __future__ import annotations

from collections.abc import Callable

from orchestrator.cli.render.text import cell, metric, spans
from orchestrator.cli.screen import Column, Grid, Screen, line
from orchestrator.domain.capacity import Phase
from orchestrator.domain.footprint import CLOSED_LOOP
from orchestrator.domain.measurement import METRICS, value_of
from orchestrator.domain.outcome import COMPLETED
from orchestrator.domain.record import StoredRun, TrialRecord
from orchestrator.domain.slo import Slo
from orchestrator.domain.verdict import judge

_Cell = Callable[[TrialRecord, Slo], str]


def beside_lines(run: StoredRun) -> Screen:
    """A table for each kind that was measured; nothing when none was."""
    scenario, slo = run.manifest.plan.scenario, run.manifest.slo
    screen: Screen = ()
    for phase, heading, columns in (
        (Phase.CURVE, "shape over load (shares of what the cell holds)", _SHAPE),
        (Phase.IDLE, "near idle (1 request/s): the standing cost", _SHAPE),
        (Phase.LADDER, f"{scenario.name}: {scenario}; not ranked: {scenario.unranked}", _LADDER),
        (Phase.THINK, f"{scenario.name}: closed loop of {scenario}; not ranked: {scenario.unranked}", _LOOP),
    ):
        records = sorted((one for one in run.trials if one.phase == phase), key=_place)
        if records:
            rows = tuple(spans(show(record, slo) for _, show in columns) for record in records)
            between = () if scenario.unranked else (line(),)
            screen = (*screen, *between, line(heading), line(), Grid(tuple(one for one, _ in columns), rows))
    if any(one.phase == Phase.THINK for one in run.trials):
        screen = (*screen, line(), line(f"note: {CLOSED_LOOP.reason}"))
    return screen


def _place(record: TrialRecord) -> tuple[str, int]:
    """By Cell, then by rate; the windows of a ladder stay in the order of their time."""
    return record.cell.slug, 0 if record.phase == Phase.LADDER else record.rate_per_second


def _of(name: str) -> _Cell:
    return lambda record, _: cell(
        value_of(record.measurements, name), lambda value: metric(name, value, METRICS[name].unit)
    )


def _verdict(record: TrialRecord, slo: Slo) -> str:
    """What its Slo says; of a window that did not come to its end why."""
    return str(judge(slo, record).verdict if record.outcome == COMPLETED else record.outcome.kind)


_WHERE: tuple[tuple[Column, _Cell], ...] = (
    (Column("instance type"), lambda record, _: record.cell.instance_type),
    (Column("server"), lambda record, _: record.cell.label),
)
_RATE: tuple[Column, _Cell] = (Column("rate", right=True), lambda record, _: f"{record.rate_per_second:,}/s")
_WORKLOAD: tuple[Column, _Cell] = (Column("workload", drop=2), lambda record, _: record.cell.workload)
_SHAPE = (
    *_WHERE,
    _RATE,
    (Column("p50", right=True, drop=3), _of("latency_seconds_p50")),
    (Column("p99", right=True), _of("latency_seconds_p99")),
    (Column("CPU/\nrequest", right=True), _of("cpu_seconds_per_request")),
    (Column("CPU\nof cap", right=True, drop=1), _of("cpu_cap_ratio")),
    (Column("throttled", right=True, drop=2), _of("cpu_throttled_periods_ratio")),
    (Column("memory", right=True, drop=4), _of("memory_bytes_current")),
    (Column("outcome", drop=5), lambda record, _: str(record.outcome.kind or record.outcome.status)),
)
#: Memory comes first: it is what a ladder is for.
_LADDER = (
    *_WHERE,
    _WORKLOAD,
    _RATE,
    (Column("memory\nat its end", right=True), _of("memory_bytes_current")),
    (Column("peak\nso far", right=True), _of("memory_bytes_peak")),
    (Column("anonymous", right=True, drop=4), _of("memory_bytes_anon")),
    (Column("CPU/\nrequest", right=True), _of("cpu_seconds_per_request")),
    (Column("p99", right=True, drop=3), _of("latency_seconds_p99")),
    (Column("CPU\nof cap", right=True, drop=1), _of("cpu_cap_ratio")),
    (Column("verdict", drop=5), _verdict),
)
_LOOP = (
    *_WHERE,
    _WORKLOAD,
    (Column("achieved", right=True), _of("rate_achieved_per_second")),
    (Column("CPU/\nrequest", right=True), _of("cpu_seconds_per_request")),
    (Column("memory", right=True), _of("memory_bytes_current")),
    (Column("peak", right=True, drop=4), _of("memory_bytes_peak")),
    (Column("p50 from\nthe send", right=True, drop=3), _of("latency_seconds_p50")),
    (Column("p99 from\nthe send", right=True), _of("latency_seconds_p99")),
    (Column("CPU\nof cap", right=True, drop=1), _of("cpu_cap_ratio")),
    (Column("verdict"), _verdict),
)
