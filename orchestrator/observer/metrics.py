"""The watched containers as Prometheus series: counters of the last sample. What is Missing has no series."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Protocol

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from orchestrator.domain.measurement import Missing
from orchestrator.domain.reading import Reading
from orchestrator.observer.watch import Watch, cores_allowed

LABELS = ("run", "trial", "server", "instance_type", "workload", "role")
#: How long a container that ended keeps its last values: two scrapes at 1 s, so that none misses them.
LINGER_SECONDS = 3.0

_COUNTERS = {
    "lab_cpu_periods": ("cpu_periods", "Quota periods that passed"),
    "lab_cpu_throttled_periods": ("cpu_throttled_periods", "Quota periods in which the container was stopped"),
    "lab_cpu_throttled_seconds": ("cpu_throttled_seconds", "Time stopped by the quota, summed over CPUs"),
    "lab_oom_kills": ("oom_kills", "Processes the kernel killed for memory"),
    "lab_limits_changes": ("limits_changes", "How often the limits were seen to change"),
}
_GAUGES = {
    "lab_memory_current_bytes": ("memory_bytes_current", "Memory charged, page cache included"),
    "lab_memory_anon_bytes": ("memory_bytes_anon", "Anonymous memory"),
    "lab_memory_peak_bytes": ("memory_bytes_peak", "Most memory charged since the container started"),
}


class Watched(Protocol):
    """Who knows what is watched."""

    def watches(self) -> list[Watch]: ...


class FootprintCollector(Collector):
    """Turns the last reading of each watched container into series."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched

    def collect(self) -> Iterable[Metric]:
        rows = list(self._rows())
        for name, (field, text) in _COUNTERS.items():
            yield _family(CounterMetricFamily(name, text, labels=LABELS), rows, field)
        for name, (field, text) in _GAUGES.items():
            yield _family(GaugeMetricFamily(name, text, labels=LABELS), rows, field)
        cpu = CounterMetricFamily("lab_cpu_seconds", "CPU time by mode", labels=(*LABELS, "mode"))
        pressure = CounterMetricFamily("lab_psi_seconds", "Pressure stall time", labels=(*LABELS, "resource", "kind"))
        cores = GaugeMetricFamily("lab_limit_cpu_cores", "CPU seconds per second allowed", labels=LABELS)
        memory = GaugeMetricFamily("lab_limit_memory_bytes", "Memory allowed", labels=LABELS)
        price = GaugeMetricFamily("lab_price_usd_per_hour", "List price of the instance type", labels=LABELS)
        for watch, labels, reading in rows:
            for mode, seconds in _modes(reading).items():
                cpu.add_metric((*labels, mode), seconds)
            _add(pressure, (*labels, "cpu", "some"), reading.cpu_pressure_seconds)
            _add(cores, labels, cores_allowed(reading.limits))
            _add(memory, labels, reading.limits.memory_bytes)
            if watch.usd_per_hour is not None:
                price.add_metric(labels, watch.usd_per_hour)
        yield from (cpu, pressure, cores, memory, price)

    def _rows(self) -> Iterator[tuple[Watch, tuple[str, ...], Reading]]:
        """Newest first, and one container per set of labels: two would be the same series twice."""
        taken: set[tuple[str, ...]] = set()
        for watch in self._watched.watches():
            labels = tuple(getattr(watch.tags, name) for name in LABELS)
            ended = watch.gone_since is not None and time.monotonic() - watch.gone_since > LINGER_SECONDS
            if watch.last is not None and not ended and labels not in taken:
                taken.add(labels)
                yield watch, labels, watch.last


def _modes(reading: Reading) -> dict[str, float]:
    """User and system; the whole under ``all`` where the kernel does not split, so that the sum stays right."""
    user, system = reading.cpu_seconds_user, reading.cpu_seconds_system
    if isinstance(user, Missing) or isinstance(system, Missing):
        return {"all": reading.cpu_seconds}
    return {"user": user, "system": system}


def _family(
    family: CounterMetricFamily | GaugeMetricFamily, rows: list[tuple[Watch, tuple[str, ...], Reading]], field: str
) -> Metric:
    for _, labels, reading in rows:
        _add(family, labels, getattr(reading, field))
    return family


def _add(family: CounterMetricFamily | GaugeMetricFamily, labels: tuple[str, ...], value: float | Missing) -> None:
    if not isinstance(value, Missing):
        family.add_metric(labels, value)
