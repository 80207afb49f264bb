"""The one place where adapters meet use-cases. Everything heavy is imported when it is asked for."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from orchestrator.domain.config import LabConfig, not_in_catalog
from orchestrator.domain.slo import Slo, parse_slo
from orchestrator.domain.workload import RATE_MAX, RATE_MIN, Scenario
from orchestrator.errors import ConfigError, Mistake
from orchestrator.ports import Catalog, Lab, Progress, RunStore

#: Where Runs are kept; a folder of the user's when set, else ``runs`` below the current one.
RUNS_VARIABLE = "ORCHESTRATOR_RUNS"
#: ``host:port`` of a registry to use in place of the public ones.
REGISTRY_VARIABLE = "ORCHESTRATOR_REGISTRY"
LAB_FILE = "lab.yaml"
QUICK = "quick"
#: ``run --quick`` measures the first sizes of the config, this many.
QUICK_SIZES = 2


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


def catalog() -> Catalog:
    """Servers, instance types, workloads and scenarios of the project."""
    from orchestrator.adapters.files.catalog import FileCatalog

    return FileCatalog()


def store() -> RunStore:
    """Runs on disk."""
    from orchestrator.adapters.store.journal import FileRunStore

    return FileRunStore(runs_folder())


def runs_folder() -> Path:
    """Where Runs are kept."""
    return Path(os.environ.get(RUNS_VARIABLE) or "runs")


def run_id() -> str:
    """The id of a new Run."""
    from orchestrator.adapters.clock import SystemClock
    from orchestrator.adapters.store.names import run_id as name

    return name(SystemClock().now())


def config(path: Path | None, overrides: Overrides = Overrides()) -> LabConfig:  # frozen, no state
    """lab.yaml (the current folder's, else the project's own) with the command line over it.

    Raises ConfigError with all mistakes at once.
    """
    from orchestrator.adapters.files.config import load_lab
    from orchestrator.adapters.files.resources import resource

    here = Path(LAB_FILE)
    file = path or (here if here.exists() else resource(LAB_FILE))
    known = catalog()
    loaded = load_lab(file, known)
    return _override(loaded, overrides, known)


def lab(progress: Progress, *, supply: str = "auto") -> Lab:
    """The lab on the real engine. Nothing is asked of the engine yet."""
    from orchestrator.adapters.clock import SystemClock
    from orchestrator.adapters.docker.bench import DockerBench
    from orchestrator.adapters.docker.client import EngineClient
    from orchestrator.adapters.docker.containers import Containers
    from orchestrator.adapters.docker.engine import DockerEngine
    from orchestrator.adapters.docker.images import DockerImages
    from orchestrator.adapters.docker.labels import image_labels, lab_id
    from orchestrator.adapters.docker.stack import DockerStack
    from orchestrator.adapters.files.resources import project_root, resource
    from orchestrator.adapters.host.machine import usable_cpus
    from orchestrator.adapters.k6.generator import K6Generator
    from orchestrator.adapters.observer.client import ObserverMeter
    from orchestrator.usecases.provide import GENERATOR_IMAGE

    known = catalog()
    name = lab_id()
    client = EngineClient()
    containers = Containers(client, name)
    images = DockerImages(
        client,
        project_root(),
        known.servers(),
        supply=supply,
        mirror=os.environ.get(REGISTRY_VARIABLE),
        labels=image_labels(name),
    )
    bench = DockerBench(containers, resource("compose") / "bench.yaml", usable_cpus()[:1])
    return Lab(
        catalog=known,
        images=images,
        stack=DockerStack(containers),
        load=K6Generator(containers, lambda: images.provide(GENERATOR_IMAGE).reference),
        meter=ObserverMeter(_observer_url(bench)),
        bench=bench,
        engine=DockerEngine(containers, runs_folder()),
        store=store(),
        clock=SystemClock(),
        progress=progress,
        simulated=False,
    )


def simulated(progress: Progress) -> Lab:
    """The lab on fakes: no container runs, and every output says so."""
    from orchestrator.adapters.simulated.lab import simulated_lab
    from orchestrator.adapters.simulated.world import World

    return simulated_lab(World(), catalog(), progress)


def _observer_url(bench: object) -> Callable[[], str]:
    from orchestrator.adapters.docker.bench import DockerBench
    from orchestrator.errors import BenchNotReady

    assert isinstance(bench, DockerBench)

    def url() -> str:
        status = bench.status()
        if status is None or "live" not in status.urls:
            raise BenchNotReady("the observer does not run", where="observer", hint="orchestrator up")
        return status.urls["live"]

    return url


def _override(loaded: LabConfig, overrides: Overrides, known: Catalog) -> LabConfig:
    mistakes: list[Mistake] = []
    types = [one.id for one in (*known.instance_types(), *loaded.own_instance_types)]
    for option, kind, names, every in (
        ("--server", "server", overrides.servers, [one.name for one in known.servers()]),
        ("--instance", "instance", overrides.instance_types, types),
        ("--workload", "workload", overrides.workloads, [one.name for one in known.workloads()]),
    ):
        mistakes += [Mistake(option, not_in_catalog(kind, name, every)) for name in names if name not in every]
    mistakes += [
        Mistake("--rate", f"rate: {rate:,} is out of range; use {RATE_MIN} to {RATE_MAX:,} requests/s")
        for rate in overrides.rates
        if not RATE_MIN <= rate <= RATE_MAX
    ]
    slo = _slo(overrides.slo, loaded.slo, mistakes)
    if mistakes:
        raise ConfigError(tuple(mistakes))
    seed = loaded.seed if overrides.seed is None else overrides.seed
    sizes = loaded.instance_types[:QUICK_SIZES] if overrides.quick else loaded.instance_types
    return replace(
        loaded,
        servers=_unique(overrides.servers) or loaded.servers,
        instance_types=_unique(overrides.instance_types) or sizes,
        workloads=_unique(overrides.workloads) or loaded.workloads,
        scenario=_scenario(overrides, loaded, known),
        slo=slo,
        seed=seed,
    )


def _scenario(overrides: Overrides, loaded: LabConfig, known: Catalog) -> Scenario:
    scenario = loaded.scenario
    if overrides.quick:
        scenario = next(one for one in known.scenarios() if one.name == QUICK)
    if overrides.rates:
        scenario = replace(scenario, rates=tuple(sorted(set(overrides.rates))))
    return scenario


def _slo(text: str, loaded: Slo, mistakes: list[Mistake]) -> Slo:
    if not text:
        return loaded
    try:
        return parse_slo(text)
    except ValueError as error:
        mistakes.append(Mistake("--slo", str(error)))
        return loaded


def _unique(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
