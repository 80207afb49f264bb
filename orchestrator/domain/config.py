"""What the user asks for in lab.yaml and on the command line, every name in it known to the catalog."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from orchestrator.domain.batch import BatchWorkload
from orchestrator.domain.instance_type import InstanceType
from orchestrator.domain.plan import Aim, Extras
from orchestrator.domain.server import Server
from orchestrator.domain.serving import idle, refusing, with_own
from orchestrator.domain.slo import Slo, parse_slo
from orchestrator.domain.statistics import BLOCKS_FEWEST
from orchestrator.domain.variant import MARK, find_server
from orchestrator.domain.workload import RATE_MAX, RATE_MIN, Scenario, Workload
from orchestrator.errors import ConfigError, Mistake

SEED_DEFAULT = 4711
SEED_MAX = 2**53
#: More blocks than anybody waits for.
REPEAT_MAX = 50
#: ``run --quick``: this scenario, on the first sizes that fit, this many.
QUICK = "quick"
QUICK_SIZES = 2
NOTHING_ELSE = Extras()


@dataclass(frozen=True)
class LabConfig:
    """What to measure and how it is judged.

    Attributes:
        servers, instance_types, workloads: names, in the order they were written.
        own_instance_types: sizes described in the file itself; their ids are among ``instance_types``.
        sizes_max: measure no more than the first sizes that fit the host, this many; None for all.
        repeat: blocks, exactly; None: as many as the aim needs.
    """

    servers: tuple[str, ...]
    instance_types: tuple[str, ...]
    workloads: tuple[str, ...]
    scenario: Scenario
    slo: Slo
    seed: int = SEED_DEFAULT
    own_instance_types: tuple[InstanceType, ...] = ()
    sizes_max: int | None = None
    aim: Aim = Aim.STAIRCASE
    repeat: int | None = None
    extras: Extras = NOTHING_ELSE


@dataclass(frozen=True)
class Overrides:
    """What the command line says beside lab.yaml; empty means: as the file says."""

    servers: tuple[str, ...] = ()
    instance_types: tuple[str, ...] = ()
    workloads: tuple[str, ...] = ()
    rates: tuple[int, ...] = ()
    slo: str = ""
    seed: int | None = None
    quick: bool = False
    aim: Aim = Aim.STAIRCASE
    repeat: int | None = None
    extras: Extras = NOTHING_ELSE
    scenario: str = ""


@dataclass(frozen=True)
class Known:
    """What the catalog holds."""

    servers: Sequence[Server]
    instance_types: Sequence[InstanceType]
    workloads: Sequence[Workload]
    scenarios: Sequence[Scenario]
    batch_workloads: Sequence[BatchWorkload] = ()


def override(loaded: LabConfig, asked: Overrides, known: Known) -> LabConfig:
    """The command line over lab.yaml. Raises ConfigError with all mistakes at once; ``where`` is the option."""
    mistakes = [*_unknown_names(loaded, asked, known), *check_numbers(asked), *_aim(asked)]
    servers = _unique(asked.servers) or loaded.servers
    chosen, _ = named_servers(servers, known.servers)
    slo, wrong = _slo(loaded, asked)
    scenario, wrong_scenario = _scenario(loaded, asked, known)
    mistakes += wrong_scenario
    made = replace(
        loaded,
        servers=servers,
        instance_types=_unique(asked.instance_types) or loaded.instance_types,
        workloads=_unique(asked.workloads) or with_own(loaded.workloads, chosen),
        scenario=scenario,
        slo=slo,
        seed=loaded.seed if asked.seed is None else asked.seed,
        sizes_max=QUICK_SIZES if asked.quick and not asked.instance_types else loaded.sizes_max,
        aim=asked.aim,
        repeat=asked.repeat,
        extras=asked.extras,
    )
    mistakes += [*wrong, *_not_served(made, asked, known, chosen), *_not_made_for(made, asked), *_duet(made, chosen)]
    if mistakes:
        raise ConfigError(tuple(mistakes))
    return made


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``; did you mean 'memory'?`` for the known word that is nearest, or nothing when none is near."""
    near = difflib.get_close_matches(word[:80], list(known), n=1, cutoff=0.6)
    return f"; did you mean '{near[0]}'?" if near else ""


def not_in_catalog(kind: str, name: str, known: Iterable[str]) -> str:
    """``instance 'aws/t3.mirco' is not in the catalog; did you mean 'aws/t3.micro'?``"""
    shown = name if len(name) <= 80 else f"{name[:77]}..."
    return f"{kind} {shown!r} is not in the catalog{did_you_mean(name, known)}"


def named_servers(names: Iterable[str], known: Sequence[Server]) -> tuple[list[Server], list[str]]:
    """The servers and Variants of these names, each once, and what is wrong with the others."""
    found: dict[str, Server] = {}
    wrong = []
    for name in names:
        try:
            one = find_server(name, known)
        except ValueError as error:
            wrong.append(str(error))
            continue
        if one is None:
            wrong.append(not_in_catalog("server", name.partition(MARK)[0], [each.name for each in known]))
        else:
            found.setdefault(one.name, one)
    return list(found.values()), wrong


def not_served(workload: str, server: str) -> str:
    """``workload 'json' is not served by go-fasthttp``."""
    base, mark, _ = server.partition(MARK)
    why = f": it is left out, or these factors change nothing of it (orchestrator show {base})" if mark else ""
    return f"workload {workload!r} is not served by {server}{why}"


def not_made_for(workload: str, scenario: Scenario) -> str:
    """``workload 'json' is not what scenario database is made for: db``; "" when it is."""
    if not scenario.workloads or workload in scenario.workloads:
        return ""
    return f"workload {workload!r} is not what scenario {scenario.name} is made for: {', '.join(scenario.workloads)}"


def check_rate(rate_per_second: int) -> tuple[Mistake, ...]:
    """What is wrong with a rate given as ``--rate``; nothing when it can be offered."""
    if RATE_MIN <= rate_per_second <= RATE_MAX:
        return ()
    allowed = f"use {RATE_MIN:,} to {RATE_MAX:,} requests/s"
    return (Mistake("--rate", f"rate: {rate_per_second:,} is out of range; {allowed}"),)


def _unknown_names(loaded: LabConfig, asked: Overrides, known: Known) -> list[Mistake]:
    types = [one.id for one in (*known.instance_types, *loaded.own_instance_types)]
    wrong = [Mistake("--server", reason) for reason in named_servers(_unique(asked.servers), known.servers)[1]]
    # A batch workload that is nearly named is worth a hint; one that is named makes another kind of Run.
    workloads = [one.name for one in known.workloads] + [one.name for one in known.batch_workloads]
    return wrong + [
        Mistake(option, not_in_catalog(kind, name, every))
        for option, kind, names, every in (
            ("--instance", "instance", asked.instance_types, types),
            ("--workload", "workload", asked.workloads, workloads),
        )
        for name in _unique(names)
        if name not in every
    ]


def check_numbers(asked: Overrides) -> list[Mistake]:
    """What is wrong with the numbers of the command line."""
    mistakes = [mistake for rate in asked.rates for mistake in check_rate(rate)]
    if asked.seed is not None and not 0 <= asked.seed <= SEED_MAX:
        mistakes.append(Mistake("--seed", f"seed: {asked.seed} is out of range; use 0 to {SEED_MAX:,}"))
    if asked.repeat is not None and not 1 <= asked.repeat <= REPEAT_MAX:
        mistakes.append(Mistake("--repeat", f"repeat: {asked.repeat} is out of range; use 1 to {REPEAT_MAX}"))
    return mistakes


def _aim(asked: Overrides) -> list[Mistake]:
    if asked.aim == Aim.CAPACITY and asked.rates:
        return [Mistake("--rate", "--capacity looks for the rate by itself; leave --rate out")]
    if asked.aim == Aim.DEMAND and len(set(asked.rates)) != 1:
        return [Mistake("--rate", "--demand needs the one rate that the size must hold, as in --rate 2000")]
    if asked.extras.noise_floor and asked.aim == Aim.DEMAND:
        return [Mistake("--aa", "--demand asks each size until one holds, and has no blocks; use --aa with --rate")]
    if asked.extras.curve and asked.aim == Aim.DEMAND:
        return [Mistake("--curve", "--curve takes shares of a capacity; use it with --capacity or a staircase")]
    return []


def _duet(made: LabConfig, chosen: Sequence[Server]) -> list[Mistake]:
    """A duet is of two, at one rate, in containers of their own."""
    if made.aim != Aim.DUET:
        return []
    names, mistakes = [one.name for one in chosen], []
    if len(names) + made.extras.noise_floor != 2:
        count = f"{len(names)} server{'' if len(names) == 1 else 's'}"
        said = f"{count}{' and a twin' if made.extras.noise_floor else ''}: {', '.join(names)}"
        mistakes.append(Mistake("--duet", f"--duet is of two, not of {said}", "name two servers, or one with --aa"))
    both = [set(one.workloads) for one in chosen]
    for name in made.workloads if len(chosen) == 2 else ():
        if sum(name in served for served in both) == 1:
            mistakes.append(Mistake("--workload", f"workload {name!r} is not served by both, and a duet is of two"))
    if made.repeat is not None and made.repeat < BLOCKS_FEWEST:
        message = f"{made.repeat} of a duet's blocks show no spread; {BLOCKS_FEWEST} do, and 5 are usual"
        mistakes.append(Mistake("--repeat", message, "leave --repeat out: it takes as many as it needs"))
    if len(made.scenario.rates) != 1:
        message = f"--duet offers both the same one rate, and there are {len(made.scenario.rates)}"
        mistakes.append(Mistake("--rate", message, "as in --rate 2000"))
    beside = {"--curve": made.extras.curve, "--near-idle": made.extras.near_idle}
    why = "is measured of one server alone; leave --duet out"
    return mistakes + [Mistake(option, f"{option} {why}") for option, on in beside.items() if on]


def _slo(loaded: LabConfig, asked: Overrides) -> tuple[Slo, tuple[Mistake, ...]]:
    if not asked.slo:
        return loaded.slo, ()
    try:
        return parse_slo(asked.slo), ()
    except ValueError as error:
        return loaded.slo, (Mistake("--slo", str(error)),)


def _scenario(loaded: LabConfig, asked: Overrides, known: Known) -> tuple[Scenario, list[Mistake]]:
    """By name or as the file has it, with other rates where it takes some."""
    option, name = ("--scenario", asked.scenario) if asked.scenario else ("--quick", QUICK if asked.quick else "")
    scenario, wrong = loaded.scenario, []
    if asked.quick and asked.scenario not in ("", QUICK):
        wrong.append(
            Mistake("--scenario", f"--quick is scenario {QUICK} on {QUICK_SIZES} sizes; leave one of them out")
        )
    elif name:
        found = next((one for one in known.scenarios if one.name == name), None)
        if found is None:
            wrong.append(Mistake(option, not_in_catalog("scenario", name, [one.name for one in known.scenarios])))
        scenario = found or scenario
    wrong += _as_written(scenario, asked)
    return replace(scenario, rates=tuple(sorted(set(asked.rates)))) if asked.rates else scenario, wrong


def _as_written(scenario: Scenario, asked: Overrides) -> list[Mistake]:
    """Options that ask for another load than a scenario of its own kind is."""
    if not scenario.unranked and scenario.users is None:
        return []
    given = {
        "--rate": bool(asked.rates) and bool(scenario.unranked),
        f"--{asked.aim}": asked.aim != Aim.STAIRCASE,
        "--curve": asked.extras.curve,
        "--near-idle": asked.extras.near_idle,
        "--aa": asked.extras.noise_floor and bool(scenario.unranked),
    }
    why = f"scenario {scenario.name} is measured as it is written: {scenario}"
    return [Mistake(option, f"{why}; leave {option} out") for option, on in given.items() if on]


def _not_made_for(made: LabConfig, asked: Overrides) -> list[Mistake]:
    option = "--workload" if asked.workloads else "--scenario"
    hint = f"as in --workload {made.scenario.workloads[0]}" if made.scenario.workloads else ""
    return [Mistake(option, reason, hint) for name in made.workloads if (reason := not_made_for(name, made.scenario))]


def _not_served(made: LabConfig, asked: Overrides, known: Known, chosen: Sequence[Server]) -> list[Mistake]:
    """Only where the command line chose one of the two: the file's own pairs were checked when it was read."""
    if not asked.workloads and not asked.servers:
        return []
    workloads = [name for name in made.workloads if name in {one.name for one in known.workloads}]
    pairs = [(name, server) for name in workloads for server in refusing(name, chosen)]
    pairs += [(name, server.name) for server in idle(workloads, chosen) for name in workloads]
    option = "--workload" if asked.workloads else "--server"
    return [Mistake(option, not_served(name, server)) for name, server in dict.fromkeys(pairs)]


def _unique(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
