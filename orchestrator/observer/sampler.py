"""All watched containers, sampled five times a second by one thread."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

from orchestrator.adapters.cgroup.host import HostCpus
from orchestrator.domain.box import Tags
from orchestrator.domain.limits import Limits
from orchestrator.domain.measurement import Missing
from orchestrator.domain.reading import Point, Reading
from orchestrator.observer.watch import Watch

INTERVAL_SECONDS = 0.2
WATCHES_MAX = 64
#: A container that ended, or never came, is forgotten by itself after this: its orchestrator may have died.
KEEP_SECONDS = 600.0


class TooManyWatches(Exception):
    """All places are taken by containers that still run."""


class Sampler:
    """What is watched. One thread samples; any thread may ask.

    Args:
        root: the host's cgroup tree.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._watches: dict[str, Watch] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._host = HostCpus(root)
        self.announcement = ""

    def start(self) -> None:
        threading.Thread(target=self._run, name="sampler", daemon=True).start()

    def stop(self) -> None:
        self._stop.set()

    def watch(self, container: str, tags: Tags, limits: Limits | None, usd_per_hour: float | None) -> Watch:
        """Samples it from now on; watching it again only renews what is known of it.

        Raises TooManyWatches.
        """
        with self._lock:
            known = self._watches.get(container)
            if known is not None:
                known.tags, known.limits, known.usd_per_hour = tags, limits, usd_per_hour
                return known
            if len(self._watches) >= WATCHES_MAX:
                self._evict(0)
            if len(self._watches) >= WATCHES_MAX:
                raise TooManyWatches
            made = self._watches[container] = Watch(self._root, container, tags, limits, usd_per_hour)
        made.sample()
        return made

    def forget(self, container: str) -> bool:
        """Whether it was known."""
        with self._lock:
            watch = self._watches.pop(container, None)
        if watch is not None:
            watch.close()
        return watch is not None

    def reading(self, container: str) -> Reading | None:
        """A fresh reading, with what the rest of the host did on its CPUs; None when it was never seen.

        Raises KeyError when it is not watched.
        """
        with self._lock:
            watch = self._watches[container]
        reading = watch.sample()
        return None if reading is None else self._beside(reading)

    def points(self, container: str) -> list[Point]:
        """Its seconds, oldest first. Raises KeyError when it is not watched."""
        with self._lock:
            watch = self._watches[container]
        return watch.tail()

    def _beside(self, reading: Reading) -> Reading:
        cpuset = reading.limits.cpuset
        if isinstance(cpuset, Missing):
            return replace(reading, others_cpu_seconds=cpuset, steal_seconds=cpuset)
        busy, stolen = self._host.read(cpuset)
        others = busy if isinstance(busy, Missing) else busy - reading.cpu_seconds
        return replace(reading, others_cpu_seconds=others, steal_seconds=stolen)

    def watches(self) -> list[Watch]:
        """Newest first."""
        with self._lock:
            return list(reversed(self._watches.values()))

    def _run(self) -> None:
        due = time.monotonic()
        while not self._stop.is_set():
            for watch in self.watches():
                watch.tick(INTERVAL_SECONDS)
            with self._lock:
                self._evict(KEEP_SECONDS)
            due += INTERVAL_SECONDS
            late = time.monotonic() - due
            if late > 0:  # the machine stood still: go on from here, do not catch up
                due += late
            self._stop.wait(max(0.0, -late))

    def _evict(self, after_seconds: float) -> None:
        now = time.monotonic()
        for container, watch in list(self._watches.items()):
            idle_since = watch.since if watch.last is None else watch.gone_since
            if idle_since is not None and now - idle_since > after_seconds:
                self._watches.pop(container).close()
