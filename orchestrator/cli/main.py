"""The command line: parse, one use-case, render, exit code. What a command answers is printed here and nowhere else."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

from orchestrator.cli.console import show, width_of
from orchestrator.cli.errors import UsageMistake, bug, error_entries, error_screen
from orchestrator.cli.progress import TextProgress
from orchestrator.cli.screen import Answer
from orchestrator.cli.signals import heartbeat, interruptible
from orchestrator.errors import Interrupted, LabError

ENVELOPE_SCHEMA = 1
COMMANDS = ("up", "run", "cost", "judge", "doctor", "build", "init", "list", "show", "down")
#: Those that ask the engine first, which takes its time.
WAITING = frozenset({"up", "run", "doctor", "build", "down"})


def main(arguments: Sequence[str]) -> int:
    """Runs one command and prints its result; returns the exit code."""
    flags = _before_separator(arguments)
    command = next((one for one in flags if one in COMMANDS), "")
    _prepare_streams()
    progress = TextProgress(sys.stderr)
    if command in WAITING:
        # Before anything slow is loaded: whoever waits sees at once that it began.
        progress.status("starting")
    try:
        with interruptible("; finished trials are kept" if command == "run" else ""), heartbeat(progress.beat):
            answer = _answer(arguments or ["--help"], command, progress, verbose="-v" in flags)
            progress.close()
            if isinstance(answer, int):
                return answer
            _print(answer, command, "--json" in flags)
            return answer.exit_code
    except Interrupted as error:
        # The signal came while the result was printed: there was nothing left to clean up.
        return error.exit_code


def envelope(command: str, answer: Answer | LabError) -> dict[str, Any]:
    """The one shape of ``--json``."""
    shape = {"schema": ENVELOPE_SCHEMA, "command": command, "ok": answer.exit_code == 0, "exit_code": answer.exit_code}
    if isinstance(answer, LabError):
        return {**shape, "data": {}, "warnings": [], "errors": error_entries(answer)}
    errors = [entry for name, error in answer.failed.items() for entry in error_entries(error, name)]
    return {**shape, "data": answer.data, "warnings": list(answer.warnings), "errors": errors}


def _answer(
    arguments: Sequence[str], command: str, progress: TextProgress, *, verbose: bool
) -> Answer | LabError | int:
    import typer

    from orchestrator.cli.app import app

    # Typer brings its own copy of click or uses the installed one, by version; its public BadParameter leads to the
    # base of all usage errors in both.
    command_line_error = typer.BadParameter.__mro__[2]
    try:
        parsed = typer.main.get_command(app)
        answer = parsed.main(list(arguments), prog_name="orchestrator", standalone_mode=False, obj=progress)
    except LabError as error:
        return error
    except typer.Abort:
        return Interrupted(signal.SIGINT)
    except BrokenPipeError:
        return 0
    except Exception as error:  # noqa: BLE001 whatever it was and wherever: a bug ends with its own exit code and a log
        if isinstance(error, command_line_error):
            return UsageMistake(_words(error), hint=_help_of(command))
        return bug(error, verbose=verbose)
    return answer if isinstance(answer, (Answer, int)) else 0


def _print(answer: Answer | LabError, command: str, as_json: bool) -> None:
    try:
        if as_json:
            # ASCII only: nothing in the result can steer a terminal or break an encoding.
            sys.stdout.write(json.dumps(envelope(command, answer), indent=2, allow_nan=False) + "\n")
            sys.stdout.flush()
        elif isinstance(answer, LabError):
            width = width_of(sys.stderr)
            show(error_screen(answer, width), sys.stderr, width)
        else:
            width = width_of(sys.stdout)
            show(answer.view(width), sys.stdout, width)
    except BrokenPipeError:
        # The reader has seen enough; without this the interpreter would complain once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _words(error: Exception) -> str:
    """Click's own sentence; it names the option that its ``message`` leaves out."""
    words = getattr(error, "format_message", None)
    # A missing argument's choices come with tabs and line ends of their own.
    return " ".join(str(words() if callable(words) else error).split())


def _help_of(command: str) -> str:
    return f"orchestrator {command} --help" if command else "orchestrator --help"


def _before_separator(arguments: Sequence[str]) -> list[str]:
    given = list(arguments)
    return given[: given.index("--")] if "--" in given else given


def _prepare_streams() -> None:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
