"""A service of the user's own, from ``init`` to a result, over the catalog's files and the simulated lab."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestrator import wiring
from tests.unit.cli.conftest import Cli

INIT = ("init", "--image", "me/api:1", "--port", "8000")
TOKEN = "environment: {TOKEN: {from_env: SIX_TOKEN}}\n"
HELLO = "image: me/hello\nport: 80\nrequests: [{path: /hello, check: {body: 'Hello, World!'}}]\nworkload: plaintext\n"
RUN = ("run", "--dry-run", "--instance", "aws/fargate-0.25vcpu-0.5gb", "--rate", "500")
FILES = wiring.catalog


@pytest.fixture
def own(cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Cli:
    """The real catalog, in a folder without a lab.yaml of its own."""
    monkeypatch.setattr(wiring, "catalog", FILES)
    (tmp_path / "lab.yaml").unlink()
    return cli


def test_init(own: Cli) -> None:
    own(*INIT).golden("init")
    own(*INIT).golden("init_again")


def test_the_file_that_init_writes(own: Cli, tmp_path: Path) -> None:
    own(*INIT)
    written = (tmp_path / "services" / "api.yaml").read_text(encoding="utf-8")
    golden = Path(__file__).parents[2] / "golden" / "cli" / "init.yaml"
    assert written == golden.read_text(encoding="utf-8")


def test_init_json(own: Cli) -> None:
    document = own(*INIT, "--name", "mine", "--json").document
    assert document["data"] == {"service": "mine", "file": "services/mine.yaml"}
    assert own("init", "--image", "B A D", "--port", "0").exit_code == 2


def test_a_service_is_listed_beside_the_labs_servers(own: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    own(*INIT)
    row = next(line for line in own("list", "servers").out.splitlines() if line.startswith("api "))
    assert row.split() == ["api", "-", "api", "-", "me/api:1"]
    assert [one for one in own("list", "workloads").out.splitlines() if one.startswith("api ")]


def test_choosing_a_service_is_enough_to_measure_it(own: Cli) -> None:
    own(*INIT)
    data = own(*RUN, "--server", "api", "--json").document["data"]
    assert [(one["cell"]["server"], one["cell"]["workload"]) for one in data["cells"]] == [("api", "api")]


def test_beside_the_labs_servers_each_is_measured_under_its_own_workload(own: Cli) -> None:
    own(*INIT)
    shown = own(*RUN, "--server", "api", "--server", "go-fasthttp", "--repeat", "3")
    assert shown.exit_code == 0
    assert "capacity of plaintext" in shown.out and "capacity of api" in shown.out
    data = own(*RUN, "--server", "api", "--server", "go-fasthttp", "--repeat", "3", "--json").document["data"]
    assert {(one["cell"]["server"], one["cell"]["workload"]) for one in data["cells"]} == {
        ("api", "api"),
        ("go-fasthttp", "plaintext"),
    }
    assert data["comparisons"] == [], "only what does the same is compared"


def test_under_a_workload_of_the_lab_it_is_compared_and_its_path_is_told(own: Cli, tmp_path: Path) -> None:
    (tmp_path / "services").mkdir()
    (tmp_path / "services" / "hello.yaml").write_text(HELLO)
    arguments = (*RUN, "--server", "hello", "--server", "go-fasthttp", "--repeat", "3")
    assert "note: hello was asked GET /hello, the others GET /plaintext\n" in own(*arguments).out
    comparisons = own(*arguments, "--json").document["data"]["comparisons"]
    assert {(one["first"]["server"], one["second"]["server"]) for one in comparisons} == {("hello", "go-fasthttp")}


def test_a_workload_that_a_service_does_not_serve_is_refused_when_it_is_named(own: Cli) -> None:
    own(*INIT)
    shown = own(*RUN, "--server", "api", "--workload", "json")
    assert (shown.exit_code, "workload 'json' is not served by api" in shown.err) == (2, True)
    alone = own(*RUN, "--server", "go-fasthttp", "--workload", "api")
    assert (alone.exit_code, "workload 'api' is not served by go-fasthttp" in alone.err) == (2, True)


def test_a_mistake_in_a_service_names_its_line(own: Cli, tmp_path: Path) -> None:
    own(*INIT)
    path = tmp_path / "services" / "api.yaml"
    path.write_text(path.read_text().replace("port: 8000", "prot: 8000"))
    shown = own("list", "servers")
    assert shown.exit_code == 2
    assert "services/api.yaml:8:1  unknown key 'prot'; did you mean 'port'?" in shown.err


def test_services_lie_beside_the_lab_file(own: Cli, tmp_path: Path) -> None:
    own(*INIT)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "services").rename(elsewhere / "services")
    (elsewhere / "lab.yaml").write_text("servers: [api]\ninstances: [aws/fargate-0.25vcpu-0.5gb]\n")
    shown = own("run", str(elsewhere / "lab.yaml"), "--dry-run", "--json")
    assert shown.document["data"]["cells"][0]["cell"]["server"] == "api"


def test_a_secret_must_be_there_before_a_container_is_started_and_is_shown_nowhere(
    own: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own(*INIT)
    path = tmp_path / "services" / "api.yaml"
    path.write_text(path.read_text() + TOKEN)
    monkeypatch.delenv("SIX_TOKEN", raising=False)
    arguments = ("run", "--server", "api", "--instance", "aws/fargate-0.25vcpu-0.5gb", "--rate", "500")
    shown = own(*arguments)
    assert shown.exit_code == 2
    assert "TOKEN: the environment has no SIX_TOKEN; export SIX_TOKEN=..." in shown.err
    assert own(*arguments, "--dry-run").exit_code == 0
    monkeypatch.setenv("SIX_TOKEN", "very-secret")
    stored = json.dumps(own("list", "servers", "--json").document)
    assert "SIX_TOKEN" in stored and "very-secret" not in stored


def test_several_requests_are_k6s_and_that_is_said(own: Cli, tmp_path: Path) -> None:
    own(*INIT)
    path = tmp_path / "services" / "api.yaml"
    path.write_text(path.read_text().replace("requests:\n", "requests:\n  - {path: /other, weight: 3}\n"))
    shown = own(*RUN, "--server", "api")
    assert "load by k6 alone: api is a mix of 2 requests" in shown.err
