"""What a program prints of its job, and whether it is the job that was asked for."""

from __future__ import annotations

import json

import pytest

from orchestrator.domain.job import JobEvidence, Said, command_of, not_as_asked, read_said
from orchestrator.domain.measurement import Missing
from tests.unit import samples
from tests.unit.batch_samples import CELL, END, GO, LINE, evidence, said


def test_a_good_line_is_read_whole() -> None:
    found = read_said(json.dumps(LINE) + "\n")
    assert isinstance(found, Said)
    assert (found.checksum, found.threads, found.allocations, found.simd) == (LINE["checksum"], 1, 12, "")
    assert not_as_asked(found, CELL, samples.PICTURE, GO) == ""


def test_what_a_language_does_not_count_is_missing_and_no_mode_is_none() -> None:
    found = said(allocations=None, allocated_bytes=None, mode=None, simd="lanes8")
    assert isinstance(found.allocations, Missing) and isinstance(found.allocated_bytes, Missing)
    assert (found.mode, found.simd) == ("", "lanes8")


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("", "printed nothing"),
        ("  \n", "printed nothing"),
        ("panic: out of range", "no JSON"),
        ("{}\n{}", "more than one line"),
        ("[1]", "no JSON object"),
        ("{}", "has no kernel"),
        ("9" * 20_000, "more than one line"),
    ],
)
def test_what_is_no_line_says_what_is_wrong_with_it(output: str, words: str) -> None:
    found = read_said(output)
    assert isinstance(found, Missing) and words in found.reason and len(found.reason) < 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("wall_seconds", "2"),
        ("wall_seconds", -1),
        ("cpu_seconds", None),
        ("cpu_seconds", True),
        ("threads", 1.5),
        ("n", -1),
        ("checksum", ""),
        ("checksum", "a\x1b[31m"),
        ("language", 7),
        ("simd", True),
        ("allocations", "12"),
    ],
)
def test_a_field_of_the_wrong_kind_is_named(field: str, value: object) -> None:
    found = read_said(json.dumps({**LINE, field: value}))
    assert isinstance(found, Missing) and field in found.reason and "\x1b" not in found.reason


def test_not_a_number_is_no_time() -> None:
    assert isinstance(read_said(json.dumps(LINE).replace("2.0", "NaN")), Missing)
    assert isinstance(read_said(json.dumps(LINE).replace("2.0", "1e999")), Missing)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kernel", "fannkuch"),
        ("variant", "best"),
        ("mode", "lanes8"),
        ("cores", "all"),
        ("n", 200),
        ("language", "rust"),
        ("algorithm", "mandelbrot-lanes8"),
    ],
)
def test_a_line_of_another_job_is_seen(field: str, value: object) -> None:
    assert not_as_asked(said(**{field: value}), CELL, samples.PICTURE, GO).startswith(f"{field} {value!r}, asked ")


def test_the_command_says_all_that_decides_the_job() -> None:
    assert command_of(CELL, samples.PICTURE) == (
        *("mandelbrot", "--algorithm", "same", "--cores", "single", "--n", "5000"),
        *("--mode", "scalar"),
    )


def test_the_time_after_the_last_reading_is_known_by_the_engines_clock() -> None:
    assert evidence().unseen_seconds == pytest.approx(0.04)
    offset = samples.reading(2.06, 1.9, clock_offset_seconds=100.0)
    assert evidence(closing=offset).unseen_seconds == pytest.approx(0.04)
    nothing = JobEvidence(None, None, END, 600.0, Missing("nothing"))
    assert isinstance(nothing.unseen_seconds, Missing)
