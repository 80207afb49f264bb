"""LoadGenerator: offers the World a rate and lets its clock run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from orchestrator.adapters.simulated.world import SimulatedContainer, World, cpu_seconds_per_request
from orchestrator.domain.box import BoxSpec, LoadSpec, not_offered
from orchestrator.domain.generator import Generator
from orchestrator.domain.measurement import Missing
from orchestrator.domain.reading import LoadResult, Point
from orchestrator.errors import LoadFailed
from orchestrator.ports import Box, LoadRun

GAP_SECONDS = 1.0


class SimulatedLoadRun:
    """One generator at work."""

    def __init__(
        self,
        world: World,
        server: SimulatedContainer,
        generator: SimulatedContainer,
        spec: LoadSpec,
        kind: Generator,
    ) -> None:
        self._world, self._server, self._generator, self._spec, self._kind = world, server, generator, spec, kind
        self._window_at = world.now + spec.warmup_seconds + GAP_SECONDS
        self._result: LoadResult | None = None

    @property
    def box_id(self) -> str:
        return self._generator.id

    @property
    def running(self) -> bool:
        return self._kind == Generator.K6

    def wait_quiet(self) -> None:
        if self.running:
            self._world.serve(self._server, self._spec, self._spec.warmup_seconds, self._kind)
            self._world.now += self._spec.warmup_seconds + GAP_SECONDS / 2

    def seconds_to_window(self) -> float:
        if not self.running:
            return 0.0
        return self._window_at - self._world.now - self._world.faults.reading_late_seconds

    def begin(self) -> None:
        """Time passes in ``wait_finished``."""

    def wait_finished(self) -> None:
        spec, faults = self._spec, self._world.faults
        lead_in = None
        if not self.running:
            lead_in = self._world.serve(self._server, spec, spec.warmup_seconds, self._kind)
            self._world.now += spec.warmup_seconds
        result = self._world.serve(self._server, spec, spec.duration_seconds, self._kind)
        if lead_in is not None:
            covered = lead_in.covered_requests + result.covered_requests
            result = replace(result, covered_requests=covered, busy_seconds=spec.warmup_seconds + spec.duration_seconds)
        self._world.now += GAP_SECONDS / 2 + spec.duration_seconds
        beyond = (spec.rate_per_second or 0) > faults.generator_rate_max
        share = (1.0 if beyond else faults.generator_cpu_share) * len(spec.cpus)
        self._generator.cpu_seconds += share * (spec.duration_seconds + (0 if lead_in is None else spec.warmup_seconds))
        ends = [self._world.now - ago for ago in reversed(range(int(spec.duration_seconds)))]
        self._generator.points = [Point(end, share, Missing("it has no quota"), 0) for end in ends]
        cores = (
            result.requests
            / spec.duration_seconds
            * cpu_seconds_per_request(self._server.tags.server, spec.workload.name)
        )
        dear = len(ends) // 3 if faults.warms_up_in_window else 0
        self._server.points = [
            Point(end, cores * (2 if number < dear else 1), 0.0, self._server.memory_bytes)
            for number, end in enumerate(ends)
        ]
        if faults.generator_restarted:
            self._generator.cpu_seconds = -1.0
        self._server.loads += 1
        if faults.generator_stalls:
            lost = result.requests // 10
            result = replace(result, requests=result.requests - lost, dropped=result.dropped + lost)
        if faults.requests_lost:
            result = replace(result, requests=result.requests * 9 // 10)
        self._break_server()
        self._result = replace(result, exit_code=faults.generator_exit_code)

    def result(self) -> LoadResult:
        if self._result is None:
            raise LoadFailed("the generator left no result", where=self._generator.spec_name)
        return self._result

    def _break_server(self) -> None:
        faults, server = self._world.faults, self._server
        for sidecar in self._world.sidecars_of(server) if faults.sidecar_dies_under_load else ():
            sidecar.running, sidecar.exit_code = False, 1
        if faults.limits_changed_by_hand:
            server.limits_changes += 1
        if faults.out_of_memory:
            server.oom_kills, server.running, server.exit_code = 1, False, 137
        if faults.exits_under_load:
            server.running, server.exit_code = False, 2
        if faults.restarted:
            server.restarts += 1


class SimulatedLoad:
    """Starts generators in the World."""

    def __init__(self, world: World, kind: Generator) -> None:
        self._world, self._kind = world, kind

    @contextmanager
    def start(self, box: Box, spec: LoadSpec) -> Iterator[LoadRun]:
        why = not_offered(spec, self._kind)
        if why:
            raise LoadFailed(f"{self._kind} cannot offer this: {why}", where=box.name)
        server = self._world.containers.get(box.id)
        if server is None or not server.running:
            raise LoadFailed("the server ended before the generator began", where=box.name)
        generator = self._add(box, spec, live=False)
        try:
            yield SimulatedLoadRun(self._world, server, generator, spec, self._kind)
        finally:
            self._world.remove(generator.id)

    def start_live(self, box: Box, spec: LoadSpec) -> None:
        self._add(box, spec, live=True)

    def _add(self, box: Box, spec: LoadSpec, *, live: bool) -> SimulatedContainer:
        server = self._world.containers[box.id]
        assert server.limits is not None
        period = server.limits.period_microseconds
        limits = replace(server.limits, cpuset=spec.cpus, quota_microseconds=len(spec.cpus) * period)
        name = f"{box.name}.load"
        return self._world.add(BoxSpec(name, f"simulated/{self._kind}", spec.port, limits, {}, spec.tags), live=live)
