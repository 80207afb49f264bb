"""Bench: up when it was told so."""

from __future__ import annotations

from orchestrator.adapters.simulated.world import World
from orchestrator.domain.box import BenchStatus
from orchestrator.domain.server import Image
from orchestrator.errors import BenchNotReady

_STATUS = BenchStatus(
    components=("prometheus", "cadvisor", "observer"),
    missing={"grafana": "simulated"},
    urls={"prometheus": "http://127.0.0.1:9090", "live": "http://127.0.0.1:9464"},
    notes=(),
)


class SimulatedBench:
    """Its pages answer nobody."""

    def __init__(self, world: World) -> None:
        self._world = world

    def up(self, images: dict[str, Image]) -> BenchStatus:
        if self._world.faults.bench_not_ready:
            raise BenchNotReady("observer did not answer within 30 s", where="observer", hint="orchestrator down")
        self._world.bench_up = True
        return _STATUS

    def status(self) -> BenchStatus | None:
        return _STATUS if self._world.bench_up else None
