"""The images themselves: what the lab relies on holds in each, whichever supply it came from."""

from __future__ import annotations

import io
import json
import tarfile
import time
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.models.containers import Container
from docker.models.networks import Network

from orchestrator.adapters.docker.client import EngineClient
from orchestrator.adapters.docker.images import DockerImages
from orchestrator.adapters.docker.labels import LAB, image_labels

pytestmark = pytest.mark.engine

ROOT = Path(__file__).resolve().parents[2]
LAB_ID = "component-tests"
#: Answers every request with 13 bytes, for as long as the test runs; also serves as the place to ask from.
ANSWERER = """
import http.server
class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "13")
        self.end_headers()
        self.wfile.write(b"Hello, World!")
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("127.0.0.1", 8080), Answer).serve_forever()
"""
SCRIPT = """
import http from 'k6/http';
export const options = {
  discardResponseBodies: true, summaryTrendStats: ['count', 'p(99)'],
  scenarios: { load: { executor: 'constant-arrival-rate', rate: 50, duration: '10s', preAllocatedVUs: 10 } },
};
export default function () { http.get('http://127.0.0.1:8080/', { tags: { name: 'hello' } }); }
"""
LABELS = {"run": "r1", "trial": "t1", "server": "go-fasthttp", "instance_type": "aws/x"}


@pytest.fixture(scope="module")
def images() -> DockerImages:
    return DockerImages(EngineClient(), ROOT, (), labels=image_labels("default"))


@pytest.fixture
def engine() -> Iterator[docker.DockerClient]:
    client = docker.from_env()
    yield client
    ours = f"{LAB}={LAB_ID}"
    for container in client.containers.list(all=True, filters={"label": ours}):
        container.remove(v=True, force=True)
    for network in client.networks.list(filters={"label": ours}):
        network.remove()
    client.close()


@pytest.fixture
def start(engine: docker.DockerClient, images: DockerImages) -> Callable[..., Container]:
    def run(image: str, *command: str, **options: Any) -> Container:
        labels = {LAB: LAB_ID, **options.pop("labels", {})}
        reference = images.provide(image).reference
        return engine.containers.run(
            reference, list(command) or None, detach=True, labels=labels, mem_limit="512m", **options
        )

    return run


def ask(container: Container, url: str) -> str:
    """GET from inside a container that has Python."""
    code = f"import urllib.request as r; print(r.urlopen({url!r}, timeout=5).read().decode())"
    deadline = time.monotonic() + 15
    while True:
        status, output = container.exec_run(["python3", "-c", code])
        assert isinstance(output, bytes)
        if status == 0:
            return output.decode()
        assert time.monotonic() < deadline, output.decode()
        time.sleep(0.3)


def query(container: Container, host: str, expression: str) -> list[dict[str, Any]]:
    answer = ask(container, f"http://{host}:9090/api/v1/query?{urllib.parse.urlencode({'query': expression})}")
    return list(json.loads(answer)["data"]["result"])


def archive(name: str, text: str) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(text), 0o644
        tar.addfile(entry, io.BytesIO(text.encode()))
    return data.getvalue()


@pytest.fixture
def network(engine: docker.DockerClient) -> Network:
    return engine.networks.create(f"{LAB_ID}-{time.time_ns()}", labels={LAB: LAB_ID})


def test_k6_takes_its_script_gives_its_summary_and_pushes_histograms(
    engine: docker.DockerClient, images: DockerImages, start: Callable[..., Container], network: Network
) -> None:
    start("bench-prometheus", network=network.name, hostname="prometheus", name=f"prometheus-{network.name}")
    server = start("python", "python3", "-c", ANSWERER, network=network.name)
    host = f"prometheus-{network.name}"
    k6 = engine.containers.create(
        images.provide("k6").reference,
        ["run", "--quiet", "--summary-export=/tmp/summary.json", "-o", "experimental-prometheus-rw"]
        + [word for key, value in LABELS.items() for word in ("--tag", f"{key}={value}")]
        + ["/lab/script.js"],
        network_mode=f"container:{server.id}",
        labels={LAB: LAB_ID},
        environment={
            "K6_PROMETHEUS_RW_SERVER_URL": f"http://{host}:9090/api/v1/write",
            "K6_PROMETHEUS_RW_PUSH_INTERVAL": "1s",
            "K6_FEATURES": "native-histograms",
            "K6_NO_USAGE_REPORT": "true",
        },
    )
    assert k6.put_archive("/", archive("lab/script.js", SCRIPT))
    k6.start()
    labels = ",".join(f'{key}="{LABELS[key]}"' for key in ("trial", "server", "instance_type"))
    seen: list[float] = []
    until = time.monotonic() + 9
    # The rule looks back some seconds: at first there are such without load among them.
    while seen != [50.0] and time.monotonic() < until:
        time.sleep(0.5)
        rate = query(server, host, f"lab:achieved_rate:per_second{{{labels}}}")
        seen = [round(float(row["value"][1]), -1) for row in rate]
    p99 = query(server, host, f"lab:latency_p99:seconds{{{labels}}}")
    assert k6.wait(timeout=30)["StatusCode"] == 0, k6.logs().decode()
    assert seen == [50.0]
    assert len(p99) == 1
    assert 0 < float(p99[0]["value"][1]) < 1
    chunks, _ = k6.get_archive("/tmp/summary.json")
    with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as tar:
        member = tar.extractfile("summary.json")
        assert member is not None
        summary = json.load(member)
    assert 495 <= summary["metrics"]["http_reqs"]["count"] <= 501


def test_cadvisor_reads_a_labelled_container_at_the_scrape(start: Callable[..., Container]) -> None:
    names = [f"{LAB_ID}-{time.time_ns()}-{part}" for part in ("asker", "busy")]
    asker = start("python", "python3", "-c", ANSWERER, name=names[0])
    busy = "while True: pass"
    start("python", "python3", "-c", busy, name=names[1], nano_cpus=100_000_000, labels={"orchestrator.trial": "t1"})
    start(
        "cadvisor",
        "--docker_only=true",
        "--store_container_labels=false",
        "--whitelisted_container_labels=orchestrator.trial",
        "--enable_metrics=cpu,memory,network",
        "--housekeeping_interval=10s",
        "--allow_dynamic_housekeeping=false",
        "--jitter_factor=0",
        "--initial_splay_factor=0",
        "--max_procs=1",
        "--port=8081",
        network_mode=f"container:{asker.id}",
        volumes=["/:/rootfs:ro", "/var/run:/var/run:ro", "/sys:/sys:ro", "/var/lib/docker:/var/lib/docker:ro"],
    )

    def reading() -> tuple[float, float]:
        text = ask(asker, "http://127.0.0.1:8081/metrics?type=docker&max_age=0s")
        rows = [line for line in text.splitlines() if line.startswith("container_cpu_usage_seconds_total{")]
        row = next(line for line in rows if f'name="{names[1]}"' in line)
        assert 'container_label_orchestrator_trial="t1"' in row
        _, value, stamp = row.rsplit(" ", 2)
        return float(value), int(stamp) / 1000

    ask(asker, "http://127.0.0.1:8081/healthz")
    first_cpu, first_time = reading()
    time.sleep(2)
    second_cpu, second_time = reading()
    assert 1.5 < second_time - first_time < 4, "a fresh reading, though housekeeping comes every 10 s only"
    assert (second_cpu - first_cpu) / (second_time - first_time) == pytest.approx(0.1, abs=0.03)


def test_the_observers_image_holds_its_packages_and_no_engine_library(start: Callable[..., Container]) -> None:
    code = "import orchestrator.errors, prometheus_client, importlib.util as u; print(u.find_spec('docker'))"
    observer = start("observer", "-c", code, entrypoint="python3", read_only=True)
    assert observer.wait(timeout=20)["StatusCode"] == 0, observer.logs().decode()
    assert observer.logs().decode().strip() == "None"
    assert observer.attrs["Config"]["User"] == "65532:65532"
