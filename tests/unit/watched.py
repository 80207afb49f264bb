"""Simulated ports that keep what they were asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from orchestrator.adapters.simulated.load import SimulatedLoad
from orchestrator.adapters.simulated.stack import SimulatedStack
from orchestrator.adapters.simulated.world import World
from orchestrator.domain.box import BoxSpec, LoadSpec
from orchestrator.domain.generator import Generator
from orchestrator.ports import Box, LoadRun


class WatchedStack(SimulatedStack):
    """``started``: every container, in order."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.started: list[BoxSpec] = []

    @contextmanager
    def start(self, spec: BoxSpec) -> Iterator[Box]:
        self.started.append(spec)
        with super().start(spec) as box:
            yield box


class WatchedLoad(SimulatedLoad):
    """``sent``: every load, in order; a list that generators may share."""

    def __init__(self, world: World, kind: Generator, sent: list[LoadSpec]) -> None:
        super().__init__(world, kind)
        self.sent = sent

    @contextmanager
    def start(self, box: Box, spec: LoadSpec) -> Iterator[LoadRun]:
        self.sent.append(spec)
        with super().start(box, spec) as load:
            yield load
