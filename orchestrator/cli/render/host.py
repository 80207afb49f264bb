"""What ``up``, ``build``, ``doctor`` and ``down`` found or did."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from orchestrator.cli.render.json import plain
from orchestrator.cli.render.text import cell, count, spans
from orchestrator.cli.render.watch import watch_lines
from orchestrator.cli.screen import Column, Grid, Line, Screen, Span, Tone, advice, line
from orchestrator.domain.box import Owned
from orchestrator.domain.checks import Finding, Severity
from orchestrator.domain.units import show_bytes, show_seconds
from orchestrator.errors import LabError
from orchestrator.usecases.doctor import Diagnosis
from orchestrator.usecases.provide import OPTIONAL, Provided
from orchestrator.usecases.up import UpReport

_TONES = {Severity.OK: Tone.GOOD, Severity.WARN: Tone.WARN, Severity.ERROR: Tone.BAD}
_CHECK_WIDTH = 16
_DOWN = "orchestrator down"


def up_view(report: UpReport, lab_file: str, width: int) -> Screen:
    """Where to watch, and what to do next."""
    failed: list[Line] = []
    for name, error in failures(report.failed).items():
        failed.append(line(f"{name} failed: {error.message}", Tone.BAD))
        failed += [line(f"  - {one}", wrap=False) for one in error.hint.split("\n") if one]
    run = f"orchestrator run {lab_file}".rstrip()
    plan = f"measure the plan in {lab_file or 'lab.yaml'}: {count(report.trials, 'trial')}"
    plan = f"{plan}, about {show_seconds(report.seconds_expected)}"
    nexts = (
        advice("Next", run, plan, width, max(len(run), len(_DOWN))),
        advice("", _DOWN, "take everything down again", width, max(len(run), len(_DOWN))),
    )
    return (*failed, *watch_lines(report.bench.urls, width), *nexts)


def up_data(report: UpReport) -> dict[str, Any]:
    """The same for programs."""
    return {**plain(replace(report, failed={})), "failed": failed_data(report.failed)}


def failures(failed: dict[str, LabError]) -> dict[str, LabError]:
    """What could not be had although it was needed: the bench works without the optional parts."""
    return {name: error for name, error in failed.items() if name not in OPTIONAL}


def failed_data(failed: dict[str, LabError]) -> dict[str, Any]:
    """By name, also what is optional."""
    return {
        name: {"id": one.id, "message": one.message, "hint": one.hint, "detail": list(one.detail)}
        for name, one in failed.items()
    }


def build_view(provided: Provided, _width: int) -> Screen:
    """Every image with its size and where it came from."""
    columns = (
        Column("image"),
        Column("size", right=True),
        Column("program", right=True, drop=2),
        Column("build", right=True, drop=1),
        Column("supply", drop=3),
        Column("state"),
    )
    rows = tuple(
        spans(
            (
                one.name,
                show_bytes(one.bytes),
                cell(one.binary_bytes, show_bytes),
                cell(one.build_seconds, show_seconds),
                one.supply,
                "new" if one.fresh else "up to date",
            )
        )
        for one in provided.images.values()
    )
    failed: list[Line] = []
    for name, error in provided.failed.items():
        failed.append(line(f"{name} not available: {error.message}", Tone.WARN if name in OPTIONAL else Tone.BAD))
        failed += [line(f"  | {one}", wrap=False) for one in error.detail]
        failed += [line(f"  - {one}", wrap=False) for one in error.hint.split("\n") if one]
    return (Grid(columns, rows), *failed)


def doctor_view(diagnosis: Diagnosis, _width: int) -> Screen:
    """One line for each check, what to do below it, and the verdict last."""
    lines: list[Line] = []
    for finding in diagnosis.findings:
        head = f"{finding.severity:<5} "
        check = finding.check.ljust(_CHECK_WIDTH)
        lines.append(Line((Span(head, _TONES[finding.severity]), Span(f"{check}{finding.evidence}"))))
        if finding.advice:
            lines.append(line(f"{' ' * (6 + _CHECK_WIDTH)}{finding.advice}"))
    return (*lines, line(verdict(diagnosis.findings)))


def verdict(findings: tuple[Finding, ...]) -> str:
    """``Fit.``, ``Fit, with 2 warnings.`` or ``Not fit: cpus, supply.``"""
    errors = [finding.check for finding in findings if finding.severity == Severity.ERROR]
    warnings = sum(finding.severity == Severity.WARN for finding in findings)
    if errors:
        return f"Not fit: {', '.join(errors)}."
    return f"Fit, with {count(warnings, 'warning')}." if warnings else "Fit."


def doctor_data(diagnosis: Diagnosis) -> dict[str, Any]:
    """The same for programs."""
    fit = all(finding.severity != Severity.ERROR for finding in diagnosis.findings)
    return {"fit": fit, "verdict": verdict(diagnosis.findings), **plain(diagnosis)}


def down_view(owned: Owned, images: bool, _width: int) -> Screen:
    """What was removed."""
    parts = [
        count(number, noun)
        for number, noun in (
            (owned.containers, "container"),
            (owned.networks, "network"),
            (owned.volumes, "volume"),
            (owned.images, "image"),
        )
        if number
    ]
    removed = f"{', '.join(parts)} removed" if parts else "nothing of this lab was there"
    kept = "" if images else "; images are kept (--images removes them too)"
    return (line(f"{removed}{kept}"),)
