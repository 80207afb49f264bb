"""Images of the user's services: taken from the engine as they are, or pulled.

They are not ours: they get no label, and nothing of the lab removes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestrator.adapters.docker.client import EngineClient
from orchestrator.adapters.docker.supply import BUILD, mirrored
from orchestrator.adapters.docker.supply_pull import Puller
from orchestrator.domain.measurement import Missing
from orchestrator.domain.server import Image, ImageNeed
from orchestrator.errors import ImageUnavailable

#: What ``Image.supply`` says of one that was there already.
ENGINE, PULLED = "engine", "pull"
_NOT_OURS = Missing("not built here")


class ServiceImages:
    """References by the lab's name of the image, ``server/<service>``; of a sidecar its own reference is the name.

    Args:
        supply: ``build`` asks no registry.
        mirror: ``host:port`` of a registry to use in place of the public ones.
    """

    def __init__(
        self, engine: EngineClient, references: Mapping[str, str], puller: Puller, *, supply: str, mirror: str | None
    ) -> None:
        self._engine = engine
        self._references = references
        self._puller = puller
        self._supply = supply
        self._mirror = mirror

    def __contains__(self, name: str) -> bool:
        return name in self._references

    def need(self, name: str) -> ImageNeed:
        """Whether it is there already."""
        reference = self._references[name]
        return ImageNeed(name, reference, self._puller.inspect(reference) is not None)

    def provide(self, name: str) -> Image:
        """Raises ImageUnavailable when it is not on the engine and no registry gives it."""
        reference = self._references[name]
        found = self._puller.inspect(reference)
        fresh = found is None
        if found is None:
            found = self._pulled(name, reference)
        digest = str((found.get("RepoDigests") or [""])[0]).partition("@")[2]
        return Image(
            name=name,
            reference=reference,
            digest=str(found["Id"]),
            bytes=int(found["Size"]),
            binary_bytes=_NOT_OURS,
            build_seconds=_NOT_OURS,
            supply=PULLED if fresh else ENGINE,
            toolchain=f"{reference.partition('@')[0]}@{digest}" if digest else reference,
            fresh=fresh,
        )

    def _pulled(self, name: str, reference: str) -> dict[str, Any]:
        file = "the Compose file of its service" if name == reference else f"services/{name.partition('/')[2]}.yaml"
        by_hand = f"docker pull {reference}, or docker load it; or mend image in {file}"
        if self._supply == BUILD:
            raise ImageUnavailable(
                f"{reference} is not on the engine, and --supply build asks no registry", hint=by_hand, where=name
            )
        source = mirrored(reference, self._mirror)
        try:
            self._puller.fetch(name, source)
        except ImageUnavailable as error:
            raise ImageUnavailable(error.message, hint=by_hand, where=name) from error
        if source != reference:
            self._rename(source, reference)
        found = self._puller.inspect(reference)
        if found is None:
            raise ImageUnavailable(f"{reference} was pulled and is not there", hint=by_hand, where=name)
        return found

    def _rename(self, source: str, reference: str) -> None:
        """From the mirror's name to the one the user wrote. A digest is no name: what it names is found by it."""
        repository, _, tag = reference.partition("@")[0].rpartition(":")
        if not repository or "/" in tag:
            repository, tag = reference.partition("@")[0], "latest"
        with self._engine.calls(f"name {source}") as api:
            api.tag(source, repository, tag)
            api.remove_image(source)
