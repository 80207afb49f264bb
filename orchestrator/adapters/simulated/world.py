"""The world the fakes share: its clock, its containers and what goes wrong in it."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

from orchestrator.domain.box import BoxSpec, Tags
from orchestrator.domain.limits import EffectiveLimits, Limits
from orchestrator.domain.reading import LoadResult


@dataclass
class Faults:
    """What shall go wrong; nothing by default. Each is one fault a real engine was seen to have."""

    limits_ignored: bool = False
    limits_changed_by_hand: bool = False
    generator_exit_code: int = 0
    generator_cpu_share: float = 0.3
    generator_stalls: bool = False
    generator_lag_seconds: float = 0.0005
    requests_lost: bool = False
    never_ready: bool = False
    dies_at_start: bool = False
    out_of_memory: bool = False
    exits_under_load: bool = False
    restarted: bool = False
    reading_late_seconds: float = 0.0
    observer_restarted: bool = False
    interrupt_after_trials: int | None = None
    engine_lost_after_trials: int | None = None
    builds_that_fail: frozenset[str] = frozenset()
    images_unavailable: frozenset[str] = frozenset({"bench-grafana"})
    bench_not_ready: bool = False
    held_by_another: bool = False


@dataclass
class SimulatedContainer:
    """One container: its cumulative counters."""

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


@dataclass
class World:
    """State and physics: a request costs a server a fixed CPU time, and the quota bounds what it gets."""

    cpus: tuple[int, ...] = (0, 1)
    memory_bytes: int = 8 * 2**30
    faults: Faults = field(default_factory=Faults)
    now: float = 1_000.0
    containers: dict[str, SimulatedContainer] = field(default_factory=dict)
    gone: dict[str, SimulatedContainer] = field(default_factory=dict)
    watched: dict[str, Tags] = field(default_factory=dict)
    announced: str = ""
    bench_up: bool = False
    held: bool = False
    trials_started: int = 0
    images: set[str] = field(default_factory=set)

    def add(self, spec: BoxSpec, *, live: bool = False) -> SimulatedContainer:
        """Starts a container."""
        number = len(self.containers) + len(self.gone) + 1
        container = SimulatedContainer(
            f"{number:012x}", spec.name, spec.image, spec.tags, spec.limits, self.now, live=live
        )
        self.containers[container.id] = container
        return container

    def remove(self, container_id: str) -> None:
        """Gone already is success. What it was stays readable: a meter remembers its last reading."""
        container = self.containers.pop(container_id, None)
        if container is not None:
            container.running = False
            self.gone[container_id] = container

    def limits_in_force(self, container: SimulatedContainer) -> EffectiveLimits:
        """What the simulated kernel enforces."""
        asked = container.limits or Limits((0,), 100_000, 100_000, 2**30, 0, 512)
        quota = -1 if self.faults.limits_ignored else asked.quota_microseconds
        if container.limits_changes:
            quota += 1_000
        return EffectiveLimits(
            asked.cpuset, quota, asked.period_microseconds, asked.memory_bytes, asked.swap_bytes, asked.pids
        )

    def serve(self, container: SimulatedContainer, rate: int, seconds: float, users: int) -> LoadResult:
        """Load for a while: the answers are as many as the quota's CPU time pays for."""
        cost = cpu_seconds_per_request(container.tags.server)
        cap = container.limits.cpus if container.limits else 1.0
        able = cap / cost
        held = rate <= able
        answered = round(min(rate, able) * seconds)
        container.cpu_seconds += answered * cost
        container.periods += round(seconds * 10)
        use = min(1.0, rate / able)
        container.throttled += round(seconds * 10 * max(0.0, use - 0.5))
        mean = 0.0004 / max(0.05, 1.0 - use) if held else users / able
        latency = {
            "mean": mean,
            "p50": mean * 0.8,
            "p90": mean * 2,
            "p99": mean * 4,
            "p999": mean * 8,
            "max": mean * 16,
        }
        dropped, lag = round(rate * seconds) - answered, self.faults.generator_lag_seconds
        return LoadResult(0, seconds, answered, dropped, 0, latency, mean, users, lag)


def cpu_seconds_per_request(server: str) -> float:
    """40 to 90 microseconds, the same for the same name."""
    return (40 + zlib.crc32(server.encode()) % 50) * 1e-6
