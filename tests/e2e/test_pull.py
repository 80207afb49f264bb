"""The pull supply against a real registry: Debian's docker-registry on loopback, filled with built images."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from orchestrator.adapters.docker.client import EngineClient
from orchestrator.adapters.docker.images import DockerImages
from orchestrator.adapters.files.catalog import FileCatalog
from tests.e2e.command_line import CommandLine, engine, new_lab
from tests.e2e.conftest import ROOT
from tests.e2e.registry import fill, official, registry

pytestmark = pytest.mark.engine

#: All that is pulled but Rust's toolchain (1 GB) and Grafana, which nobody here can build.
PUSHED = ("base", "python", "toolchain-go", "k6", "oha", "prometheus", "cadvisor")
OURS = ("server/go-fasthttp", "observer", "bench-prometheus")
#: Nothing listens on the discard port.
DEAD = "127.0.0.1:9"
STASH = "footprint-lab-stash"


def supply(kind: str) -> DockerImages:
    return DockerImages(EngineClient(), ROOT, FileCatalog().servers(), supply=kind)


def references(kind: str) -> dict[str, str]:
    """What the images are called under a supply."""
    return {one.name: one.reference for one in supply(kind).needs((*PUSHED, *OURS))}


@pytest.fixture(scope="module")
def client() -> Iterator[docker.DockerClient]:
    with engine() as made:
        yield made


@pytest.fixture(scope="module")
def address(client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A registry that has everything but Rust's toolchain and Grafana."""
    built = supply("build")
    local = [(name, built.provide(name).reference) for name in PUSHED]
    with registry(tmp_path_factory.mktemp("registry")) as made:
        fill(client, made, local)
        yield made


@pytest.fixture(scope="module", autouse=True)
def none_pulled_yet(client: docker.DockerClient) -> Iterator[None]:
    """Pulled images of this machine step aside while these tests pull their own."""
    names = set(references("pull").values())
    kept = {tag for one in client.images.list("footprint-lab/*") for tag in one.tags} & names
    kept |= {tag for one in client.images.list("footprint-lab/server/*") for tag in one.tags} & names
    for number, reference in enumerate(sorted(kept)):
        client.api.tag(reference, STASH, str(number))
        client.api.remove_image(reference)
    yield
    for reference in names:
        if client.images.list(reference):
            client.api.remove_image(reference)
    for number, reference in enumerate(sorted(kept)):
        repository, _, tag = reference.rpartition(":")
        client.api.tag(f"{STASH}:{number}", repository, tag)
        client.api.remove_image(f"{STASH}:{number}")


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[CommandLine]:
    with new_lab(tmp_path) as made:
        yield made


def test_a_registry_that_is_not_there_is_named(cli: CommandLine) -> None:
    error = cli("build", "go-fasthttp", "--supply", "pull", "--json", ORCHESTRATOR_REGISTRY=DEAD).expect(3).envelope
    (told,) = error["errors"]
    assert told["id"] == "ImageUnavailable"
    assert DEAD in told["message"] and "ORCHESTRATOR_REGISTRY" in told["hint"]
    assert cli("up", "--supply", "pull", ORCHESTRATOR_REGISTRY=DEAD).expect(3).err


def test_auto_builds_where_no_registry_answers(cli: CommandLine) -> None:
    answer = cli("build", "go-fasthttp", "--json", ORCHESTRATOR_REGISTRY=DEAD).expect(0).envelope
    (image,) = answer["data"]["images"]
    assert image["supply"] == "build" and image["reference"] == references("build")["server/go-fasthttp"]


def test_the_lab_goes_up_on_pulled_images(cli: CommandLine, address: str, client: docker.DockerClient) -> None:
    cli.measure("go-fasthttp", rates="250", seconds=5)
    there = {"ORCHESTRATOR_REGISTRY": address}
    up = cli("up", "--supply", "pull", **there).expect(0)
    assert "to get: server/go-fasthttp" in up.err
    (told,) = (line for line in up.err.splitlines() if "grafana" in line)
    assert told.startswith("grafana    not available: ") and told.endswith("; the live page stands in")
    wanted = references("pull")
    for name in ("k6", "oha", "cadvisor"):
        found = client.images.get(wanted[name])
        assert found.labels["orchestrator.supply"] == "pull"
        assert found.labels["orchestrator.toolchain"] == official(name)
        assert (
            found.labels["orchestrator.source"].startswith(f"{address}/")
            and "@sha256:" in found.labels["orchestrator.source"]
        )
    mine = {"label": f"orchestrator.lab={cli.lab}"}
    assert {one["Image"] for one in client.api.containers(filters=mine)} == {
        wanted[name] for name in ("k6", "cadvisor", *OURS)
    }
    assert not [tag for one in client.images.list() for tag in one.tags if tag.startswith(address)]
    again = cli("up", "--supply", "pull", ORCHESTRATOR_REGISTRY=DEAD).expect(0)
    assert "to get" not in again.err
    run = cli("run", "--supply", "pull", "--json", **there).expect(0).envelope["data"]
    assert run["cells"][0]["capacity"]["holds"] == 250


def test_auto_pulls_where_a_registry_answers(cli: CommandLine, address: str) -> None:
    answer = cli("doctor", "--json", ORCHESTRATOR_REGISTRY=address).expect(0).envelope["data"]
    checks = {one["check"]: one["evidence"] for one in answer["findings"]}
    assert checks["supply"] == "images are pulled from a registry"


def test_what_the_registry_does_not_have_is_named(cli: CommandLine, address: str) -> None:
    there = {"ORCHESTRATOR_REGISTRY": address}
    (told,) = cli("build", "rust-axum", "--supply", "pull", "--json", **there).expect(3).envelope["errors"]
    assert f"{address}/library/{official('toolchain-rust')}" in told["message"]
