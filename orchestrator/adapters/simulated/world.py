"""The world the fakes share: its clock, its containers and what goes wrong in it."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass, field

from orchestrator.domain.box import BoxSpec, Ended, LoadSpec, Tags
from orchestrator.domain.generator import Generator
from orchestrator.domain.latency import QUANTILES, Latencies
from orchestrator.domain.limits import EffectiveLimits, Limits
from orchestrator.domain.measurement import Missing
from orchestrator.domain.reading import LoadResult, LoadSlot, Point

#: CPU that an answer takes beside HTTP: 2.9 million divisions for the 10,000th prime, 2.4 KB of JSON to decode, a lock
#: and a copy, a statement and its row, a timer.
CPU_SECONDS = {"prime": 7e-3, "parse": 25e-6, "kv": 1e-6, "db": 60e-6, "wait": 8e-6}
#: What passes before an answer whatever the CPU.
WAIT_SECONDS = {"wait": 0.02, "db": 0.0003}
#: What a request costs a sidecar.
SIDECAR_CPU_SECONDS = 20e-6
#: Mean latency of a server that has nothing else to do.
QUICKEST_SECONDS = 0.0004
MEMORY_BYTES, CONNECTION_BYTES, CONNECTIONS_CARRIED = 9 * 2**20, 16 * 2**10, 256
NO_SCHEDULE = Missing("a closed loop has no schedule")


@dataclass
class Faults:
    """What shall go wrong; nothing by default. Each is one fault a real engine was seen to have."""

    limits_ignored: bool = False
    limits_changed_by_hand: bool = False
    generator_exit_code: int = 0
    generator_cpu_share: float = 0.3
    generator_rate_max: float = math.inf
    generator_stalls: bool = False
    generator_lag_seconds: float = 0.0005
    requests_lost: bool = False
    never_ready: bool = False
    codec_falls_back: bool = False
    dies_at_start: bool = False
    out_of_memory: bool = False
    exits_under_load: bool = False
    restarted: bool = False
    reading_late_seconds: float = 0.0
    neighbour_cpu_share: float = 0.0
    steal_share: float = 0.0
    sampler_stopped_seconds: float = 0.0
    clock_step_seconds: float = 0.0
    generator_restarted: bool = False
    warms_up_in_window: bool = False
    observer_restarted: bool = False
    sidecar_never_ready: bool = False
    sidecar_dies_at_start: bool = False
    sidecar_dies_under_load: bool = False
    interrupt_after_trials: int | None = None
    engine_lost_after_trials: int | None = None
    builds_that_fail: frozenset[str] = frozenset()
    images_unavailable: frozenset[str] = frozenset({"bench-grafana", "kernels/tinygo"})
    bench_not_ready: bool = False
    held_by_another: bool = False
    job_exit_code: int = 0
    job_never_ends: bool = False
    job_line: str | None = None
    job_checksums: dict[str, str] = field(default_factory=dict)
    job_cpu_share_claimed: float = 1.0
    job_never_seen: bool = False


@dataclass
class SimulatedContainer:
    """One container: its cumulative counters.

    Attributes:
        begun: whether it was started; a job's container is made first.
        job_seconds, job_cpus: how long a job runs, and what it uses meanwhile; 0 for what ends when it is told to.
    """

    id: str
    spec_name: str
    image: str
    tags: Tags
    limits: Limits | None
    started: float
    cpu_seconds: float = 0.0
    periods: int = 0
    throttled: int = 0
    running: bool = True
    exit_code: int = 0
    restarts: int = 0
    oom_kills: int = 0
    limits_changes: int = 0
    live: bool = False
    loads: int = 0
    points: list[Point] = field(default_factory=list)
    beside: str = ""
    begun: bool = True
    job_seconds: float = 0.0
    job_cpus: float = 0.0
    memory_bytes: int = MEMORY_BYTES
    memory_bytes_peak: int = MEMORY_BYTES

    def connect(self, connections: int) -> None:
        """Those that its first buffers carry take no more memory."""
        self.memory_bytes = MEMORY_BYTES + CONNECTION_BYTES * max(0, connections - CONNECTIONS_CARRIED)
        self.memory_bytes_peak = max(self.memory_bytes_peak, self.memory_bytes)


@dataclass
class World:
    """State and physics: a request costs a server a fixed CPU time, and the quota bounds what it gets."""

    cpus: tuple[int, ...] = (0, 1)
    memory_bytes: int = 8 * 2**30
    open_files: int = 2**20
    faults: Faults = field(default_factory=Faults)
    now: float = 1_000.0
    containers: dict[str, SimulatedContainer] = field(default_factory=dict)
    gone: dict[str, SimulatedContainer] = field(default_factory=dict)
    watched: dict[str, Tags] = field(default_factory=dict)
    announced: str = ""
    ended: list[Ended] = field(default_factory=list)
    bench_up: bool = False
    held: bool = False
    trials_started: int = 0
    images: set[str] = field(default_factory=set)

    def add(self, spec: BoxSpec, *, live: bool = False) -> SimulatedContainer:
        """Starts a container."""
        number = len(self.containers) + len(self.gone) + 1
        container = SimulatedContainer(
            f"{number:012x}", spec.name, spec.image, spec.tags, spec.limits, self.now, live=live, beside=spec.beside
        )
        self.containers[container.id] = container
        return container

    def remove(self, container_id: str) -> None:
        """Gone already is success. What it was stays readable: a meter remembers its last reading."""
        container = self.containers.pop(container_id, None)
        if container is not None:
            container.running = False
            self.gone[container_id] = container

    def sidecars_of(self, container: SimulatedContainer) -> list[SimulatedContainer]:
        """What stands beside a server."""
        return [one for one in self.containers.values() if one.beside == container.id]

    def limits_in_force(self, container: SimulatedContainer) -> EffectiveLimits:
        """What the simulated kernel enforces."""
        asked = container.limits or Limits((0,), 100_000, 100_000, 2**30, 0, 512)
        quota = -1 if self.faults.limits_ignored else asked.quota_microseconds
        if container.limits_changes:
            quota += 1_000
        return EffectiveLimits(
            asked.cpuset, quota, asked.period_microseconds, asked.memory_bytes, asked.swap_bytes, asked.pids
        )

    def serve(self, container: SimulatedContainer, spec: LoadSpec, seconds: float, generator: Generator) -> LoadResult:
        """Load for a while: the answers are as many as the quota's CPU time pays for, and the workload's own
        ceiling allows; latency is exponential, after what the workload waits anyway."""
        cost = cpu_seconds_per_request(container.tags.server, spec.workload.name)
        cap = container.limits.cpus if container.limits else 1.0
        paid, ceiling = cap / cost, spec.workload.ceiling_per_second
        able = min(paid, ceiling or paid)
        waits = WAIT_SECONDS.get(spec.workload.name, 0.0)
        users, rate = spec.virtual_users, able if spec.rate_per_second is None else float(spec.rate_per_second)
        if spec.think_seconds:
            rate = min(able, users / (spec.think_seconds + waits + QUICKEST_SECONDS))
        held = rate < able
        container.connect(users)
        answered = round(min(rate, able) * seconds)
        container.cpu_seconds += answered * cost
        for sidecar in self.sidecars_of(container):
            sidecar.cpu_seconds += answered * SIDECAR_CPU_SECONDS
        container.periods += round(seconds * 10)
        use = min(1.0, rate / paid)
        container.throttled += round(seconds * 10 * max(0.0, use - 0.5))
        mean = QUICKEST_SECONDS / max(0.05, 1.0 - use) if held else max(users / able - waits, QUICKEST_SECONDS)
        lag = self.faults.generator_lag_seconds if spec.rate_per_second is not None else NO_SCHEDULE
        latencies = _exponential(mean, answered, spec.limits_seconds, waits)
        named = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p999": 0.999, "max": 1.0}
        p99 = latencies.at(0.99)
        return LoadResult(
            generator=generator,
            exit_code=0,
            duration_seconds=seconds,
            requests=answered,
            dropped=round(rate * seconds) - answered,
            failed=0,
            latency_seconds={
                "mean": waits + mean,
                **{name: _known(latencies.at(share)) for name, share in named.items()},
            },
            iteration_seconds_mean=waits + mean,
            virtual_users=users,
            start_lag_seconds_p99=lag,
            latencies=latencies,
            slots=tuple(LoadSlot(at, 1.0, round(answered / seconds), 0, p99) for at in range(int(seconds))),
            covered_requests=answered,
            busy_seconds=seconds,
        )


def _exponential(mean: float, n: int, limits: tuple[float, ...], least: float = 0.0) -> Latencies:
    """The grid of an exponential distribution; its slowest as long as n answers make it. None is below ``least``."""
    top = math.log(max(2, n)) + 1
    waited = (min(top, -math.log(1 - quantile)) if quantile < 1 else top for quantile in QUANTILES)
    seconds = tuple(least + mean * one for one in waited)
    slower = tuple((one, round(n * math.exp(-max(0.0, one - least) / mean))) for one in limits)
    return Latencies(n, seconds if n else (), slower)


def _known(value: float | Missing) -> float:
    return math.nan if isinstance(value, Missing) else value


def cpu_seconds_per_request(server: str, workload: str = "") -> float:
    """40 to 90 microseconds for what HTTP itself takes, the same for the same name, and what the workload adds."""
    return (40 + zlib.crc32(server.encode()) % 50) * 1e-6 + CPU_SECONDS.get(workload, 0.0)
