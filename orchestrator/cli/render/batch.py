"""The result of a batch Run: what each program took for each job, then the ratios, under what they compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from orchestrator.cli.render.json import plain, stored_run_facts
from orchestrator.cli.render.text import NOTHING, cell, count, spans, stamp, warning_lines
from orchestrator.cli.render.watch import watch_lines
from orchestrator.cli.screen import Column, Grid, Screen, Span, Tone, advice, labelled, line
from orchestrator.domain.batch import BASELINE, JobCell
from orchestrator.domain.batch_record import StoredBatch
from orchestrator.domain.batch_summary import OTHER_ALGORITHM, SAME_ALGORITHM, JobPair, JobRow, Ratio
from orchestrator.domain.measurement import Missing
from orchestrator.domain.statistics import Summary
from orchestrator.domain.units import show_bytes, show_seconds

#: A digest is told by its beginning; --json and ``show`` have all of it.
_CHECKSUM_CHARACTERS = 12
_WHY_CHARACTERS = 48
#: A warning names so many of those it holds of.
_NAMED_MAX = 3


def batch_view(
    stored: StoredBatch, rows: tuple[JobRow, ...], pairs: tuple[JobPair, ...], urls: Mapping[str, str], width: int
) -> Screen:
    """Rows, ratios, warnings, and where to go on."""
    manifest = stored.manifest
    took = f"{count(len(stored.jobs), 'job')} in {count(manifest.plan.blocks.most, 'block')}"
    screen: Screen = (
        *stamp(manifest.simulated),
        *batch_body(stored, rows, pairs, width),
        line(),
        line(f"{took}, seed {manifest.plan.seed}"),
        line(),
    )
    if manifest.simulated:
        return (*screen, labelled("Evidence", "none: a simulated run is not stored"))
    show = f"orchestrator show {manifest.run}"
    return (
        *screen,
        labelled("Evidence", show),
        *watch_lines(urls, width),
        advice("Next", "orchestrator show JOB", "everything one job said and what was counted of it", width),
    )


def batch_body(stored: StoredBatch, rows: tuple[JobRow, ...], pairs: tuple[JobPair, ...], width: int) -> Screen:
    """Rows and ratios, with what makes them less sure."""
    sizes = {row.cell.instance_type for row in rows}
    where = f" on {', '.join(sizes)}" if len(sizes) == 1 else ""
    return (
        line(f"batch jobs{where}: from input to result in memory, centre of all blocks; peak memory"),
        line(),
        _rows(rows, sizes_too=len(sizes) > 1),
        *_ratios(SAME_ALGORITHM, pairs, sizes_too=len(sizes) > 1),
        *_ratios(OTHER_ALGORITHM, pairs, sizes_too=len(sizes) > 1),
        *_refused(pairs),
        *warning_lines(batch_warnings(stored, rows, pairs), width),
    )


def batch_data(stored: StoredBatch, rows: tuple[JobRow, ...], pairs: tuple[JobPair, ...]) -> dict[str, Any]:
    """The same for programs."""
    return {
        **stored_run_facts(stored.manifest),
        "rows": plain(rows),
        "ratios": [plain(pair) | {"label": pair.label} for pair in pairs],
        "unsupported": plain(stored.manifest.unsupported),
    }


def batch_warnings(stored: StoredBatch, rows: tuple[JobRow, ...], pairs: tuple[JobPair, ...]) -> tuple[str, ...]:
    """What to know before believing a row or a ratio; a sentence that holds of several is said once."""
    manifest = stored.manifest
    found = [f"{one.instance_type} left out: {one.reason}" for one in manifest.plan.left_out]
    found += manifest.warnings
    absent = {one.program for one in manifest.unsupported}
    found += [f"{one.program} unsupported: {one.reason}" for one in manifest.unsupported]
    found += [f"{_named(row)}: {row.why}" for row in rows if row.why and row.cell.program not in absent]
    found += _grouped([(doubt, _named(row)) for row in rows for doubt in row.doubts], len(rows))
    compared = [pair for pair in pairs if not pair.refused]
    found += _grouped([(text, _named_pair(pair)) for pair in compared for text in pair.warnings], len(compared))
    return tuple(found)


def _grouped(said: Sequence[tuple[str, str]], of: int) -> list[str]:
    """Sentences with the names they hold of; of all ``of`` there are, no name is needed."""
    groups: dict[str, list[str]] = {}
    for text, name in said:
        groups.setdefault(text, []).append(name)
    return [text if len(names) == of else f"{text}: {_first(names)}" for text, names in groups.items()]


def _first(names: list[str]) -> str:
    more = len(names) - _NAMED_MAX
    return "; ".join(names[:_NAMED_MAX]) + (f"; and {more} more" if more > 0 else "")


def _named(row: JobRow) -> str:
    return f"{row.cell.program} on {row.cell.instance_type}, {row.cell.label}"


def _named_pair(pair: JobPair) -> str:
    return f"{pair.first.program} / {pair.second.program}, {pair.first.label}"


def _rows(rows: tuple[JobRow, ...], *, sizes_too: bool) -> Grid:
    columns = (
        Column("workload", drop=4),
        Column("algorithm"),
        Column("program"),
        Column("cores", drop=2),
        Column("n", right=True),
        Column("wall", right=True),
        Column("CPU", right=True),
        Column("CPU of\ncontainer", right=True, drop=3),
        Column("memory", right=True),
        Column("jobs", right=True, drop=1),
        Column("checksum"),
    )
    return _of_sizes(Grid(columns, tuple(_row(row) for row in rows)), [row.cell for row in rows], sizes_too)


def _of_sizes(grid: Grid, cells: list[JobCell], sizes_too: bool) -> Grid:
    """With the instance type before each row, where there are several."""
    if not sizes_too:
        return grid
    rows = tuple((Span(one.instance_type), *row) for one, row in zip(cells, grid.rows, strict=True))
    return Grid((Column("instance type"), *grid.columns), rows)


def _row(row: JobRow) -> tuple[Span, ...]:
    one = row.cell
    return (
        *spans(
            (
                one.workload,
                row.tag,
                one.program,
                str(one.cores),
                f"{one.n:,}",
                _centre(row.wall),
                _centre(row.cpu),
                _centre(row.container_cpu),
                cell(row.memory_bytes_peak, show_bytes),
                str(row.completed),
            )
        ),
        _outcome(row),
    )


def _outcome(row: JobRow) -> Span:
    """The checksum; where there are no figures, why."""
    if row.why:
        return Span(_short(row.why, _WHY_CHARACTERS), Tone.VOID if row.optional else Tone.BAD)
    text = " and ".join(_short(one, _CHECKSUM_CHARACTERS) for one in row.checksums)
    return Span(text, Tone.BAD if len(row.checksums) > 1 else Tone.PLAIN)


def _ratios(label: str, pairs: tuple[JobPair, ...], *, sizes_too: bool) -> Screen:
    mine = [pair for pair in pairs if pair.label == label and not pair.refused]
    if not mine:
        return ()
    columns = (
        Column("algorithm"),
        Column("n", right=True, drop=1),
        Column("cores", drop=2),
        Column("programs"),
        Column("wall"),
        Column("CPU"),
        Column("blocks", right=True, drop=3),
    )
    grid = Grid(columns, tuple(spans(_ratio_row(pair)) for pair in mine))
    return (
        line(),
        line(f"{label}: times of the first program over those of {BASELINE}, with the interval at 95 %"),
        line(),
        _of_sizes(grid, [pair.first for pair in mine], sizes_too),
    )


def _ratio_row(pair: JobPair) -> tuple[str, ...]:
    one, (ours, theirs) = pair.first, pair.tags
    return (
        ours if ours == theirs else f"{ours} / {theirs}",
        f"{one.n:,}",
        str(one.cores),
        f"{one.program} / {pair.second.program}",
        ratio_words(pair.wall),
        ratio_words(pair.cpu),
        str(pair.n),
    )


def ratio_words(ratio: Ratio) -> str:
    """``1.31 (1.27-1.35)``; without an interval where there are too few blocks for one."""
    if isinstance(ratio.value, Missing):
        return NOTHING
    if isinstance(ratio.interval, Missing):
        return f"{ratio.value:.3g}"
    return f"{ratio.value:.3g} ({ratio.interval.low:.3g}-{ratio.interval.high:.3g})"


def _refused(pairs: tuple[JobPair, ...]) -> Screen:
    refused = [pair for pair in pairs if pair.refused]
    return (
        *((line(),) if refused else ()),
        *(line(f"refused: {_named_pair(one)}: {one.refused}", Tone.BAD) for one in refused),
    )


def _centre(summary: Summary | Missing) -> str:
    return NOTHING if isinstance(summary, Missing) else show_seconds(summary.centre)


def _short(text: str, characters: int) -> str:
    return text if len(text) <= characters + 3 else f"{text[:characters]}..."
