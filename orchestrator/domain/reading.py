"""What the kernel, the engine and the generator say at the edges of a window. Raw facts; judged elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.domain.generator import Generator
from orchestrator.domain.latency import Latencies
from orchestrator.domain.limits import EffectiveLimits
from orchestrator.domain.measurement import Missing
from orchestrator.domain.runtime import RuntimePages


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
        sampled_seconds: time since it is watched in which the sampler kept its interval.
        clock_offset_seconds: wall clock minus monotonic clock of the reader: a step of the wall clock moves it.
        others_cpu_seconds: CPU time that everything else used on the CPUs of its cpuset, since the host booted.
        steal_seconds: time the hypervisor took from these CPUs, since the host booted.
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
    sampled_seconds: float
    clock_offset_seconds: float
    others_cpu_seconds: float | Missing
    steal_seconds: float | Missing


@dataclass(frozen=True)
class Point:
    """One second of a container's life.

    Attributes:
        at_seconds: its end, monotonic clock of the reader.
        cpu_cores: CPU seconds per second.
        throttled_ratio: quota periods in which it was stopped, of all.
    """

    at_seconds: float
    cpu_cores: float
    throttled_ratio: float | Missing
    memory_bytes: int | Missing


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
        info: what ``/lab/info`` said then, flat; Missing where the server has no such page.
    """

    at_unix_seconds: float
    info: dict[str, str] | Missing


@dataclass(frozen=True)
class LoadSlot:
    """A second of the window (longer where the window is a minute or more), as the generator saw it.

    Attributes:
        at_seconds: its beginning, from the first request of the window.
        requests: due in it and answered, well or not.
        latency_seconds_p99: of good answers; Missing when there is none.
    """

    at_seconds: float
    seconds: float
    requests: int
    failed: int
    latency_seconds_p99: float | Missing


@dataclass(frozen=True)
class LoadResult:
    """What the generator counted within the judged window.

    Attributes:
        exit_code: of the generator's process; 0 is a run to its end.
        requests: due in the window and answered or failed, also shortly after its end.
        dropped: due, but never sent: no virtual user was free (k6), still queued at the end (oha).
        failed: wrong status, body or length, refused, timed out.
        latency_seconds: from the intended send time; keys mean, p50, p90, p99, p999, max.
        iteration_seconds_mean: how long a request held its virtual user.
        virtual_users: pool that was made before the start; connections of oha.
        start_lag_seconds_p99: how late requests began by the generator's own fault; Missing when it is not known.
        latencies: the same as a grid that is kept.
        covered_requests: answered between the readings at both edges: with oha those of the lead-in too.
        busy_seconds: from the first request between the readings to the last answer; Missing where the generator
            cannot tell, and then the readings themselves bound it.
    """

    generator: Generator
    exit_code: int
    duration_seconds: float
    requests: int
    dropped: int
    failed: int
    latency_seconds: dict[str, float]
    iteration_seconds_mean: float | Missing
    virtual_users: int
    start_lag_seconds_p99: float | Missing
    latencies: Latencies
    slots: tuple[LoadSlot, ...]
    covered_requests: int
    busy_seconds: float | Missing


@dataclass(frozen=True)
class Beside:
    """A sidecar at both edges of a window.

    Attributes:
        cpus: how many it may use.
        opening, closing: its counters.
        before, after: what the engine said of it.
    """

    name: str
    cpus: int
    opening: Reading
    closing: Reading
    before: BoxState
    after: BoxState


@dataclass(frozen=True)
class Evidence:
    """Everything seen in one Trial, for the gates and the measurements.

    Attributes:
        generator_cpus: how many it may use; of a duet half of those that both share.
        generator_opening: None when the generator was started after the opening reading: its counters began at 0.
        warmup_seconds: load at the same rate before the window.
        points, generator_points: seconds of server and generator between the readings.
        ordered_unix_seconds: when the engine was told to start the container; Missing when its clock is not ours.
        started_unix_seconds: what the engine noted as the start of its process.
        beginning: of the server, once the generator runs: from there on others on its CPUs are neighbours, and not the
            engine that starts the generator.
        quiet_seconds: from the opening reading to the first request of the window; negative when it was read too late.
            0 when the generator was started after the reading.
        partner_cpu_seconds: what the other half of a duet used between ``beginning`` and ``closing``; 0 for one alone.
        runtime: what the server's runtime said of itself on either side of the readings.
    """

    opening: Reading
    beginning: Reading
    closing: Reading
    generator_opening: Reading | None
    generator_closing: Reading
    generator_cpus: float
    quiet_seconds: float
    before: BoxState
    after: BoxState
    load: LoadResult
    first_answer: FirstAnswer | Missing
    ordered_unix_seconds: float | Missing
    started_unix_seconds: float
    runtime: RuntimePages
    partner_cpu_seconds: float = 0.0
    warmup_seconds: float = 0.0
    points: tuple[Point, ...] = ()
    generator_points: tuple[Point, ...] = ()
    sidecars: tuple[Beside, ...] = ()

    @property
    def window_seconds(self) -> float:
        """From the first request between the readings to the last answer, or to the closing reading after it."""
        read = self.closing.at_seconds - self.opening.at_seconds - self.quiet_seconds
        return read if isinstance(self.load.busy_seconds, Missing) else min(read, self.load.busy_seconds)
