"""Commands run from outside, as a user runs them: how long, when they said what, how much memory."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from benchmarks.row import BenchmarkError

ROOT = Path(__file__).resolve().parents[1]
ORCHESTRATOR = str(Path(sys.executable).with_name("orchestrator"))
COMMAND_SECONDS_MAX = 300.0
SAMPLE_SECONDS = 0.05
ERROR_LINES = 20


@dataclass(frozen=True)
class Ran:
    """A command that ended well.

    Attributes:
        said: lines of its standard error with the seconds after its start at which they came.
        memory_bytes_peak: most that was resident of the command itself, its children not counted; 0 when it ended
            before it could be looked at.
    """

    seconds: float
    output: str
    said: tuple[tuple[float, str], ...]
    memory_bytes_peak: int

    @property
    def data(self) -> dict[str, Any]:
        """``data`` of the ``--json`` envelope."""
        found: dict[str, Any] = json.loads(self.output)["data"]
        return found


def run(command: Sequence[str], *, sample: bool = False, accepted: Sequence[int] = (0,)) -> Ran:
    """Runs it from the project's folder. Raises BenchmarkError when it fails or takes too long.

    Args:
        sample: look at its memory while it runs, which costs a little CPU time.
        accepted: exit codes that are no failure.
    """
    begin = time.monotonic()
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
    ) as process:
        said: list[tuple[float, str]] = []
        output: list[bytes] = []
        readers = [
            threading.Thread(target=_listen, args=(process.stderr, begin, said)),
            threading.Thread(target=_read, args=(process.stdout, output)),
        ]
        for reader in readers:
            reader.start()
        try:
            peak = _wait(process, begin, sample=sample)
        except BaseException:
            # It takes down what it started by itself, and is not left behind in any case.
            process.terminate()
            raise
        seconds = time.monotonic() - begin
        for reader in readers:
            reader.join()
    text = b"".join(output).decode("utf-8", "replace")
    if process.returncode not in accepted:
        told = "\n".join([*(line for _, line in said), *_errors(text)][-ERROR_LINES:])
        raise BenchmarkError(f"{' '.join(command)} ended with exit code {process.returncode}:\n{told}")
    return Ran(seconds, text, tuple(said), peak)


def orchestrator(*arguments: str, sample: bool = False, accepted: Sequence[int] = (0,)) -> Ran:
    """One call of our own command line."""
    return run((ORCHESTRATOR, *arguments), sample=sample, accepted=accepted)


def parts(said: Sequence[tuple[float, str]], seconds: float) -> dict[str, float]:
    """What a command's time went to: from the line before to the line that reports a step, by the step's topic."""
    spent: dict[str, float] = {}
    before, topic = 0.0, ""
    for at, line in said:
        topic = topic if line[:1].isspace() else line.split(" ", 1)[0]
        spent[topic] = spent.get(topic, 0.0) + at - before
        before = at
    spent["end"] = seconds - before
    return spent


def peak_of_status(status: str) -> int:
    """``VmHWM`` of /proc/<pid>/status in bytes; 0 when the process has no memory any more."""
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def _wait(process: subprocess.Popen[bytes], begin: float, *, sample: bool) -> int:
    peak = 0
    status = Path(f"/proc/{process.pid}/status")
    while True:
        try:
            process.wait(SAMPLE_SECONDS if sample else COMMAND_SECONDS_MAX)
            return peak
        except subprocess.TimeoutExpired as error:
            if time.monotonic() - begin > COMMAND_SECONDS_MAX:
                raise BenchmarkError(f"{process.args!r} did not end within {COMMAND_SECONDS_MAX:.0f} s") from error
        peak = max(peak, peak_of_status(status.read_text(encoding="utf-8")))


def _errors(output: str) -> list[str]:
    """The errors of a ``--json`` envelope; of any other output its last lines."""
    try:
        return [str(one["message"]) for one in json.loads(output)["errors"]]
    except (ValueError, KeyError, TypeError):
        return output.splitlines()[-ERROR_LINES:]


def _listen(stream: IO[bytes] | None, begin: float, said: list[tuple[float, str]]) -> None:
    assert stream is not None
    for line in stream:
        said.append((time.monotonic() - begin, line.decode("utf-8", "replace").rstrip()))


def _read(stream: IO[bytes] | None, output: list[bytes]) -> None:
    assert stream is not None
    output.append(stream.read())
