"""What a generator must have to offer a load, and what of it a host has not: said before anything starts."""

from __future__ import annotations

import math
from dataclasses import dataclass

from orchestrator.domain.checks import HostFacts
from orchestrator.domain.generator import K6_RATE_PER_CPU, Generator, choose
from orchestrator.domain.measurement import Missing
from orchestrator.domain.placement import RESERVED_BYTES
from orchestrator.domain.slo import Slo
from orchestrator.domain.units import show_bytes
from orchestrator.domain.workload import VIRTUAL_USERS_MAX, Scenario, only_generator, users_of

#: k6 takes 1 to 5 MB for each virtual user; a connection of oha is a task with its buffers.
VIRTUAL_USER_BYTES = {Generator.K6: 4 * 2**20, Generator.OHA: 64 * 2**10}
#: Beside one for each connection: log, files, event queues. No less than a process has by default.
OPEN_FILES_SPARE = 256
OPEN_FILES_MIN = 1024


@dataclass(frozen=True)
class Needs:
    """What the highest rate of a Scenario takes.

    Attributes:
        open_files: of one process, the server's and the generator's: one for each connection, and its own.
        ports: of one address, one for each connection.
        memory_bytes: of the generator's users.
        generator_cpus: beside the server's.
    """

    open_files: int
    ports: int
    memory_bytes: int
    generator_cpus: int


def open_files_for(users: int) -> int:
    """That a process needs which holds so many connections."""
    return max(OPEN_FILES_MIN, users + OPEN_FILES_SPARE)


def needs_of(scenario: Scenario, slo: Slo, generator: Generator | None = None) -> Needs:
    """Of its highest rate under this SLO; ``generator``: where it is known, else that of a host with one CPU for it."""
    rate, only = max(scenario.rates), only_generator(scenario)
    chosen = generator or (only[0] if only else choose(rate, 1))
    users = users_of(scenario, rate, slo.latency_seconds_max, chosen)
    cpus = math.ceil(rate / K6_RATE_PER_CPU) if chosen == Generator.K6 else 1
    return Needs(open_files_for(users), users, users * VIRTUAL_USER_BYTES[chosen], cpus)


def lacking(needs: Needs, facts: HostFacts, generator_cpus: int) -> tuple[tuple[str, str], ...]:
    """What this host has not, each with what to do about it."""
    found = []
    if needs.ports > VIRTUAL_USERS_MAX:
        reason = f"{needs.ports:,} ports of one address (have {VIRTUAL_USERS_MAX:,})"
        found.append((reason, "use fewer users"))
    if not isinstance(facts.open_files, Missing) and needs.open_files > facts.open_files:
        reason = f"{needs.open_files:,} open files in one process (have {facts.open_files:,})"
        found.append((reason, f"sysctl -w fs.nr_open={needs.open_files}"))
    free = max(0, facts.memory_bytes - RESERVED_BYTES)
    if needs.memory_bytes > free:
        reason = f"{show_bytes(needs.memory_bytes)} for the generator (have {show_bytes(free)} beside the bench)"
        found.append((reason, "use fewer users"))
    if needs.generator_cpus > generator_cpus:
        reason = f"{needs.generator_cpus:,} CPUs for the generator (have {generator_cpus:,})"
        found.append((reason, "use fewer users, or a longer think time"))
    return tuple(found)
