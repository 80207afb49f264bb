"""A stored Run under another Slo."""

from __future__ import annotations

from typing import Any

from orchestrator.cli.render.json import plain, stored_run_facts
from orchestrator.cli.render.text import count, spans, stamp, wrapped
from orchestrator.cli.screen import Column, Grid, Screen, Span, Tone, labelled, line
from orchestrator.domain.rejudged import Rejudged
from orchestrator.usecases.judge import JudgeReport


def judge_view(report: JudgeReport, width: int) -> Screen:
    """Each Cell's bracket under the new Slo, then what its data cannot answer."""
    manifest = report.run.manifest
    columns = (
        Column("instance type"),
        Column("server"),
        Column("workload", drop=2),
        Column("capacity"),
        Column("pass", right=True),
        Column("fail", right=True),
        Column("unknown", right=True, drop=3),
        Column("against\nbracket", right=True),
        Column("changed", right=True, drop=1),
    )
    unknown = [(cell, reason, number) for cell in report.cells for reason, number in cell.cannot.items()]
    doubts: Screen = ()
    if unknown:
        doubts = (line(), line("cannot be answered from what is stored", Tone.WARN))
        doubts += tuple(
            part
            for cell, reason, number in unknown
            for part in wrapped(
                f"  - {cell.cell.label} on {cell.cell.instance_type}, {count(number, 'trial')}: {reason}", width, 4
            )
        )
    return (
        *stamp(manifest.simulated),
        line(f"{manifest.run} judged by {report.slo}"),
        line(f"it was measured under {manifest.slo}: its rates lie around that limit, so brackets may be wide"),
        line(),
        Grid(columns, tuple(_row(cell) for cell in report.cells)),
        *doubts,
        line(),
        labelled("Next", "orchestrator run --capacity --slo p99=20ms  measures around the new limit"),
    )


def judge_data(report: JudgeReport) -> dict[str, Any]:
    """The same for programs."""
    return {
        **stored_run_facts(report.run.manifest),
        "judged_by": plain(report.slo),
        "cells": [{**plain(one), "text": str(one.capacity)} for one in report.cells],
    }


def _row(one: Rejudged) -> tuple[Span, ...]:
    tone = Tone.GOOD if one.capacity.holds is not None else Tone.VOID
    return (
        *spans((one.cell.instance_type, one.cell.label, one.cell.workload)),
        Span(str(one.capacity), tone),
        *spans(
            (
                *(f"{one.verdicts[word]:,}" for word in ("pass", "fail", "unknown")),
                f"{one.against:,}",
                f"{one.changed:,}",
            )
        ),
    )
