"""``build``: the images of some or all servers, and of the bench, without starting anything."""

from __future__ import annotations

from orchestrator.ports import Lab
from orchestrator.usecases.provide import Provided, provide


def build(lab: Lab, servers: tuple[str, ...]) -> Provided:
    """Servers by name; none named means all of them and the bench."""
    if servers:
        return provide(lab, servers, bench=False)
    return provide(lab, tuple(server.name for server in lab.catalog.servers()))
