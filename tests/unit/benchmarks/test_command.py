"""Commands run from outside."""

from __future__ import annotations

import sys

import pytest

from benchmarks.command import parts, peak_of_status, run
from benchmarks.row import BenchmarkError

TALK = "import sys, time; print('out'); print('one', file=sys.stderr, flush=True); time.sleep(0.3)"


def test_time_output_and_what_was_said() -> None:
    ran = run((sys.executable, "-c", TALK))
    assert ran.seconds >= 0.3
    assert ran.output == "out\n"
    assert [line for _, line in ran.said] == ["one"]
    assert ran.said[0][0] <= ran.seconds - 0.25


def test_memory_is_the_command_s_own() -> None:
    big = run((sys.executable, "-c", "x = bytearray(80_000_000); import time; time.sleep(0.3)"), sample=True)
    small = run((sys.executable, "-c", "import time; time.sleep(0.3)"), sample=True)
    assert big.memory_bytes_peak - small.memory_bytes_peak > 70e6
    assert 0 < small.memory_bytes_peak < 60e6


def test_a_failure_shows_what_it_said() -> None:
    with pytest.raises(BenchmarkError, match=r"(?s)exit code 3.*why it failed"):
        run((sys.executable, "-c", "import sys; print('why it failed'); sys.exit(3)"))


def test_time_goes_to_the_step_that_ends_with_the_line() -> None:
    said = (
        (0.5, "engine     Docker"),
        (0.6, "images     9 up to date"),
        (0.8, "           more of it"),
        (2.0, "bench  up"),
    )
    assert parts(said, 2.5) == pytest.approx({"engine": 0.5, "images": 0.3, "bench": 1.2, "end": 0.5})


def test_peak_of_status() -> None:
    assert peak_of_status("Name:\tx\nVmHWM:\t   2048 kB\n") == 2048 * 1024
    assert peak_of_status("Name:\tx\nState:\tZ\n") == 0


def test_a_failure_under_json_shows_the_envelope_s_errors() -> None:
    says = """import sys; print('{"errors": [{"message": "the port is taken"}]}'); sys.exit(5)"""
    with pytest.raises(BenchmarkError, match=r"exit code 5:\nthe port is taken$"):
        run((sys.executable, "-c", says))


def test_an_exit_code_that_is_no_failure() -> None:
    assert run((sys.executable, "-c", "import sys; sys.exit(4)"), accepted=(0, 4)).output == ""
