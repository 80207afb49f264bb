from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.adapters.files.catalog import FileCatalog
from orchestrator.adapters.files.config import load_lab
from orchestrator.adapters.files.resources import resource
from orchestrator.domain.placement import Placement, Room, place
from orchestrator.domain.slo import LatencyLimit, Slo
from orchestrator.domain.workload import Scenario
from orchestrator.errors import ConfigError

CATALOG = FileCatalog()


def lab(folder: Path, text: str) -> Path:
    path = folder / "lab.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_projects_own_lab_fits_two_cpus() -> None:
    config = load_lab(resource("lab.yaml"), CATALOG)
    assert config.servers == ("go-fasthttp", "rust-axum")
    assert config.scenario == next(one for one in CATALOG.scenarios() if one.name == "quick")
    assert config.slo == Slo((LatencyLimit(0.99, 0.05),), 0.001)
    assert len(config.instance_types) == 3
    for one in CATALOG.instance_types():
        if one.id in config.instance_types:
            assert isinstance(place(one, Room((0, 1), 4 * 2**30, "amd64")), Placement)
            assert one.price is not None


def test_the_shortest_lab_has_defaults(tmp_path: Path) -> None:
    config = load_lab(lab(tmp_path, "servers: [go-fasthttp]\ninstances: [azure/b1s]\n"), CATALOG)
    assert (config.workloads, config.scenario.name, config.slo, config.seed) == (("plaintext",), "quick", Slo(), 4711)


def test_everything_can_be_written_in_the_file(tmp_path: Path) -> None:
    text = """
version: 1
servers: [rust-axum]
instances:
  - azure/b1s
  - id: home/rack-1.5
    vcpus: 2
    memory: 96MiB
    kind: burstable
    sustained_cpus: 0.5
    prices: [{usd_per_hour: "0.00400", region: cellar, as_of: 2026-11-01, source: power bill}]
workloads: [json, nextid]
scenario: {rates: [10, 1000000], duration: 1min, warmup: 500ms}
slo: {p99: 5ms, errors: 0.5%}
seed: 0
"""
    config = load_lab(lab(tmp_path, text), CATALOG)
    own = config.own_instance_types[0]
    assert config.instance_types == ("azure/b1s", "home/rack-1.5")
    assert (own.provider, own.memory_bytes, own.sustained_cpus) == ("home", 96 * 2**20, 0.5)
    assert own.price is not None
    assert own.price.usd_per_hour == Decimal("0.004")
    assert own.price.status == "unverified"
    assert config.scenario == Scenario("inline", (10, 1_000_000), 60.0, 0.5, "written in lab.yaml")
    assert config.slo == Slo((LatencyLimit(0.99, 0.005),), 0.005)
    assert own not in CATALOG.instance_types()


@pytest.mark.parametrize(
    ("load", "scenario"),
    [
        ("ladder: true, rates: [1, 50, 50, 1]", Scenario("", (1, 50, 50, 1), 5.0, 0.0, ladder=True)),
        ("rates: [100], users: 2000", Scenario("", (100,), 5.0, 0.0, users=2_000)),
        ("users: 50, think: 50ms", Scenario("", (1_000,), 5.0, 0.0, users=50, think_seconds=0.05)),
        ("users: 1, think: 1min", Scenario("", (1,), 5.0, 0.0, users=1, think_seconds=60.0)),
    ],
)
def test_loads_of_every_kind_can_be_written_inline(tmp_path: Path, load: str, scenario: Scenario) -> None:
    text = f"servers: [go-fasthttp]\ninstances: [azure/b1s]\nscenario: {{{load}, duration: 5s, warmup: 0s}}\n"
    found = load_lab(lab(tmp_path, text), CATALOG).scenario
    assert replace(found, name="", summary="") == scenario


def test_the_files_own_workloads_must_be_those_of_its_scenario(tmp_path: Path) -> None:
    text = "servers: [go-fasthttp]\ninstances: [azure/b1s]\nworkloads: [db, json]\nscenario: database\n"
    with pytest.raises(ConfigError) as caught:
        load_lab(lab(tmp_path, text), CATALOG)
    assert [one.message for one in caught.value.mistakes] == [
        "workload 'json' is not what scenario database is made for: db"
    ]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_lab(tmp_path / "none.yaml", CATALOG)
    assert caught.value.mistakes[0].message == "there is no such file"


def test_mistakes_of_all_files_at_once(tmp_path: Path) -> None:
    broken = tmp_path / "servers" / "go" / "mine"
    broken.mkdir(parents=True)
    (broken / "server.yaml").write_text("name: mine\nlanguage: cobol\n")
    with pytest.raises(ConfigError) as caught:
        load_lab(lab(tmp_path, "servers: 5\n"), FileCatalog(tmp_path))
    told = [(Path(one.where.split(":")[0]).name, one.message) for one in caught.value.mistakes]
    assert ("lab.yaml", "servers: expected a list, found a number") in told
    assert ("lab.yaml", "key 'instances' is missing") in told
    assert ("server.yaml", "language: 'cobol' is not one of go, rust, go+rust") in told
    assert ("server.yaml", "key 'port' is missing") in told


def test_a_workload_the_server_does_not_serve(tmp_path: Path) -> None:
    folder = tmp_path / "servers" / "go" / "mine"
    folder.mkdir(parents=True)
    (folder / "server.yaml").write_text(
        "name: mine\nlanguage: go\nprogram: mine\nsummary: mine\nport: 8080\nworkloads: [plaintext]\n"
    )
    path = lab(tmp_path, "servers: [mine]\ninstances: [azure/b1s]\nworkloads: [json]\n")
    with pytest.raises(ConfigError) as caught:
        load_lab(path, FileCatalog(tmp_path))
    mistake = caught.value.mistakes[0]
    assert (mistake.where, mistake.message) == (f"{path}:3:13", "workload 'json' is not served by mine")


WORDS = st.text(alphabet="ab/.-<é0", max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
KEYS = ["version", "servers", "instances", "workloads", "scenario", "slo", "seed", "other"]


# A busy machine draws and parses slowly; how long it takes is tested in test_config_bad.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(content=st.dictionaries(st.sampled_from(KEYS), VALUES))
def test_content_of_any_kind_is_refused_with_its_place(
    tmp_path_factory: pytest.TempPathFactory, content: dict[str, object]
) -> None:
    path = lab(tmp_path_factory.getbasetemp(), json.dumps(content))
    with pytest.raises(ConfigError) as caught:
        load_lab(path, CATALOG)
    assert caught.value.mistakes
    assert all(one.where.startswith(str(path)) for one in caught.value.mistakes)
