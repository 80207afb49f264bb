"""k6 in a server's network namespace, on the real engine: figures, overload, and every way it can die."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from orchestrator.adapters.docker.containers import Containers, Order, ensure_network
from orchestrator.adapters.docker.labels import lab_labels
from orchestrator.adapters.docker.stack import DockerBox, DockerStack
from orchestrator.adapters.host.machine import usable_cpus
from orchestrator.adapters.k6.generator import K6Generator
from orchestrator.domain.box import BoxSpec, LoadSpec, Tags
from orchestrator.domain.gates import POOL_SHARE_NEEDED
from orchestrator.domain.generator import Generator
from orchestrator.domain.limits import Limits
from orchestrator.domain.measurement import Missing
from orchestrator.domain.ratios import pool_share_needed
from orchestrator.domain.request import Check, Request
from orchestrator.domain.server import Image
from orchestrator.domain.workload import Workload
from orchestrator.errors import LoadFailed
from orchestrator.ports import Box

pytestmark = pytest.mark.engine

Provide = Callable[[str], Image]
CPUS = usable_cpus()
LIMITS = Limits(CPUS[-1:], 100_000, 100_000, 64 * 2**20, 0, 512)
TAGS = Tags("a-run", "t1", "go-fasthttp", "acme/small", "plaintext", "generator")
LOAD = LoadSpec(
    workload=Workload("plaintext", "", (Request("GET", "/plaintext", check=Check(body="Hello, World!")),)),
    port=8080,
    rate_per_second=200,
    warmup_seconds=1.0,
    duration_seconds=2.0,
    virtual_users=30,
    cpus=CPUS[:1],
    tags=TAGS,
)
#: Answers after argv[1] seconds, and tells on request how many it answered until then.
SLOW = """
import http.server, sys, time
seen = [0]
class Slow(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        if self.path != "/seen":
            seen[0] += 1
            time.sleep(float(sys.argv[1]))
        body = str(seen[0]).encode() if self.path == "/seen" else b"Hello, World!"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("", 8080), Slow).serve_forever()
"""


@pytest.fixture
def generator(containers: Containers, provide: Provide) -> K6Generator:
    return K6Generator(containers, lambda: provide("k6").reference)


@pytest.fixture
def box(containers: Containers, provide: Provide) -> Iterator[Box]:
    image = provide("server/go-fasthttp").reference
    spec = BoxSpec(f"{containers.lab}.box", image, 8080, LIMITS, {}, replace(TAGS, role="server"))
    with DockerStack(containers).start(spec) as started:
        yield started


@contextmanager
def slow_box(containers: Containers, provide: Provide, seconds: float) -> Iterator[Box]:
    """A server that takes its time; its log is empty."""
    container = containers.start(
        Order(
            image=provide("python").reference,
            command=("python3", "-c", SLOW, str(seconds)),
            labels=lab_labels(containers.lab, "server"),
            limits=LIMITS,
            network=ensure_network(containers.client, containers.lab),
        )
    )
    time.sleep(0.5)
    try:
        yield DockerBox(containers, container, f"{containers.lab}.slow", time.time())
    finally:
        containers.remove(container)


def kill(containers: Containers, container: str) -> None:
    with containers.client.calls("kill") as api:
        api.kill(container)


def test_the_windows_figures_are_the_windows_alone(generator: K6Generator, box: Box) -> None:
    with generator.start(box, LOAD) as run:
        run.wait_quiet()
        quiet = time.monotonic()
        run.wait_finished()
        finished = time.monotonic()
        result = run.result()
    # From the middle of the pause of 1 s to the end of the window of 2 s.
    assert 2.0 < finished - quiet < 4.0
    # k6 starts one request at 0 s and may start one more at 2 s.
    assert result.requests + result.dropped in (400, 401)
    assert (result.exit_code, result.failed, result.virtual_users, result.duration_seconds) == (0, 0, 30, 2.0)
    latency = result.latency_seconds
    assert list(latency) == ["mean", "p50", "p90", "p99", "p999", "max"]
    assert 0 < latency["p50"] <= latency["p90"] <= latency["p99"] <= latency["p999"] <= latency["max"] < 2
    assert not isinstance(result.iteration_seconds_mean, Missing) and result.iteration_seconds_mean > 0
    assert not isinstance(result.start_lag_seconds_p99, Missing) and 0 <= result.start_lag_seconds_p99 < 1
    assert (result.generator, result.covered_requests) == (Generator.K6, result.requests)
    assert sum(slot.requests for slot in result.slots) == result.requests
    assert [slot.requests for slot in result.slots] == pytest.approx([200, 200], abs=20)


def test_a_known_delay_is_the_latency(generator: K6Generator, containers: Containers, provide: Provide) -> None:
    load = replace(LOAD, rate_per_second=100, limits_seconds=(0.05, 5.0))
    with slow_box(containers, provide, 0.1) as box, generator.start(box, load) as run:
        run.wait_quiet()
        run.wait_finished()
        result = run.result()
    assert (result.dropped, result.failed) == (0, 0)
    assert result.latency_seconds["p50"] == pytest.approx(0.1, abs=0.02)
    assert result.latencies.n == result.requests
    assert result.latencies.slower == ((0.05, result.requests), (5.0, 0))


def test_users_who_think_wait_for_their_answer_and_then_think(
    generator: K6Generator, containers: Containers, provide: Provide
) -> None:
    loop = replace(LOAD, rate_per_second=None, virtual_users=10, think_seconds=0.1, limits_seconds=(0.05, 5.0))
    with slow_box(containers, provide, 0.1) as box, generator.start(box, loop) as run:
        run.wait_quiet()
        run.wait_finished()
        result = run.result()
    # Each of the ten asks every 0.2 s, spread over the first think time.
    assert (result.dropped, result.failed, result.virtual_users) == (0, 0, 10)
    assert result.requests == pytest.approx(95, abs=12)
    assert result.latency_seconds["p50"] == pytest.approx(0.1, abs=0.02), "from the send"
    assert result.iteration_seconds_mean == pytest.approx(0.1, abs=0.02)
    assert isinstance(result.start_lag_seconds_p99, Missing)
    assert result.latencies.slower == ((0.05, result.requests), (5.0, 0))


def test_a_closed_loop_without_thinking_is_not_for_k6(generator: K6Generator, box: Box) -> None:
    with pytest.raises(LoadFailed, match="closed loop"), generator.start(box, replace(LOAD, rate_per_second=None)):
        pytest.fail("it was started")


def test_nothing_is_in_flight_at_the_quiet_moment(
    generator: K6Generator, containers: Containers, provide: Provide
) -> None:
    ask = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:8080/seen').read().decode())"
    with slow_box(containers, provide, 0.0) as box, generator.start(box, LOAD) as run:
        run.wait_quiet()
        with containers.client.calls("ask") as api:
            seen = int(api.exec_start(api.exec_create(box.id, ["python3", "-c", ask])["Id"]))
        assert 195 <= seen <= 201


def test_a_wrong_body_and_a_wrong_status_are_failures(generator: K6Generator, box: Box) -> None:
    for request in (Request("GET", "/plaintext", check=Check(body="Hello, Moon!")), Request("GET", "/absent")):
        workload = replace(LOAD.workload, requests=(request,))
        with generator.start(box, replace(LOAD, workload=workload, warmup_seconds=0.0, duration_seconds=1.0)) as run:
            run.wait_quiet()
            run.wait_finished()
            result = run.result()
        assert (result.exit_code, result.failed) == (0, result.requests)
        assert result.requests >= 190


def test_a_part_of_the_body_is_enough_where_only_that_is_known(generator: K6Generator, box: Box) -> None:
    for contains, good in (("World", True), ("Moon", False)):
        request = Request("GET", "/plaintext", check=Check(contains=contains))
        workload = replace(LOAD.workload, requests=(request,))
        with generator.start(box, replace(LOAD, workload=workload, warmup_seconds=0.0, duration_seconds=1.0)) as run:
            run.wait_finished()
            result = run.result()
        assert result.failed == (0 if good else result.requests)


def test_a_server_too_slow_for_the_rate_holds_all_users(
    generator: K6Generator, containers: Containers, provide: Provide
) -> None:
    with slow_box(containers, provide, 0.3) as box, generator.start(box, LOAD) as run:
        run.wait_quiet()
        run.wait_finished()
        result = run.result()
    # 30 users at 0.3 s each can do 100 of the 200 a second.
    assert result.dropped > 100 and result.failed == 0 and result.exit_code == 0
    share = pool_share_needed(LOAD.rate_per_second, result)
    assert not isinstance(share, Missing) and share >= POOL_SHARE_NEEDED


def test_a_server_that_never_answers_fails_every_request(
    generator: K6Generator, containers: Containers, provide: Provide
) -> None:
    load = replace(LOAD, warmup_seconds=0.0, duration_seconds=1.0)
    with slow_box(containers, provide, 60.0) as box, generator.start(box, load) as run:
        run.wait_quiet()
        run.wait_finished()
        result = run.result()
    assert result.failed == result.requests == 30
    assert result.dropped >= 165
    share = pool_share_needed(LOAD.rate_per_second, result)
    assert not isinstance(share, Missing) and share >= POOL_SHARE_NEEDED


def test_a_server_that_dies_in_the_window_fails_the_rest(
    generator: K6Generator, containers: Containers, box: Box
) -> None:
    with generator.start(box, LOAD) as run:
        run.wait_quiet()
        threading.Timer(1.5, kill, (containers, box.id)).start()
        run.wait_finished()
        result = run.result()
    assert result.exit_code == 0 and result.failed > 50 and not box.state().running


def test_a_k6_killed_in_the_window_leaves_its_exit_code(
    generator: K6Generator, containers: Containers, box: Box
) -> None:
    begin = time.monotonic()
    with generator.start(box, replace(LOAD, duration_seconds=60.0)) as run:
        run.wait_quiet()
        kill(containers, run.box_id)
        run.wait_finished()
        result = run.result()
    assert (result.exit_code, result.requests, result.latency_seconds) == (137, 0, {})
    assert time.monotonic() - begin < 20


def test_a_k6_killed_before_the_window_is_a_failed_load(
    generator: K6Generator, containers: Containers, box: Box
) -> None:
    with generator.start(box, replace(LOAD, warmup_seconds=60.0)) as run:
        threading.Timer(0.5, kill, (containers, run.box_id)).start()
        with pytest.raises(LoadFailed, match=r"ended before the window opened \(exit code 137\)"):
            run.wait_quiet()


def test_a_k6_that_refuses_its_orders_says_why(generator: K6Generator, box: Box) -> None:
    impossible = replace(LOAD, virtual_users=-1)
    with pytest.raises(LoadFailed, match="exit code 104") as caught, generator.start(box, impossible) as run:
        run.wait_quiet()
    assert any("VUs" in line for line in caught.value.detail)


def test_k6_stands_in_the_servers_namespace_and_is_gone_with_its_files(
    generator: K6Generator, containers: Containers, box: Box
) -> None:
    with generator.start(box, LOAD) as run:
        found = containers.inspect(run.box_id)
        run.wait_quiet()
    assert found is not None and found["Name"] == f"/{box.name}.load"
    host = found["HostConfig"]
    assert host["NetworkMode"] == f"container:{box.id}"
    assert (host["CpusetCpus"], host["CpuQuota"]) == (str(CPUS[0]), 0)
    assert host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"] and host["Memory"] == host["MemorySwap"]
    assert found["Config"]["Labels"]["orchestrator.role"] == "generator"
    # Its collector's pauses would be the server's latency.
    assert {"GOGC=off", f"GOMEMLIMIT={int(0.9 * host['Memory'])}"} <= set(found["Config"]["Env"])
    assert containers.inspect(run.box_id) is None
    with containers.client.calls("list volumes") as api:
        assert not api.volumes(filters={"label": f"orchestrator.lab={containers.lab}"})["Volumes"]


def test_live_load_stays_until_live_servers_are_stopped(
    generator: K6Generator, containers: Containers, provide: Provide
) -> None:
    stack = DockerStack(containers)
    image = provide("server/go-fasthttp").reference
    spec = BoxSpec(f"{containers.lab}.live", image, 8080, LIMITS, {}, replace(TAGS, role="server"))
    generator.start_live(stack.start_live(spec), replace(LOAD, rate_per_second=50, duration_seconds=600.0))
    mine = {"label": f"orchestrator.lab={containers.lab}"}
    with containers.client.calls("list") as api:
        assert len(api.containers(filters=mine)) == 2
    assert stack.stop_live() == 1
    with containers.client.calls("list") as api:
        assert not api.containers(all=True, filters=mine)
