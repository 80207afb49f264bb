"""Stack and Box: containers that are entries in the World."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from orchestrator.adapters.simulated.world import Faults, SimulatedContainer, World
from orchestrator.domain.box import BoxSpec, LiveBox
from orchestrator.domain.measurement import Missing
from orchestrator.domain.reading import BoxState
from orchestrator.errors import EngineLost, Interrupted
from orchestrator.ports import Box

START_SECONDS = 0.2


class SimulatedBox:
    """A view on one entry."""

    def __init__(self, container: SimulatedContainer, faults: Faults) -> None:
        self._container, self._faults = container, faults

    @property
    def id(self) -> str:
        return self._container.id

    @property
    def name(self) -> str:
        return self._container.spec_name

    def ordered_unix_seconds(self) -> float | Missing:
        return self._container.started - START_SECONDS

    def started_unix_seconds(self) -> float:
        return self._container.started

    def state(self) -> BoxState:
        one = self._container
        return BoxState(one.running, one.exit_code, one.restarts, f"{one.started + one.restarts}", one.oom_kills > 0)

    def log_tail(self, lines: int) -> tuple[str, ...]:
        return ("simulated: listening",)[:lines]

    def succeeds(self, command: tuple[str, ...]) -> bool:
        return self._container.running and not self._faults.sidecar_never_ready


class SimulatedStack:
    """Starts, removes, and breaks where World.faults says so."""

    def __init__(self, world: World) -> None:
        self._world = world

    @contextmanager
    def start(self, spec: BoxSpec) -> Iterator[Box]:
        faults = self._world.faults
        if spec.beside:
            sidecar = self._world.add(spec)
            if faults.sidecar_dies_at_start:
                sidecar.running, sidecar.exit_code = False, 1
            try:
                yield SimulatedBox(sidecar, faults)
            finally:
                self._world.remove(sidecar.id)
            return
        self._world.trials_started += 1
        if faults.engine_lost_after_trials is not None and self._world.trials_started > faults.engine_lost_after_trials:
            raise EngineLost("the engine stopped answering", hint="make engine, then run again")
        container = self._world.add(spec)
        self._world.now += START_SECONDS
        if faults.dies_at_start:
            container.running, container.exit_code = False, 1
        try:
            if faults.interrupt_after_trials is not None and self._world.trials_started > faults.interrupt_after_trials:
                raise Interrupted(signal.SIGINT)
            yield SimulatedBox(container, faults)
        finally:
            self._world.remove(container.id)

    def start_live(self, spec: BoxSpec) -> Box:
        return SimulatedBox(self._world.add(spec, live=True), self._world.faults)

    def live(self) -> tuple[LiveBox, ...]:
        live = [one for one in self._world.containers.values() if one.live and one.running]
        loaded = {one.tags.trial for one in live if one.tags.role == "generator"}
        servers = [one for one in live if one.tags.role == "server" and one.tags.trial in loaded]
        return tuple(LiveBox(one.id, one.image, one.limits, one.tags) for one in servers if one.limits)

    def stop_live(self, server: str = "") -> int:
        live = [one for one in self._world.containers.values() if one.live and server in ("", one.tags.server)]
        for one in live:
            self._world.remove(one.id)
        return sum(one.tags.role == "server" for one in live)
