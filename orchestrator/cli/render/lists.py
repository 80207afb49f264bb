"""What ``list`` shows: one Grid for each kind of thing."""

from __future__ import annotations

from orchestrator.cli.render.text import NOTHING, SIMULATED, spans, usd_exactly
from orchestrator.cli.screen import Column, Grid, Screen, line
from orchestrator.domain.instance_type import InstanceType
from orchestrator.domain.measurement import Missing
from orchestrator.domain.needs import needs_of
from orchestrator.domain.record import StoredRun
from orchestrator.domain.server import Server
from orchestrator.domain.slo import Slo
from orchestrator.domain.units import show_bytes, show_seconds
from orchestrator.domain.variant import Factor
from orchestrator.domain.workload import Scenario, Workload


def servers_view(servers: tuple[Server, ...], _width: int) -> Screen:
    """Name, language, what it serves, what can be varied of it."""
    return _table(
        (
            Column("server"),
            Column("language"),
            Column("workloads", drop=1),
            Column("what can be varied", drop=2),
            Column("what", drop=3),
        ),
        [
            (
                one.name,
                one.language,
                ", ".join(one.workloads),
                ", ".join(factor.name for factor in one.factors) or NOTHING,
                one.summary,
            )
            for one in servers
        ],
        "no server",
    )


def server_view(server: Server, _width: int) -> Screen:
    """What can be varied of one server; the first value of each is what it is when nothing is said."""
    factors = server.factors
    rows: list[tuple[str, ...]] = [
        (factor.name if number == 0 else "", value, note or (factor.summary if number == 0 else ""))
        for factor in factors
        for number, (value, note) in enumerate(_values(factor))
    ]
    example = next((f"{one.name}={one.levels[1].name}" for one in factors if len(one.levels) > 1), "")
    return (
        line(f"{server.name}  {server.language}  {server.summary}"),
        line(f"serves     {', '.join(server.workloads)}"),
        line(),
        *_table((Column("factor"), Column("value"), Column("what")), rows, "nothing of it can be varied"),
        *((line(), line(f"Next       orchestrator run --server {server.name}:{example}")) if example else ()),
    )


def _values(factor: Factor) -> list[tuple[str, str]]:
    found = [(one.name, one.note) for one in factor.levels]
    if factor.numbers:
        found.append((f"{factor.numbers.least:,} to {factor.numbers.most:,}", ""))
    return found


def instances_view(sizes: tuple[InstanceType, ...], _width: int) -> Screen:
    """Shape and price; the price with its date."""
    return _table(
        (
            Column("instance type"),
            Column("kind", drop=2),
            Column("vCPU", right=True),
            Column("sustained\nCPUs", right=True, drop=1),
            Column("memory", right=True),
            Column("USD/\nhour", right=True),
            Column("price of", drop=3),
            Column("region", drop=4),
        ),
        [
            (
                one.id,
                one.kind,
                f"{one.vcpus:g}",
                f"{one.sustained_cpus:g}",
                show_bytes(one.memory_bytes),
                usd_exactly(one.price.usd_per_hour) if one.price else "unknown",
                one.price.as_of.isoformat() if one.price else NOTHING,
                one.price.region if one.price else NOTHING,
            )
            for one in sizes
        ],
        "no instance type",
    )


def workloads_view(workloads: tuple[Workload, ...], _width: int) -> Screen:
    """What one request does."""
    return _table(
        (Column("workload"), Column("request"), Column("what", drop=1)),
        [(one.name, ", ".join(str(request) for request in one.requests), one.summary) for one in workloads],
        "no workload",
    )


def scenarios_view(scenarios: tuple[Scenario, ...], _width: int) -> Screen:
    """How load is offered, and what that takes under the default SLO."""
    loads = _table(
        (Column("scenario"), Column("load"), Column("window", right=True), Column("warm-up", right=True)),
        [
            (
                one.name,
                str(one),
                show_seconds(one.duration_seconds),
                show_seconds(one.warmup_seconds) if one.warmup_seconds else NOTHING,
            )
            for one in scenarios
        ],
        "no scenario",
    )
    if not scenarios:
        return loads
    needs = _table(
        (
            Column("needs of the host"),
            Column("open\nfiles", right=True),
            Column("ports", right=True),
            Column("generator\nmemory", right=True),
            Column("generator\nCPUs", right=True, drop=2),
            Column("workloads"),
            Column("what", drop=1),
        ),
        [_needs(one) for one in scenarios],
        "",
    )
    return (*loads, line(), *needs)


def _needs(one: Scenario) -> tuple[str, ...]:
    needs = needs_of(one, Slo())
    counts = (f"{needs.open_files:,}", f"{needs.ports:,}", show_bytes(needs.memory_bytes), f"{needs.generator_cpus:,}")
    return (one.name, *counts, ", ".join(one.workloads) or "any", one.summary)


def runs_view(runs: tuple[tuple[str, StoredRun | Missing], ...], _width: int) -> Screen:
    """Newest first; one that cannot be read says why."""
    return _table(
        (Column("run"), Column("started"), Column("trials", right=True), Column("end")),
        [_run(name, stored) for name, stored in runs],
        "no run yet; to make one: orchestrator run",
    )


def ending(stored: StoredRun) -> str:
    """How a Run ended, in words."""
    finished = stored.finished
    if isinstance(finished, Missing):
        return f"unknown: {finished.reason}"
    words = "finished" if finished else "stopped before its end"
    return f"{words}; {SIMULATED}" if stored.manifest.simulated else words


def _run(name: str, stored: StoredRun | Missing) -> tuple[str, ...]:
    if isinstance(stored, Missing):
        return (name, NOTHING, NOTHING, f"cannot be read: {stored.reason}")
    return (name, stored.manifest.created_at[:19].replace("T", " "), str(len(stored.trials)), ending(stored))


def _table(columns: tuple[Column, ...], rows: list[tuple[str, ...]], nothing: str) -> Screen:
    if not rows:
        return (line(nothing),)
    return (Grid(columns, tuple(spans(row) for row in rows)),)
