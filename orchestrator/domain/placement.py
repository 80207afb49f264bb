"""Who runs on which CPUs: server, generator, sidecars and bench apart, or refused, or marked shared."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.domain.instance_type import InstanceType
from orchestrator.domain.sidecar import Sidecar


@dataclass(frozen=True)
class Placement:
    """CPU numbers of each party.

    Attributes:
        shared: server and generator overlap: such numbers are never ranked.
        sidecar_cpus: never the server's; empty where no sidecar is needed.
    """

    server_cpus: tuple[int, ...]
    generator_cpus: tuple[int, ...]
    bench_cpus: tuple[int, ...]
    shared: bool
    sidecar_cpus: tuple[int, ...] = ()

    @property
    def crowded(self) -> bool:
        """Whether sidecars stand on the generator's CPUs."""
        return not set(self.sidecar_cpus).isdisjoint(self.generator_cpus)


@dataclass(frozen=True)
class Unfit:
    """Why an instance type cannot be given on this host."""

    instance_type: str
    reason: str


#: Memory the generator, the bench and the host keep for themselves beside the server.
RESERVED_BYTES = 1 << 30


@dataclass(frozen=True)
class Room:
    """What the engine's host has to give: CPU numbers, memory and architecture (``amd64``, ``arm64``)."""

    cpus: tuple[int, ...]
    memory_bytes: int
    arch: str


def place(
    instance_type: InstanceType,
    room: Room,
    sidecars: tuple[Sidecar, ...] = (),
    *,
    allow_shared: bool = False,
    servers: int = 1,
) -> Placement | Unfit:
    """Disjoint CPUs for server, generator and bench. ``servers``: so many stand on the server's CPUs at once.

    Another architecture is refused: its programs would run emulated, and its price would stand beside foreign numbers.
    The server gets the last CPUs. The bench keeps the first; the generator takes what lies between, and stands with
    the bench where nothing is left between. With ``allow_shared`` a host that is too small gives all its CPUs to all.

    Sidecars never stand on the server's CPUs: it would pay for them. They get as many as the server, so that they are
    not what binds, but at most half of what lies between; where that is none they stand with the bench.
    """
    needed, cpus = instance_type.cpus_visible, room.cpus
    free_memory = room.memory_bytes - RESERVED_BYTES - servers * sum(one.memory_bytes for one in sidecars)
    memory_bytes = servers * instance_type.memory_bytes
    if instance_type.arch != room.arch:
        return Unfit(instance_type.id, f"is {instance_type.arch}, this host is {room.arch}")
    if memory_bytes > free_memory:
        return Unfit(
            instance_type.id,
            f"needs {memory_bytes / 2**30:.3g} GiB beside {_bench(sidecars)} (have {max(0, free_memory) / 2**30:.3g})",
        )
    if needed > len(cpus) - 1:
        if sidecars:
            reason = f"needs {_cpus(needed)} beside {sidecars[0].name}, which never shares them (have {len(cpus) - 1})"
            return Unfit(instance_type.id, reason)
        if allow_shared and needed <= len(cpus):
            return Placement(cpus[-needed:], cpus, cpus, shared=True)
        return Unfit(instance_type.id, f"needs {_cpus(needed)} beside the generator (have {len(cpus) - 1})")
    rest = cpus[: len(cpus) - needed]
    between = rest[1:]
    if not sidecars:
        return Placement(cpus[-needed:], between or rest, rest[:1], shared=False)
    apart = min(needed, len(between) // 2)
    return Placement(
        cpus[-needed:], between[apart:] or rest, rest[:1], shared=False, sidecar_cpus=between[:apart] or rest[:1]
    )


def _bench(sidecars: tuple[Sidecar, ...]) -> str:
    return " and ".join(("the bench", *(one.name for one in sidecars)))


def _cpus(count: int) -> str:
    return "1 CPU" if count == 1 else f"{count} CPUs"
