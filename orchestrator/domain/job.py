"""A job as it is ordered, what its program says of it, how it ended, and all that was seen of it."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

from orchestrator.domain.batch import BatchWorkload, JobCell, Program
from orchestrator.domain.box import Tags
from orchestrator.domain.limits import Limits
from orchestrator.domain.measurement import Missing
from orchestrator.domain.reading import Reading

#: A line of a program that is longer is none of ours.
LINE_CHARACTERS_MAX = 10_000
_SHOWN_CHARACTERS = 60


@dataclass(frozen=True)
class JobSpec:
    """A container that runs one job. ``name``: unique on the engine."""

    name: str
    image: str
    command: tuple[str, ...]
    limits: Limits
    tags: Tags


@dataclass(frozen=True)
class JobEnd:
    """How the engine says it ended.

    Attributes:
        exit_code: of its process; negative when the container was gone before it could be asked.
        oom_killed: a hint, not evidence.
        started_unix_seconds, finished_unix_seconds: by the engine's clock, some milliseconds late.
    """

    exit_code: int
    oom_killed: bool
    started_unix_seconds: float
    finished_unix_seconds: float


@dataclass(frozen=True)
class Said:
    """The line a program prints of its job (servers/contract/kernels.md).

    Attributes:
        wall_seconds, cpu_seconds: from the input in memory to the result in memory.
        allocations, allocated_bytes: Missing where the language does not count.
        simd: "" where the source spells out neither lanes nor intrinsics.
    """

    kernel: str
    variant: str
    mode: str
    cores: str
    n: int
    language: str
    language_version: str
    algorithm: str
    threads: int
    checksum: str
    wall_seconds: float
    cpu_seconds: float
    allocations: int | Missing
    allocated_bytes: int | Missing
    simd: str


@dataclass(frozen=True)
class JobEvidence:
    """Everything seen of one job.

    Attributes:
        opening, closing: the first and the last reading while it ran; None when it ended before it was seen.
        end: None when it was stopped since it took too long.
        allowed_seconds: how long it might take.
        said: Missing where its output is no line of the contract.
    """

    opening: Reading | None
    closing: Reading | None
    end: JobEnd | None
    allowed_seconds: float
    said: Said | Missing

    @property
    def unseen_seconds(self) -> float | Missing:
        """From the last reading to the end of its process: what the kernel counted then is not known."""
        if self.end is None or self.closing is None:
            return Missing("its end was not seen")
        read_at = self.closing.at_seconds + self.closing.clock_offset_seconds
        return max(0.0, self.end.finished_unix_seconds - read_at)


def command_of(cell: JobCell, workload: BatchWorkload) -> tuple[str, ...]:
    """The arguments of the program."""
    mode = ("--mode", cell.mode) if cell.mode else ()
    return (workload.kernel, "--algorithm", cell.algorithm, "--cores", cell.cores, "--n", str(cell.n), *mode)


def read_said(output: str) -> Said | Missing:
    """What a program printed, checked; Missing with what is wrong with it."""
    text = output.strip()
    if not text:
        return Missing("it printed nothing")
    if len(text) > LINE_CHARACTERS_MAX or "\n" in text:
        return Missing(f"it printed more than one line: {_shown(text)}")
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        return Missing(f"it printed no JSON: {_shown(text)}")
    if not isinstance(row, dict):
        return Missing(f"it printed no JSON object: {_shown(text)}")
    try:
        return _said(row)
    except ValueError as error:
        return Missing(str(error))


def not_as_asked(said: Said, cell: JobCell, workload: BatchWorkload, program: Program) -> str:
    """What the line tells of another job than the one that was asked for; "" when it is this one."""
    algorithm = next(one for one in workload.algorithms if (one.kind, one.mode) == (cell.algorithm, cell.mode))
    asked: tuple[tuple[str, object, object], ...] = (
        ("kernel", workload.kernel, said.kernel),
        ("variant", cell.algorithm, said.variant),
        ("mode", cell.mode, said.mode if cell.mode else ""),
        ("cores", str(cell.cores), said.cores),
        ("n", cell.n, said.n),
        ("language", program.language, said.language),
        ("algorithm", algorithm.tags[program.language], said.algorithm),
    )
    return next((f"{name} {got!r}, asked {want!r}" for name, want, got in asked if want != got), "")


def _said(row: dict[str, Any]) -> Said:
    return Said(
        kernel=_text(row, "kernel"),
        variant=_text(row, "variant"),
        mode="" if _field(row, "mode") is None else _text(row, "mode"),
        cores=_text(row, "cores"),
        n=_whole(row, "n"),
        language=_text(row, "language"),
        language_version=_text(row, "language_version"),
        algorithm=_text(row, "algorithm"),
        threads=_whole(row, "threads"),
        checksum=_text(row, "checksum"),
        wall_seconds=_seconds(row, "wall_seconds"),
        cpu_seconds=_seconds(row, "cpu_seconds"),
        allocations=_counted(row, "allocations"),
        allocated_bytes=_counted(row, "allocated_bytes"),
        simd="" if _field(row, "simd") is False else _text(row, "simd"),
    )


def _field(row: dict[str, Any], name: str) -> Any:
    if name not in row:
        raise ValueError(f"its line has no {name}")
    return row[name]


def _text(row: dict[str, Any], name: str) -> str:
    value = _field(row, name)
    if not isinstance(value, str) or not value or not value.isprintable():
        raise ValueError(f"{name} of its line is no text: {_shown(repr(value))}")
    return value


def _whole(row: dict[str, Any], name: str) -> int:
    value = _field(row, name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{name} of its line is no whole number: {_shown(repr(value))}")
    return value


def _counted(row: dict[str, Any], name: str) -> int | Missing:
    return Missing("the language does not count it") if _field(row, name) is None else _whole(row, name)


def _seconds(row: dict[str, Any], name: str) -> float:
    value = _field(row, name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < math.inf:
        raise ValueError(f"{name} of its line is no time: {_shown(repr(value))}")
    return float(value)


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}...")
