"""A lab of its own for each test of the engine's adapters, with its images; nothing of it stays."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from orchestrator.adapters.docker.client import EngineClient
from orchestrator.adapters.docker.containers import Containers
from orchestrator.adapters.docker.engine import DockerEngine
from orchestrator.adapters.docker.images import DockerImages
from orchestrator.adapters.docker.labels import image_labels, lab_id
from orchestrator.domain.server import Image, Server

ROOT = Path(__file__).resolve().parents[2]
GO = Server("go-fasthttp", "go", "fasthttp", "", 8080, ("plaintext",))


@pytest.fixture(scope="session")
def provide() -> Iterator[Callable[[str], Image]]:
    """The project's own images by name, built once and kept: they are named by their content."""
    client, made = EngineClient(), dict[str, Image]()
    supply = DockerImages(client, ROOT, (GO,), labels=image_labels(lab_id()))

    def image(name: str) -> Image:
        if name not in made:
            made[name] = supply.provide(name)
        return made[name]

    yield image
    client.close()


@pytest.fixture
def containers() -> Iterator[Containers]:
    """The containers of a lab that only this test uses."""
    client = EngineClient()
    mine = Containers(client, f"test-{secrets.token_hex(4)}")
    yield mine
    DockerEngine(mine, Path()).remove_owned(images=True)
    client.close()
