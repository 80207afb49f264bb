"""``build``: the images of some or all servers, and of the bench, without starting anything."""

from __future__ import annotations

from orchestrator.ports import Lab
from orchestrator.usecases.provide import Provided, provide


def build(lab: Lab, servers: tuple[str, ...]) -> Provided:
    """Servers by name; none named means all of them, what workloads need beside them, and the bench."""
    if servers:
        return provide(lab, servers, bench=False)
    needed = {name for workload in lab.catalog.workloads() for name in workload.needs}
    sidecars = tuple(one for one in lab.catalog.sidecars() if one.name in needed)
    return provide(lab, tuple(server.name for server in lab.catalog.servers()), sidecars=sidecars)
