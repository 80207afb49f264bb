"""An error as the user sees it: what, where, why and the next command; the same facts for programs."""

from __future__ import annotations

from orchestrator.cli.screen import Line, Screen, Span, Tone, line
from orchestrator.errors import ConfigError, LabError

USAGE_EXIT_CODE = 2
BUG_EXIT_CODE = 70
#: The exit code stands at the right, but not farther than the eye goes.
RIGHT_EDGE = 107


class UsageMistake(LabError):
    """The command line itself is wrong: an unknown command or option, a value of the wrong kind."""

    exit_code = USAGE_EXIT_CODE


class Bug(LabError):
    """Something nobody foresaw; ``where`` is the file that holds the traceback."""

    exit_code = BUG_EXIT_CODE


def error_screen(error: LabError, width: int) -> Screen:
    """The lines of an error, its exit code at the right."""
    lines: list[Line] = []
    if isinstance(error, ConfigError):
        edge = max([len(one.where) for one in error.mistakes] + [0])
        for one in error.mistakes:
            hint = f"; {one.hint}" if one.hint else ""
            lines.append(line(f"{one.where.ljust(edge)}  {one.message}{hint}", wrap=False))
        return (*lines, *_last(error.message, error.exit_code, width))
    place = f" ({error.where})" if error.where and error.where not in error.message else ""
    message = f"{error.message}{place}"
    detail = [line(f"  | {one}", wrap=False) for one in error.detail]
    hints = [line(f"  - {one}", wrap=False) for one in error.hint.split("\n") if one]
    if not detail and not hints:
        return _last(message, error.exit_code, width)
    return (line(message, wrap=False), *detail, *hints, *_last("", error.exit_code, width))


def error_entries(error: LabError, what: str = "") -> list[dict[str, object]]:
    """The same for ``--json``: one entry for each mistake; ``detail`` only where there are lines that explain.

    Args:
        what: stands for the place where the error itself names none.
    """
    if isinstance(error, ConfigError):
        return [
            {"id": error.id, "message": one.message, "hint": one.hint, "where": one.where} for one in error.mistakes
        ]
    entry: dict[str, object] = {
        "id": error.id,
        "message": error.message,
        "hint": error.hint,
        "where": error.where or what,
    }
    if error.detail:
        entry["detail"] = list(error.detail)
    return [entry]


def bug(error: BaseException, *, verbose: bool) -> Bug:
    """Writes the traceback to a file of its own and says where; ``verbose`` shows it as well."""
    import os
    import tempfile
    import traceback

    text = "".join(traceback.format_exception(error))
    message = f"This is a bug of the lab: {type(error).__name__}: {error}"
    detail = tuple(text.splitlines()) if verbose else ()
    try:
        handle, name = tempfile.mkstemp(prefix="orchestrator-", suffix=".log")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError as failed:
        hint = f"the traceback could not be written ({failed.strerror}); run the same command with -v to see it"
        return Bug(message, hint=hint, detail=detail)
    return Bug(message, where=name, hint=f"please report it with the traceback in {name}", detail=detail)


def _last(text: str, exit_code: int, width: int) -> Screen:
    code = f"(exit {exit_code})"
    edge = min(width, RIGHT_EDGE)
    if len(text) + 2 + len(code) > edge:
        return (line(text, wrap=False), Line((Span(code.rjust(edge)),), wrap=False))
    return (Line((Span(text, Tone.PLAIN), Span(code.rjust(edge - len(text)))), wrap=False),)
