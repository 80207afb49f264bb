"""Meter: reads the World's counters."""

from __future__ import annotations

from orchestrator.adapters.simulated.world import SimulatedContainer, World
from orchestrator.domain.box import Ended, Tags
from orchestrator.domain.limits import Limits
from orchestrator.domain.measurement import Missing
from orchestrator.domain.reading import FirstAnswer, Point, Reading
from orchestrator.domain.request import Request
from orchestrator.domain.runtime import RUNTIME_PATH
from orchestrator.errors import TrialFailed

COLD_START_SECONDS = 0.012
GC_CYCLES_PER_CPU_SECOND, GC_CPU_SHARE, GC_PAUSE_SECONDS = 20, 0.05, 0.0001
_ABSENT = Missing("simulated")


class SimulatedMeter:
    """Knows only what was put under watch."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._expected: dict[str, tuple[str, str, float]] = {}

    def watch(self, box_id: str, tags: Tags, limits: Limits | None, usd_per_hour: float | None) -> None:
        self._world.watched[box_id] = tags

    def forget(self, box_id: str) -> None:
        self._world.watched.pop(box_id, None)

    def points(self, box_id: str) -> tuple[Point, ...]:
        if box_id not in self._world.watched:
            return ()
        one = self._world.containers.get(box_id) or self._world.gone[box_id]
        return tuple(one.points)

    def announce(self, text: str, ended: Ended | None = None) -> None:
        self._world.announced = text
        if ended is not None:
            self._world.ended.append(ended)

    def reading(self, box_id: str) -> Reading:
        if box_id not in self._world.watched:
            raise TrialFailed(f"{box_id} is not watched", where="observer")
        one = self._world.containers.get(box_id) or self._world.gone[box_id]
        if not one.begun or (one.job_seconds and self._world.faults.job_never_seen):
            raise TrialFailed(f"{box_id} never ran", where="observer")
        # A job's counters stop with it: its last reading is all there is.
        at = min(self._world.now, one.started + one.job_seconds) if one.job_seconds else self._world.now
        used = one.cpu_seconds + (at - one.started) * one.job_cpus
        return Reading(
            at_seconds=at,
            cpu_seconds=used,
            cpu_seconds_user=used * 0.6,
            cpu_seconds_system=used * 0.4,
            cpu_periods=one.periods,
            cpu_throttled_periods=one.throttled,
            cpu_throttled_seconds=one.throttled * 0.05,
            memory_bytes_current=one.memory_bytes,
            memory_bytes_anon=one.memory_bytes - 4 * 2**20,
            # A job's is its own.
            memory_bytes_peak=one.memory_bytes_peak + (0 if one.job_seconds else 2 * 2**20),
            oom_kills=one.oom_kills,
            cpu_pressure_seconds=_ABSENT,
            limits=self._world.limits_in_force(one),
            limits_changes=one.limits_changes,
            sampled_seconds=self._world.now - self._world.faults.sampler_stopped_seconds * one.loads,
            clock_offset_seconds=self._world.faults.clock_step_seconds * one.loads,
            others_cpu_seconds=self._world.faults.neighbour_cpu_share * self._world.now + self._partners(one),
            steal_seconds=self._world.faults.steal_share * self._world.now,
        )

    def _partners(self, one: SimulatedContainer) -> float:
        """What other servers used on the same CPUs."""
        cpus = one.limits.cpuset if one.limits else ()
        servers = (other for other in self._world.containers.values() if other.tags.role == "server")
        return sum(
            other.cpu_seconds for other in servers if other is not one and other.limits and other.limits.cpuset == cpus
        )

    def expect_answer(
        self, host: str, port: int, request: Request, info_path: str, timeout_seconds: float, ready_path: str = ""
    ) -> str:
        ticket = f"{host} {info_path}"
        self._expected[ticket] = (host, info_path, self._world.now + timeout_seconds)
        return ticket

    def first_answer(self, ticket: str) -> FirstAnswer | Missing | None:
        if self._world.faults.observer_restarted or ticket not in self._expected:
            raise TrialFailed("the observer was started anew", where="observer")
        host, info_path, until = self._expected[ticket]
        if self._world.now >= until:
            return Missing("no good answer in time")
        for one in self._world.containers.values():
            if one.spec_name == host and one.running and not self._world.faults.never_ready:
                if info_path == RUNTIME_PATH:
                    return FirstAnswer(self._world.now, _runtime(one))
                info = {"server": one.tags.server, "parallelism": "1"}
                if self._world.faults.codec_falls_back:
                    info["json_fallback"] = "sonic does not know this Go"
                return FirstAnswer(one.started + COLD_START_SECONDS, info)
        return None


def _runtime(one: SimulatedContainer) -> dict[str, str]:
    """The page of a Go server, or of a Rust one, which has no collector."""
    go, cycles = one.tags.server.startswith("go"), int(one.cpu_seconds * GC_CYCLES_PER_CPU_SECOND)
    histogram = {"gc_pauses.upper_seconds": f"[{GC_PAUSE_SECONDS}, null]", "gc_pauses.counts": f"[{cycles}, 0]"}
    told = {
        "gc_cycles": cycles,
        "gc_cpu_seconds": one.cpu_seconds * GC_CPU_SHARE,
        "heap_live_bytes": 2 * 2**20,
        "heap_goal_bytes": 4 * 2**20,
        "goroutines": 8,
    }
    tasks = {"async_workers": 1, "blocking_threads": 0, "alive_tasks": 1}
    nothing = dict.fromkeys(tasks if go else (*told, "gc_pauses"), "null")
    return {name: str(value) for name, value in (told if go else tasks).items()} | nothing | (histogram if go else {})
