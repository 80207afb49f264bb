"""Engine: a small host of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from orchestrator.adapters.simulated.world import World
from orchestrator.domain.box import Owned
from orchestrator.domain.checks import HostFacts, SelfTest
from orchestrator.domain.limits import Limits
from orchestrator.domain.measurement import Missing
from orchestrator.domain.record import HostFingerprint
from orchestrator.errors import LabHeld


class SimulatedEngine:
    """Answers at once."""

    def __init__(self, world: World) -> None:
        self._world = world

    def facts(self) -> HostFacts:
        return HostFacts(
            endpoint="simulated",
            engine_version="simulated",
            api_version="simulated",
            storage_driver="simulated",
            kernel="simulated",
            cpu_model="simulated",
            virtual="simulated",
            cgroup_version=2,
            rootless=False,
            arch="amd64",
            cpus=self._world.cpus,
            memory_bytes=self._world.memory_bytes,
            open_files=self._world.open_files,
            steal_ratio=Missing("not sampled"),
            disk_free_bytes=2**40,
            neighbours={},
            local=True,
            supply=Missing("not asked"),
            self_test=Missing("not run"),
        )

    def steal_ratio(self) -> float | Missing:
        return 0.0

    def fingerprint(self) -> HostFingerprint:
        count = len(self._world.cpus)
        return HostFingerprint("simulated", "simulated", count, self._world.memory_bytes, 2, "simulated", "simulated")

    def self_test(self, image: str, limits: Limits) -> SelfTest:
        return SelfTest(wrong=(), cpus_used=0.5, throttled_periods=29, periods=30)

    def sweep(self) -> Owned:
        dead = [one.id for one in self._world.containers.values() if not one.live]
        for container_id in dead:
            self._world.remove(container_id)
        return Owned(containers=len(dead), networks=0, volumes=0, images=0)

    def remove_owned(self, *, images: bool) -> Owned:
        count = len(self._world.containers)
        for container_id in tuple(self._world.containers):
            self._world.remove(container_id)
        self._world.bench_up = False
        removed = len(self._world.images) if images else 0
        if images:
            self._world.images.clear()
        return Owned(containers=count, networks=0, volumes=0, images=removed)

    @contextmanager
    def hold(self, cpus: tuple[int, ...] = ()) -> Iterator[None]:
        if self._world.faults.held_by_another or self._world.held:
            raise LabHeld("another lab measures on this engine", hint="wait for it, or stop it")
        self._world.held = True
        try:
            yield
        finally:
            self._world.held = False
