"""What stands beside a server, on the real engine: its rights, its data, its traces, and a whole Trial with it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from orchestrator import wiring
from orchestrator.adapters.docker.client import EngineClient
from orchestrator.adapters.docker.containers import ENTRY_POINT_RIGHTS, Containers, Order
from orchestrator.adapters.docker.engine import DockerEngine
from orchestrator.adapters.docker.labels import LAB_VARIABLE, ROLE_SIDECAR, lab_id, lab_labels, owned
from orchestrator.adapters.docker.stack import DockerStack
from orchestrator.adapters.files.catalog import FileCatalog
from orchestrator.adapters.host.machine import usable_cpus
from orchestrator.adapters.simulated.progress import RecordedProgress
from orchestrator.domain.box import BoxSpec, Tags
from orchestrator.domain.generator import Generator
from orchestrator.domain.instance_type import InstanceType
from orchestrator.domain.limits import Limits
from orchestrator.domain.measurement import Missing, value_of
from orchestrator.domain.outcome import Gate, Status
from orchestrator.domain.placement import Placement, place
from orchestrator.domain.plan import Cell, Trial
from orchestrator.domain.record import TrialRecord
from orchestrator.domain.request import Check, Request
from orchestrator.domain.server import Image
from orchestrator.domain.sidecar import Sidecar
from orchestrator.domain.slo import Slo
from orchestrator.domain.workload import Scenario, Workload
from orchestrator.ports import Box, Lab
from orchestrator.usecases.bench import ensure_bench
from orchestrator.usecases.provide import Provided, provide, server_image
from orchestrator.usecases.trial import Setting, run_trial

pytestmark = pytest.mark.engine

Provide = Callable[[str], Image]
CPUS = usable_cpus()
LIMITS = Limits(CPUS[-1:], 50_000, 100_000, 64 * 2**20, 0, 100)
BESIDE = Limits(CPUS[:1], 100_000, 100_000, 512 * 2**20, 0, 1200)
TAGS = Tags("a-run", "t1", "go-fasthttp", "acme/small", "db", "server")
DB = Workload(
    "db",
    "one row",
    (Request("GET", "/db/17", check=Check(body='{"id":17,"name":"item-17","quantity":119}')),),
    needs=("postgres",),
)
QUARTER = InstanceType("test/quarter", "test", "amd64", 0.25, 1, "share", 0.25, 256 * 2**20, ())
SCENARIO = Scenario("test", (200,), 5.0, 1.0)
#: The host is shared: one quiet moment in so many tries.
QUIET_TRIES = 4


def postgres() -> Sidecar:
    return next(one for one in FileCatalog().sidecars() if one.name == "postgres")


def server_spec(containers: Containers, provide: Provide, **environment: str) -> BoxSpec:
    image = provide("server/go-fasthttp").reference
    return BoxSpec(f"{containers.lab}.box", image, 8080, LIMITS, environment, TAGS)


def beside(server: Box, image: str, *command: str, limits: Limits = BESIDE) -> BoxSpec:
    name = f"{server.name}.{secrets.token_hex(2)}"
    return BoxSpec(name, image, 0, limits, {}, replace(TAGS, role="sidecar"), command, server.id)


def wait_for(box: Box, sidecar: Sidecar) -> None:
    deadline = time.monotonic() + 30
    while not box.succeeds(sidecar.proof):
        assert box.state().running and time.monotonic() < deadline, box.log_tail(20)
        time.sleep(0.05)


def volumes(containers: Containers) -> list[str]:
    with containers.client.calls("list volumes") as api:
        found = api.volumes(filters=owned(containers.lab))["Volumes"] or ()
    return [str(one["Name"]) for one in found]


def ends_with(containers: Containers, box: Box) -> int | None:
    return containers.wait(box.id, 20)


def test_the_server_reads_a_row_over_its_own_loopback(containers: Containers, provide: Provide) -> None:
    stack, sidecar = DockerStack(containers), postgres()
    ask = (
        "import urllib.request\n"
        "for path in ('/db/17', '/db/10000'):\n"
        "    print(urllib.request.urlopen('http://127.0.0.1:8080' + path, timeout=5).read().decode())\n"
    )
    with (
        stack.start(server_spec(containers, provide, **sidecar.variables)) as server,
        stack.start(beside(server, provide("sidecar-postgres").reference)) as box,
    ):
        wait_for(box, sidecar)
        asking = stack.start(beside(server, provide("python").reference, "python3", "-c", ask))
        with asking as client:
            assert ends_with(containers, client) == 0, client.log_tail(20)
            rows = containers.output(client.id).split()
        count = ("psql", "-qtA", "-h", "127.0.0.1", "-U", "lab", "-d", "lab", "-c", "SELECT 1/(count(*) - 10000 + 1)")
        assert box.succeeds((*count[:-1], f"{count[-1]} FROM items"))
        assert not box.succeeds(("no-such-program",))
    assert rows == ['{"id":17,"name":"item-17","quantity":119}', '{"id":10000,"name":"item-10000","quantity":70000}']
    assert not box.succeeds(sidecar.proof), "it is gone"


def test_what_it_may_and_where_it_stands(containers: Containers, provide: Provide) -> None:
    stack = DockerStack(containers)
    with (
        stack.start(server_spec(containers, provide)) as server,
        stack.start(beside(server, provide("sidecar-postgres").reference)) as box,
    ):
        found = containers.inspect(box.id)
    assert found is not None
    host, labels = found["HostConfig"], found["Config"]["Labels"]
    assert host["NetworkMode"] == f"container:{server.id}"
    assert (host["CpusetCpus"], host["CpuQuota"]) == (str(CPUS[0]), 0)
    assert (host["Memory"], host["MemorySwap"], host["PidsLimit"]) == (512 * 2**20, 512 * 2**20, 1200)
    assert host["CapDrop"] == ["ALL"] and host["SecurityOpt"] == ["no-new-privileges"] and not host["Privileged"]
    assert {one.removeprefix("CAP_") for one in host["CapAdd"]} == set(ENTRY_POINT_RIGHTS)
    assert found["Config"]["User"] == "postgres"
    assert (labels["orchestrator.lab"], labels["orchestrator.role"]) == (containers.lab, ROLE_SIDECAR)
    assert volumes(containers) == []


def test_an_entry_point_may_give_up_root_and_write_where_it_likes(containers: Containers, provide: Provide) -> None:
    become = (
        "import os; os.mkdir('/own'); os.chown('/own', 70, 70); os.setgid(70); os.setuid(70);"
        "open('/own/file', 'w').write('x')"
    )
    stack = DockerStack(containers)
    with (
        stack.start(server_spec(containers, provide)) as server,
        stack.start(beside(server, provide("python").reference, "python3", "-c", become)) as box,
    ):
        assert ends_with(containers, box) == 0, box.log_tail(20)


def test_an_open_port_on_loopback_proves_it_ready(containers: Containers, provide: Provide) -> None:
    listens = "import socket, time; s = socket.create_server(('127.0.0.1', 7000)); time.sleep(60)"
    sidecar = Sidecar("listener", "python", 2**26, 10, port=7000)
    stack = DockerStack(containers)
    with (
        stack.start(server_spec(containers, provide)) as server,
        stack.start(beside(server, provide("python").reference, "python3", "-c", listens)) as box,
    ):
        assert not box.succeeds(replace(sidecar, port=7001).proof)
        wait_for(box, sidecar)


def test_volumes_that_an_image_declares_are_ours_and_go_with_it(containers: Containers, provide: Provide) -> None:
    order = Order(provide("python").reference, lab_labels(containers.lab, "probe"), LIMITS, "none")
    empty = containers.make(order)
    with containers.client.calls("make an image with a volume") as api:
        tag = f"test-{secrets.token_hex(4)}"
        api.commit(empty, repository="footprint-lab/test", tag=tag, changes="VOLUME /kept")
    containers.remove(empty)
    image, stack = f"footprint-lab/test:{tag}", DockerStack(containers)
    try:
        with stack.start(server_spec(containers, provide)) as server:
            with stack.start(beside(server, image, "sleep", "60")):
                assert len(volumes(containers)) == 1
            assert volumes(containers) == []
            left = stack.start(beside(server, image, "sleep", "60"))
            left.__enter__()
            assert DockerEngine(containers, Path()).sweep().containers == 2
            assert volumes(containers) == [], "a sweep takes them too"
    finally:
        with containers.client.calls("remove it") as api:
            api.remove_image(image)


@pytest.fixture(scope="module")
def rig() -> Iterator[tuple[Lab, Provided, Containers]]:
    """A lab with its bench up, and the engine to disturb it by."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(LAB_VARIABLE, f"beside-{secrets.token_hex(3)}")
        lab, client = wiring.lab(RecordedProgress()), EngineClient()
        try:
            provided = provide(lab, ("go-fasthttp",), sidecars=(postgres(),))
            ensure_bench(lab, provided)
            yield lab, provided, Containers(client, lab_id())
        finally:
            lab.engine.remove_owned(images=False)
            client.close()


def trial(lab: Lab, provided: Provided, generator: Generator, sidecar: Sidecar) -> TrialRecord:
    placed = place(QUARTER, lab.engine.facts().room, (sidecar,))
    assert isinstance(placed, Placement)
    setting = Setting(
        run="beside",
        scenario=SCENARIO,
        slo=Slo(),
        server=next(one for one in lab.catalog.servers() if one.name == "go-fasthttp"),
        instance_type=QUARTER,
        workload=DB,
        placement=placed,
        image=provided.images[server_image("go-fasthttp")],
        generator=generator,
        sidecars=((sidecar, provided.images[sidecar.image]),),
    )
    cell = Cell("go-fasthttp", QUARTER.id, "db", SCENARIO.name)
    return run_trial(lab, Trial(cell, secrets.randbelow(10**6), 200, 1), setting)


@pytest.mark.parametrize("generator", Generator)
def test_a_trial_counts_what_its_database_cost(rig: tuple[Lab, Provided, Containers], generator: Generator) -> None:
    lab, provided, containers = rig
    seen = []
    for _ in range(QUIET_TRIES):
        record = trial(lab, provided, generator, postgres())
        seen.append(record.outcome)
        if record.outcome.status == Status.COMPLETED:
            break
    assert seen[-1].status == Status.COMPLETED, seen
    used, memory = (value_of(record.measurements, f"sidecar_{what}") for what in ("cpu_seconds", "memory_bytes_peak"))
    assert not isinstance(used, Missing) and 0.005 < used < 5
    assert not isinstance(memory, Missing) and 2**22 < memory < 512 * 2**20
    assert value_of(record.measurements, "error_ratio") == 0
    assert isinstance(value_of(record.measurements, "cold_start_seconds"), Missing)
    assert lab.engine.sweep().containers == 0 and len(volumes(containers)) <= 1, "the bench has one"


def test_a_database_that_is_killed_is_not_the_servers_fault(rig: tuple[Lab, Provided, Containers]) -> None:
    lab, provided, containers = rig

    def kill(api: Any) -> bool:
        found = api.containers(filters=owned(containers.lab, ROLE_SIDECAR))
        if found:
            time.sleep(4)
            api.kill(found[0]["Id"])
        return bool(found)

    def wait_and_kill() -> None:
        deadline = time.monotonic() + 30
        with containers.client.calls("disturb") as api:
            while not kill(api):
                assert time.monotonic() < deadline, "no sidecar was seen"
                time.sleep(0.05)

    with ThreadPoolExecutor(1) as pool:
        killed = pool.submit(wait_and_kill)
        outcome = trial(lab, provided, Generator.OHA, postgres()).outcome
        killed.result()
    assert (outcome.status, outcome.kind) == (Status.VOID, Gate.SIDECAR), outcome
    assert "postgres exited with code 137" in outcome.reason


def test_one_that_never_gets_ready_is_told_with_its_log(rig: tuple[Lab, Provided, Containers]) -> None:
    lab, provided, _ = rig
    broken = replace(postgres(), command=("-c", "max_connections=none"))
    record = trial(lab, provided, Generator.OHA, broken)
    assert (record.outcome.status, record.outcome.kind) == (Status.VOID, Gate.SIDECAR)
    assert "exited with code 1 before it was ready" in record.outcome.reason
    assert any("max_connections" in line for line in record.log_tail)
    assert lab.engine.sweep().containers == 0
