"""Doctor: pure judgement of probed facts. Each check is one function; adding one is adding it to CHECKS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from orchestrator.domain.instance_type import InstanceType
from orchestrator.domain.measurement import Missing
from orchestrator.domain.placement import Placement, Room, place
from orchestrator.domain.units import show_bytes, show_ratio

#: What the self-test asks for.
SELF_TEST_CPUS = 0.5


class Severity(StrEnum):
    """ERROR stops a Run (exit 3); WARN is carried into its results."""

    OK = "ok"
    WARN = "warn"
    ERROR = "error"


@dataclass(frozen=True)
class HostFacts:
    """What was probed of machine and engine.

    Attributes:
        cpus: numbers of the CPUs the engine may use.
        memory_bytes: of the engine's host.
        open_files: that one process may be given.
        arch: ``amd64`` or ``arm64``.
        steal_ratio: share of CPU time the hypervisor took while probing.
        disk_free_bytes: where Runs are stored.
        neighbours: containers of other labs that are under load here, by lab.
        local: engine and orchestrator share a kernel.
        supply: ``pull`` or ``build``, or why neither.
        self_test: what the kernel made of a container with limits, in words; Missing when it was not run.
    """

    endpoint: str
    engine_version: str
    api_version: str
    storage_driver: str
    kernel: str
    cpu_model: str
    virtual: str
    cgroup_version: int
    rootless: bool
    arch: str
    cpus: tuple[int, ...]
    memory_bytes: int
    open_files: int | Missing
    steal_ratio: float | Missing
    disk_free_bytes: int
    neighbours: dict[str, int]
    local: bool
    supply: str | Missing
    self_test: SelfTest | Missing

    @property
    def room(self) -> Room:
        """What is there to be placed on."""
        return Room(self.cpus, self.memory_bytes, self.arch)


@dataclass(frozen=True)
class SelfTest:
    """A container asked for half a CPU and 64 MiB and then burned: what was read back, what it got of the CPU.

    Attributes:
        cpus_used: CPU seconds per second while it burned; more than the quota means that it is not enforced.
    """

    wrong: tuple[str, ...]
    cpus_used: float
    throttled_periods: int
    periods: int


@dataclass(frozen=True)
class Finding:
    """One line of ``doctor``."""

    check: str
    severity: Severity
    evidence: str
    advice: str = ""


def findings(facts: HostFacts, catalog: tuple[InstanceType, ...]) -> tuple[Finding, ...]:
    """All checks, in the order a reader wants them."""
    return tuple(check(facts, catalog) for check in CHECKS)


def _engine(facts: HostFacts, _catalog: tuple[InstanceType, ...]) -> Finding:
    evidence = f"Docker {facts.engine_version}, API {facts.api_version}, {facts.storage_driver}, {facts.endpoint}"
    if facts.rootless:
        advice = "a rootless engine ignores CPU limits without delegation; use a rootful one"
        return Finding("engine", Severity.ERROR, f"{evidence}, rootless", advice)
    if not facts.local:
        advice = "numbers belong to the engine's host, and its pages are reached through a tunnel"
        return Finding("engine", Severity.WARN, f"{evidence}, not on this machine", advice)
    return Finding("engine", Severity.OK, evidence)


def _cgroup(facts: HostFacts, _catalog: tuple[InstanceType, ...]) -> Finding:
    if facts.cgroup_version == 2:
        return Finding("cgroup", Severity.OK, "v2")
    return Finding("cgroup", Severity.WARN, "v1: limits and counters are exact, PSI is host-wide only")


def _cpus(facts: HostFacts, _catalog: tuple[InstanceType, ...]) -> Finding:
    count = len(facts.cpus)
    if count < 2:
        return Finding(
            "cpus",
            Severity.ERROR,
            "1: server and generator cannot stand apart",
            "use a machine with 2 CPUs or more, or --allow-shared (such numbers are never ranked)",
        )
    if count == 2:
        return Finding("cpus", Severity.OK, "2: one for the server, one for generator and bench")
    return Finding("cpus", Severity.OK, f"{count}: one for the bench, the rest for server and generator")


def _fit(facts: HostFacts, catalog: tuple[InstanceType, ...]) -> Finding:
    fit = [one for one in catalog if isinstance(place(one, facts.room), Placement)]
    evidence = f"limit mode: {len(fit)} of {len(catalog)} instance types (orchestrator list instances --fit)"
    return Finding("can emulate", Severity.OK if fit else Severity.ERROR, evidence)


def _memory(facts: HostFacts, _catalog: tuple[InstanceType, ...]) -> Finding:
    return Finding("memory", Severity.OK, show_bytes(facts.memory_bytes))


def _disk(facts: HostFacts, _catalog: tuple[InstanceType, ...]) -> Finding:
    evidence = f"{show_bytes(facts.disk_free_bytes)} free for images and runs"
    if facts.disk_free_bytes < 5 * 2**30:
        return Finding("disk", Severity.WARN, evidence, "images made without a registry take about 5 GiB")
    return Finding("disk", Severity.OK, evidence)


def _noise(facts: HostFacts, _catalog: tuple[InstanceType, ...]) -> Finding:
    if isinstance(facts.steal_ratio, Missing):
        return Finding("noise", Severity.WARN, f"steal not known: {facts.steal_ratio.reason}")
    evidence = f"steal {show_ratio(facts.steal_ratio)}"
    if facts.steal_ratio > 0.01:
        return Finding("noise", Severity.WARN, evidence, "neighbours take CPU time: expect wider intervals")
    return Finding("noise", Severity.OK, evidence)


def _neighbours(facts: HostFacts, _catalog: tuple[InstanceType, ...]) -> Finding:
    if not facts.neighbours:
        return Finding("neighbours", Severity.OK, "no other lab has servers under load here")
    labs = ", ".join(f"{lab} ({count} containers)" for lab, count in sorted(facts.neighbours.items()))
    first = min(facts.neighbours)
    advice = f"they take CPU time from what is measured; for each: ORCHESTRATOR_LAB={first} orchestrator down"
    return Finding("neighbours", Severity.WARN, f"other labs run here: {labs}", advice)


def _supply(facts: HostFacts, _catalog: tuple[InstanceType, ...]) -> Finding:
    if isinstance(facts.supply, Missing):
        return Finding("supply", Severity.ERROR, facts.supply.reason, "make engine, or set ORCHESTRATOR_REGISTRY")
    words = {
        "pull": "images are pulled from a registry",
        "build": "no registry answers: images are built from this host's toolchains; Grafana is not available",
    }
    return Finding("supply", Severity.OK, words[facts.supply])


def _self_test(facts: HostFacts, _catalog: tuple[InstanceType, ...]) -> Finding:
    test = facts.self_test
    if isinstance(test, Missing):
        return Finding("self-test", Severity.WARN, test.reason, "orchestrator up, then doctor again")
    if test.wrong:
        return Finding("self-test", Severity.ERROR, f"limits are not in force: {'; '.join(test.wrong)}")
    evidence = f"used {test.cpus_used:.2f} CPU, throttled {test.throttled_periods} of {test.periods} periods"
    if test.cpus_used > SELF_TEST_CPUS * 1.1:
        return Finding("self-test", Severity.ERROR, f"0.5 CPU was read back but not enforced ({evidence})")
    if test.cpus_used < SELF_TEST_CPUS * 0.9:
        return Finding("self-test", Severity.WARN, f"0.5 CPU was not to be had ({evidence})", "others use this host")
    return Finding("self-test", Severity.OK, f"0.5 CPU and 64 MiB asked, read back, and enforced ({evidence})")


CHECKS: tuple[Callable[[HostFacts, tuple[InstanceType, ...]], Finding], ...] = (
    _engine,
    _cgroup,
    _cpus,
    _fit,
    _memory,
    _disk,
    _noise,
    _neighbours,
    _supply,
    _self_test,
)
