"""What stands beside a server: started in its network namespace, proven ready, read at the edges, removed with it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, replace

from orchestrator.domain.box import BoxSpec, Tags
from orchestrator.domain.limits import limits_beside
from orchestrator.domain.placement import Placement
from orchestrator.domain.reading import Beside, BoxState, Reading
from orchestrator.domain.server import Image, Server
from orchestrator.domain.sidecar import Sidecar
from orchestrator.domain.units import show_seconds
from orchestrator.domain.workload import Workload
from orchestrator.errors import EngineUnavailable, EnvironmentNotFit, SidecarNotReady
from orchestrator.ports import Box, Lab
from orchestrator.usecases.ready import LOG_LINES, raise_exited

#: A database that loads a dump at its start takes seconds on a small CPU.
READY_SECONDS = 30.0
POLL_SECONDS = 0.1
ROLE = "sidecar"

#: Sidecars and the images they are started from.
Wanted = tuple[tuple[Sidecar, Image], ...]


@dataclass(frozen=True)
class Standing:
    """A sidecar that was proven ready. ``cpus``: how many it may use."""

    sidecar: Sidecar
    box: Box
    cpus: int


def sidecars_for(server: Server, workload: Workload, known: Iterable[Sidecar]) -> tuple[Sidecar, ...]:
    """What a server must have beside it to serve a workload: by the catalog, and by its own file."""
    return (*(one for one in known if one.name in workload.needs), *server.sidecars)


def variables_of(sidecars: Iterable[Sidecar]) -> dict[str, str]:
    """What the server is told of them."""
    return {name: value for one in sidecars for name, value in one.variables.items()}


def start_sidecars(
    lab: Lab, until: ExitStack, server: Box, wanted: Wanted, placement: Placement, tags: Tags
) -> tuple[Standing, ...]:
    """Started one after the other, each when the one before it is ready, and removed when ``until`` ends.

    Args:
        tags: the server's.

    Raises SidecarNotReady with its last log lines, ServerNotReady when the server ended meanwhile, EngineLost.
    """
    standing = []
    for sidecar, image in wanted:
        spec = _spec(server, sidecar, image, placement, tags)
        try:
            box = until.enter_context(lab.stack.start(spec))
        except EngineUnavailable:
            raise
        except EnvironmentNotFit:
            raise_exited(server)  # no namespace is left that could be joined
            raise
        lab.meter.watch(box.id, spec.tags, None, None)
        until.callback(lab.meter.forget, box.id)
        _wait_ready(lab, sidecar, box)
        standing.append(Standing(sidecar, box, len(placement.sidecar_cpus)))
    return tuple(standing)


def start_live_sidecars(lab: Lab, server: Box, wanted: Wanted, placement: Placement, tags: Tags) -> None:
    """The same beside a live server: they end with ``Stack.stop_live``. Raises SidecarNotReady, EngineLost."""
    for sidecar, image in wanted:
        spec = _spec(server, sidecar, image, placement, tags)
        box = lab.stack.start_live(spec)
        lab.meter.watch(box.id, spec.tags, None, None)
        _wait_ready(lab, sidecar, box)


def fallen(standing: Iterable[Standing]) -> str:
    """The first that runs no more, in words; "" when all run."""
    for one in standing:
        state = one.box.state()
        if not state.running:
            return f"sidecar {one.sidecar.name} exited with code {state.exit_code}"
    return ""


def edge(lab: Lab, standing: Iterable[Standing]) -> tuple[tuple[Reading, BoxState], ...]:
    """Each at this instant. Raises TrialFailed, BenchNotReady."""
    return tuple((lab.meter.reading(one.box.id), one.box.state()) for one in standing)


def beside(
    standing: tuple[Standing, ...],
    opening: tuple[tuple[Reading, BoxState], ...],
    closing: tuple[tuple[Reading, BoxState], ...],
) -> tuple[Beside, ...]:
    """Both edges together."""
    return tuple(
        Beside(one.sidecar.name, one.cpus, first[0], last[0], first[1], last[1])
        for one, first, last in zip(standing, opening, closing, strict=True)
    )


def _spec(server: Box, sidecar: Sidecar, image: Image, placement: Placement, tags: Tags) -> BoxSpec:
    return BoxSpec(
        name=f"{server.name}.{sidecar.name}",
        image=image.reference,
        port=sidecar.port or 0,
        limits=limits_beside(sidecar, placement),
        env=dict(sidecar.environment),
        tags=replace(tags, role=ROLE),
        command=sidecar.command,
        beside=server.id,
    )


def _wait_ready(lab: Lab, sidecar: Sidecar, box: Box) -> None:
    deadline = lab.clock.monotonic() + READY_SECONDS
    while True:
        state = box.state()
        if state.running and (not sidecar.proof or box.succeeds(sidecar.proof)):
            return
        if not state.running or lab.clock.monotonic() >= deadline:
            why = (
                f"was not ready within {show_seconds(READY_SECONDS)}"
                if state.running
                else f"exited with code {state.exit_code} before it was ready"
            )
            raise SidecarNotReady(
                f"sidecar {sidecar.name} {why}",
                hint="run its image by hand, and look at its log below",
                where=box.name,
                detail=box.log_tail(LOG_LINES),
            )
        lab.clock.sleep(POLL_SECONDS)
