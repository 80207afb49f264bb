"""Exit codes, the envelope for every failure, signals, bugs, terminals and pipes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator import wiring
from orchestrator.cli.answers import run_answer
from orchestrator.cli.app import app
from orchestrator.cli.main import COMMANDS
from orchestrator.cli.progress import ERASE_LINE
from orchestrator.cli.signals import heartbeat
from orchestrator.domain.outcome import Outcome, Status
from orchestrator.ports import Lab, Progress
from tests.unit.cli.conftest import Cli, Terminal


@pytest.mark.parametrize(
    ("arguments", "command", "words"),
    [
        (("run", "--bogus"), "run", "--bogus"),
        (("doctr",), "", "doctor"),
        (("cost",), "cost", "--rate"),
        (("cost", "--rate", "many"), "cost", "integer"),
        (("cost", "--rate", "0"), "cost", "1 to 1,000,000"),
        (("list", "stars"), "list", "instances"),
        (("run", "--rate", "0", "--rate", "1000000000"), "run", "1,000,000,000"),
        (("run", "--slo", "p99=50"), "run", "50ms"),
        (("run", "--slo", "p99=1h"), "run", "10us to 5s"),
        (("run", "--seed", "-1"), "run", "0 to 9,007,199,254,740,992"),
        (("run", "--instance", "acme/smal"), "run", "acme/small"),
        (("run", "--server", "../../etc"), "run", "../../etc"),
        (("build", "rust-axm"), "build", "rust-axum"),
        (("show", "acme/smal"), "show", "acme/small"),
        (("show", "no.such.trial"), "show", "no.such.trial"),
        (("show", "nothing"), "show", "nothing"),
    ],
)
def test_usage_errors(cli: Cli, arguments: tuple[str, ...], command: str, words: str) -> None:
    plain = cli(*arguments)
    assert plain.exit_code == 2
    assert plain.out == ""
    assert words in plain.err
    assert plain.err.rstrip().endswith("(exit 2)")
    document = cli(*arguments, "--json").document
    assert document["command"] == command
    assert any(words in error["message"] for error in document["errors"])


def test_every_bad_rate_is_told_at_once(cli: Cli) -> None:
    assert len(cli("run", "--rate", "0", "--rate", "1000000000", "--json").document["errors"]) == 2


def test_no_command_shows_the_help(cli: Cli) -> None:
    shown = cli()
    assert shown.exit_code == 0
    assert shown.out == cli("--help").out
    assert "doctor" in shown.out


def test_version(cli: Cli) -> None:
    assert cli("--version").out.startswith("footprint-lab ")


def test_one_rate_that_is_missed_is_exit_1(cli: Cli) -> None:
    assert cli("run", "--instance", "acme/tiny", "--rate", "500").exit_code == 0
    assert cli("run", "--instance", "acme/tiny", "--rate", "4000").exit_code == 1


def test_a_miss_in_a_staircase_is_the_answer(cli: Cli) -> None:
    shown = cli("run", "--instance", "acme/tiny")
    assert "not 2,000" in shown.out or "not 1,000" in shown.out
    assert shown.exit_code == 0


def test_cells_without_a_verdict_are_exit_4(cli: Cli) -> None:
    cli.fail(generator_exit_code=137)
    shown = cli("run")
    assert shown.exit_code == 4
    assert "void" in shown.out
    assert "nothing can be ranked" in shown.out


def test_a_search_that_voids_ended_above_a_rate_that_held_is_told(cli: Cli) -> None:
    cli("run", "--instance", "acme/small", "--server", "rust-axum")
    stored = cli.store.read("latest")
    last = stored.trials[-1]
    assert last.rate_per_second == 2000
    spoiled = replace(last, outcome=Outcome(Status.VOID, "rate", "the generator stalled"))
    once = replace(stored, trials=(*stored.trials[:-1], spoiled, last))
    answered = run_answer(once, asked_one_rate=False, urls={})
    assert answered.exit_code == 0, "it was repeated and answered"
    assert "rust-axum on acme/small: 1 of 4 trials void; holds 2,000 (more was not tried)" in answered.warnings
    twice = replace(stored, trials=(*stored.trials[:-1], spoiled, spoiled))
    open_ended = run_answer(twice, asked_one_rate=False, urls={})
    assert open_ended.exit_code == 0, "at least 1,000 is an answer"
    words = "rust-axum on acme/small: 2 of 4 trials void; no closed answer: holds 1,000 (2,000 void"
    assert any(one.startswith(words) for one in open_ended.warnings)


def test_a_cell_nobody_measured_is_exit_4_and_told(cli: Cli) -> None:
    cli("run", "--instance", "acme/small")
    stored = cli.store.read("latest")
    mine = tuple(one for one in stored.trials if one.cell.server == "rust-axum")
    answer = run_answer(replace(stored, trials=mine), asked_one_rate=False, urls={})
    assert answer.exit_code == 4
    assert "go-fasthttp on acme/small: no closed answer: not known (not measured)" in answer.warnings


def test_held_by_another_lab_is_exit_5(cli: Cli) -> None:
    cli.fail(held_by_another=True)
    assert cli("run", "--json").exit_code == 5


def test_a_lost_engine_is_exit_6(cli: Cli) -> None:
    cli.fail(engine_lost_after_trials=1)
    assert cli("run").exit_code == 6


def test_too_small_a_host_is_exit_3(cli: Cli) -> None:
    shown = cli("run", "--instance", "acme/wide")
    assert shown.exit_code == 3
    assert "acme/small" in shown.err


def test_an_interrupted_run_keeps_what_is_done(cli: Cli) -> None:
    cli.fail(interrupt_after_trials=2)
    shown = cli("run")
    assert shown.exit_code == 130
    assert "what was finished is kept" in shown.err
    assert "stopped before its end" in cli("list", "runs").out


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_speaks_at_once(cli: Cli, monkeypatch: pytest.MonkeyPatch, number: int, code: int) -> None:
    def lab(_progress: Progress, *, supply: str = "auto", lab_file: Path | None = None, services: bool = True) -> Lab:
        os.kill(os.getpid(), number)
        raise AssertionError("the signal did not interrupt")

    monkeypatch.setattr(wiring, "lab", lab)
    before = signal.getsignal(number)
    shown = cli("run", "--json")
    assert shown.exit_code == code
    assert shown.err == "\nstopping; finished trials are kept (Ctrl-C again to leave at once)\n"
    assert shown.document["errors"][0]["id"] == "Interrupted"
    assert signal.getsignal(number) == before


def test_a_second_signal_interrupts_the_cleaning(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    cleaned = []

    def lab(_progress: Progress, *, supply: str = "auto", lab_file: Path | None = None, services: bool = True) -> Lab:
        try:
            os.kill(os.getpid(), signal.SIGINT)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
            cleaned.append("to the end")
        raise AssertionError("the signal did not interrupt")

    monkeypatch.setattr(wiring, "lab", lab)
    shown = cli("down")
    assert (shown.exit_code, cleaned) == (143, [])
    assert shown.err.count("stopping") == 1


def test_the_heart_beats_until_the_block_ends() -> None:
    beats: list[float] = []
    before = signal.getsignal(signal.SIGALRM)
    with heartbeat(lambda: beats.append(time.monotonic()), seconds=0.01):
        deadline = time.monotonic() + 10
        while len(beats) < 3 and time.monotonic() < deadline:
            time.sleep(0.5)
    assert len(beats) >= 3
    assert signal.getsignal(signal.SIGALRM) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_bug_leaves_its_traceback_in_a_file(cli: Cli, raises: Callable[[BaseException], None]) -> None:
    raises(RuntimeError("no idea"))
    shown = cli("doctor")
    assert shown.exit_code == 70
    assert "Traceback" not in shown.err
    assert "RuntimeError: no idea" in shown.err
    error = cli("doctor", "--json").document["errors"][0]
    assert error["id"] == "Bug"
    assert "Traceback" in Path(error["where"]).read_text(encoding="utf-8")


def test_verbose_shows_the_traceback(cli: Cli, raises: Callable[[BaseException], None]) -> None:
    raises(RuntimeError("no idea"))
    assert "Traceback" in cli("doctor", "-v").err


def test_without_a_terminal_there_are_no_escape_codes(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    shown = cli("run")
    assert "\x1b" not in shown.out + shown.err


@pytest.mark.parametrize(("variable", "value", "coloured"), [("TERM", "xterm", True), ("NO_COLOR", "1", False)])
def test_colours_on_a_terminal(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, coloured: bool
) -> None:
    terminal = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv(variable, value)
    monkeypatch.setattr(sys, "stdout", terminal)
    cli("doctor")
    assert ("\x1b[32m" in terminal.getvalue()) == coloured
    assert ("\x1b" in terminal.getvalue()) == coloured
    assert "ok" in terminal.getvalue()


def test_help_loads_nothing_heavy() -> None:
    heavy = ["docker", "pydantic", "rich", "yaml", "requests", "orchestrator.wiring", "orchestrator.usecases"]
    script = (
        "import sys; from orchestrator.cli.main import main; main(['--help']);"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_terminal_hears_at_once_that_it_began(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", terminal)
    heard = []

    def lab(_progress: Progress, *, supply: str = "auto", lab_file: Path | None = None, services: bool = True) -> Lab:
        heard.append(terminal.getvalue())
        raise RuntimeError("enough")

    monkeypatch.setattr(wiring, "lab", lab)
    cli("doctor")
    assert heard == [f"{ERASE_LINE}starting"]
    assert terminal.getvalue().startswith(f"{ERASE_LINE}starting{ERASE_LINE}This is a bug")


def test_the_commands_are_those_typer_knows() -> None:
    assert [one.name for one in app.registered_commands] == list(COMMANDS)


def test_a_closed_pipe_is_quiet() -> None:
    command = [sys.executable, "-m", "orchestrator", "list", "instances"]
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")
