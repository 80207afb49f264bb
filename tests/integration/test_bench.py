"""The bench on the real engine: up, up again, in use, broken, down."""

from __future__ import annotations

import json
import socket
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from orchestrator.adapters.docker.bench import COMPONENTS, NO_GRAFANA, DockerBench
from orchestrator.adapters.docker.containers import Containers
from orchestrator.adapters.docker.stack import DockerStack
from orchestrator.adapters.host.machine import usable_cpus
from orchestrator.adapters.k6.generator import K6Generator
from orchestrator.domain.box import BoxSpec, LoadSpec, Tags
from orchestrator.domain.limits import Limits
from orchestrator.domain.request import Check, Request
from orchestrator.domain.server import Image
from orchestrator.domain.workload import Workload
from orchestrator.errors import BenchNotReady

pytestmark = pytest.mark.engine

Provide = Callable[[str], Image]
ROOT = Path(__file__).resolve().parents[2]
CPUS = usable_cpus()
IMAGES = ("bench-prometheus", "cadvisor", "observer")
TAGS = Tags("a-run", "t1", "go-fasthttp", "acme/small", "plaintext", "server")


@pytest.fixture
def images(provide: Provide) -> dict[str, Image]:
    return {name: provide(name) for name in IMAGES}


@pytest.fixture
def bench(containers: Containers) -> DockerBench:
    return DockerBench(containers, ROOT / "compose" / "bench.yaml", lambda: CPUS[:1])


@pytest.fixture
def taken_port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The port where the live page would be, held by this test: a port of its own, whoever else has the usual one."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = int(taken.getsockname()[1])
        moved = tuple(replace(one, published=port) if one.name == "observer" else one for one in COMPONENTS)
        monkeypatch.setattr("orchestrator.adapters.docker.bench.COMPONENTS", moved)
        yield port


def listed(containers: Containers) -> list[dict[str, Any]]:
    with containers.client.calls("list") as api:
        return list(api.containers(all=True, filters={"label": f"orchestrator.lab={containers.lab}"}))


def query(prometheus: str, expression: str, seconds: float = 10.0) -> list[dict[str, Any]]:
    """The vector Prometheus answers with, as soon as it is not empty."""
    deadline = time.monotonic() + seconds
    while True:
        url = f"{prometheus}api/v1/query?{urllib.parse.urlencode({'query': expression})}"
        with urllib.request.urlopen(url, timeout=5) as answer:
            found: list[dict[str, Any]] = json.load(answer)["data"]["result"]
        if found or time.monotonic() > deadline:
            return found
        time.sleep(0.2)


def test_up_answers_and_a_second_up_changes_nothing(
    bench: DockerBench, images: dict[str, Image], containers: Containers
) -> None:
    assert bench.status() is None
    first = bench.up(images)
    assert first.components == ("prometheus", "cadvisor", "observer")
    assert first.missing == {"grafana": NO_GRAFANA}
    assert set(first.urls) == {"prometheus", "live"}
    for url, path in ((first.urls["prometheus"], "-/ready"), (first.urls["live"], "healthz")):
        with urllib.request.urlopen(url + path, timeout=5) as answer:
            assert answer.status == 200
    before = {one["Id"] for one in listed(containers)}
    begin = time.monotonic()
    assert bench.up(images) == first
    assert time.monotonic() - begin < 1.0
    assert {one["Id"] for one in listed(containers)} == before
    assert bench.status() == first


def test_everything_is_labelled_limited_and_on_loopback(
    bench: DockerBench, images: dict[str, Image], containers: Containers
) -> None:
    bench.up(images)
    for one in listed(containers):
        found = containers.inspect(one["Id"])
        assert found is not None
        host = found["HostConfig"]
        assert host["CpusetCpus"] == str(CPUS[0]) and host["Memory"] > 0
        assert not host["Privileged"] and host["CapDrop"] == ["ALL"]
        assert all(port["IP"] == "127.0.0.1" for port in one["Ports"] if "PublicPort" in port)
        for mount in found["Mounts"]:
            assert mount["Type"] == "volume" or not mount["RW"], mount
            assert not mount["Source"].startswith(str(ROOT))
    with containers.client.calls("list") as api:
        mine = {"label": f"orchestrator.lab={containers.lab}"}
        assert len(api.networks(filters=mine)) == 1
        assert len(api.volumes(filters=mine)["Volumes"]) == 1


def test_a_taken_port_is_replaced_and_told(bench: DockerBench, images: dict[str, Image], taken_port: int) -> None:
    status = bench.up(images)
    assert f":{taken_port}/" not in status.urls["live"]
    assert any(note.startswith(f"port {taken_port} was taken: observer is on ") for note in status.notes)
    assert bench.up(images) == status


def test_a_new_image_replaces_only_what_changed_and_keeps_the_port(
    bench: DockerBench, images: dict[str, Image], containers: Containers, taken_port: int
) -> None:
    first = bench.up(images)
    other = DockerBench(containers, ROOT / "compose" / "bench.yaml", lambda: CPUS)
    assert other.up(images).urls == first.urls
    assert {
        one["HostConfig"]["CpusetCpus"] for one in (containers.inspect(c["Id"]) or {} for c in listed(containers))
    } == {",".join(map(str, CPUS))}


def test_what_does_not_come_up_shows_its_last_words(
    bench: DockerBench, images: dict[str, Image], provide: Provide
) -> None:
    begin = time.monotonic()
    with pytest.raises(BenchNotReady, match="observer is exited") as caught:
        bench.up(images | {"observer": provide("k6")})
    assert caught.value.detail and caught.value.exit_code == 3
    assert time.monotonic() - begin < 30
    # Mended, the next up needs no help.
    assert "observer" in bench.up(images).components


def test_an_image_that_is_not_given_is_named(bench: DockerBench, images: dict[str, Image]) -> None:
    del images["observer"]
    with pytest.raises(BenchNotReady, match="no image of observer"):
        bench.up(images)
    assert bench.status() is None


def test_series_of_k6_and_cadvisor_arrive_under_the_trials_labels(
    bench: DockerBench, images: dict[str, Image], containers: Containers, provide: Provide
) -> None:
    prometheus = bench.up(images).urls["prometheus"]
    limits = Limits(CPUS[-1:], 50_000, 100_000, 64 * 2**20, 0, 512)
    spec = BoxSpec(f"{containers.lab}.box", provide("server/go-fasthttp").reference, 8080, limits, {}, TAGS)
    workload = Workload("plaintext", "", (Request("GET", "/plaintext", check=Check(body="Hello, World!")),))
    load = LoadSpec(workload, 8080, 200, 1.0, 6.0, 30, CPUS[:1], replace(TAGS, role="generator"))
    generator = K6Generator(containers, lambda: provide("k6").reference)
    with DockerStack(containers).start(spec) as box, generator.start(box, load) as run:
        run.wait_quiet()
        time.sleep(4)
        requests = query(prometheus, 'sum by (trial, server, instance_type, run) (k6_http_reqs_total{trial="t1"})')
        p99 = query(prometheus, 'lab:latency_p99:seconds{trial="t1"}')
        cpu = query(prometheus, f'container_cpu_usage_seconds_total{{name="{box.name}"}}')
        run.wait_finished()
        result = run.result()
    assert requests[0]["metric"] == {
        "trial": "t1",
        "server": "go-fasthttp",
        "instance_type": "acme/small",
        "run": "a-run",
    }
    assert 0 < float(p99[0]["value"][1]) < 5
    assert cpu[0]["metric"]["trial"] == "t1" and cpu[0]["metric"]["role"] == "server"
    assert result.exit_code == 0 and result.requests > 1100
