"""One measured value with where it came from, or the reason why there is none. A new metric is one row in a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Missing:
    """A value that is not there, and why. Never a silent 0."""

    reason: str


@dataclass(frozen=True)
class Metric:
    """What is measured: name (unit last), unit, how the field reads it, and whether less is better."""

    name: str
    unit: str
    help: str


@dataclass(frozen=True)
class Measurement:
    """A value of a metric.

    Attributes:
        value: in the metric's base unit, or Missing.
        source: who counted it: ``kernel``, ``k6``, ``oha``, ``engine``, ``observer``, ``build``, ``program``.
        window_seconds: length of the window it covers; 0 for a state at one instant.
        n: how many requests, samples or builds stand behind it.
    """

    metric: str
    value: float | Missing
    unit: str
    source: str
    window_seconds: float
    n: int


METRICS: dict[str, Metric] = {
    row.name: row
    for row in (
        Metric("rate_offered_per_second", "1/s", "requests the generator was told to start"),
        Metric(
            "rate_achieved_per_second", "1/s", "requests of the window that were answered, well or not, by its length"
        ),
        Metric("requests_dropped", "1", "requests due and never sent: no virtual user was free, or still queued"),
        Metric("error_ratio", "1", "answers that were wrong, refused or timed out, of all requests"),
        Metric("latency_seconds_mean", "s", "intended send time to last byte"),
        Metric("latency_seconds_p50", "s", "intended send time to last byte, median"),
        Metric("latency_seconds_p90", "s", "intended send time to last byte, 90th percentile"),
        Metric("latency_seconds_p99", "s", "intended send time to last byte, 99th percentile"),
        Metric("latency_seconds_p999", "s", "intended send time to last byte, 99.9th percentile"),
        Metric("latency_seconds_max", "s", "intended send time to last byte, slowest"),
        Metric("generator_lag_seconds_p99", "s", "how late the generator began requests, 99th percentile"),
        Metric("virtual_users", "1", "users or connections made before the start: most that can be in flight"),
        Metric("cpu_seconds_user", "s", "CPU time in user mode"),
        Metric("cpu_seconds_system", "s", "CPU time in the kernel"),
        Metric("cpu_seconds_per_request", "s", "user and system CPU time by request answered"),
        Metric("cpu_cap_ratio", "1", "CPU time used of what the limits allow"),
        Metric("cpu_throttled_periods_ratio", "1", "quota periods in which the server was stopped, of all"),
        Metric("cpu_throttled_seconds", "s", "time stopped by the quota, summed over CPUs"),
        Metric("cpu_pressure_seconds", "s", "PSI cpu some: time in which some task waited for a CPU"),
        Metric("memory_bytes_current", "B", "memory charged at the end of the window, page cache included"),
        Metric("memory_bytes_anon", "B", "anonymous memory at the end of the window"),
        Metric("memory_bytes_peak", "B", "most memory charged since the container started"),
        Metric("oom_kills", "1", "processes the kernel killed for memory"),
        Metric(
            "cold_start_seconds", "s", "engine's note of the start to first good answer; the note can be some ms late"
        ),
        Metric("ready_seconds", "s", "order to start the container to first good answer, the engine's work included"),
        Metric("others_cpu_ratio", "1", "CPU time that others used on the server's CPUs, of what these could give"),
        Metric("steal_ratio", "1", "time the hypervisor took from the server's CPUs"),
        Metric("sampler_coverage_ratio", "1", "share of the window in which the observer kept its interval"),
        Metric("generator_cpu_ratio", "1", "CPU time the generator used of the CPUs it had"),
        Metric("sidecar_cpu_seconds", "s", "CPU time of what stands beside the server, such as its database"),
        Metric("sidecar_cpu_ratio", "1", "the same, of the CPUs that it had"),
        Metric("sidecar_memory_bytes_peak", "B", "most memory charged to what stands beside the server"),
        Metric("runtime_gc_cycles", "1", "collections of the server's runtime within the window, as it says itself"),
        Metric("runtime_gc_cpu_seconds", "s", "CPU time of these collections"),
        Metric("runtime_gc_pause_seconds_max", "s", "longest time they stopped all of it: upper end of its range"),
        Metric("runtime_heap_live_bytes", "B", "heap in use after the last collection before the window's end"),
        Metric("runtime_heap_goal_bytes", "B", "heap size at which the next collection is to end"),
        Metric("runtime_goroutines", "1", "goroutines once the window's last answer was given"),
        Metric("runtime_async_workers", "1", "threads that run asynchronous tasks"),
        Metric("runtime_blocking_threads", "1", "threads beside them for work that blocks"),
        Metric("runtime_alive_tasks", "1", "asynchronous tasks once the window's last answer was given"),
        Metric("image_bytes", "B", "image, unpacked"),
        Metric("binary_bytes", "B", "the program itself"),
        Metric("build_seconds", "s", "wall time of the image build"),
    )
}

#: Of a batch job. What it shares with a Trial's window has the same row.
JOB_METRICS: dict[str, Metric] = {
    row.name: row
    for row in (
        Metric("job_wall_seconds", "s", "from the input in memory to the result in memory, as the program says"),
        Metric("job_cpu_seconds", "s", "user and system CPU time of the same stretch, as the program says"),
        Metric("container_wall_seconds", "s", "from the start of its process to its end, as the engine notes them"),
        Metric("container_cpu_seconds", "s", "CPU time of the container up to the last reading: input and output too"),
        Metric("container_unseen_seconds", "s", "from the last reading to the end: the kernel's counts go no further"),
        Metric("job_threads", "1", "threads of work the program used"),
        Metric("job_allocations", "1", "objects allocated within the job, where the language counts them"),
        Metric("job_allocated_bytes", "B", "bytes allocated within the job, where the language counts them"),
        *(
            METRICS[name]
            for name in (
                "memory_bytes_peak",
                "oom_kills",
                "cpu_throttled_seconds",
                "others_cpu_ratio",
                "steal_ratio",
                "image_bytes",
                "binary_bytes",
                "build_seconds",
            )
        ),
    )
}
_ROWS = METRICS | JOB_METRICS

#: Fewest requests for which a percentile is shown: ten beyond it, so that one request does not move it far
#: (measured rank interval of p99 at 1,000 requests: p98.2 to p99.5, binomial).
SAMPLES_NEEDED = {
    "latency_seconds_p90": 100,
    "latency_seconds_p99": 1_000,
    "generator_lag_seconds_p99": 1_000,
    "latency_seconds_p999": 10_000,
}


def measured(metric: str, value: float | Missing | None, *, source: str, window_seconds: float, n: int) -> Measurement:
    """A Measurement of a known metric; None, and a percentile of too few requests, become Missing.

    Raises KeyError for a metric that has no row in METRICS or JOB_METRICS.
    """
    row = _ROWS[metric]
    needed = SAMPLES_NEEDED.get(metric, 0)
    kept: float | Missing
    if value is None:
        kept = Missing(f"{source} gave no value")
    elif not isinstance(value, Missing) and n < needed:
        kept = Missing(f"needs {needed:,} requests, had {n:,}")
    else:
        kept = value
    return Measurement(metric, kept, row.unit, source, window_seconds, n)


def difference(opening: float | Missing, closing: float | Missing) -> float | Missing:
    """What a counter grew by; Missing when either reading is."""
    if isinstance(opening, Missing):
        return opening
    return closing if isinstance(closing, Missing) else closing - opening


def value_of(measurements: Iterable[Measurement], metric: str) -> float | Missing:
    """The value of one metric, or Missing when it is not among them."""
    for measurement in measurements:
        if measurement.metric == metric:
            return measurement.value
    return Missing("not measured")
