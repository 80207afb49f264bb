"""What a stored batch Run says: a row for each JobCell, and ratios of programs, each with what it compares."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from orchestrator.domain.batch import BASELINE, PROGRAMS, JobCell
from orchestrator.domain.batch_record import BatchManifest, JobRecord, StoredBatch
from orchestrator.domain.measurement import Missing, value_of
from orchestrator.domain.outcome import Failure, Status
from orchestrator.domain.statistics import Interval, Summary, interval_of_ratio, log_ratio, summary_of, warnings_of

SAME_ALGORITHM = "language comparison (same algorithm)"
OTHER_ALGORITHM = "program comparison, not a language one"


@dataclass(frozen=True)
class JobRow:
    """One JobCell over all its blocks.

    Attributes:
        tag: of its algorithm, as the catalog has it.
        checksums: all that came out, also of jobs that failed by it; one when all is well.
        memory_bytes_peak: the most of all its jobs.
        completed, void, failed: how many jobs ended how.
        why: what kept it from having figures; "" when it has some.
        optional: of a program the lab works without, which cannot be had here.
        doubts: of its jobs, each once.
    """

    cell: JobCell
    tag: str
    checksums: tuple[str, ...]
    wall: Summary | Missing
    cpu: Summary | Missing
    container_cpu: Summary | Missing
    memory_bytes_peak: float | Missing
    completed: int
    void: int
    failed: int
    why: str
    optional: bool
    doubts: tuple[str, ...]


@dataclass(frozen=True)
class Ratio:
    """One figure of a program over the same figure of BASELINE, block by block."""

    value: float | Missing
    interval: Interval | Missing


@dataclass(frozen=True)
class JobPair:
    """Two programs that computed the same.

    Attributes:
        first, second: the second is of BASELINE.
        tags: of their algorithms.
        n: blocks in which both completed.
        checksums: of both, each once; more than one when they computed different things.
        refused: why there is no ratio; "" when there is one.
    """

    first: JobCell
    second: JobCell
    tags: tuple[str, str]
    wall: Ratio
    cpu: Ratio
    n: int
    checksums: tuple[str, ...]
    refused: str
    warnings: tuple[str, ...]

    @property
    def checksums_differ(self) -> bool:
        """Whether they computed different things."""
        return len(self.checksums) > 1

    @property
    def label(self) -> str:
        """What the ratio compares: languages only where the algorithm is the same."""
        return SAME_ALGORITHM if self.tags[0] == self.tags[1] else OTHER_ALGORITHM


def job_rows(stored: StoredBatch) -> tuple[JobRow, ...]:
    """Every JobCell of the plan, in its order, also those that were never run."""
    by_cell = _by_cell(stored)
    return tuple(_row(stored.manifest, cell, by_cell[cell]) for cell in stored.manifest.plan.cells)


def job_pairs(stored: StoredBatch) -> tuple[JobPair, ...]:
    """Every program against BASELINE; without those that cannot be had here."""
    by_cell, manifest = _by_cell(stored), stored.manifest
    absent = {one.program for one in manifest.unsupported}
    found = []
    for cell in manifest.plan.cells:
        other = replace(cell, program=BASELINE)
        if cell.program != BASELINE and other in by_cell and not absent & {cell.program, BASELINE}:
            found.append(_pair(manifest, cell, other, by_cell[cell], by_cell[other]))
    return tuple(found)


def _by_cell(stored: StoredBatch) -> dict[JobCell, list[JobRecord]]:
    by_cell: dict[JobCell, list[JobRecord]] = {cell: [] for cell in stored.manifest.plan.cells}
    for record in stored.jobs:
        by_cell[record.cell].append(record)
    return by_cell


def _row(manifest: BatchManifest, cell: JobCell, records: list[JobRecord]) -> JobRow:
    completed = [record for record in records if record.outcome.status == Status.COMPLETED]
    reason = next((one.reason for one in manifest.unsupported if one.program == cell.program), "")
    bad = next((record.outcome for record in reversed(records) if record.outcome.status != Status.COMPLETED), None)
    why = ""
    if reason:
        why = f"unsupported: {reason}"
    elif not completed:
        why = f"{bad.status} ({bad.kind}): {bad.reason}" if bad else "not run"
    peaks = [value for value in _values(completed, "memory_bytes_peak") if not isinstance(value, Missing)]
    return JobRow(
        cell=cell,
        tag=_tag(manifest, cell),
        checksums=_checksums(records),
        wall=_summary(completed, "job_wall_seconds", manifest.plan.seed, why),
        cpu=_summary(completed, "job_cpu_seconds", manifest.plan.seed, why),
        container_cpu=_summary(completed, "container_cpu_seconds", manifest.plan.seed, why),
        memory_bytes_peak=max(peaks) if peaks else _first_missing(completed, "memory_bytes_peak", why),
        completed=len(completed),
        void=sum(record.outcome.status == Status.VOID for record in records),
        failed=sum(record.outcome.status == Status.FAILED for record in records),
        why=why,
        optional=bool(reason) and next(one.optional for one in PROGRAMS if one.name == cell.program),
        doubts=_doubts(records),
    )


def _pair(
    manifest: BatchManifest, cell: JobCell, other: JobCell, ours: list[JobRecord], theirs: list[JobRecord]
) -> JobPair:
    refused = _refusal(cell, other, ours, theirs)
    first, second = _last_of_blocks(ours), _last_of_blocks(theirs)
    blocks = sorted(set(first) & set(second))
    if not refused and not blocks:
        refused = "no block in which both completed"

    def ratio(metric: str) -> tuple[Ratio, tuple[str, ...]]:
        if refused:
            return Ratio(Missing(refused), Missing(refused)), ()
        both = (
            (value_of(second[one].measurements, metric), value_of(first[one].measurements, metric)) for one in blocks
        )
        known = [(a, b) for a, b in both if not isinstance(a, Missing) and not isinstance(b, Missing)]
        return _ratio(known, manifest.plan.seed)

    (wall, warnings), (cpu, _) = ratio("job_wall_seconds"), ratio("job_cpu_seconds")
    tags = (_tag(manifest, cell), _tag(manifest, other))
    checksums = _checksums([*ours, *theirs])
    return JobPair(cell, other, tags, wall, cpu, 0 if refused else len(blocks), checksums, refused, warnings)


def _refusal(cell: JobCell, other: JobCell, ours: list[JobRecord], theirs: list[JobRecord]) -> str:
    """Why two programs must not be compared, whatever their times: above all when they computed different things."""
    for one, records in ((cell, ours), (other, theirs)):
        if any(record.outcome.kind == Failure.CHECKSUM for record in records):
            return f"{one.program} gave a wrong checksum"
    mine, yours = _checksums(ours), _checksums(theirs)
    if mine and yours and (len(mine) > 1 or mine != yours):
        return f"checksums differ: {cell.program} {_shown(mine)}, {other.program} {_shown(yours)}"
    if any(record.placement.shared for record in (*ours, *theirs)):
        return "its CPUs were shared with the bench"
    return ""


def _ratio(pairs: Sequence[tuple[float, float]], seed: int) -> tuple[Ratio, tuple[str, ...]]:
    """Of pairs (BASELINE's, the other's), one for each block."""
    theirs, ours = [a for a, _ in pairs], [b for _, b in pairs]
    if not ours or min(*ours, *theirs) <= 0:
        nothing = Missing("a time is not a positive number" if ours else "nothing to compare")
        return Ratio(nothing, nothing), ()
    value = math.exp(log_ratio(theirs, ours))
    warnings = warnings_of([mine / yours for mine, yours in zip(ours, theirs, strict=True)])
    return Ratio(value, interval_of_ratio(theirs, ours, seed=seed)), warnings


def _last_of_blocks(records: list[JobRecord]) -> dict[int, JobRecord]:
    return {record.block: record for record in records if record.outcome.status == Status.COMPLETED}


def _summary(records: list[JobRecord], metric: str, seed: int, why: str) -> Summary | Missing:
    values = [float(value) for value in _values(records, metric) if not isinstance(value, Missing)]
    return summary_of(values, seed=seed) if values else _first_missing(records, metric, why)


def _first_missing(records: list[JobRecord], metric: str, why: str) -> Missing:
    return next((one for one in _values(records, metric) if isinstance(one, Missing)), Missing(why or "not measured"))


def _values(records: list[JobRecord], metric: str) -> list[float | Missing]:
    return [value_of(record.measurements, metric) for record in records]


def _checksums(records: list[JobRecord]) -> tuple[str, ...]:
    said = [record.said for record in records if record.outcome.kind != Failure.UNREADABLE]
    return tuple(dict.fromkeys(one.checksum for one in said if not isinstance(one, Missing)))


def _doubts(records: list[JobRecord]) -> tuple[str, ...]:
    """Of the last job that has any: the figures in them differ from job to job, the sentences do not."""
    doubtful = [record for record in records if record.doubts]
    if not doubtful:
        return ()
    share = f"{len(doubtful)} of {len(records)} jobs, the last: " if len(records) > 1 else ""
    return tuple(f"{share}{doubt}" for doubt in doubtful[-1].doubts)


def _tag(manifest: BatchManifest, cell: JobCell) -> str:
    workload = next(one for one in manifest.workloads if one.name == cell.workload)
    algorithm = next(one for one in workload.algorithms if (one.kind, one.mode) == (cell.algorithm, cell.mode))
    language = next(one.language for one in PROGRAMS if one.name == cell.program)
    return algorithm.tags[language]


def _shown(checksums: tuple[str, ...]) -> str:
    return " and ".join(one if len(one) <= 24 else f"{one[:20]}..." for one in checksums)
