"""Windows that are over: what the live page draws of them, and their series. oha tells of a window only at its end."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from orchestrator.domain.box import Ended

#: So many are drawn: the windows of an hour and more.
KEPT = 400
#: How long a void window is a series of its own, for the dashboard's marks: two scrapes at 1 s, so that none misses it.
MARKED_SECONDS = 3.0
CELL = ("run", "server", "instance_type", "workload")


class EndedWindows(Collector):
    """Those of the newest run, oldest first. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ended: deque[tuple[float, Ended]] = deque(maxlen=KEPT)
        self._counts: Counter[tuple[str, ...]] = Counter()

    def keep(self, ended: Ended) -> None:
        """One more; a run that was before it is forgotten."""
        with self._lock:
            if self._ended and self._ended[-1][1].run != ended.run:
                self._ended.clear()
                self._counts.clear()
            self._ended.append((time.monotonic(), ended))
            self._counts[*_cell(ended), ended.mark, ended.kind] += 1

    def shown(self) -> list[dict[str, Any]]:
        """As JSON: every field and ``seconds_ago``."""
        now = time.monotonic()
        with self._lock:
            return [{**asdict(one), "seconds_ago": now - at} for at, one in self._ended]

    def collect(self) -> Iterable[Metric]:
        with self._lock:
            ended, counts = tuple(self._ended), dict(self._counts)
        windows = CounterMetricFamily("lab_windows", "Windows that ended", labels=(*CELL, "mark", "kind"))
        for labels, count in counts.items():
            windows.add_metric(labels, count)
        rate = GaugeMetricFamily(
            "lab_window_achieved_rate", "Requests/s of the last window that was not void", labels=CELL
        )
        p99 = GaugeMetricFamily(
            "lab_window_latency_p99_seconds", "p99 of the last window that was not void", labels=CELL
        )
        for labels, one in {_cell(one): one for _, one in ended if one.mark != "void"}.items():
            _add(rate, labels, one.rate_per_second)
            _add(p99, labels, one.latency_seconds_p99)
        void = GaugeMetricFamily("lab_window_void", "1 just after a void window", labels=(*CELL, "trial", "kind"))
        for at, one in ended:
            if one.mark == "void" and time.monotonic() - at <= MARKED_SECONDS:
                void.add_metric((*_cell(one), one.trial, one.kind), 1)
        return (windows, rate, p99, void)


def _cell(ended: Ended) -> tuple[str, ...]:
    return tuple(getattr(ended, name) for name in CELL)


def _add(family: GaugeMetricFamily, labels: tuple[str, ...], value: float | None) -> None:
    if value is not None:
        family.add_metric(labels, value)
