"""LoadGenerator: offers the World a rate and lets its clock run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from orchestrator.adapters.simulated.world import SimulatedContainer, World
from orchestrator.domain.box import BoxSpec, LoadSpec
from orchestrator.domain.reading import LoadResult
from orchestrator.errors import LoadFailed
from orchestrator.ports import Box, LoadRun

GAP_SECONDS = 1.0


class SimulatedLoadRun:
    """One generator at work."""

    def __init__(self, world: World, server: SimulatedContainer, generator: SimulatedContainer, spec: LoadSpec) -> None:
        self._world, self._server, self._generator, self._spec = world, server, generator, spec
        self._window_at = world.now + spec.warmup_seconds + GAP_SECONDS
        self._result: LoadResult | None = None

    @property
    def box_id(self) -> str:
        return self._generator.id

    def wait_quiet(self) -> None:
        self._world.serve(self._server, self._spec.rate_per_second, self._spec.warmup_seconds, self._spec.virtual_users)
        self._world.now += self._spec.warmup_seconds + GAP_SECONDS / 2

    def seconds_to_window(self) -> float:
        return self._window_at - self._world.now - self._world.faults.reading_late_seconds

    def wait_finished(self) -> None:
        spec, faults = self._spec, self._world.faults
        result = self._world.serve(self._server, spec.rate_per_second, spec.duration_seconds, spec.virtual_users)
        self._world.now += GAP_SECONDS / 2 + spec.duration_seconds
        self._generator.cpu_seconds += faults.generator_cpu_share * spec.duration_seconds * len(spec.cpus)
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

    def __init__(self, world: World) -> None:
        self._world = world

    @contextmanager
    def start(self, box: Box, spec: LoadSpec) -> Iterator[LoadRun]:
        server = self._world.containers[box.id]
        generator = self._add(box, spec, live=False)
        try:
            yield SimulatedLoadRun(self._world, server, generator, spec)
        finally:
            self._world.remove(generator.id)

    def start_live(self, box: Box, spec: LoadSpec) -> None:
        self._add(box, spec, live=True)

    def _add(self, box: Box, spec: LoadSpec, *, live: bool) -> SimulatedContainer:
        server = self._world.containers[box.id]
        limits = server.limits
        assert limits is not None
        name = f"{box.name}.load"
        return self._world.add(BoxSpec(name, "simulated/k6", spec.port, limits, {}, spec.tags), live=live)
