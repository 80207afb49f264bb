"""The one place where adapters meet use-cases. Everything heavy is imported when it is asked for."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from orchestrator.domain.config import Known, LabConfig, Overrides, override
from orchestrator.domain.generator import Generator
from orchestrator.domain.job_config import JobConfig, asks_for_jobs, jobs_of
from orchestrator.errors import ConfigError
from orchestrator.ports import Catalog, Lab, Progress, RunStore

#: Where Runs are kept; a folder of the user's when set, else ``runs`` below the current one.
RUNS_VARIABLE = "ORCHESTRATOR_RUNS"
#: ``host:port`` of a registry to use in place of the public ones.
REGISTRY_VARIABLE = "ORCHESTRATOR_REGISTRY"
LAB_FILE = "lab.yaml"
#: The command line says nothing beside lab.yaml.
AS_WRITTEN = Overrides()


def catalog(lab_file: Path | None = None, *, services: bool = True) -> Catalog:
    """Servers, instance types, workloads and scenarios of the project, and the services beside lab.yaml."""
    from orchestrator.adapters.files.catalog import FileCatalog

    return FileCatalog(services=services_folder(lab_file) if services else None)


def services_folder(lab_file: Path | None = None) -> Path:
    """Where the user's own servers are described: beside lab.yaml, which is looked for in the current folder."""
    from orchestrator.adapters.files.services import SERVICES_FOLDER

    return (lab_file.parent if lab_file else Path()) / SERVICES_FOLDER


def new_service(image: str, port: int, name: str) -> Path:
    """A new services/<name>.yaml in the current folder; "" takes the image's name. Raises ConfigError."""
    from orchestrator.adapters.files.new_service import name_of, write_service

    known = catalog()
    lists = Known(known.servers(), known.instance_types(), known.workloads(), known.scenarios())
    return write_service(services_folder(), image, port, name or name_of(image), lists)


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


def config(path: Path | None, overrides: Overrides = AS_WRITTEN, *, secrets: bool = True) -> LabConfig:
    """lab.yaml (the current folder's, else the project's own) with the command line over it.

    Args:
        secrets: what the chosen services need must be there; off for a run that starts no container.

    Raises ConfigError with all mistakes at once.
    """
    from orchestrator.adapters.files.services import missing_secrets

    known = catalog(path)
    chosen = override(_loaded(path, known), overrides, _known(known))
    missing = missing_secrets([one for one in known.servers() if one.name in chosen.servers]) if secrets else ()
    if missing:
        raise ConfigError(missing)
    return chosen


def jobs(path: Path | None, overrides: Overrides) -> JobConfig | None:
    """The batch jobs the command line asks for; None when it asks for none. Raises ConfigError as ``config`` does."""
    known = catalog(path)
    if not asks_for_jobs(overrides, known.batch_workloads()):
        return None
    return jobs_of(_loaded(path, known), overrides, _known(known))


def _loaded(path: Path | None, known: Catalog) -> LabConfig:
    from orchestrator.adapters.files.config import load_lab
    from orchestrator.adapters.files.resources import resource

    here = Path(LAB_FILE)
    return load_lab(path or (here if here.exists() else resource(LAB_FILE)), known)


def _known(known: Catalog) -> Known:
    return Known(known.servers(), known.instance_types(), known.workloads(), known.scenarios(), known.batch_workloads())


def lab(progress: Progress, *, supply: str = "auto", lab_file: Path | None = None, services: bool = True) -> Lab:
    """The lab on the real engine. Nothing is asked of the engine yet.

    Args:
        services: off for what has nothing to do with the user's own, and must not fail for a mistake in their files.
    """
    from orchestrator.adapters.clock import SystemClock
    from orchestrator.adapters.docker.bench import DockerBench
    from orchestrator.adapters.docker.client import EngineClient
    from orchestrator.adapters.docker.containers import Containers
    from orchestrator.adapters.docker.engine import DockerEngine
    from orchestrator.adapters.docker.images import DockerImages
    from orchestrator.adapters.docker.jobs import DockerJobs
    from orchestrator.adapters.docker.labels import image_labels, lab_id
    from orchestrator.adapters.docker.stack import DockerStack
    from orchestrator.adapters.files.resources import project_root, resource
    from orchestrator.adapters.k6.generator import K6Generator
    from orchestrator.adapters.observer.client import ObserverMeter
    from orchestrator.adapters.oha.generator import OhaGenerator
    from orchestrator.usecases.provide import GENERATOR_IMAGES

    known = catalog(lab_file, services=services)
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
    engine = DockerEngine(containers, runs_folder())
    # The bench keeps the first CPU of the engine's host, as domain.placement has it.
    bench = DockerBench(containers, resource("compose") / "bench.yaml", lambda: engine.facts().cpus[:1])
    return Lab(
        catalog=known,
        images=images,
        stack=DockerStack(containers),
        jobs=DockerJobs(containers),
        generators={
            Generator.K6: K6Generator(containers, lambda: images.provide(GENERATOR_IMAGES[Generator.K6]).reference),
            Generator.OHA: OhaGenerator(containers, lambda: images.provide(GENERATOR_IMAGES[Generator.OHA]).reference),
        },
        meter=ObserverMeter(_observer_url(bench)),
        bench=bench,
        engine=engine,
        store=store(),
        clock=SystemClock(),
        progress=progress,
        simulated=False,
    )


def simulated(progress: Progress, lab_file: Path | None = None) -> Lab:
    """The lab on fakes: no container runs, and every output says so."""
    from orchestrator.adapters.simulated.lab import simulated_lab
    from orchestrator.adapters.simulated.world import World

    return simulated_lab(World(), catalog(lab_file), progress)


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
