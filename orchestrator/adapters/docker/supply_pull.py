"""Pulling images, with bounded retries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orchestrator.adapters.docker.client import EngineClient
from orchestrator.adapters.docker.supply import Resolved, mirrored
from orchestrator.adapters.docker.supply_build import Builder
from orchestrator.errors import ImageUnavailable

if TYPE_CHECKING:
    from docker import APIClient

_ATTEMPTS = 3
_HINT = "check the engine's network or ORCHESTRATOR_REGISTRY, or use --supply build"


class _Interrupted(Exception):
    """The registry answered, and the transfer broke."""


class Puller:
    """Pulls to the engine's store and gives the image our name and labels."""

    def __init__(self, engine: EngineClient, builder: Builder, mirror: str | None) -> None:
        self._engine = engine
        self._builder = builder
        self._mirror = mirror

    def pull(self, image: Resolved) -> None:
        """Raises ImageUnavailable when the registry has no such image or does not give it after three tries."""
        assert image.recipe.pull is not None
        reference = mirrored(image.recipe.pull, self._mirror)
        was_there = self._digest(reference) is not None
        if not was_there:
            self.fetch(image.recipe.name, reference)
        self._builder.relabel(image, reference, self._digest(reference) or reference)
        if not was_there:
            with self._engine.calls(f"drop the name {reference}") as api:
                api.remove_image(reference)  # its name only: the layers live on under ours

    def inspect(self, reference: str) -> dict[str, Any] | None:
        """What the engine says of an image; None when it is not in its store."""
        from docker.errors import ImageNotFound

        with self._engine.calls(f"look for {reference}") as api:
            try:
                return dict(api.inspect_image(reference))  # type: ignore[no-untyped-call]  # untyped in its stubs
            except ImageNotFound:
                return None

    def _digest(self, reference: str) -> str | None:
        """``repository@sha256:...`` of an image in the engine's store, its id when it never came from a registry."""
        found = self.inspect(reference)
        return None if found is None else str((found.get("RepoDigests") or [found["Id"]])[0])

    def fetch(self, name: str, reference: str) -> None:
        """Into the engine's store, under the reference's own name. Raises ImageUnavailable."""
        from docker.errors import APIError
        from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

        attempts = Retrying(
            stop=stop_after_attempt(_ATTEMPTS),
            wait=wait_exponential(multiplier=0.5, max=4),
            retry=retry_if_exception(_worth_another_try),
            reraise=True,
        )
        with self._engine.calls(f"pull {reference}") as api:
            try:
                attempts(_transfer, api, reference)
            except (APIError, _Interrupted) as error:
                said = " ".join(str(getattr(error, "explanation", None) or error).split())
                raise ImageUnavailable(
                    f"{name} cannot be pulled as {reference}: {said}", hint=_HINT, where=name
                ) from error


def _transfer(api: APIClient, reference: str) -> None:
    name, _, digest = reference.partition("@")
    repository, _, tag = name.rpartition(":")
    if not repository or "/" in tag:
        repository, tag = name, "latest"
    if digest:
        tag = digest
    for event in api.pull(repository, tag=tag, stream=True, decode=True):
        if "error" in event:
            raise _Interrupted(str(event["error"]))


def _worth_another_try(error: BaseException) -> bool:
    """Trouble of the server or on the way; "not found" and "denied" stay what they are."""
    from docker.errors import APIError

    if isinstance(error, APIError):
        return bool(error.is_server_error())
    return isinstance(error, _Interrupted)
