"""One watched container: its readings, now and over the last two minutes."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import replace
from pathlib import Path

from orchestrator.adapters.cgroup.files import CgroupGone
from orchestrator.adapters.cgroup.locate import Reader, find
from orchestrator.domain.box import Tags
from orchestrator.domain.limits import EffectiveLimits, Limits
from orchestrator.domain.measurement import Missing
from orchestrator.domain.reading import Point, Reading

#: The runtime makes the cgroup first and writes its limits after; until then a change of limits is no change.
SETTLE_SECONDS = 0.5
#: A search below unknown parents walks the whole tree: seldom, and not for ever.
SEARCH_SECONDS = 1.0
SEARCHED_AT_MOST_SECONDS = 30.0
#: The longest window there is, with its warm-up: an hour and some minutes.
HISTORY_SECONDS = 4_000
#: A sample that comes later than so many intervals after the last one has left a gap.
GAP_INTERVALS = 2
#: Between two samples the time since the last one is covered too, up to this.
OVERDUE_SECONDS = 0.4
#: How often the sampler looks at limits; a reading asked for always does.
LIMITS_SECONDS = 1.0


class Watch:
    """Safe to use from several threads: the sampler and the API read the same files."""

    def __init__(
        self, root: Path, container: str, tags: Tags, limits: Limits | None, usd_per_hour: float | None
    ) -> None:
        self.container, self.tags, self.limits, self.usd_per_hour = container, tags, limits, usd_per_hour
        self.since = time.monotonic()
        self.gone_since: float | None = None
        self.last: Reading | None = None
        self.history: deque[Point] = deque(maxlen=HISTORY_SECONDS)
        self._root = root
        self._lock = threading.Lock()
        self._closed = False
        self._limits_at = float("-inf")
        self._searched = float("-inf")
        self._marked: Reading | None = None
        self._sampled_at: float | None = None
        self._sampled_seconds = 0.0
        self._reader: Reader | None = self._find(search=True)
        # Found at once: it runs already and its limits are set.
        self._settled_at = 0.0 if self._reader else float("inf")

    def tick(self, interval_seconds: float) -> None:
        """The sampler's own call: its time counts as covered unless the last one was long ago. The limits may be a
        second old: they are half of the files."""
        with self._lock:
            now = time.monotonic()
            if self._sampled_at is not None:
                self._sampled_seconds += min(now - self._sampled_at, GAP_INTERVALS * interval_seconds)
            self._sampled_at = now
        self.sample(limits_too=False)

    def sample(self, *, limits_too: bool = True) -> Reading | None:
        """A fresh reading; the last one when the container is gone, None when it was never seen."""
        with self._lock:
            now = time.monotonic()
            if self._closed:
                return self.last
            if self._reader is None or now < self._settled_at:
                self._open(now)
            if self._reader is not None:
                try:
                    self._keep(self._read(self._reader, now, limits_too), now)
                except CgroupGone:
                    self._reader.close()
                    self._reader = None
                    self.gone_since = now
            return self.last

    def _covered(self, now: float) -> float:
        """Seconds in which the sampler was at work, those since its last call included while it is not overdue."""
        since = 0.0 if self._sampled_at is None else min(now - self._sampled_at, OVERDUE_SECONDS)
        return self._sampled_seconds + since

    def tail(self) -> list[Point]:
        """A copy of the history, oldest first."""
        with self._lock:
            return list(self.history)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            if self._reader is not None:
                self._reader.close()
                self._reader = None

    def _find(self, *, search: bool) -> Reader | None:
        if search:
            self._searched = time.monotonic()
        return find(self._root, self.container, search=search)

    def _open(self, now: float) -> None:
        was_open = self._reader is not None
        if self._reader is not None:
            self._reader.close()
        due = now - self._searched >= SEARCH_SECONDS
        awaited = self.last is None and now - self.since < SEARCHED_AT_MOST_SECONDS
        self._reader = self._find(search=due and (awaited or was_open))
        if self._reader is not None and not was_open:
            self._settled_at = now + SETTLE_SECONDS

    def _read(self, reader: Reader, now: float, limits_too: bool) -> Reading:
        if self.last is None:
            return reader.read()
        if limits_too or now < self._settled_at or now - self._limits_at >= LIMITS_SECONDS:
            self._limits_at = now
            return reader.read(self.last.limits_changes)
        return reader.read(self.last.limits_changes, self.last.limits)

    def _keep(self, reading: Reading, now: float) -> None:
        settled = now >= self._settled_at
        if settled and self.last is not None and reading.limits != self.last.limits:
            reading = replace(reading, limits_changes=reading.limits_changes + 1)
        reading = replace(reading, sampled_seconds=self._covered(now))
        self.last, self.gone_since = reading, None
        before = self._marked
        if before is None or reading.cpu_seconds < before.cpu_seconds:
            self._marked = reading
        elif reading.at_seconds - before.at_seconds >= 1:
            self.history.append(_point(before, reading))
            self._marked = reading


def cores_allowed(limits: EffectiveLimits) -> float | Missing:
    """CPU seconds per second that quota and cpuset allow; Missing when neither is set."""
    caps: list[float] = []
    if not isinstance(limits.quota_microseconds, Missing) and not isinstance(limits.period_microseconds, Missing):
        caps.append(limits.quota_microseconds / limits.period_microseconds)
    if not isinstance(limits.cpuset, Missing):
        caps.append(len(limits.cpuset))
    return min(caps) if caps else Missing("neither a quota nor a cpuset is set")


def _point(before: Reading, after: Reading) -> Point:
    seconds = after.at_seconds - before.at_seconds
    return Point(
        at_seconds=after.at_seconds,
        cpu_cores=(after.cpu_seconds - before.cpu_seconds) / seconds,
        throttled_ratio=_throttled(before, after),
        memory_bytes=after.memory_bytes_current,
    )


def _throttled(before: Reading, after: Reading) -> float | Missing:
    periods = _grown(before.cpu_periods, after.cpu_periods)
    stopped = _grown(before.cpu_throttled_periods, after.cpu_throttled_periods)
    if isinstance(periods, Missing) or isinstance(stopped, Missing):
        return periods if isinstance(periods, Missing) else stopped
    return stopped / periods if periods > 0 else Missing("no quota period has passed")


def _grown(before: int | Missing, after: int | Missing) -> int | Missing:
    if isinstance(before, Missing) or isinstance(after, Missing):
        return after if isinstance(after, Missing) else before
    return after - before
