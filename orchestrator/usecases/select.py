"""From names to things, and which sizes this host can give: refused before the start, never clamped."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from orchestrator.domain.checks import HostFacts
from orchestrator.domain.config import LabConfig, named_servers
from orchestrator.domain.generator import K6_RATE_PER_CPU, Generator, choose
from orchestrator.domain.instance_type import InstanceType
from orchestrator.domain.needs import VIRTUAL_USER_BYTES, lacking, needs_of
from orchestrator.domain.placement import RESERVED_BYTES, Placement, Unfit, place
from orchestrator.domain.plan import BLOCKS, BLOCKS_AA, Aim, Blocks, Plan, cells_of, expand
from orchestrator.domain.server import Server
from orchestrator.domain.serving import as_served
from orchestrator.domain.sidecar import Sidecar
from orchestrator.domain.verdict import SPARE, finest, requests_needed, window_seconds
from orchestrator.domain.workload import VIRTUAL_USERS_MAX, Workload, k6_alone, only_generator, virtual_users
from orchestrator.errors import ConfigError, HostTooSmall, Mistake
from orchestrator.ports import Catalog
from orchestrator.usecases.sidecars import sidecars_for

#: An error names so many sizes that do fit.
NAMED_MAX = 8
#: Opening a scenario's connections takes no longer: its rate opens them.
CONNECTING_SECONDS_MAX = 120.0


@dataclass(frozen=True)
class Selection:
    """What a command works on: the config's names looked up, and each size's place on this host.

    Attributes:
        instance_types: those that fit, in the config's order.
        unfit: those that do not; ``left_out`` says why.
        placements: by size. The generator has the same CPUs in all Cells, also in those that need no sidecar.
        sidecars: what any of the Cells needs.
    """

    config: LabConfig
    servers: tuple[Server, ...]
    instance_types: tuple[InstanceType, ...]
    unfit: tuple[InstanceType, ...]
    workloads: tuple[Workload, ...]
    placements: dict[str, Placement]
    left_out: tuple[Unfit, ...]
    sidecars: tuple[Sidecar, ...]


def select(
    catalog: Catalog, config: LabConfig, facts: HostFacts, *, allow_shared: bool, left_out_ok: bool
) -> Selection:
    """Looks the names up and places every size.

    Args:
        left_out_ok: leave out sizes that do not fit as long as one does; otherwise any of them is refused.

    Raises HostTooSmall with the sizes that do fit.
    """
    every = (*catalog.instance_types(), *config.own_instance_types)
    chosen = tuple(one for name in config.instance_types for one in every if one.id == name)
    servers = tuple(named_servers(config.servers, catalog.servers())[0])
    workloads = tuple(one for name in config.workloads for one in catalog.workloads() if one.name == name)
    needed = (
        need for server in servers for work in workloads for need in sidecars_for(server, work, catalog.sidecars())
    )
    sidecars = tuple({one.name: one for one in needed}.values())
    duet = config.aim == Aim.DUET
    if duet and allow_shared:
        message = "a duet that shares CPUs with its load is never compared"
        raise ConfigError((Mistake("--allow-shared", message, "leave --allow-shared out"),))
    placements, left_out = place_all(
        chosen, facts, sidecars, allow_shared=allow_shared, most=config.sizes_max, servers=2 if duet else 1
    )
    if not placements or (left_out and not left_out_ok):
        raise too_small(left_out, every, facts, sidecars)
    selected = Selection(
        config=config,
        servers=servers,
        instance_types=tuple(one for one in chosen if one.id in placements),
        unfit=tuple(one for unfit in left_out for one in chosen if one.id == unfit.instance_type),
        workloads=workloads,
        placements=placements,
        left_out=tuple(left_out),
        sidecars=sidecars,
    )
    generator, _ = generator_of(selected)
    _check_load(config, generator, facts)
    _check_needs(selected, generator, facts)
    return selected


def place_all(
    chosen: tuple[InstanceType, ...],
    facts: HostFacts,
    sidecars: tuple[Sidecar, ...] = (),
    *,
    allow_shared: bool,
    most: int | None = None,
    servers: int = 1,
) -> tuple[dict[str, Placement], list[Unfit]]:
    """Where each size stands on this host, and those that do not fit; no more than the first ``most`` that do."""
    placements: dict[str, Placement] = {}
    left_out: list[Unfit] = []
    for one in chosen:
        if len(placements) == most:
            break
        placed = place(one, facts.room, sidecars, allow_shared=allow_shared, servers=servers)
        if isinstance(placed, Unfit):
            left_out.append(placed)
        else:
            placements[one.id] = placed
    return placements, left_out


def plan_of(chosen: Selection) -> Plan:
    """Every Cell of a selection whose server serves its workload, and what is left out."""
    config = chosen.config
    sizes, servers = tuple(one.id for one in chosen.instance_types), tuple(one.name for one in chosen.servers)
    generator, cause = generator_of(chosen)
    serves = {one.name: one.workloads for one in chosen.servers}
    every = cells_of(servers, sizes, config.workloads, config.scenario)
    plan = expand(
        tuple(cell for cell in every if cell.workload in serves[cell.server]),
        config.scenario,
        aim=config.aim,
        blocks=_blocks(config),
        extras=config.extras,
        generator=generator,
        seed=config.seed,
        slo=config.slo,
    )
    return replace(plan, generator_cause=cause, left_out=chosen.left_out)


def generator_of(chosen: Selection) -> tuple[Generator, str]:
    """One for the whole Run: by its highest rate, and by the size that leaves the generator the fewest CPUs; and why it
    can be no other, "" where another could do it."""
    config, only = chosen.config, only_generator(chosen.config.scenario)
    if only is not None:
        return only
    if config.aim == Aim.DUET:
        return Generator.OHA, "it starts when it is told to: both begin together"
    highest = None if config.aim == Aim.CAPACITY else max(config.scenario.rates)
    cpus = min(len(one.generator_cpus) for one in chosen.placements.values())
    causes = _k6_alone(chosen)
    generator = choose(highest, cpus, k6_alone=bool(causes))
    if causes and generator != choose(highest, cpus):
        most = f"what k6 cannot offer beyond {K6_RATE_PER_CPU * cpus:,} requests/s is void, never a result"
        return generator, f"{'; '.join(causes)}; {most}"
    return generator, "; ".join(causes)


def _k6_alone(chosen: Selection) -> tuple[str, ...]:
    """Why k6 alone can offer some of what its servers serve, each cause once."""
    pairs = ((one, server) for one in chosen.workloads for server in chosen.servers if one.name in server.workloads)
    return tuple(dict.fromkeys(cause for pair in pairs if (cause := k6_alone(as_served(*pair)))))


def _blocks(config: LabConfig) -> Blocks:
    if config.repeat is not None:
        return Blocks(config.repeat, config.repeat)
    if config.extras.noise_floor and config.aim == Aim.STAIRCASE:
        return BLOCKS_AA
    return BLOCKS[config.aim]


def fitting(
    every: tuple[InstanceType, ...], facts: HostFacts, sidecars: tuple[Sidecar, ...] = ()
) -> tuple[InstanceType, ...]:
    """The sizes this host can give without sharing CPUs."""
    return tuple(one for one in every if isinstance(place(one, facts.room, sidecars), Placement))


def too_small(
    left_out: list[Unfit], every: tuple[InstanceType, ...], facts: HostFacts, sidecars: tuple[Sidecar, ...] = ()
) -> HostTooSmall:
    """The error for sizes that do not fit, with those that do."""
    able = [one.id for one in fitting(every, facts, sidecars)]
    more = f" and {len(able) - NAMED_MAX} more (orchestrator list instances --fit)" if len(able) > NAMED_MAX else ""
    fit = ", ".join(able[:NAMED_MAX]) + more if able else "none"
    lines = tuple(f"{unfit.instance_type}: {unfit.reason}" for unfit in left_out)
    return HostTooSmall(
        f"this host cannot give {lines[0]}" if lines else "no instance type was chosen",
        hint=f"sizes that fit: {fit}" + ("" if sidecars else "; or --allow-shared, whose numbers are never ranked"),
        where=f"{len(facts.cpus)} CPUs, {facts.memory_bytes / 2**30:.3g} GiB",
        detail=lines[1:],
    )


def _check_load(config: LabConfig, generator: Generator, facts: HostFacts) -> None:
    """Each rate must be one that a generator here can offer and, where it is ranked, the SLO's quantiles can be told
    of."""
    scenario = config.scenario
    if config.aim == Aim.CAPACITY or scenario.think_seconds is not None:
        return  # it chooses its rates and lengthens its windows by itself, or offers none
    needed = requests_needed(config.slo)
    room = (facts.memory_bytes - RESERVED_BYTES) // VIRTUAL_USER_BYTES[generator]
    most = min(VIRTUAL_USERS_MAX, room)
    mistakes = []
    for rate in scenario.rates:
        users = virtual_users(rate, config.slo.latency_seconds_max, generator)
        connecting = scenario.connecting_seconds(rate)
        if connecting > CONNECTING_SECONDS_MAX:
            message = f"{rate:,} requests/s open {scenario.users:,} connections in {connecting:,.0f} s"
            mistakes.append(Mistake("rate", message, f"use a rate that takes {CONNECTING_SECONDS_MAX:g} s or less"))
        seconds = window_seconds(scenario.duration_seconds, config.slo, rate)
        if rate * seconds < needed and not scenario.ladder:
            of = finest(config.slo)[1]
            message = f"{rate:,} requests/s for {seconds:g} s are too few: {of} needs {needed:,} requests"
            least = math.ceil(SPARE * needed / seconds)
            mistakes.append(Mistake("rate", message, f"use {least:,} requests/s or more, or less than {of} in --slo"))
        if users > most:
            message = (
                f"{rate:,} requests/s under {config.slo.latency_words} needs {users:,} virtual users; "
                f"one generator on this host can give {most:,}"
            )
            mistakes.append(Mistake("rate", message, "use a lower rate or a tighter p99"))
    if mistakes:
        raise ConfigError(tuple(mistakes))


def _check_needs(chosen: Selection, generator: Generator, facts: HostFacts) -> None:
    """What a scenario with users of its own takes of the host, and of its workloads where oha alone can offer it."""
    scenario = chosen.config.scenario
    duet = chosen.config.aim == Aim.DUET
    if scenario.users is None and not duet:
        return
    causes = _k6_alone(chosen)
    if causes and generator == Generator.OHA:
        where, what = ("--duet", "a duet") if duet else ("scenario", f"scenario {scenario.name}")
        message = f"{what} is for oha ({scenario}), and {causes[0]}"
        raise ConfigError((Mistake(where, message, "use a workload that oha can offer"),))
    if scenario.users is None:
        return
    cpus = min(len(one.generator_cpus) for one in chosen.placements.values())
    missing = lacking(needs_of(scenario, chosen.config.slo, generator), facts, cpus)
    if missing:
        lines = tuple(f"scenario {scenario.name} needs {reason}" for reason, _ in missing)
        raise HostTooSmall(
            lines[0],
            hint="; ".join(dict.fromkeys(advice for _, advice in missing)),
            where=f"{len(facts.cpus)} CPUs, {facts.memory_bytes / 2**30:.3g} GiB",
            detail=lines[1:],
        )
