"""oha in a server's network namespace, on the real engine: figures, overload, and every way it can end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from orchestrator.adapters.docker.archive import read_file
from orchestrator.adapters.docker.containers import Containers, Order, ensure_network
from orchestrator.adapters.docker.labels import lab_labels
from orchestrator.adapters.docker.stack import DockerBox, DockerStack
from orchestrator.adapters.host.machine import usable_cpus
from orchestrator.adapters.oha.generator import OhaGenerator
from orchestrator.domain.box import BoxSpec, LoadSpec, Tags
from orchestrator.domain.generator import Generator
from orchestrator.domain.limits import Limits
from orchestrator.domain.measurement import Missing
from orchestrator.domain.reading import LoadResult
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
    limits_seconds=(0.05,),
)
#: Answers after argv[1] seconds, or closes without an answer when argv[2] says so.
SLOW = """
import http.server, sys, time
class Slow(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        time.sleep(float(sys.argv[1]))
        if sys.argv[2] == "close":
            self.close_connection = True
            return
        self.send_response(200)
        self.send_header("Content-Length", "13")
        self.end_headers()
        self.wfile.write(b"Hello, World!")
    def log_message(self, *_): pass
class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 1024
Server(("", 8080), Slow).serve_forever()
"""


@pytest.fixture
def generator(containers: Containers, provide: Provide) -> OhaGenerator:
    return OhaGenerator(containers, lambda: provide("oha").reference)


@pytest.fixture
def box(containers: Containers, provide: Provide) -> Iterator[Box]:
    image = provide("server/go-fasthttp").reference
    spec = BoxSpec(f"{containers.lab}.box", image, 8080, LIMITS, {}, replace(TAGS, role="server"))
    with DockerStack(containers).start(spec) as started:
        time.sleep(0.2)
        yield started


@contextmanager
def slow_box(containers: Containers, provide: Provide, seconds: float, then: str = "answer") -> Iterator[Box]:
    """A server that takes its time."""
    container = containers.start(
        Order(
            image=provide("python").reference,
            command=("python3", "-c", SLOW, str(seconds), then),
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


def result_of(generator: OhaGenerator, box: Box, load: LoadSpec) -> LoadResult:
    with generator.start(box, load) as run:
        run.wait_quiet()
        run.wait_finished()
        return run.result()


def test_nothing_is_sent_before_the_opening_reading(generator: OhaGenerator, containers: Containers, box: Box) -> None:
    with generator.start(box, LOAD) as run:
        begin = time.monotonic()
        run.wait_quiet()
        assert (run.running, run.seconds_to_window()) == (False, 0.0)
        assert time.monotonic() - begin < 0.1
        found = containers.inspect(run.box_id)
        assert found is not None and found["State"]["Status"] == "created"


def test_the_windows_figures_are_the_windows_alone(generator: OhaGenerator, box: Box) -> None:
    with generator.start(box, LOAD) as run:
        run.wait_quiet()
        begin = time.monotonic()
        run.wait_finished()
        finished = time.monotonic()
        assert run.running and run.seconds_to_window() < -2.0
        result = run.result()
    assert 3.0 < finished - begin < 6.0
    assert (result.generator, result.exit_code, result.virtual_users) == (Generator.OHA, 0, 30)
    assert (result.requests, result.dropped, result.failed) == (400, 0, 0)
    # The lead-in's 200 and some of the tail's 50.
    assert 600 <= result.covered_requests <= 650
    assert not isinstance(result.busy_seconds, Missing) and 2.9 < result.busy_seconds < 4.0
    latency = result.latency_seconds
    assert list(latency) == ["mean", "p50", "p90", "p99", "p999", "max"]
    assert 0 < latency["p50"] <= latency["p90"] <= latency["p99"] <= latency["p999"] <= latency["max"] < 2
    assert not isinstance(result.iteration_seconds_mean, Missing) and not isinstance(
        result.start_lag_seconds_p99, Missing
    )
    assert 0 < result.iteration_seconds_mean < 1 and 0 < result.start_lag_seconds_p99 < 1
    assert [slot.requests for slot in result.slots] == [200, 200]


def test_two_thousand_a_second_are_sent_evenly(generator: OhaGenerator, box: Box) -> None:
    result = result_of(generator, box, replace(LOAD, rate_per_second=2_000, virtual_users=110))
    assert (result.requests, result.dropped, result.failed, result.latencies.n) == (4_000, 0, 0, 4_000)
    assert [slot.requests for slot in result.slots] == [2_000, 2_000]


def test_a_closed_loop_sends_what_the_server_takes(generator: OhaGenerator, box: Box) -> None:
    result = result_of(generator, box, replace(LOAD, rate_per_second=None, virtual_users=16))
    assert result.requests > 2_000 and (result.dropped, result.failed) == (0, 0)
    assert isinstance(result.start_lag_seconds_p99, Missing)
    # All 16 are under way all the time.
    assert not isinstance(result.iteration_seconds_mean, Missing)
    assert result.iteration_seconds_mean * result.requests / 2.0 == pytest.approx(16, rel=0.1)


def test_a_known_delay_is_the_latency(generator: OhaGenerator, containers: Containers, provide: Provide) -> None:
    with slow_box(containers, provide, 0.1) as box:
        result = result_of(generator, box, replace(LOAD, rate_per_second=100))
    assert result.latency_seconds["p50"] == pytest.approx(0.1, abs=0.02)
    assert result.latencies.slower == ((0.05, 200),)
    assert (result.requests, result.failed, result.dropped) == (200, 0, 0)


def test_waiting_for_a_connection_is_latency_and_no_lag(
    generator: OhaGenerator, containers: Containers, provide: Provide
) -> None:
    with slow_box(containers, provide, 0.2) as box:
        result = result_of(generator, box, replace(LOAD, rate_per_second=100, virtual_users=15))
    # 15 connections can do 75 of the 100 a second: the queue grows for three seconds, and what is left is dropped.
    assert result.failed == 0 and result.dropped > 20 and result.requests + result.dropped == 200
    assert result.latency_seconds["max"] > 0.5
    assert not isinstance(result.start_lag_seconds_p99, Missing) and result.start_lag_seconds_p99 < 0.2
    assert result.iteration_seconds_mean == pytest.approx(0.2, abs=0.05)


def test_a_wrong_status_and_a_wrong_length_are_failures(generator: OhaGenerator, box: Box) -> None:
    for request in (Request("GET", "/plaintext", check=Check(body="Hello!")), Request("GET", "/absent")):
        workload = replace(LOAD.workload, requests=(request,))
        result = result_of(generator, box, replace(LOAD, workload=workload, duration_seconds=1.0))
        assert (result.exit_code, result.requests, result.failed) == (0, 200, 200)
        assert result.latency_seconds == {} and result.latencies.n == 0


def test_a_part_of_the_body_is_taken_for_granted_where_only_that_is_known(generator: OhaGenerator, box: Box) -> None:
    request = Request("GET", "/plaintext", check=Check(contains="World"))
    workload = replace(LOAD.workload, requests=(request,))
    assert result_of(generator, box, replace(LOAD, workload=workload, duration_seconds=1.0)).failed == 0


def test_nobody_at_the_port_fails_every_request(generator: OhaGenerator, box: Box) -> None:
    result = result_of(generator, box, replace(LOAD, port=8081))
    assert (result.exit_code, result.requests, result.failed, result.dropped) == (0, 400, 400, 0)
    assert isinstance(result.busy_seconds, Missing) and result.covered_requests == 0


def test_a_connection_closed_without_an_answer_is_a_failure(
    generator: OhaGenerator, containers: Containers, provide: Provide
) -> None:
    with slow_box(containers, provide, 0.0, "close") as box:
        result = result_of(generator, box, LOAD)
    assert result.failed == result.requests == 400


def test_a_server_that_never_answers_fails_all_it_was_sent(
    generator: OhaGenerator, containers: Containers, provide: Provide
) -> None:
    with slow_box(containers, provide, 60.0) as box:
        result = result_of(generator, box, replace(LOAD, warmup_seconds=0.0, duration_seconds=1.0))
    assert (result.requests, result.failed, result.dropped) == (30, 30, 170)


def test_a_server_that_dies_in_the_window_fails_the_rest(
    generator: OhaGenerator, containers: Containers, box: Box
) -> None:
    threading.Timer(2.0, kill, (containers, box.id)).start()
    result = result_of(generator, box, LOAD)
    assert result.exit_code == 0 and result.failed > 50 and not box.state().running
    assert result.requests + result.dropped == 400


def test_an_oha_that_was_killed_leaves_its_exit_code(generator: OhaGenerator, containers: Containers, box: Box) -> None:
    begin = time.monotonic()
    with generator.start(box, replace(LOAD, duration_seconds=60.0)) as run:
        run.wait_quiet()
        threading.Timer(1.5, kill, (containers, run.box_id)).start()
        run.wait_finished()
        result = run.result()
    assert (result.exit_code, result.requests, result.latency_seconds) == (137, 0, {})
    assert time.monotonic() - begin < 20


def test_an_oha_that_refuses_its_orders_says_why(generator: OhaGenerator, box: Box) -> None:
    impossible = replace(LOAD, workload=replace(LOAD.workload, requests=(Request("G E T", "/plaintext"),)))
    with pytest.raises(LoadFailed, match="exit code 2") as caught:
        result_of(generator, box, impossible)
    assert any("G E T" in line for line in caught.value.detail)


def test_oha_stands_in_the_servers_namespace_and_is_gone_with_its_files(
    generator: OhaGenerator, containers: Containers, box: Box
) -> None:
    with generator.start(box, replace(LOAD, virtual_users=1_300)) as run:
        run.wait_finished()
        found = containers.inspect(run.box_id)
        assert run.result().failed == 0
        assert read_file(containers.client, run.box_id, "/lab/rows/rows.db")
        assert read_file(containers.client, run.box_id, "/lab/rows/none") is None
    assert found is not None
    host = found["HostConfig"]
    assert found["Name"] == f"/{box.name}.load"
    assert host["NetworkMode"] == f"container:{box.id}"
    assert (host["CpusetCpus"], host["CpuQuota"]) == (str(CPUS[0]), 0)
    assert host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"] and host["Memory"] == host["MemorySwap"]
    assert host["Ulimits"][0]["Soft"] > 1_300, "one for each connection"
    assert found["Config"]["Labels"]["orchestrator.role"] == "generator"
    assert containers.inspect(run.box_id) is None
    with containers.client.calls("list volumes") as api:
        assert not api.volumes(filters={"label": f"orchestrator.lab={containers.lab}"})["Volumes"]


def test_live_load_stays_until_live_servers_are_stopped(
    generator: OhaGenerator, containers: Containers, provide: Provide
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
