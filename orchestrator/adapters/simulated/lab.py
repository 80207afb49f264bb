"""The whole lab on fakes."""

from __future__ import annotations

from orchestrator.adapters.simulated.bench import SimulatedBench
from orchestrator.adapters.simulated.clock import SimulatedClock
from orchestrator.adapters.simulated.engine import SimulatedEngine
from orchestrator.adapters.simulated.images import SimulatedImages
from orchestrator.adapters.simulated.jobs import SimulatedJobs
from orchestrator.adapters.simulated.load import SimulatedLoad
from orchestrator.adapters.simulated.meter import SimulatedMeter
from orchestrator.adapters.simulated.stack import SimulatedStack
from orchestrator.adapters.simulated.store import SimulatedStore
from orchestrator.adapters.simulated.world import World
from orchestrator.domain.generator import Generator
from orchestrator.ports import Catalog, Lab, Progress


def simulated_lab(world: World, catalog: Catalog, progress: Progress) -> Lab:
    """All ports fulfilled by fakes over one World."""
    return Lab(
        catalog=catalog,
        images=SimulatedImages(world),
        stack=SimulatedStack(world),
        jobs=SimulatedJobs(world, catalog),
        generators={kind: SimulatedLoad(world, kind) for kind in Generator},
        meter=SimulatedMeter(world),
        bench=SimulatedBench(world),
        engine=SimulatedEngine(world),
        store=SimulatedStore(),
        clock=SimulatedClock(world),
        progress=progress,
        simulated=True,
    )
