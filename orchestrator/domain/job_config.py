"""Which batch jobs the command line asks for, and what it must not ask for beside them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from orchestrator.domain.batch import SIZE_DEFAULT, BatchWorkload
from orchestrator.domain.config import Known, LabConfig, Overrides, check_numbers, not_in_catalog
from orchestrator.domain.instance_type import InstanceType
from orchestrator.domain.plan import Aim
from orchestrator.errors import ConfigError, Mistake

NO_RATE = "a batch job runs to its end and holds no rate"


@dataclass(frozen=True)
class JobConfig:
    """What to run.

    Attributes:
        workloads, instance_types: names, in the order they were written.
        own_instance_types: sizes described in lab.yaml.
        repeat: blocks, exactly; None: the usual number.
    """

    workloads: tuple[str, ...]
    instance_types: tuple[str, ...]
    seed: int
    own_instance_types: tuple[InstanceType, ...] = ()
    repeat: int | None = None


def asks_for_jobs(asked: Overrides, known: Iterable[BatchWorkload]) -> bool:
    """Whether a batch workload is among the workloads of the command line."""
    return bool(set(asked.workloads) & {one.name for one in known})


def jobs_of(loaded: LabConfig, asked: Overrides, known: Known) -> JobConfig:
    """The jobs of the command line; of lab.yaml its seed and its own sizes only.

    Raises ConfigError with all mistakes at once, such as requests and batch jobs in one run.
    """
    sizes = [one.id for one in (*known.instance_types, *loaded.own_instance_types)]
    wanted = tuple(dict.fromkeys(asked.instance_types)) or (SIZE_DEFAULT,)
    mistakes = [*_workloads(asked, known), *_not_for_jobs(asked), *check_numbers(asked)]
    mistakes += [Mistake("--instance", not_in_catalog("instance", name, sizes)) for name in wanted if name not in sizes]
    if mistakes:
        raise ConfigError(tuple(mistakes))
    return JobConfig(
        workloads=tuple(dict.fromkeys(asked.workloads)),
        instance_types=wanted,
        seed=loaded.seed if asked.seed is None else asked.seed,
        own_instance_types=loaded.own_instance_types,
        repeat=asked.repeat,
    )


def _workloads(asked: Overrides, known: Known) -> list[Mistake]:
    jobs, requests = {one.name for one in known.batch_workloads}, {one.name for one in known.workloads}
    first = next(name for name in asked.workloads if name in jobs)
    found = []
    for name in dict.fromkeys(asked.workloads):
        if name in requests:
            message = f"{name} is a request and {first} a batch job: a run measures one kind, each by its own figures"
            found.append(Mistake("--workload", message, "run them one after the other"))
        elif name not in jobs:
            found.append(Mistake("--workload", not_in_catalog("workload", name, [*requests, *jobs])))
    return found


def _not_for_jobs(asked: Overrides) -> list[Mistake]:
    given = (
        ("--server", bool(asked.servers), "a batch job is no server: the kernels of every language run it"),
        ("--rate", bool(asked.rates), NO_RATE),
        ("--slo", bool(asked.slo), f"{NO_RATE} that an SLO could judge"),
        ("--scenario", bool(asked.scenario), "a scenario offers requests, and a batch job gets none"),
        ("--quick", asked.quick, "scenario quick offers requests, and a batch job gets none"),
        ("--capacity", asked.aim == Aim.CAPACITY, NO_RATE),
        ("--demand", asked.aim == Aim.DEMAND, NO_RATE),
        ("--duet", asked.aim == Aim.DUET, "a batch job is no server, of which a duet takes two"),
        ("--curve", asked.extras.curve, NO_RATE),
        ("--near-idle", asked.extras.near_idle, "a batch job is never idle"),
        ("--aa", asked.extras.noise_floor, "there is no A/A pair of batch jobs"),
    )
    return [Mistake(option, f"{why}; leave {option} out") for option, there, why in given if there]
