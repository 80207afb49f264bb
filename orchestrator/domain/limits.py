"""What we ask the kernel for, and what it says it enforces."""

from __future__ import annotations

from dataclasses import dataclass, fields

from orchestrator.domain.instance_type import InstanceType
from orchestrator.domain.measurement import Missing
from orchestrator.domain.placement import Placement
from orchestrator.domain.sidecar import Sidecar

#: The kernel's default bandwidth period (Documentation/scheduler/sched-bwc.rst). A shorter one throttles more often
#: and hurts less, so it is part of every result.
PERIOD_MICROSECONDS = 100_000
#: Docker refuses less (daemon/daemon_unix.go).
MEMORY_BYTES_MIN = 6 * 2**20
PIDS = 512


@dataclass(frozen=True)
class Limits:
    """What is asked for. ``swap_bytes`` is swap alone and always 0; ``quota_microseconds`` per period over all CPUs."""

    cpuset: tuple[int, ...]
    quota_microseconds: int
    period_microseconds: int
    memory_bytes: int
    swap_bytes: int
    pids: int

    @property
    def cpus(self) -> float:
        """CPU seconds per second that the quota allows."""
        return self.quota_microseconds / self.period_microseconds


@dataclass(frozen=True)
class EffectiveLimits:
    """The same, read back from the kernel's files; Missing where the host does not tell."""

    cpuset: tuple[int, ...] | Missing
    quota_microseconds: int | Missing
    period_microseconds: int | Missing
    memory_bytes: int | Missing
    swap_bytes: int | Missing
    pids: int | Missing


#: How a size is imitated. ``limit``: the quota is on the container, where runtimes see it (Fargate, Kubernetes).
#: ``vm`` (quota on a parent cgroup, unseen by the runtime) takes its place here when it comes.
MODES = ("limit",)


def limits_for(instance_type: InstanceType, placement: Placement) -> Limits:
    """The limits that imitate a size in ``limit`` mode; a burstable size at what it sustains for ever."""
    return Limits(
        cpuset=placement.server_cpus,
        quota_microseconds=round(instance_type.sustained_cpus * PERIOD_MICROSECONDS),
        period_microseconds=PERIOD_MICROSECONDS,
        memory_bytes=instance_type.memory_bytes,
        swap_bytes=0,
        pids=PIDS,
    )


def limits_beside(sidecar: Sidecar, placement: Placement) -> Limits:
    """The limits of a sidecar: whole CPUs, which all sidecars of a Trial share."""
    return Limits(
        cpuset=placement.sidecar_cpus,
        quota_microseconds=len(placement.sidecar_cpus) * PERIOD_MICROSECONDS,
        period_microseconds=PERIOD_MICROSECONDS,
        memory_bytes=sidecar.memory_bytes,
        swap_bytes=0,
        pids=sidecar.pids,
    )


def not_in_force(asked: Limits, effective: EffectiveLimits) -> tuple[str, ...]:
    """Each limit that the kernel does not enforce as asked, in words; empty when all are.

    A limit that cannot be read back counts as not in force: a result must be able to prove its limits.
    """
    wrong = []
    for field in fields(Limits):
        want, have = getattr(asked, field.name), getattr(effective, field.name)
        if isinstance(have, Missing):
            wrong.append(f"{field.name}: asked {want}, cannot be read back ({have.reason})")
        elif want != have:
            wrong.append(f"{field.name}: asked {want}, in force {have}")
    return tuple(wrong)
