"""k6 in a container of its own, inside the server's network namespace (ports.LoadGenerator)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from importlib.resources import files

from orchestrator.adapters.docker.containers import FILES_FOLDER, Containers, runs_in_bench
from orchestrator.adapters.docker.listener import Listener
from orchestrator.adapters.docker.load_order import joining, load_order
from orchestrator.adapters.k6.options import (
    build_options,
    finished_after_seconds_max,
    quiet_after_seconds,
    window_after_seconds,
)
from orchestrator.adapters.k6.summary import no_summary, read_summary
from orchestrator.domain.box import LoadSpec, not_offered
from orchestrator.domain.generator import Generator
from orchestrator.domain.reading import LoadResult
from orchestrator.errors import LoadFailed
from orchestrator.ports import Box, LoadRun

#: What script.js says.
START, END = "lab:start", "lab:end"
PROMETHEUS = "prometheus"
SCRIPT = "script.js"
#: Native histograms: k6's plain ``_p99`` series is "since the start of the test", never a window's. The stale markers
#: end the series with the Trial instead of the lookback time.
PUSH_ENVIRONMENT = {
    "K6_PROMETHEUS_RW_SERVER_URL": "http://prometheus:9090/api/v1/write",
    "K6_PROMETHEUS_RW_PUSH_INTERVAL": "1s",
    "K6_PROMETHEUS_RW_TREND_AS_NATIVE_HISTOGRAM": "true",
    "K6_PROMETHEUS_RW_STALE_MARKERS": "true",
}
#: k6 was measured at 70 MB with 100 users and documents 1 to 5 MB for each.
MEMORY_BYTES_MIN = 512 * 2**20
MEMORY_BYTES_BASE = 256 * 2**20
MEMORY_BYTES_PER_USER = 4 * 2**20
#: k6's collector stops it for 10 to 20 ms on one CPU, several times a second: p99 of a server at 1,000/s was then 27 to
#: 45 ms, and is 2 to 4 ms without. So it collects only when its memory is nearly used up.
HEAP_SHARE_OF_MEMORY = 0.9
#: Starting a container and making its users, on a busy host.
START_SECONDS_MAX = 60.0
#: Beyond the latest end that k6 promises: scheduling, and the last push to Prometheus (5 s when it hangs).
SLACK_SECONDS = 10.0
EXIT_SECONDS_MAX = 5.0
LOG_LINES = 20


class K6Run:
    """One k6 at work (ports.LoadRun). Its phases are what script.js says in its log."""

    def __init__(self, containers: Containers, container: str, spec: LoadSpec) -> None:
        self._containers = containers
        self._id = container
        self._spec = spec
        self._listener = Listener(containers.client, container, _word)

    @property
    def box_id(self) -> str:
        return self._id

    @property
    def running(self) -> bool:
        return True

    def wait_quiet(self) -> None:
        """Returns in the pause between warm-up and window. Raises LoadFailed when k6 ends before."""
        started = self._wait_for(START, time.monotonic() + START_SECONDS_MAX)
        if started is None or self._listener.wait_end(started + quiet_after_seconds(self._spec)):
            self._listener.raise_lost()
            raise self._failed("ended before the window opened")

    def seconds_to_window(self) -> float:
        """Until the first request of the window; negative once it is due. k6 says ``lab:start`` a moment before it
        starts its clock, so this is never too long."""
        return self._started() + window_after_seconds(self._spec) - time.monotonic()

    def begin(self) -> None:
        """It runs already: its warm-up comes before the window."""

    def wait_finished(self) -> None:
        """Returns when the window's last request was answered, or at once when k6 died. Raises LoadFailed."""
        self._wait_for(END, self._started() + finished_after_seconds_max(self._spec) + SLACK_SECONDS)

    def result(self) -> LoadResult:
        """What k6 counted; of a k6 that was killed only its exit code. Raises LoadFailed."""
        code = self._containers.wait(self._id, SLACK_SECONDS)
        self._listener.raise_lost()
        if code is None:
            raise self._failed(f"did not end within {SLACK_SECONDS:.0f} s of its last request, or was removed")
        output = self._containers.output(self._id)
        if code != 0 and not output.strip():
            return no_summary(code, self._spec)
        return read_summary(output, code, self._spec)

    def _started(self) -> float:
        started = self._listener.said(START)
        return time.monotonic() if started is None else started

    def _wait_for(self, word: str, deadline: float) -> float | None:
        """When k6 said it; None when it ended without. Raises LoadFailed when the deadline passes."""
        said = self._listener.wait_for(word, deadline)
        if said is None and not self._listener.ended:
            raise self._failed(f"did not say {word} in time")
        return said

    def _failed(self, what: str) -> LoadFailed:
        # Its log may end a moment before the engine knows that it did.
        code = self._containers.wait(self._id, EXIT_SECONDS_MAX) if self._listener.ended else None
        return LoadFailed(
            f"k6 {what}" + ("" if code is None else f" (exit code {code})"),
            where=self._id[:12],
            detail=self._containers.log_tail(self._id, LOG_LINES),
        )


def _word(line: bytes) -> str | None:
    """script.js' own words among k6's log lines, which are JSON."""
    try:
        message = json.loads(line).get("msg")
    except (ValueError, AttributeError):
        return None
    return message if message in (START, END) else None


class K6Generator:
    """Starts k6 containers (ports.LoadGenerator).

    Args:
        image: the reference of k6's image; asked at the first start, when it is built.
    """

    def __init__(self, containers: Containers, image: Callable[[], str]) -> None:
        self._containers = containers
        self._image = cache(image)

    @contextmanager
    def start(self, box: Box, spec: LoadSpec) -> Iterator[LoadRun]:
        """Warm-up starts at once; k6 is removed when the block ends.

        Raises LoadFailed, also for a closed loop without think time: only oha offers one. EngineLost.
        """
        container = self._start(box, spec, live=False)
        try:
            yield K6Run(self._containers, container, spec)
        finally:
            self._containers.remove(container)

    def start_live(self, box: Box, spec: LoadSpec) -> None:
        """Light load that stays until its time is over or ``stop_live`` removes it."""
        self._start(box, spec, live=True)

    def _start(self, box: Box, spec: LoadSpec, *, live: bool) -> str:
        containers = self._containers
        why = not_offered(spec, Generator.K6)
        if why:
            raise LoadFailed(f"k6 cannot offer this: {why}", where=box.name)
        command = ["run", "--quiet", "--log-format", "json"]
        memory = max(MEMORY_BYTES_MIN, MEMORY_BYTES_BASE + MEMORY_BYTES_PER_USER * spec.virtual_users)
        environment = {
            "K6_NO_USAGE_REPORT": "true",
            "GOGC": "off",
            "GOMEMLIMIT": str(int(HEAP_SHARE_OF_MEMORY * memory)),
        }
        if runs_in_bench(containers, PROMETHEUS):
            command += ["--out", "experimental-prometheus-rw"]
            environment |= PUSH_ENVIRONMENT
        order = replace(
            load_order(containers, box, spec, self._image(), memory, live=live),
            command=(*command, f"{FILES_FOLDER}/{SCRIPT}"),
            environment=environment,
            files={
                SCRIPT: files(__package__).joinpath(SCRIPT).read_bytes(),
                "options.json": json.dumps(build_options(spec)).encode(),
            },
        )
        with joining(containers, box.id):
            return containers.start(order)
