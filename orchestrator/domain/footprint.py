"""From the evidence of a Trial to its Measurements: one row of METRICS each, nothing invented."""

from __future__ import annotations

from orchestrator.domain.limits import Limits
from orchestrator.domain.measurement import Measurement, Missing, difference, measured
from orchestrator.domain.ratios import (
    cpu_cap_ratio,
    generator_cpu_ratio,
    others_ratio,
    sampler_coverage,
    sidecar_cpu_ratio,
    sidecar_cpu_seconds,
    sidecar_memory_bytes_peak,
    steal_ratio,
    throttled_ratio,
)
from orchestrator.domain.reading import Evidence, FirstAnswer
from orchestrator.domain.runtime import measure_runtime
from orchestrator.domain.server import Image

_CPU = (
    "cpu_seconds_user",
    "cpu_seconds_system",
    "cpu_seconds_per_request",
    "cpu_cap_ratio",
    "cpu_throttled_periods_ratio",
    "cpu_throttled_seconds",
    "cpu_pressure_seconds",
)
#: The time for which a slow answer keeps its user from sending is in no latency.
CLOSED_LOOP = Missing(
    "closed loop: its latency is from the send, and cannot be judged by an open model's SLO (coordinated omission)"
)
_SHARED = Missing("server and generator share CPUs: the others are its own generator")
_LATENCIES = ("mean", "p50", "p90", "p99", "p999", "max")


def measure(
    rate_per_second: int | None, limits: Limits, evidence: Evidence, image: Image, *, shared: bool = False
) -> tuple[Measurement, ...]:
    """All Measurements of a Trial whose window was opened and closed. ``shared``: on the CPUs of its generator."""
    return (
        *_load(rate_per_second, evidence),
        *_cpu(limits, evidence),
        *_memory(evidence),
        *_host(limits, evidence, shared=shared),
        *_sidecars(evidence),
        *_start(evidence),
        *measure_runtime(evidence.runtime, evidence.closing.at_seconds - evidence.opening.at_seconds),
        *measure_image(image),
    )


def measure_image(image: Image) -> tuple[Measurement, ...]:
    """What is known of an image without starting it."""
    return (
        measured("image_bytes", image.bytes, source="engine", window_seconds=0, n=1),
        measured("binary_bytes", image.binary_bytes, source="engine", window_seconds=0, n=1),
        measured("build_seconds", image.build_seconds, source="build", window_seconds=0, n=1),
    )


def _load(rate_per_second: int | None, evidence: Evidence) -> tuple[Measurement, ...]:
    load = evidence.load
    window, n = load.duration_seconds, load.requests
    nobody = Missing("no request was answered well")

    def row(metric: str, value: float | Missing | None) -> Measurement:
        return measured(metric, value, source=str(load.generator), window_seconds=window, n=n)

    return (
        row("rate_offered_per_second", CLOSED_LOOP if rate_per_second is None else rate_per_second),
        row("rate_achieved_per_second", n / window if window else Missing("the window never opened")),
        row("requests_dropped", load.dropped),
        row("error_ratio", load.failed / n if n else Missing("no request was answered")),
        # A refused connection takes no time: its "latency" is none.
        *(
            row(f"latency_seconds_{one}", load.latency_seconds.get(one) if n > load.failed else nobody)
            for one in _LATENCIES
        ),
        row("generator_lag_seconds_p99", load.start_lag_seconds_p99),
        row("virtual_users", load.virtual_users),
        measured("generator_cpu_ratio", generator_cpu_ratio(evidence), source="kernel", window_seconds=window, n=1),
    )


def _cpu(limits: Limits, evidence: Evidence) -> tuple[Measurement, ...]:
    opening, closing, load = evidence.opening, evidence.closing, evidence.load
    window = evidence.window_seconds
    if window <= 0:
        gone = Missing("the server's counters ended before the window")
        return tuple(measured(metric, gone, source="kernel", window_seconds=0, n=0) for metric in _CPU)
    total = closing.cpu_seconds - opening.cpu_seconds
    periods = difference(opening.cpu_periods, closing.cpu_periods)
    counted = 0 if isinstance(periods, Missing) else round(periods)

    def row(metric: str, value: float | Missing, n: int = 2) -> Measurement:
        return measured(metric, value, source="kernel", window_seconds=window, n=n)

    return (
        row("cpu_seconds_user", difference(opening.cpu_seconds_user, closing.cpu_seconds_user)),
        row("cpu_seconds_system", difference(opening.cpu_seconds_system, closing.cpu_seconds_system)),
        row(
            "cpu_seconds_per_request",
            total / load.covered_requests if load.covered_requests else Missing("no request was answered"),
            load.covered_requests,
        ),
        row("cpu_cap_ratio", cpu_cap_ratio(limits, evidence)),
        row("cpu_throttled_periods_ratio", throttled_ratio(evidence), counted),
        row("cpu_throttled_seconds", difference(opening.cpu_throttled_seconds, closing.cpu_throttled_seconds)),
        row("cpu_pressure_seconds", difference(opening.cpu_pressure_seconds, closing.cpu_pressure_seconds)),
    )


def _memory(evidence: Evidence) -> tuple[Measurement, ...]:
    closing = evidence.closing

    def row(metric: str, value: float | Missing) -> Measurement:
        return measured(metric, value, source="kernel", window_seconds=0, n=1)

    return (
        row("memory_bytes_current", closing.memory_bytes_current),
        row("memory_bytes_anon", closing.memory_bytes_anon),
        row("memory_bytes_peak", closing.memory_bytes_peak),
        row("oom_kills", closing.oom_kills),
    )


def _host(limits: Limits, evidence: Evidence, *, shared: bool) -> tuple[Measurement, ...]:
    """What else happened on the server's CPUs between the readings, and how much of it the observer saw."""
    seconds, cpus = evidence.closing.at_seconds - evidence.opening.at_seconds, len(limits.cpuset)
    rows = (
        ("others_cpu_ratio", _SHARED if shared else others_ratio(evidence, cpus), "kernel"),
        ("steal_ratio", steal_ratio(evidence, cpus), "kernel"),
        ("sampler_coverage_ratio", sampler_coverage(evidence), "observer"),
    )
    return tuple(measured(metric, value, source=source, window_seconds=seconds, n=2) for metric, value, source in rows)


def _sidecars(evidence: Evidence) -> tuple[Measurement, ...]:
    seconds, n = evidence.closing.at_seconds - evidence.opening.at_seconds, 2 * len(evidence.sidecars)
    rows = (
        ("sidecar_cpu_seconds", sidecar_cpu_seconds(evidence), seconds),
        ("sidecar_cpu_ratio", sidecar_cpu_ratio(evidence), seconds),
        ("sidecar_memory_bytes_peak", sidecar_memory_bytes_peak(evidence), 0),
    )
    return tuple(
        measured(metric, value, source="kernel", window_seconds=window, n=n if window else n // 2)
        for metric, value, window in rows
    )


def _start(evidence: Evidence) -> tuple[Measurement, ...]:
    """Two starting points, since the engine notes the start of a process some milliseconds late."""
    if evidence.sidecars:
        waited = Missing("its first good answer waited for its sidecar")
        return tuple(
            measured(metric, waited, source="observer", window_seconds=0, n=0)
            for metric in ("cold_start_seconds", "ready_seconds")
        )
    late = "answered before the engine noted its start: quicker than it can tell"
    rows = (
        ("cold_start_seconds", evidence.started_unix_seconds, late),
        ("ready_seconds", evidence.ordered_unix_seconds, "the clocks of engine and observer disagree"),
    )
    return tuple(
        measured(metric, _since(evidence.first_answer, start, doubt), source="observer", window_seconds=0, n=1)
        for metric, start, doubt in rows
    )


def _since(answer: FirstAnswer | Missing, start: float | Missing, doubt: str) -> float | Missing:
    if isinstance(answer, Missing):
        return answer
    if isinstance(start, Missing):
        return start
    seconds = answer.at_unix_seconds - start
    return seconds if seconds > 0 else Missing(doubt)
