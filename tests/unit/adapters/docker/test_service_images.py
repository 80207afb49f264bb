"""Images of services: found, pulled through a mirror or refused; and secrets that stay out of what is kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import pytest
from docker.errors import ImageNotFound

from orchestrator.adapters.docker.client import EngineClient
from orchestrator.adapters.docker.images import DockerImages
from orchestrator.adapters.docker.service_images import ServiceImages
from orchestrator.adapters.docker.stack import HIDDEN, without
from orchestrator.adapters.docker.supply_build import Builder
from orchestrator.adapters.docker.supply_pull import Puller
from orchestrator.domain.measurement import Missing
from orchestrator.domain.server import ImageNeed, Server
from orchestrator.domain.service import Service
from orchestrator.errors import ImageUnavailable
from tests.unit.adapters.docker.test_supply import GO, ROOT

NAME = "server/api"
DIGEST = f"sha256:{'d' * 64}"


class FakeStore:
    """An engine with these images, and a registry that gives what ``remote`` names."""

    def __init__(self, *there: str, remote: tuple[str, ...] = ()) -> None:
        self.there = set(there)
        self.remote = remote
        self.pulled: list[str] = []

    @contextmanager
    def calls(self, doing: str) -> Iterator[Any]:
        yield self

    def images(self) -> list[dict[str, Any]]:
        return [{"RepoTags": sorted(self.there)}]

    def inspect_image(self, reference: str) -> dict[str, Any]:
        # As an engine does: by its digest whatever the tag, and by the tag latest where none is named.
        _, _, digest = reference.partition("@")
        wanted = {one for one in self.there if digest and one.endswith(digest)} or {reference, f"{reference}:latest"}
        if not wanted & self.there:
            raise ImageNotFound(reference)
        return {"Id": f"sha256:{'1' * 64}", "Size": 7, "RepoDigests": [f"x@{DIGEST}"]}

    def pull(self, repository: str, *, tag: str, stream: bool, decode: bool) -> list[dict[str, str]]:
        name = f"{repository}@{tag}" if tag.startswith("sha256:") else f"{repository}:{tag}"
        self.pulled.append(name)
        if name not in self.remote:
            return [{"error": "there is no such image"}]
        self.there.add(name)
        return [{"status": "done"}]

    def tag(self, source: str, repository: str, tag: str) -> None:
        assert source in self.there
        self.there.add(f"{repository}:{tag}")

    def remove_image(self, reference: str) -> None:
        self.there.remove(reference)


def supply(store: FakeStore, image: str = "me/api:1", kind: str = "auto", mirror: str | None = None) -> ServiceImages:
    engine = cast(EngineClient, store)
    puller = Puller(engine, cast(Builder, None), mirror)
    return ServiceImages(engine, {NAME: image}, puller, supply=kind, mirror=mirror)


def test_what_is_there_is_taken_as_it_is() -> None:
    store = FakeStore("me/api:1")
    found = supply(store).provide(NAME)
    assert (found.reference, found.supply, found.fresh, store.pulled) == ("me/api:1", "engine", False, [])
    assert found.toolchain == f"me/api:1@{DIGEST}"
    assert isinstance(found.build_seconds, Missing) and isinstance(found.binary_bytes, Missing)
    assert supply(store).need(NAME) == ImageNeed(NAME, "me/api:1", present=True)


@pytest.mark.parametrize(
    ("image", "pulled"),
    [
        ("me/api:1", "me/api:1"),
        ("me/api", "me/api:latest"),
        ("localhost:5000/api", "localhost:5000/api:latest"),
        (f"me/api@{DIGEST}", f"me/api@{DIGEST}"),
        (f"me/api:1@{DIGEST}", f"me/api@{DIGEST}"),
    ],
)
def test_what_is_not_there_is_pulled_by_tag_or_digest(image: str, pulled: str) -> None:
    store = FakeStore(remote=(pulled,))
    found = supply(store, image).provide(NAME)
    assert (found.reference, found.supply, found.fresh, store.pulled) == (image, "pull", True, [pulled])


def test_from_a_mirror_it_comes_under_its_own_name() -> None:
    store = FakeStore(remote=("127.0.0.1:5001/me/api:1",))
    assert supply(store, mirror="127.0.0.1:5001").provide(NAME).reference == "me/api:1"
    assert store.there == {"me/api:1"}


def test_without_a_registry_nothing_is_asked_for() -> None:
    store = FakeStore()
    with pytest.raises(ImageUnavailable, match="me/api:1 is not on the engine") as caught:
        supply(store, kind="build").provide(NAME)
    assert caught.value.hint.startswith("docker pull me/api:1") and store.pulled == []


def test_services_are_no_recipes_of_the_lab(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server("api", "", "api", "", 80, ("api",), service=Service("me/api:1"))
    images = DockerImages(cast(EngineClient, FakeStore("me/api:1")), ROOT, (GO, server))
    assert images.needs([NAME]) == (ImageNeed(NAME, "me/api:1", present=True),)
    assert images.provide(NAME).supply == "engine"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("token is hunter2!", f"token is {HIDDEN}!"),
        ("hunter2hunter2", HIDDEN * 2),
        ("first of key", f"{HIDDEN} of key"),
        ("nothing", "nothing"),
    ],
)
def test_a_log_line_does_not_repeat_a_secret(line: str, shown: str) -> None:
    assert without(line, ("hunter2", "first\nsecond", "")) == shown
