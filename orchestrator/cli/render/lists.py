"""What ``list`` shows: one Grid for each kind of thing."""

from __future__ import annotations

from pathlib import Path

from orchestrator.cli.render.text import NOTHING, SIMULATED, spans, usd_exactly
from orchestrator.cli.screen import Column, Grid, Screen, advice, labelled, line
from orchestrator.domain.batch import BatchWorkload
from orchestrator.domain.batch_record import BATCH, StoredBatch
from orchestrator.domain.instance_type import InstanceType
from orchestrator.domain.measurement import Missing
from orchestrator.domain.needs import needs_of
from orchestrator.domain.record import StoredRun
from orchestrator.domain.server import Server
from orchestrator.domain.slo import Slo
from orchestrator.domain.units import show_bytes, show_seconds
from orchestrator.domain.variant import Factor
from orchestrator.domain.workload import Scenario, Workload

#: The kind of a workload that is a request; the other is BATCH.
HTTP = "http"


def new_service_view(path: Path, width: int) -> Screen:
    """Where it was written, and the next two commands."""
    again = f"orchestrator run --server {path.stem} --dry-run"
    return (
        labelled("Written", f"{path}: complete it"),
        advice("Next", again, "the plan, without a container", width),
        advice("", f"orchestrator run --server {path.stem}", "measure it", width, pad=len(again)),
    )


def servers_view(servers: tuple[Server, ...], _width: int) -> Screen:
    """Name, language, what it serves, what can be varied of it; a service's language is its own affair."""
    every = {name for one in servers if not one.service for name in one.workloads}
    return _table(
        (
            Column("server"),
            Column("language"),
            Column("workloads", drop=1),
            Column("what can be varied", drop=3),
            Column("what", drop=2),
        ),
        [
            (
                one.name,
                one.language or NOTHING,
                _served(one, every),
                ", ".join(factor.name for factor in one.factors) or NOTHING,
                one.summary,
            )
            for one in servers
        ],
        "no server",
    )


def _served(server: Server, every: set[str]) -> str:
    if len(every) > 1 and set(server.workloads) == every:
        return f"all {len(every)}"
    return ", ".join(server.workloads)


def server_view(server: Server, _width: int) -> Screen:
    """What can be varied of one server; the first value of each is what it is when nothing is said."""
    factors = server.factors
    rows: list[tuple[str, ...]] = [
        row
        for factor in factors
        for row in ((factor.name, "", factor.summary), *(("", value, note) for value, note in _values(factor)))
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


def workloads_view(workloads: tuple[Workload, ...], jobs: tuple[BatchWorkload, ...], _width: int) -> Screen:
    """What one request does, and what one batch job computes."""
    return _table(
        (
            Column("workload"),
            Column("kind"),
            Column("request or n"),
            Column("algorithms", drop=2),
            Column("what", drop=1),
        ),
        [
            *(
                (one.name, HTTP, ", ".join(str(request) for request in one.requests), NOTHING, one.summary)
                for one in workloads
            ),
            *((one.name, BATCH, _sizes(one), _algorithms(one), one.summary) for one in jobs),
        ],
        "no workload",
    )


def _sizes(one: BatchWorkload) -> str:
    return ", ".join(f"{size.n:,}" for size in one.sizes)


def _algorithms(one: BatchWorkload) -> str:
    """``same, best``; with their modes: ``same (scalar, lanes8), best``."""
    kinds: dict[str, list[str]] = {}
    for algorithm in one.algorithms:
        kinds.setdefault(algorithm.kind, []).extend([algorithm.mode] if algorithm.mode else [])
    return ", ".join(f"{kind} ({', '.join(modes)})" if modes else kind for kind, modes in kinds.items())


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


def runs_view(runs: tuple[tuple[str, StoredRun | StoredBatch | Missing], ...], _width: int) -> Screen:
    """Newest first; one that cannot be read says why."""
    return _table(
        (Column("run"), Column("started"), Column("trials\nor jobs", right=True), Column("end")),
        [_run(name, stored) for name, stored in runs],
        "no run yet; to make one: orchestrator run",
    )


def ending(stored: StoredRun | StoredBatch) -> str:
    """How a Run ended, in words."""
    finished = stored.finished
    if isinstance(finished, Missing):
        return f"unknown: {finished.reason}"
    words = "finished" if finished else "stopped before its end"
    return f"{words}; {SIMULATED}" if stored.manifest.simulated else words


def _run(name: str, stored: StoredRun | StoredBatch | Missing) -> tuple[str, ...]:
    if isinstance(stored, Missing):
        return (name, NOTHING, NOTHING, f"cannot be read: {stored.reason}")
    done = stored.jobs if isinstance(stored, StoredBatch) else stored.trials
    return (name, stored.manifest.created_at[:19].replace("T", " "), str(len(done)), ending(stored))


def _table(columns: tuple[Column, ...], rows: list[tuple[str, ...]], nothing: str) -> Screen:
    if not rows:
        return (line(nothing),)
    return (Grid(columns, tuple(spans(row) for row in rows)),)
