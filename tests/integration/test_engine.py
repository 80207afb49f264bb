"""The engine as a whole: facts, what is ours, and nothing but that removed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orchestrator.adapters.docker.client import EngineClient
from orchestrator.adapters.docker.containers import Containers, Order, ensure_network
from orchestrator.adapters.docker.engine import DockerEngine
from orchestrator.adapters.docker.labels import LIVE, image_labels, lab_labels, network_name
from orchestrator.adapters.host.machine import usable_cpus
from orchestrator.domain.box import Owned
from orchestrator.domain.limits import Limits
from orchestrator.domain.measurement import Missing
from orchestrator.domain.server import Image
from orchestrator.errors import EnvironmentNotFit, LabHeld

pytestmark = pytest.mark.engine

Provide = Callable[[str], Image]
LIMITS = Limits(usable_cpus()[-1:], 50_000, 100_000, 64 * 2**20, 0, 64)


@pytest.fixture
def engine(containers: Containers, tmp_path: Path) -> DockerEngine:
    return DockerEngine(containers, tmp_path / "runs")


@pytest.fixture
def foreign(containers: Containers, provide: Provide) -> Iterator[tuple[Containers, str]]:
    """A container that looks much like ours, of a lab whose name begins with ours."""
    client = EngineClient()
    theirs = Containers(client, f"{containers.lab}-2")
    container = sleeper(theirs, provide, "server", name=f"{network_name(containers.lab)}-observer-1")
    yield theirs, container
    theirs.remove(container)
    client.close()


def sleeper(
    containers: Containers,
    provide: Provide,
    role: str,
    *,
    name: str | None = None,
    network: str = "none",
    live: bool = False,
) -> str:
    labels = lab_labels(containers.lab, role) | ({LIVE: "true"} if live else {})
    image = provide("python").reference
    order = Order(image, labels, LIMITS, network, name=name, command=("sleep", "600"), files={"x": b"x"})
    return containers.start(order)


def running(containers: Containers, container: str) -> bool:
    found = containers.inspect(container)
    return found is not None and bool(found["State"]["Running"])


def test_facts_are_the_engines_own(engine: DockerEngine, containers: Containers) -> None:
    facts = engine.facts()
    with containers.client.calls("ask") as api:
        info, version = api.info(), api.version()
    assert (facts.engine_version, facts.api_version) == (version["Version"], version["ApiVersion"])
    assert (facts.kernel, facts.memory_bytes) == (info["KernelVersion"], info["MemTotal"])
    assert facts.cgroup_version == int(info["CgroupVersion"])
    assert facts.local == (os.uname().release == facts.kernel)
    assert facts.cpus == usable_cpus() and facts.disk_free_bytes > 0
    steal = engine.steal_ratio()
    assert not isinstance(steal, Missing) and 0 <= steal <= 1
    assert isinstance(facts.supply, Missing) and isinstance(facts.self_test, Missing)
    assert engine.fingerprint().cpus == info["NCPU"]


def test_the_self_test_reads_its_limits_back(engine: DockerEngine, containers: Containers, provide: Provide) -> None:
    test = engine.self_test(provide("observer").reference, LIMITS)
    assert test.wrong == ()
    # On a busy host the neighbours may take so much that the quota is seldom reached.
    assert 0 < test.cpus_used <= 0.55
    assert test.periods >= 20 and 0 <= test.throttled_periods <= test.periods
    with containers.client.calls("list") as api:
        assert not api.containers(all=True, filters={"label": f"orchestrator.lab={containers.lab}"})


def test_a_self_test_that_cannot_run_shows_its_log(engine: DockerEngine, provide: Provide) -> None:
    with pytest.raises(EnvironmentNotFit, match="exit code") as caught:
        engine.self_test(provide("k6").reference, LIMITS)
    assert caught.value.detail


def test_a_sweep_takes_leftovers_and_leaves_what_lives(
    engine: DockerEngine, containers: Containers, provide: Provide, foreign: tuple[Containers, str]
) -> None:
    left = [sleeper(containers, provide, role) for role in ("server", "generator", "selftest")]
    kept = [sleeper(containers, provide, "server", live=True), sleeper(containers, provide, "bench")]
    assert engine.sweep() == Owned(containers=3, networks=0, volumes=0, images=0)
    assert engine.sweep().containers == 0
    assert [running(containers, one) for one in left + kept] == [False] * 3 + [True] * 2
    assert running(*foreign)


def test_everything_of_ours_goes_and_nothing_else(
    engine: DockerEngine, containers: Containers, provide: Provide, foreign: tuple[Containers, str]
) -> None:
    lab = containers.lab
    network = ensure_network(containers.client, lab)
    sleeper(containers, provide, "server", network=network)
    sleeper(containers, provide, "server", live=True)
    with containers.client.calls("make a volume") as api:
        api.create_volume(f"{lab}-volume", labels=lab_labels(lab, "bench"))
    # Anonymous volumes go with their containers, so only the named one is left to count.
    assert engine.remove_owned(images=False) == Owned(containers=2, networks=1, volumes=1, images=0)
    assert engine.remove_owned(images=False) == Owned(0, 0, 0, 0)
    assert running(*foreign)


def test_a_container_started_by_hand_from_an_image_of_ours_is_not_ours(
    engine: DockerEngine, containers: Containers, tmp_path: Path, provide: Provide
) -> None:
    from python_on_whales import DockerClient

    reference, by_hand = f"footprint-lab/{containers.lab}:1", DockerClient()
    (tmp_path / "Dockerfile").write_text("FROM python\n")
    python: dict[str, str | Path] = {"python": f"docker-image://{provide('python').reference}"}
    by_hand.build(tmp_path, tags=reference, labels=image_labels(containers.lab), build_contexts=python, progress=False)
    made = by_hand.create(reference, ["sleep", "1"])
    try:
        assert (made.config.labels or {})["orchestrator.lab"] == containers.lab
        assert engine.remove_owned(images=False).containers == 0
        assert made.exists()
        with pytest.raises(EnvironmentNotFit, match="in use by others"):
            engine.remove_owned(images=True)
    finally:
        made.remove()


def test_images_go_only_when_asked(engine: DockerEngine, containers: Containers, tmp_path: Path) -> None:
    from python_on_whales import DockerClient

    lab = containers.lab
    (tmp_path / "Dockerfile").write_text(f"FROM scratch\nCOPY Dockerfile /{lab}\n")
    tags = [f"footprint-lab/{lab}:1", f"footprint-lab/{lab}:2"]
    DockerClient().build(tmp_path, tags=tags, labels=image_labels(lab), progress=False)
    assert engine.remove_owned(images=False).images == 0
    assert engine.remove_owned(images=True).images == 1
    with containers.client.calls("list") as api:
        assert not api.images(filters={"label": f"orchestrator.lab={lab}"})


def test_what_others_use_is_left_and_told(engine: DockerEngine, containers: Containers, provide: Provide) -> None:
    network = ensure_network(containers.client, containers.lab)
    client = EngineClient()
    theirs = Containers(client, f"{containers.lab}-2")
    guest = sleeper(theirs, provide, "server", network=network)
    try:
        mine = sleeper(containers, provide, "server")
        with pytest.raises(EnvironmentNotFit, match="in use by others") as caught:
            engine.remove_owned(images=False)
        assert network in caught.value.detail[0]
        assert running(theirs, guest) and containers.inspect(mine) is None
    finally:
        theirs.remove(guest)
        client.close()
    assert engine.remove_owned(images=False).networks == 1


def test_an_engine_is_held_by_one_lab_at_a_time(engine: DockerEngine) -> None:
    with engine.hold(), pytest.raises(LabHeld, match=f"process {os.getpid()}"), engine.hold():
        pytest.fail("it is held")
    with engine.hold():
        pass
