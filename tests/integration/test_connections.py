"""Ten thousand open connections at a slow pace, on the real engine: all open, all answered, in a few seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.adapters.docker.containers import Containers
from orchestrator.adapters.docker.stack import DockerStack
from orchestrator.adapters.host.machine import usable_cpus
from orchestrator.adapters.oha.generator import OhaGenerator
from orchestrator.domain.box import BoxSpec, LoadSpec, Tags
from orchestrator.domain.limits import Limits
from orchestrator.domain.needs import open_files_for
from orchestrator.domain.request import Check, Request
from orchestrator.domain.server import Image
from orchestrator.domain.workload import Scenario, Workload

pytestmark = pytest.mark.engine

CPUS = usable_cpus()
TAGS = Tags("a-run", "t1", "go-fasthttp", "acme/small", "plaintext", "generator")
MANY = Scenario("many", (2_000,), 2.0, 1.0, users=10_000)
LIMITS = Limits(CPUS[-1:], 100_000, 100_000, 2**30, 0, 512)
LOAD = LoadSpec(
    workload=Workload("plaintext", "", (Request("GET", "/plaintext", check=Check(body="Hello, World!")),)),
    port=8080,
    rate_per_second=2_000,
    warmup_seconds=1.0 + MANY.connecting_seconds(2_000),
    duration_seconds=2.0,
    virtual_users=10_000,
    cpus=CPUS[:1],
    tags=TAGS,
    limits_seconds=(0.05,),
)


def established(pid: int) -> int:
    """Connections of a process's network namespace, counted at the server's end."""
    lines = [
        line.split()[1:4]
        for name in ("tcp", "tcp6")
        for line in Path(f"/proc/{pid}/net/{name}").read_text().splitlines()[1:]
    ]
    port = f"{LOAD.port:04X}"
    return sum(state == "01" and local.endswith(f":{port}") for local, _, state in lines)


@pytest.fixture
def server(containers: Containers, provide: Callable[[str], Image]) -> BoxSpec:
    image = provide("server/go-fasthttp").reference
    files = open_files_for(10_000)
    return BoxSpec(f"{containers.lab}.box", image, 8080, LIMITS, {}, replace(TAGS, role="server"), open_files=files)


def test_ten_thousand_connections_are_open_and_answered(
    containers: Containers, provide: Callable[[str], Image], server: BoxSpec
) -> None:
    generator = OhaGenerator(containers, lambda: provide("oha").reference)
    with DockerStack(containers).start(server) as box:
        time.sleep(0.2)
        found = containers.inspect(box.id)
        assert found is not None
        assert found["HostConfig"]["Ulimits"] == [{"Name": "nofile", "Hard": 10_256, "Soft": 10_256}]
        open_now: list[int] = []

        def look() -> None:
            open_now.append(established(found["State"]["Pid"]))

        with generator.start(box, LOAD) as run:
            run.wait_quiet()
            run.begin()
            # In the middle of the window.
            timer = threading.Timer(LOAD.warmup_seconds + 1.0, look)
            timer.start()
            run.wait_finished()
            timer.join()
            result = run.result()
    assert open_now[0] >= 9_900, "a request that is still under way leaves its turn to another connection"
    assert (result.virtual_users, result.failed, result.exit_code) == (10_000, 0, 0)
    assert result.requests + result.dropped == 4_000 and result.requests > 3_900
    assert box.state().running is False
