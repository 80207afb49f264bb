"""Which server is measured under which workload, and by what requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from orchestrator.domain.request import Request
from orchestrator.domain.server import Server
from orchestrator.domain.workload import Workload


def as_served(workload: Workload, server: Server) -> Workload:
    """The workload with this server's own paths."""
    return replace(workload, requests=server.requests) if server.requests else workload


def other_shape(own: Sequence[Request], workload: Workload) -> str:
    """Why requests cannot stand for a workload's: anything but the paths differs; "" when they can."""
    if len(own) != len(workload.requests):
        return f"{workload.name} has {len(workload.requests)} of them, not {len(own)}"
    for mine, theirs in zip(own, workload.requests, strict=True):
        for part in ("method", "headers", "body", "weight", "check"):
            if getattr(mine, part) != getattr(theirs, part):
                return f"the {part} of {mine} is not that of {workload.name}, {theirs}"
    return ""


def refusing(workload: str, servers: Sequence[Server]) -> tuple[str, ...]:
    """The servers that should serve a workload and do not.

    What a service is named for is served by it alone, and a service need not serve what others do; but somebody must.
    """
    serving = [one for one in servers if workload in one.workloads]
    if not serving:
        return tuple(one.name for one in servers)
    if any(one.service and one.name == workload for one in serving):
        return ()
    return tuple(one.name for one in servers if one not in serving and one.service is None)


def idle(workloads: Sequence[str], servers: Sequence[Server]) -> tuple[Server, ...]:
    """Those that serve none of these workloads."""
    return tuple(one for one in servers if not set(workloads) & set(one.workloads))


def with_own(workloads: tuple[str, ...], servers: Sequence[Server]) -> tuple[str, ...]:
    """The workloads, and what each service that serves none of them was described with; without those that nobody
    serves where only services are chosen: choosing one is enough to measure it."""
    own = tuple(name for one in idle(workloads, servers) if one.service for name in one.workloads)
    every = (*workloads, *own)
    if not own or not all(one.service for one in servers):
        return every
    return tuple(name for name in every if any(name in one.workloads for one in servers))
