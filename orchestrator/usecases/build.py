"""``build``: the images of some or all servers, and of the bench, without starting anything."""

from __future__ import annotations

from orchestrator.domain.batch import PROGRAMS
from orchestrator.domain.config import wrong_server
from orchestrator.domain.server import Server
from orchestrator.domain.variant import find_server
from orchestrator.errors import ConfigError, Mistake
from orchestrator.ports import Lab
from orchestrator.usecases.provide import OPTIONAL, Provided, provide, provide_images

PROGRAM_IMAGES = tuple(one.image for one in PROGRAMS)


def build(lab: Lab, servers: tuple[str, ...]) -> Provided:
    """Servers and Variants by name; none named means all of them, what workloads need beside them, the
    bench, and the programs of batch jobs.

    Raises ConfigError.
    """
    known = lab.catalog.servers()
    if not servers:
        needed = {name for workload in lab.catalog.workloads() for name in workload.needs}
        sidecars = tuple(one for one in lab.catalog.sidecars() if one.name in needed)
        made = provide(lab, tuple(server.name for server in known), sidecars=sidecars)
        jobs = provide_images(lab, PROGRAM_IMAGES, (), OPTIONAL, noun="program")
        return Provided(made.images | jobs.images, made.failed | jobs.failed)
    mistakes = tuple(Mistake("build", wrong, "orchestrator list servers") for wrong in _wrong(servers, known))
    if mistakes:
        raise ConfigError(mistakes)
    found = [one for name in servers if (one := find_server(name, known)) is not None]
    return provide(lab, tuple(dict.fromkeys(one.name for one in found)), bench=False)


def _wrong(names: tuple[str, ...], known: tuple[Server, ...]) -> list[str]:
    return [wrong for name in names if (wrong := wrong_server(name, known))]
