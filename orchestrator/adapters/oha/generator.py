"""oha in a container of its own, inside the server's network namespace (ports.LoadGenerator)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache

from orchestrator.adapters.docker.archive import read_file
from orchestrator.adapters.docker.containers import FILES_FOLDER, Containers, Order, begin
from orchestrator.adapters.docker.listener import Listener
from orchestrator.adapters.docker.load_order import joining, load_order
from orchestrator.adapters.oha.options import (
    ANSWERED,
    DATABASE,
    answered_after_seconds_max,
    body_file,
    build_command,
    process_seconds,
)
from orchestrator.adapters.oha.summary import no_summary, read_summary
from orchestrator.domain.box import LoadSpec, not_offered
from orchestrator.domain.generator import Generator
from orchestrator.domain.reading import LoadResult
from orchestrator.errors import LoadFailed
from orchestrator.ports import Box, LoadRun

FOLDER = "rows"
#: oha was measured at 0.5 KB for a request it keeps, and 5 MB without any.
MEMORY_BYTES_BASE = 256 * 2**20
MEMORY_BYTES_PER_REQUEST = 1024
MEMORY_BYTES_PER_CONNECTION = 64 * 2**10
#: The most it was seen to do on a CPU in a closed loop, and some more.
CLOSED_RATE_PER_CPU = 60_000
#: Starting a container on a busy host.
START_SECONDS_MAX = 30.0
#: 300,000 requests were written down in 3 s on half a CPU.
STORE_SECONDS_MAX = 60.0
LOG_LINES = 20
#: A process that a signal ended has 128 and the signal's number.
SIGNALLED = 128


class OhaRun:
    """One oha, before its start and at work (ports.LoadRun)."""

    def __init__(self, containers: Containers, container: str, server: str, spec: LoadSpec) -> None:
        self._containers = containers
        self._id = container
        self._server = server
        self._spec = spec
        self._listener: Listener | None = None
        self._started_at = 0.0

    @property
    def box_id(self) -> str:
        return self._id

    @property
    def running(self) -> bool:
        return self._listener is not None

    def wait_quiet(self) -> None:
        """At once: nothing was sent yet."""

    def seconds_to_window(self) -> float:
        """0 before the start: the lead-in lies between the readings. After it, until the window's first request."""
        if self._listener is None:
            return 0.0
        return self._started_at + self._spec.warmup_seconds - time.monotonic()

    def begin(self) -> None:
        """Starts it. Raises LoadFailed where the server whose network it joins is gone."""
        with joining(self._containers, self._server):
            begin(self._containers.client, self._id, "of the generator")
        self._started_at = time.monotonic()
        self._listener = Listener(self._containers.client, self._id, _word)

    def wait_finished(self) -> None:
        """Returns when the last request was answered, or at once when it died. Raises LoadFailed.

        What oha does after that, writing down every request, is not part of the window.
        """
        if self._listener is None:
            self.begin()
        assert self._listener is not None
        seconds = answered_after_seconds_max(self._spec) + START_SECONDS_MAX
        said = self._listener.wait_for(ANSWERED, self._started_at + seconds)
        if said is None and not self._listener.ended:
            raise self._failed(f"did not end within {seconds:.0f} s")

    def result(self) -> LoadResult:
        """What oha counted; of one that was killed only its exit code. Raises LoadFailed."""
        code = self._containers.wait(self._id, STORE_SECONDS_MAX)
        if self._listener is not None:
            self._listener.raise_lost()
        if code is None:
            raise self._failed(f"did not end within {STORE_SECONDS_MAX:.0f} s of its last request, or was removed")
        if code > SIGNALLED:
            return no_summary(code, self._spec)
        database = read_file(self._containers.client, self._id, f"{FILES_FOLDER}/{FOLDER}/{DATABASE}")
        if code != 0 or database is None:
            raise self._failed(f"ended with exit code {code} and left no result")
        return read_summary(self._containers.output(self._id), database, self._spec)

    def _failed(self, what: str) -> LoadFailed:
        return LoadFailed(f"oha {what}", where=self._id[:12], detail=self._containers.log_tail(self._id, LOG_LINES))


class OhaGenerator:
    """Makes oha containers (ports.LoadGenerator).

    Args:
        image: the reference of oha's image; asked at the first start, when it is built.
    """

    def __init__(self, containers: Containers, image: Callable[[], str]) -> None:
        self._containers = containers
        self._image = cache(image)

    @contextmanager
    def start(self, box: Box, spec: LoadSpec) -> Iterator[LoadRun]:
        """A container that is there and does not run before ``begin``; removed when the block ends.

        Raises LoadFailed where the server is gone, and for what is k6's alone (some Workloads, think time); EngineLost.
        """
        why = not_offered(spec, Generator.OHA)
        if why:
            raise LoadFailed(f"oha cannot offer this: {why}", where=box.name)
        order = self._order(box, spec, live=False)
        command = build_command(spec, f"{FILES_FOLDER}/{FOLDER}")
        with joining(self._containers, box.id):
            container = self._containers.make(replace(order, command=command, folders=(FOLDER,)))
        try:
            yield OhaRun(self._containers, container, box.id, spec)
        finally:
            self._containers.remove(container)

    def start_live(self, box: Box, spec: LoadSpec) -> None:
        """Light load that stays until its time is over or ``stop_live`` removes it; nobody asks what it counted."""
        order = self._order(box, spec, live=True)
        self._containers.start(replace(order, command=build_command(spec, None)))

    def _order(self, box: Box, spec: LoadSpec, *, live: bool) -> Order:
        order = load_order(self._containers, box, spec, self._image(), memory_bytes(spec), live=live)
        return replace(order, files=body_file(spec))


def memory_bytes(spec: LoadSpec) -> int:
    """What it may use: every request is kept until the end."""
    rate = spec.rate_per_second if spec.rate_per_second is not None else CLOSED_RATE_PER_CPU * len(spec.cpus)
    kept = rate * process_seconds(spec) * MEMORY_BYTES_PER_REQUEST
    return MEMORY_BYTES_BASE + round(kept) + spec.virtual_users * MEMORY_BYTES_PER_CONNECTION


def _word(line: bytes) -> str | None:
    return ANSWERED if line.startswith(ANSWERED.encode()) else None
