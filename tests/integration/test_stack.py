"""Servers under limits, on the real engine."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.adapters.docker.containers import Containers, Order, ensure_network
from orchestrator.adapters.docker.engine import DockerEngine, read_self_test
from orchestrator.adapters.docker.labels import lab_labels, network_name
from orchestrator.adapters.docker.stack import EXIT_CODE_UNKNOWN, DockerStack
from orchestrator.adapters.host.machine import usable_cpus
from orchestrator.domain.box import BoxSpec, Tags
from orchestrator.domain.limits import Limits
from orchestrator.domain.server import Image
from orchestrator.errors import EnvironmentNotFit, ImageUnavailable

pytestmark = pytest.mark.engine

Provide = Callable[[str], Image]
LIMITS = Limits(usable_cpus()[-1:], 25_000, 100_000, 64 * 2**20, 0, 100)
TAGS = Tags("a-run", "t1", "go-fasthttp", "acme/small", "plaintext", "server")


@pytest.fixture
def spec(provide: Provide, containers: Containers) -> BoxSpec:
    image = provide("server/go-fasthttp").reference
    return BoxSpec(f"{containers.lab}.box", image, 8080, LIMITS, {"LAB_MACHINE_ID": "1"}, TAGS)


def count(containers: Containers) -> int:
    with containers.client.calls("count") as api:
        return len(api.containers(all=True, filters={"label": f"orchestrator.lab={containers.lab}"}))


def test_a_box_has_exactly_its_limits_and_no_rights(containers: Containers, spec: BoxSpec) -> None:
    with DockerStack(containers).start(spec) as box:
        found = containers.inspect(box.id)
    assert found is not None
    host = found["HostConfig"]
    assert (host["CpuQuota"], host["CpuPeriod"], host["CpusetCpus"]) == (25_000, 100_000, str(LIMITS.cpuset[0]))
    assert (host["Memory"], host["MemorySwap"], host["PidsLimit"]) == (64 * 2**20, 64 * 2**20, 100)
    assert host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"] and host["SecurityOpt"] == ["no-new-privileges"]
    assert not host["Privileged"] and not host["PortBindings"] and not found["Mounts"]
    assert host["RestartPolicy"]["Name"] == "no"
    assert "LAB_MACHINE_ID=1" in found["Config"]["Env"]
    labels = found["Config"]["Labels"]
    assert labels["orchestrator.lab"] == containers.lab
    assert {name: labels[f"orchestrator.{name}"] for name in ("run", "trial", "role", "server", "instance_type")} == {
        "run": "a-run",
        "trial": "t1",
        "role": "server",
        "server": "go-fasthttp",
        "instance_type": "acme/small",
    }


def test_the_kernel_enforces_what_was_asked(containers: Containers, provide: Provide) -> None:
    order = Order(
        image=provide("observer").reference,
        command=("selftest", "0.2"),
        labels=lab_labels(containers.lab, "selftest"),
        limits=LIMITS,
        network="none",
    )
    container = containers.start(order)
    with containers.client.calls("wait") as api:
        assert api.wait(container)["StatusCode"] == 0
    said = containers.output(container)
    assert read_self_test(said, LIMITS).wrong == ()
    assert len(read_self_test(said, replace(LIMITS, memory_bytes=2**30, pids=99)).wrong) == 2, json.loads(said)


def test_a_box_runs_while_its_block_does_and_is_gone_after(containers: Containers, spec: BoxSpec) -> None:
    before = time.time()
    with DockerStack(containers).start(spec) as box:
        state = box.state()
        assert (state.running, state.restarts, state.oom_killed) == (True, 0, False)
        assert before - 1 < box.started_unix_seconds() < time.time() + 1
        assert (box.name, count(containers)) == (spec.name, 1)
    assert count(containers) == 0
    assert box.state().exit_code == EXIT_CODE_UNKNOWN and not box.state().running


def test_a_box_is_gone_when_its_block_fails(containers: Containers, spec: BoxSpec) -> None:
    with pytest.raises(ZeroDivisionError), DockerStack(containers).start(spec):
        raise ZeroDivisionError
    assert count(containers) == 0


def test_a_box_that_cannot_start_leaves_nothing(containers: Containers, spec: BoxSpec) -> None:
    nowhere = replace(spec, limits=replace(LIMITS, cpuset=(4095,)))
    with pytest.raises(EnvironmentNotFit, match=spec.name), DockerStack(containers).start(nowhere):
        pytest.fail("there is no CPU 4095")
    assert count(containers) == 0


def test_an_image_that_is_not_there_is_named(containers: Containers, spec: BoxSpec) -> None:
    absent = replace(spec, image="footprint-lab/absent:0")
    with pytest.raises(ImageUnavailable, match="footprint-lab/absent:0"), DockerStack(containers).start(absent):
        pytest.fail("there is no such image")
    assert count(containers) == 0


def test_a_server_that_ends_shows_its_code_and_its_last_words(containers: Containers, spec: BoxSpec) -> None:
    with DockerStack(containers).start(replace(spec, env={"LAB_PORT": "none"})) as box:
        deadline = time.monotonic() + 10
        while box.state().running and time.monotonic() < deadline:
            time.sleep(0.02)
        assert box.state().exit_code == 2
        assert "LAB_PORT" in " ".join(box.log_tail(5))


def test_a_box_is_found_by_its_name_in_the_labs_network(
    containers: Containers, spec: BoxSpec, provide: Provide
) -> None:
    ask = (
        "import time, urllib.request\n"
        "for _ in range(100):\n"
        "    try: print(urllib.request.urlopen('http://{}:8080/plaintext', timeout=1).read().decode()); break\n"
        "    except OSError: time.sleep(0.05)\n"
    )
    with DockerStack(containers).start(spec) as box:
        asking = containers.start(
            Order(
                image=provide("python").reference,
                command=("python3", "-c", ask.format(box.name)),
                labels=lab_labels(containers.lab, "selftest"),
                limits=replace(LIMITS, quota_microseconds=100_000),
                network=ensure_network(containers.client, containers.lab),
            )
        )
        with containers.client.calls("wait") as api:
            api.wait(asking, timeout=30)
        assert containers.output(asking).strip() == "Hello, World!"


def test_a_network_of_that_name_that_is_not_ours_is_left_alone(containers: Containers, spec: BoxSpec) -> None:
    with containers.client.calls("make a foreign network") as api:
        foreign = api.create_network(network_name(containers.lab), driver="bridge")["Id"]
        try:
            with pytest.raises(EnvironmentNotFit, match="not this lab's"), DockerStack(containers).start(spec):
                pytest.fail("it is not ours")
        finally:
            api.remove_network(foreign)


def test_live_servers_outlive_a_sweep_and_end_together(containers: Containers, spec: BoxSpec) -> None:
    stack = DockerStack(containers)
    live = [stack.start_live(replace(spec, name=f"{spec.name}-{n}")) for n in range(2)]
    with stack.start(spec):
        assert DockerEngine(containers, Path()).sweep().containers == 1
        assert all(box.state().running for box in live)
    assert stack.stop_live() == 2
    assert stack.stop_live() == 0
    assert count(containers) == 0
