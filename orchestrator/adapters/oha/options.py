"""LoadSpec -> oha's command line: lead-in, window and a moment more in one process.

    0        lead-in         window        tail
    |-- rate/s, discarded --|-- judged --|-- discarded --|

The pacer's clock has ticks of a millisecond, and what is due within the last tick is not sent any more: the tail takes
that place, so that all of the window is sent. A request of the window that was only sent within the tail is late, not
dropped. What oha still has queued when the tail ends it never sends.
"""

from __future__ import annotations

import re

from orchestrator.adapters.docker.containers import FILES_FOLDER
from orchestrator.domain.box import LoadSpec
from orchestrator.domain.generator import REQUEST_SECONDS_MAX
from orchestrator.domain.request import Request

TAIL_SECONDS = 0.25
#: oha's own word, on standard error, for the moment when the last answer is there and it begins to write them down.
ANSWERED = "Storing results"
DATABASE = "rows.db"
BODY = "body"


def build_command(spec: LoadSpec, folder: str | None) -> tuple[str, ...]:
    """oha's arguments. The address is always loopback: the server's own, in its network namespace.

    Args:
        folder: where it keeps every request; None when nobody will ask.
    """
    request = spec.workload.first
    open_model = ("-q", str(spec.rate_per_second), "--latency-correction") if spec.rate_per_second is not None else ()
    return (
        "--no-tui",
        "--output-format",
        "json",
        # The length of a good answer is known; compressed it would be another.
        "--disable-compression",
        # A redirection is an answer; following it might lead away from the server under test.
        "-r",
        "0",
        *(part for header in (("User-Agent", "footprint-lab"), *request.headers.items()) for part in _header(*header)),
        "-m",
        request.method,
        *(("-D", f"{FILES_FOLDER}/{BODY}") if request.body else ()),
        "-c",
        str(spec.virtual_users),
        "--worker-threads",
        str(len(spec.cpus)),
        "-t",
        f"{REQUEST_SECONDS_MAX}s",
        "--connect-timeout",
        f"{REQUEST_SECONDS_MAX}s",
        "-z",
        f"{round(process_seconds(spec) * 1000)}ms",
        # What is in flight at the end is waited for, not cut off.
        "-w",
        *open_model,
        *(("--db-url", f"{folder}/{DATABASE}") if folder is not None else ()),
        *_address(spec.port, request),
    )


def body_file(spec: LoadSpec) -> dict[str, bytes]:
    """The file that ``-D`` reads, below FILES_FOLDER; none where the request has no body."""
    body = spec.workload.first.body
    return {BODY: body.encode()} if body else {}


def _header(name: str, value: str) -> tuple[str, str]:
    return "-H", f"{name}: {value}"


def _address(port: int, request: Request) -> tuple[str, ...]:
    """The URL; with a number in it as the regular expression that its range is, drawn from for each request."""
    before, numbers, after = request.parts
    base = f"http://127.0.0.1:{port}"
    if numbers is None:
        return (f"{base}{before}",)
    digits = numbers.decade_digits
    assert digits is not None, "workload.k6_alone keeps other ranges from oha"
    drawn = "[1-9]" + (f"[0-9]{{{digits - 1}}}" if digits > 1 else "")
    return "--rand-regex-url", f"{_literal(base + before)}{drawn}{_literal(after)}"


def _literal(text: str) -> str:
    """As a regular expression. oha takes every dot for a dot by itself, and an escaped one for something else."""
    return re.escape(text).replace(r"\.", ".")


def process_seconds(spec: LoadSpec) -> float:
    """From the first request to the last that may begin."""
    return spec.warmup_seconds + spec.duration_seconds + TAIL_SECONDS


def answered_after_seconds_max(spec: LoadSpec) -> float:
    """From the start to the last answer, or to its timeout."""
    return process_seconds(spec) + REQUEST_SECONDS_MAX + 1
