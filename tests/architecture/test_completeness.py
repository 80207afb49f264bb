"""Adding one thing in one place is enough, and half a thing is seen."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

import orchestrator.adapters.simulated
from orchestrator import ports
from orchestrator.domain.footprint import measure
from orchestrator.domain.limits import EffectiveLimits, Limits
from orchestrator.domain.measurement import METRICS
from orchestrator.domain.reading import BoxState, Evidence, FirstAnswer, LoadResult, Reading
from orchestrator.domain.server import NAME, Image

ROOT = Path(__file__).parents[2]
LANGUAGES = sorted(path.name.removesuffix(".Dockerfile") for path in (ROOT / "images").glob("*.Dockerfile"))
PROGRAMS = sorted(
    path for path in (ROOT / "servers").glob("*/*") if (path / "main.go").exists() or (path / "src/main.rs").exists()
)
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
    assert about["language"] == folder.parent.name
    assert about["language"] in LANGUAGES, f"images/{about['language']}.Dockerfile is not there"
    assert NAME.fullmatch(about["name"])


def test_no_server_yaml_without_its_program() -> None:
    described = {path.parent for path in (ROOT / "servers").glob("*/*/server.yaml")}
    assert described == set(PROGRAMS)


@pytest.mark.parametrize("name", sorted(IMAGES))
def test_an_image_can_be_had(name: str) -> None:
    recipe = IMAGES[name]
    assert {"pull", "rootfs", "dockerfile"} & set(recipe), "neither pulled nor built"
    if "dockerfile" in recipe:
        text = (ROOT / recipe["dockerfile"]).read_text()
        assert "# syntax=" not in text, "would be pulled from a registry"
        named = {line.split()[1] for line in text.splitlines() if line.startswith("FROM ")} - {"scratch"}
        named |= {part.removeprefix("--from=") for part in text.split() if part.startswith("--from=")}
        stages = {line.split()[3] for line in text.splitlines() if line.startswith("FROM ") and " AS " in line}
        assert named - stages == set(recipe.get("contexts", {})), "named contexts and Dockerfile differ"
    for source in recipe.get("contexts", {}).values():
        assert source in IMAGES or source in ("host:go", "host:rust"), source
    if "context" in recipe:
        assert (ROOT / recipe["context"]).is_dir()


def test_each_metric_is_measured() -> None:
    """A row in METRICS that no Trial fills would be a promise nobody keeps."""
    measured = [one.metric for one in measure(100, LIMITS, evidence(), IMAGE)]
    assert sorted(measured) == sorted(METRICS)


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


LIMITS = Limits((1,), 50_000, 100_000, 64 * 2**20, 0, 512)
IMAGE = Image("server/x", "footprint-lab/x:1", "sha256:0", 5, 4, 3.0, "build", "go1.26")


def reading(at_seconds: float, cpu_seconds: float) -> Reading:
    effective = EffectiveLimits((1,), 50_000, 100_000, 64 * 2**20, 0, 512)
    periods = round(at_seconds * 10)
    return Reading(
        at_seconds=at_seconds,
        cpu_seconds=cpu_seconds,
        cpu_seconds_user=cpu_seconds / 2,
        cpu_seconds_system=cpu_seconds / 2,
        cpu_periods=periods,
        cpu_throttled_periods=periods // 2,
        cpu_throttled_seconds=0.1,
        memory_bytes_current=1,
        memory_bytes_anon=1,
        memory_bytes_peak=1,
        oom_kills=0,
        cpu_pressure_seconds=0.1,
        limits=effective,
        limits_changes=0,
    )


def evidence() -> Evidence:
    state = BoxState(running=True, exit_code=0, restarts=0, started_at="2026-01-01T00:00:00Z", oom_killed=False)
    latency = dict.fromkeys(("mean", "p50", "p90", "p99", "p999", "max"), 0.001)
    load = LoadResult(0, 10.0, 1_000, 0, 0, latency, 0.001, 20, 0.0005)
    return Evidence(
        opening=reading(1.0, 1.0),
        closing=reading(11.0, 2.0),
        generator_opening=reading(1.0, 1.0),
        generator_closing=reading(11.0, 2.0),
        generator_cpus=1,
        quiet_seconds=0.4,
        before=state,
        after=state,
        load=load,
        first_answer=FirstAnswer(101.0, {}),
        ordered_unix_seconds=99.8,
        started_unix_seconds=100.0,
    )
