"""The ImageSupply of the Docker Engine: images by content hash, pulled or built, never twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from orchestrator.adapters.docker.client import EngineClient
from orchestrator.adapters.docker.labels import ROLE, ROLE_PROBE
from orchestrator.adapters.docker.recipes import HOST, load_recipes, server_recipe
from orchestrator.adapters.docker.service_images import ServiceImages
from orchestrator.adapters.docker.supply import AUTO, BUILD, PULL, Registry, Resolved, Resolver
from orchestrator.adapters.docker.supply_apt import debian_source
from orchestrator.adapters.docker.supply_build import SOURCE, Builder
from orchestrator.adapters.docker.supply_facts import Facts, FactsFile, cache_folder
from orchestrator.adapters.docker.supply_host import require_mmdebstrap, toolchain
from orchestrator.adapters.docker.supply_pull import Puller
from orchestrator.domain.measurement import Missing
from orchestrator.domain.server import Image, ImageNeed, Server
from orchestrator.errors import EnvironmentNotFit

#: Asked for when it is not known whether a registry answers: everything else stands on it.
_QUESTION = "base"
#: The program of the images that images/<language>.Dockerfile makes, and what these are.
_PROGRAM = "/server"
_ONE_PROGRAM = ("server/", "kernels/")
_NOT_READ = "not one program"
_DIGEST_CHARACTERS = len("sha256:") + 12


class DockerImages:
    """Fulfils ``ports.ImageSupply``.

    Args:
        root: the project: holds images/, servers/, prometheus/, grafana/.
        servers: those that can be asked for as ``server/<name>``; images of services are taken as they are.
        supply: ``auto``, ``pull`` or ``build``.
        mirror: ``host:port`` of a registry to use in place of the public ones.
        labels: put on every image.
        cache: folder for what images cannot tell of themselves; the user's cache folder by default.
    """

    def __init__(
        self,
        engine: EngineClient,
        root: Path,
        servers: Sequence[Server],
        *,
        supply: str = AUTO,
        mirror: str | None = None,
        labels: Mapping[str, str] | None = None,
        cache: Path | None = None,
    ) -> None:
        ours = [one for one in servers if one.service is None]
        recipes = load_recipes(root)
        recipes.update((f"server/{one.name}", server_recipe(one)) for one in ours)
        self._engine = engine
        self._asked = supply
        self._recipes = recipes
        self._resolver = Resolver(root, recipes, ours)
        self._registry = Registry(engine, mirror)
        self._labels = dict(labels or {})
        self._builder = Builder(engine, root, self._labels)
        self._puller = Puller(engine, self._builder, mirror)
        self._facts = FactsFile(cache or cache_folder())
        foreign = {f"server/{one.name}": one.service.image for one in servers if one.service is not None}
        foreign |= {beside.image: beside.image for one in servers for beside in one.sidecars}
        self._services = ServiceImages(engine, foreign, self._puller, supply=supply, mirror=mirror)

    def needs(self, names: Sequence[str]) -> tuple[ImageNeed, ...]:
        """Which images are there already. Touches no network when all are; the reference is empty when none can be."""
        present = self._present()
        return tuple(
            self._services.need(name) if name in self._services else self._need(name, present) for name in names
        )

    def provide(self, name: str) -> Image:
        """The image, built or pulled if it is not there.

        Raises BuildFailed, ImageUnavailable, EnvironmentNotFit, EngineUnavailable.
        """
        if name in self._services:
            return self._services.provide(name)
        present = self._present()
        image = self._there(name, present) or self._resolver.resolve(name, self._working())
        fresh = image.reference not in present
        if fresh:
            self._make(image, present)
        return self._describe(image, fresh)

    def kind(self) -> str | Missing:
        """``pull`` or ``build``; Missing when neither can work here. Asks the registry when that was left open."""
        try:
            supply = self._working()
            if supply == BUILD:
                self._require_tools()
            return supply
        except EnvironmentNotFit as error:
            return Missing(f"{error.message}; {error.hint}")

    def _need(self, name: str, present: set[str]) -> ImageNeed:
        image = self._there(name, present)
        if image is None:
            self._resolver.require(name)
            try:
                image = self._resolver.resolve(name, self._working())
            except EnvironmentNotFit:
                return ImageNeed(name, "", present=False)
        return ImageNeed(name, image.reference, image.reference in present)

    def _there(self, name: str, present: set[str]) -> Resolved | None:
        """The image that is there already, by whichever supply was not ruled out."""
        for supply in (PULL, BUILD) if self._asked == AUTO else (self._asked,):
            try:
                image = self._resolver.resolve(name, supply)
            except EnvironmentNotFit:
                continue  # not by this supply; said where it matters, when the image is asked for
            if image.reference in present:
                return image
        return None

    def _working(self) -> str:
        """The supply for what is not there: the one asked for, else one that works here.

        Raises EnvironmentNotFit, with what to install, when neither does.
        """
        if self._asked != AUTO:
            return self._asked
        question = self._recipes[_QUESTION].pull
        if question is not None and self._registry.answers(question):
            return PULL
        try:
            self._require_tools()
        except EnvironmentNotFit as error:
            raise EnvironmentNotFit(
                f"no registry answers, and {error.message}",
                hint=f"{error.hint}, or set ORCHESTRATOR_REGISTRY=host:port to a registry that answers",
                detail=error.detail,
            ) from error
        return BUILD

    def _require_tools(self) -> None:
        """What the project's recipes take from the host."""
        for recipe in self._recipes.values():
            if recipe.optional:
                continue
            if recipe.rootfs is not None:
                require_mmdebstrap()
                debian_source(recipe.rootfs.suite)
            for source in recipe.contexts.values():
                if source.startswith(HOST):
                    toolchain(source.removeprefix(HOST))

    def _make(self, image: Resolved, present: set[str]) -> None:
        below = [source for source in image.inputs.values() if isinstance(source, Resolved)]
        for source in below:
            if source.reference not in present:
                self._make(source, present)
        if image.supply == PULL:
            self._puller.pull(image)
            seconds: float | Missing = Missing("pulled, not built")
        else:
            sources = {_source_of(self._inspect(source)) for source in below}
            seconds = self._builder.build(image, " ".join(sorted(sources - {""})))
        self._facts.remember(str(self._inspect(image)["Id"]), Facts(seconds, Missing(_NOT_READ)))
        present.add(image.reference)

    def _describe(self, image: Resolved, fresh: bool) -> Image:
        found = self._inspect(image)
        source = _source_of(found)
        image_id = str(found["Id"])
        facts = self._facts.recall(image_id)
        if isinstance(facts.binary_bytes, Missing) and image.recipe.name.startswith(_ONE_PROGRAM):
            facts = replace(facts, binary_bytes=self._program_bytes(image))
            self._facts.remember(image_id, facts)
        return Image(
            name=image.recipe.name,
            reference=image.reference,
            digest=image_id,
            bytes=int(found["Size"]),
            binary_bytes=facts.binary_bytes,
            build_seconds=facts.build_seconds,
            supply=image.supply,
            toolchain=toolchain_with_digest(image.toolchain, source),
            fresh=fresh,
        )

    def _inspect(self, image: Resolved) -> dict[str, Any]:
        with self._engine.calls(f"inspect image {image.reference}") as api:
            return dict(api.inspect_image(image.reference))  # type: ignore[no-untyped-call]  # untyped in its stubs

    def _program_bytes(self, image: Resolved) -> int | Missing:
        from docker.errors import NotFound

        with self._engine.calls(f"read {_PROGRAM} of {image.reference}") as api:
            # Never started. Without a role of its own it would carry the image's, which no sweep looks for.
            labels = {**self._labels, ROLE: ROLE_PROBE}
            container = api.create_container(image.reference, labels=labels)["Id"]
            try:
                chunks, stat = api.get_archive(container, _PROGRAM)
                for _ in chunks:
                    pass  # the engine keeps the container busy until the archive is read to its end
                return int(stat["size"]) if stat else Missing(f"the engine says nothing about {_PROGRAM}")
            finally:
                with suppress(NotFound):  # swept meanwhile
                    api.remove_container(container, v=True)

    def _present(self) -> set[str]:
        with self._engine.calls("list images") as api:
            rows = api.images()
        return {tag for row in rows for tag in row.get("RepoTags") or ()}


def _source_of(found: Mapping[str, Any]) -> str:
    """The label that tells what an image or those below it were pulled as; empty when nothing was."""
    return str(((found.get("Config") or {}).get("Labels") or {}).get(SOURCE, ""))


def toolchain_with_digest(toolchain: str, source: str) -> str:
    """A tag can be moved: ``golang:1.26.8-trixie@sha256:<12 digits>`` says which image it was.

    Args:
        source: ``repository@sha256:<64 digits>`` as the label has it; unchanged when it is another thing, or several.
    """
    _, at, digest = source.partition("@")
    return f"{toolchain}@{digest[:_DIGEST_CHARACTERS]}" if at and " " not in source else toolchain
