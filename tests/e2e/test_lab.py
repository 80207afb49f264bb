"""From ``up`` to ``down``: what a user sees, and what the engine says of it."""

from __future__ import annotations

import json
import os
import re
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.command_line import CommandLine, Done, engine, inspect, new_lab, value

pytestmark = pytest.mark.engine

SERVERS = ("go-fasthttp", "rust-axum")
SIZES = {"aws/fargate-0.25vcpu-0.5gb": (25_000, 512 * 2**20), "aws/c7a.medium": (100_000, 2 * 2**30)}
RATES = (400, 600)


@dataclass(frozen=True)
class Measured:
    """A Run, and what the engine said of its containers while it went on, by Trial."""

    done: Done
    servers: dict[str, dict[str, Any]]
    generators: dict[str, dict[str, Any]]
    second: Done
    second_lab: str


@pytest.fixture(scope="module")
def foreign(cli: CommandLine) -> Iterator[tuple[str, str]]:
    """A container and a network of somebody else, named much like ours; before anything of ours is there."""
    name = f"footprint-{cli.lab}-x"
    with engine() as client:
        client.api.import_image_from_data(b"\0" * 10_240, repository=name, tag="1")
        container = client.api.create_container(f"{name}:1", ["/none"], name=name)["Id"]
        network = client.api.create_network(name)["Id"]
        yield container, network
        client.api.remove_container(container)
        client.api.remove_network(network)
        client.api.remove_image(f"{name}:1")


@pytest.fixture(scope="module")
def before(foreign: tuple[str, str]) -> dict[str, dict[str, Any]]:
    return everything()


@pytest.fixture(scope="module")
def up(cli: CommandLine, before: dict[str, dict[str, Any]]) -> Done:
    return cli("up").expect(0)


@pytest.fixture(scope="module")
def measured(cli: CommandLine, up: Done, tmp_path_factory: pytest.TempPathFactory) -> Measured:
    """Two servers on two sizes; while it goes on, the engine is asked and another lab tries the same."""
    cli.measure(*SERVERS, instances=", ".join(SIZES), rates=", ".join(map(str, RATES)))
    seen: dict[str, dict[str, dict[str, Any]]] = {"server": {}, "generator": {}}
    run = cli.start("run", "--json")
    run.wait_for(lambda: cli.containers("generator"), "load")
    with new_lab(tmp_path_factory.mktemp("second"), impatient=True) as other:
        second = other("run", "--quick", "--json")
    known: set[str] = set()
    while run.process.poll() is None:
        for role, found in seen.items():
            for container in set(cli.containers(role)) - known:
                facts = inspect(container)
                if facts:
                    known.add(container)
                    found[facts["Config"]["Labels"]["orchestrator.trial"]] = facts
        # Who asks all the time is the neighbour that voids the trials.
        time.sleep(1.5)
    return Measured(run.end(), seen["server"], seen["generator"], second, cli.lab)


def everything() -> dict[str, dict[str, Any]]:
    """What ``docker ps -a``, ``network ls`` and ``volume ls`` show: labels by id or name."""
    with engine() as client:
        found = {one["Id"]: one["Labels"] or {} for one in client.api.containers(all=True)}
        found |= {one["Id"]: one["Labels"] or {} for one in client.api.networks()}
        found |= {one["Name"]: one["Labels"] or {} for one in client.api.volumes()["Volumes"] or []}
    return found


def watched(said: Done) -> dict[str, str]:
    """What to open, by its name."""
    return {name: url for url, name in re.findall(r"(http://127\.0\.0\.1:\d+/\S*)\s+(live page|Prometheus)", said.out)}


def get(url: str) -> tuple[int, str]:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.status, answer.read().decode()


def query(prometheus: str, expression: str, wanted: int, seconds: float = 40.0) -> list[dict[str, Any]]:
    """As soon as so many series are there."""
    deadline = time.monotonic() + seconds
    while True:
        _, text = get(f"{prometheus}api/v1/query?{urllib.parse.urlencode({'query': expression})}")
        found: list[dict[str, Any]] = json.loads(text)["data"]["result"]
        if len(found) >= wanted or time.monotonic() > deadline:
            return found
        time.sleep(0.3)


def test_up_says_where_to_watch_and_it_can_be_watched(up: Done) -> None:
    urls = watched(up)
    assert set(urls) == {"live page", "Prometheus"}
    status, page = get(urls["live page"])
    assert status == 200 and "<html" in page.lower()
    assert {"engine", "images", "bench", "live"} <= {line.split(" ")[0] for line in up.err.splitlines()}
    assert "orchestrator run" in up.out and "orchestrator down" in up.out


@pytest.mark.parametrize("series", ["lab:cpu:cores", "lab:memory_of_limit:ratio", "lab:achieved_rate:per_second"])
def test_the_live_servers_are_seen_in_prometheus(up: Done, series: str) -> None:
    found = query(watched(up)["Prometheus"], f'{series}{{run="live",server!=""}}', len(SERVERS))
    assert {one["metric"]["server"] for one in found} == set(SERVERS)
    assert all(float(one["value"][1]) > 0 for one in found)


def test_a_second_up_builds_nothing_and_changes_nothing(cli: CommandLine, up: Done) -> None:
    first = {name for name, labels in everything().items() if labels.get("orchestrator.lab") == cli.lab}
    again = cli("up").expect(0)
    assert " up to date" in again.err and "to get" not in again.err
    assert watched(again) == watched(up)
    assert {name for name, labels in everything().items() if labels.get("orchestrator.lab") == cli.lab} == first


def test_a_run_gives_a_priced_answer(measured: Measured) -> None:
    answer = measured.done.expect(0).envelope
    assert (answer["schema"], answer["command"], answer["errors"]) == (1, "run", [])
    data = answer["data"]
    assert data["finished"] is True and data["simulated"] is False
    cells = {(one["cell"]["server"], one["cell"]["instance_type"]): one for one in data["cells"]}
    assert set(cells) == {(server, size) for server in SERVERS for size in SIZES}
    assert all(one["capacity"]["holds"] in RATES for one in cells.values())
    estimates = data["cost"]["estimates"]
    assert len(estimates) == len(cells)
    assert all(float(one["usd_per_month"]) > 0 for one in estimates)


def test_a_run_stops_the_live_servers_and_says_so(measured: Measured, cli: CommandLine) -> None:
    assert "2 live servers stopped" in measured.done.err
    with engine() as client:
        live = {"label": [f"orchestrator.lab={cli.lab}", "orchestrator.live=true"]}
        assert not client.api.containers(all=True, filters=live)


def test_every_trial_proves_its_limits_and_has_its_figures(measured: Measured, cli: CommandLine) -> None:
    trials = cli.shown()["trials"]
    assert len(trials) >= len(SERVERS) * len(SIZES)
    completed = [one for one in trials if one["outcome"]["status"] == "completed"]
    assert {(one["cell"]["server"], one["cell"]["instance_type"]) for one in completed} == {
        (server, size) for server in SERVERS for size in SIZES
    }
    for trial in completed:
        assert trial["effective"] == [trial["limits"]] * 2
        assert 0 < value(trial, "cpu_seconds_per_request") < 0.01
        assert 0 < value(trial, "latency_seconds_p50") <= value(trial, "latency_seconds_p99") < 1
        assert 2**18 < value(trial, "memory_bytes_peak") <= trial["limits"]["memory_bytes"]
        assert value(trial, "rate_achieved_per_second") == pytest.approx(trial["rate_per_second"], rel=0.05)
        assert trial["server_info"]


def test_a_cold_start_is_timed_or_says_why_not(measured: Measured, cli: CommandLine) -> None:
    starts = [value(one, "cold_start_seconds") for one in cli.shown()["trials"] if one["server_info"]]
    timed = [one for one in starts if not isinstance(one, dict)]
    # A server may answer before the engine has noted its start.
    assert all("quicker than it can tell" in one["missing"] for one in starts if isinstance(one, dict))
    assert timed and all(0 < one < 5 for one in timed), starts


def test_the_engine_shows_exactly_the_limits_of_the_size(measured: Measured, cli: CommandLine) -> None:
    trials = {one["trial"]: one for one in cli.shown()["trials"]}
    assert set(measured.servers) == set(trials)
    for name, found in measured.servers.items():
        host, record = found["HostConfig"], trials[name]
        quota, memory = SIZES[record["cell"]["instance_type"]]
        assert (host["CpuQuota"], host["CpuPeriod"]) == (quota, 100_000)
        assert (host["Memory"], host["MemorySwap"], host["PidsLimit"]) == (memory, memory, 512)
        assert host["CpusetCpus"] == str(record["placement"]["server_cpus"][0])
        assert host["ReadonlyRootfs"] is True and host["CapDrop"] == ["ALL"] and host["Privileged"] is False
        assert not host["PortBindings"]
        asked = {"quota_microseconds": quota, "period_microseconds": 100_000, "memory_bytes": memory, "swap_bytes": 0}
        assert asked.items() <= record["limits"].items()


def test_the_generator_is_in_the_servers_network_on_other_cpus(measured: Measured) -> None:
    assert set(measured.generators) == set(measured.servers)
    for name, found in measured.generators.items():
        server = measured.servers[name]
        assert found["HostConfig"]["NetworkMode"] == f"container:{server['Id']}"
        assert found["HostConfig"]["CpusetCpus"] != server["HostConfig"]["CpusetCpus"]
        assert found["Config"]["Labels"]["orchestrator.role"] == "generator"


def test_a_second_run_at_the_same_time_names_the_first(measured: Measured) -> None:
    error = measured.second.expect(5).envelope["errors"][0]
    assert error["id"] == "LabHeld" and f"lab {measured.second_lab}, process " in error["message"]


def test_what_was_measured_is_priced_and_shown_from_disk(measured: Measured, cli: CommandLine) -> None:
    nowhere = {"DOCKER_HOST": "unix:///nonexistent.sock"}
    text = cli("cost", "--rate", "2000", **nowhere).expect(0).out
    assert text.startswith("For 2,000 requests/s") and all(server in text for server in SERVERS)
    data = cli("cost", "--rate", "2000", "--json", **nowhere).expect(0).envelope["data"]
    for one in data["estimates"]:
        assert one["replicas"] >= 2000 / RATES[-1]
    run = measured.done.envelope["data"]["run"]
    assert run in cli("list", "runs", **nowhere).expect(0).out
    shown = cli("show", run, **nowhere).expect(0).out
    trial = next(iter(measured.servers))
    assert trial in shown and "finished" in shown
    assert "read back" in cli("show", trial, **nowhere).expect(0).out


def test_doctor_finds_the_machine_fit_and_proves_it(up: Done, cli: CommandLine) -> None:
    data = cli("doctor", "--json").expect(0).envelope["data"]
    assert data["fit"] is True
    checks = {one["check"]: one for one in data["findings"]}
    assert checks["self-test"]["severity"] == "ok" and "enforced" in checks["self-test"]["evidence"]
    assert str(len(os.sched_getaffinity(0))) in checks["cpus"]["evidence"]


def test_down_leaves_what_was_there_before(
    measured: Measured, cli: CommandLine, before: dict[str, dict[str, Any]], foreign: tuple[str, str]
) -> None:
    removed = cli("down", "--json").expect(0).envelope["data"]["removed"]
    assert removed["containers"] >= 3 and removed["networks"] == 1 and removed["volumes"] >= 1
    after = everything()
    # Other labs may come and go meanwhile, under their own labels.
    assert [one for one in after.keys() - before.keys() if after[one].get("orchestrator.lab") in (None, cli.lab)] == []
    assert set(foreign) <= after.keys()
    assert "nothing of this lab was there" in cli("down").expect(0).out


def test_no_file_is_left_outside_its_folder(measured: Measured, cli: CommandLine) -> None:
    assert {path.name for path in cli.folder.iterdir() if not path.name.startswith("said-")} == {"lab.yaml", "runs"}
    assert not Path("runs").joinpath(measured.done.envelope["data"]["run"]).exists()
