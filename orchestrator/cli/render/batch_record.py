"""What ``show`` tells of one batch Run and of one job."""

from __future__ import annotations

from orchestrator.cli.render.batch import batch_body
from orchestrator.cli.render.lists import ending
from orchestrator.cli.render.record import (
    fact,
    host_words,
    images_grid,
    limits_grid,
    measurements_grid,
    outcome_words,
)
from orchestrator.cli.render.text import cell, spans, stamp
from orchestrator.cli.screen import Column, Grid, Screen, Span, Tone, advice, line
from orchestrator.domain.batch_record import BatchManifest, JobRecord, StoredBatch
from orchestrator.domain.batch_summary import JobPair, JobRow
from orchestrator.domain.job import Said
from orchestrator.domain.measurement import Missing, value_of
from orchestrator.domain.outcome import Status
from orchestrator.domain.units import show_bytes, show_seconds

_TONES = {Status.COMPLETED: Tone.GOOD, Status.FAILED: Tone.BAD, Status.VOID: Tone.VOID}


def stored_batch_view(stored: StoredBatch, rows: tuple[JobRow, ...], pairs: tuple[JobPair, ...], width: int) -> Screen:
    """The Run's facts, its rows and ratios, then each job in the order it was run."""
    manifest = stored.manifest
    plan = manifest.plan
    facts = (
        ("run", f"{manifest.run}, {manifest.created_at}, version {manifest.version}, {ending(stored)}"),
        ("kind", "batch: jobs that ran to their end; it holds no rate, and no SLO judges it"),
        ("emulation", f"{manifest.mode} mode, seed {plan.seed}, {plan.blocks.most} blocks"),
        ("host", host_words(manifest.host)),
    )
    return (
        *stamp(manifest.simulated),
        *(fact(name, text) for name, text in facts),
        *(fact("left out", f"{one.instance_type}: {one.reason}") for one in plan.left_out),
        line(),
        images_grid(manifest.images),
        line(),
        *batch_body(stored, rows, pairs, width),
        line(),
        Grid(
            (
                Column("job"),
                Column("outcome"),
                Column("wall", right=True),
                Column("CPU", right=True),
                Column("memory\npeak", right=True, drop=1),
            ),
            tuple(_job(record) for record in stored.jobs),
        ),
        line(),
        advice("Next", "orchestrator show JOB", "everything one job said and what was counted of it", width),
    )


def job_view(manifest: BatchManifest, record: JobRecord, _width: int) -> Screen:
    """Outcome, every Measurement with its source, limits asked and read back, what the program said."""
    place = record.placement
    cpus = ",".join(str(cpu) for cpu in place.server_cpus)
    facts = (
        ("job", f"{record.job} of run {manifest.run}"),
        ("started", f"{record.started_at}, took {show_seconds(record.seconds)}"),
        ("computes", f"{record.cell.label}, by {record.cell.program} on {record.cell.instance_type}"),
        ("CPUs", f"{cpus}{', shared with the bench: never compared' if place.shared else ''}"),
        ("outcome", outcome_words(record.outcome)),
        *(("doubt", doubt) for doubt in record.doubts),
    )
    log: Screen = ()
    if record.log_tail:
        log = (line(), line("last lines of its log"), *(line(f"  | {one}") for one in record.log_tail))
    effective = () if isinstance(record.effective, Missing) else (record.effective,)
    return (
        *stamp(manifest.simulated),
        *(fact(name, text) for name, text in facts),
        line(),
        measurements_grid(record.measurements),
        line(),
        limits_grid(record.limits, effective),
        line(),
        *_said(record.said),
        *log,
    )


def _said(said: Said | Missing) -> Screen:
    if isinstance(said, Missing):
        return (line(f"the program says nothing that can be read: {said.reason}"),)
    rows = (
        ("algorithm", said.algorithm),
        ("checksum", said.checksum),
        ("language", f"{said.language} {said.language_version}"),
        ("simd", said.simd or "none in its source"),
    )
    return (line("the program says of itself"), *(fact("", f"{name}: {text}") for name, text in rows))


def _job(record: JobRecord) -> tuple[Span, ...]:
    outcome = record.outcome
    return (
        Span(record.job),
        Span(f"{outcome.status} ({outcome.kind})" if outcome.kind else str(outcome.status), _TONES[outcome.status]),
        *spans(
            (
                cell(value_of(record.measurements, "job_wall_seconds"), show_seconds),
                cell(value_of(record.measurements, "job_cpu_seconds"), show_seconds),
                cell(value_of(record.measurements, "memory_bytes_peak"), show_bytes),
            )
        ),
    )
