"""``build``: the images of some or all servers, and of the bench, without starting anything."""

from __future__ import annotations

from orchestrator.domain.config import named_servers
from orchestrator.errors import ConfigError, Mistake
from orchestrator.ports import Lab
from orchestrator.usecases.provide import PROGRAM_IMAGES, Provided, provide, provide_images


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
        jobs = provide_images(lab, PROGRAM_IMAGES, (), noun="program")
        return Provided(made.images | jobs.images, made.failed | jobs.failed)
    found, wrong = named_servers(servers, known)
    if wrong:
        raise ConfigError(tuple(Mistake("build", reason, "orchestrator list servers") for reason in wrong))
    return provide(lab, tuple(one.name for one in found), bench=False)
