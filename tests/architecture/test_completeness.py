"""Adding one thing in one place is enough, and half a thing is seen."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

import orchestrator.adapters.simulated
from orchestrator import ports
from orchestrator.adapters.docker.recipes import FOLDER, server_recipe
from orchestrator.domain import batch
from orchestrator.domain.footprint import measure
from orchestrator.domain.job_outcome import measure_job
from orchestrator.domain.measurement import JOB_METRICS, METRICS
from orchestrator.domain.server import NAME, Image, Server
from tests.unit.batch_samples import ASKED, EVIDENCE
from tests.unit.samples import GOOD, LIMITS

ROOT = Path(__file__).parents[2]
LANGUAGES = sorted(path.name.removesuffix(".Dockerfile") for path in (ROOT / "images").glob("*.Dockerfile"))
#: The batch workloads' programs are no servers.
KERNELS = sorted((ROOT / "servers").glob("*/kernels"))
PROGRAMS = sorted(
    path
    for path in (ROOT / "servers").glob("*/*")
    if ((path / "main.go").exists() or (path / "src/main.rs").exists()) and path not in KERNELS
)
SERVER_FILES = sorted((ROOT / "servers").glob("*/*/server.yaml"))
IMAGES: dict[str, dict[str, Any]] = tomllib.loads((ROOT / "images" / "images.toml").read_text())
PORTS = sorted(name for name, one in vars(ports).items() if getattr(one, "_is_protocol", False) and name != "Protocol")


def test_something_is_found() -> None:
    assert len(PROGRAMS) >= 2
    assert len(IMAGES) >= 8
    assert len(PORTS) >= 10


@pytest.mark.parametrize("folder", PROGRAMS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_server_is_one_folder(folder: Path) -> None:
    about = yaml.safe_load((folder / "server.yaml").read_text())
    assert about["program"] == folder.name
    assert about["language"].partition("+")[0] == folder.parent.name
    assert about["language"] in LANGUAGES, f"images/{about['language']}.Dockerfile is not there"
    assert NAME.fullmatch(about["name"])


def test_no_server_yaml_without_its_program() -> None:
    assert {path.parent for path in SERVER_FILES} == set(PROGRAMS)


def named_contexts(dockerfile: str) -> set[str]:
    froms = [line.split() for line in dockerfile.splitlines() if line.startswith("FROM ")]
    named = {words[1] for words in froms} - {"scratch"}
    named |= {part.removeprefix("--from=") for part in dockerfile.split() if part.startswith("--from=")}
    return named - {words[3] for words in froms if "AS" in words}


@pytest.mark.parametrize("language", sorted({yaml.safe_load(path.read_text())["language"] for path in SERVER_FILES}))
def test_an_image_of_each_language_can_be_had(language: str) -> None:
    recipe = server_recipe(Server("x", language, "x", "", 8080, ()))
    assert recipe.dockerfile is not None
    assert named_contexts((ROOT / recipe.dockerfile).read_text()) == set(recipe.contexts)
    for source in recipe.contexts.values():
        assert source in IMAGES or (ROOT / source.removeprefix(FOLDER)).is_dir(), source


@pytest.mark.parametrize("name", sorted(IMAGES))
def test_an_image_can_be_had(name: str) -> None:
    recipe = IMAGES[name]
    assert {"pull", "rootfs", "dockerfile"} & set(recipe), "neither pulled nor built"
    if "dockerfile" in recipe:
        text = (ROOT / recipe["dockerfile"]).read_text()
        assert "# syntax=" not in text, "would be pulled from a registry"
        assert named_contexts(text) == set(recipe.get("contexts", {})), "named contexts and Dockerfile differ"
    for source in recipe.get("contexts", {}).values():
        assert source in IMAGES or source in ("host:go", "host:rust", "host:tinygo"), source
    if "context" in recipe:
        assert (ROOT / recipe["context"]).is_dir()


def test_each_metric_is_measured() -> None:
    """A row in METRICS that no Trial fills would be a promise nobody keeps."""
    measured = [one.metric for one in measure(100, LIMITS, GOOD, IMAGE)]
    assert sorted(measured) == sorted(METRICS)
    of_jobs = [one.metric for one in measure_job(ASKED, EVIDENCE, IMAGE)]
    assert sorted(of_jobs) == sorted(JOB_METRICS)


def test_each_program_of_the_kernels_has_its_image_and_its_source() -> None:
    for program in batch.PROGRAMS:
        assert IMAGES[program.image].get("optional", False) == program.optional
        assert ROOT / "servers" / program.language / "kernels" in KERNELS
    assert {path.parent.name for path in KERNELS} == {program.language for program in batch.PROGRAMS}


def test_the_catalog_names_every_kernel_and_algorithm_of_the_sources() -> None:
    """A tag that the sources do not have would make its jobs unreadable; one the catalog lacks is never run."""
    rows = yaml.safe_load((ROOT / "orchestrator/catalog/batch.yaml").read_text())["workloads"]
    for path in KERNELS:
        sources = [*path.glob("*.go"), *path.glob("src/*.rs")]
        text = "\n".join(one.read_text() for one in sources if "test" not in one.name)
        quoted = set(re.findall(r'"([a-z0-9-]+)"', text))
        tags = {algorithm[path.parent.name] for row in rows for algorithm in row["algorithms"]}
        kernels = {row["kernel"] for row in rows}
        assert tags | kernels <= quoted, path
        mine = {word for word in quoted if any(word.startswith(f"{kernel}-") for kernel in kernels | {"json"})}
        assert mine - kernels <= tags, path


def members(kind: type) -> set[str]:
    return {
        name
        for name, one in inspect.getmembers(kind)
        if not name.startswith("_") and (callable(one) or isinstance(one, property))
    }


@pytest.mark.parametrize("port", PORTS)
def test_each_port_has_a_simulated_adapter(port: str) -> None:
    needed = members(getattr(ports, port))
    assert needed
    fakes = [
        one
        for module in pkgutil.iter_modules(orchestrator.adapters.simulated.__path__, "orchestrator.adapters.simulated.")
        for one in vars(importlib.import_module(module.name)).values()
        if inspect.isclass(one) and one.__module__ == module.name and needed <= members(one)
    ]
    assert fakes, f"nothing in adapters/simulated has {sorted(needed)}"


IMAGE = Image("server/x", "footprint-lab/x:1", "sha256:0", 5, 4, 3.0, "build", "go1.26")
