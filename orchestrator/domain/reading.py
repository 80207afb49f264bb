"""What the kernel, the engine and the generator say at the edges of a window. Raw facts; judged elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.domain.limits import EffectiveLimits
from orchestrator.domain.measurement import Missing


@dataclass(frozen=True)
class Reading:
    """Counters of one container's cgroup at one instant; cumulative since it started.

    Attributes:
        at_seconds: monotonic clock of the reader; only differences mean something.
        cpu_seconds: all CPU time; user and system are its parts as the kernel splits them.
        cpu_throttled_seconds: summed over CPUs, so it can exceed wall time.
        memory_bytes_peak: most ever charged (memory.peak; v1 memory.max_usage_in_bytes).
        cpu_pressure_seconds: PSI cpu "some" of this cgroup.
        limits: in force at this instant.
        limits_changes: how often the limits were seen to change since the container is watched.
    """

    at_seconds: float
    cpu_seconds: float
    cpu_seconds_user: float | Missing
    cpu_seconds_system: float | Missing
    cpu_periods: int | Missing
    cpu_throttled_periods: int | Missing
    cpu_throttled_seconds: float | Missing
    memory_bytes_current: int | Missing
    memory_bytes_anon: int | Missing
    memory_bytes_peak: int | Missing
    oom_kills: int | Missing
    cpu_pressure_seconds: float | Missing
    limits: EffectiveLimits
    limits_changes: int


@dataclass(frozen=True)
class BoxState:
    """What the engine says of a container. ``oom_killed`` is a hint, not evidence (it was seen wrong both ways)."""

    running: bool
    exit_code: int
    restarts: int
    started_at: str
    oom_killed: bool


@dataclass(frozen=True)
class FirstAnswer:
    """When a server first answered well.

    Attributes:
        at_unix_seconds: wall clock of the observer, the same kernel's as the engine's.
        info: what ``/lab/info`` said then, flat; empty where the server has no such page.
    """

    at_unix_seconds: float
    info: dict[str, str]


@dataclass(frozen=True)
class LoadResult:
    """What the generator counted within the judged window.

    Attributes:
        exit_code: of the generator's process; 0 is a run to its end.
        requests: begun in the window and answered or failed, also shortly after its end.
        dropped: due, but no virtual user was free.
        failed: wrong status or body, refused, timed out.
        latency_seconds: keys mean, p50, p90, p99, p999, max.
        virtual_users: pool that was made before the start.
        start_lag_seconds_p99: how late requests began by the generator's own fault; Missing when any was dropped.
    """

    exit_code: int
    duration_seconds: float
    requests: int
    dropped: int
    failed: int
    latency_seconds: dict[str, float]
    iteration_seconds_mean: float | Missing
    virtual_users: int
    start_lag_seconds_p99: float | Missing


@dataclass(frozen=True)
class Evidence:
    """Everything seen in one Trial, for the gates and the measurements.

    Attributes:
        ordered_unix_seconds: when the engine was told to start the container; Missing when its clock is not ours.
        started_unix_seconds: what the engine noted as the start of its process.
        quiet_seconds: from the opening reading to the first request of the window; negative when it was read too late.
    """

    opening: Reading
    closing: Reading
    generator_opening: Reading
    generator_closing: Reading
    generator_cpus: int
    quiet_seconds: float
    before: BoxState
    after: BoxState
    load: LoadResult
    first_answer: FirstAnswer | Missing
    ordered_unix_seconds: float | Missing
    started_unix_seconds: float

    @property
    def window_seconds(self) -> float:
        """From the first request of the window to the closing reading, after its last answer."""
        return self.closing.at_seconds - self.opening.at_seconds - self.quiet_seconds
