"""The ImageSupply of the Docker Engine: images by content hash, pulled or built, never twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from orchestrator.adapters.docker.client import EngineClient
from orchestrator.adapters.docker.recipes import load_recipes, server_recipe
from orchestrator.adapters.docker.supply import AUTO, BUILD, PULL, Registry, Resolved, Resolver
from orchestrator.adapters.docker.supply_build import Builder
from orchestrator.adapters.docker.supply_facts import Facts, FactsFile, cache_folder
from orchestrator.adapters.docker.supply_host import require_mmdebstrap, toolchain
from orchestrator.adapters.docker.supply_pull import Puller
from orchestrator.domain.measurement import Missing
from orchestrator.domain.server import Image, ImageNeed, Server
from orchestrator.errors import EnvironmentNotFit

#: Asked for when it is not known whether a registry answers: everything else stands on it.
_QUESTION = "base"
#: The program of a server image (images/<language>.Dockerfile).
_PROGRAM = "/server"
_NOT_READ = "not one program"


class DockerImages:
    """Fulfils ``ports.ImageSupply``.

    Args:
        root: the project: holds images/, servers/, prometheus/, grafana/.
        servers: those that can be asked for as ``server/<name>``.
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
        recipes = load_recipes(root)
        recipes.update((recipe.name, recipe) for recipe in map(server_recipe, servers))
        self._engine = engine
        self._asked = supply
        self._recipes = recipes
        self._resolver = Resolver(root, recipes)
        self._registry = Registry(engine, mirror)
        self._builder = Builder(engine, root, labels or {})
        self._puller = Puller(engine, self._builder, mirror)
        self._facts = FactsFile(cache or cache_folder())

    def needs(self, names: Sequence[str]) -> tuple[ImageNeed, ...]:
        """Which images are there already. Touches no network when all are."""
        present = self._present()
        chosen = [(name, self._choose(name, present)) for name in names]
        return tuple(ImageNeed(name, image.reference, image.reference in present) for name, image in chosen)

    def provide(self, name: str) -> Image:
        """The image, built or pulled if it is not there.

        Raises BuildFailed, ImageUnavailable, EnvironmentNotFit, EngineUnavailable.
        """
        present = self._present()
        image = self._choose(name, present)
        fresh = image.reference not in present
        if fresh:
            self._make(image, present)
        return self._describe(image, fresh)

    def kind(self) -> str | Missing:
        """``pull`` or ``build``; Missing when neither can work here. Asks the registry when that was left open."""
        if self._asked != AUTO:
            return self._asked
        question = self._recipes[_QUESTION].pull
        if question is not None and self._registry.answers(question):
            return PULL
        try:
            require_mmdebstrap()
            for language in ("go", "rust"):
                toolchain(language)
        except EnvironmentNotFit as error:
            return Missing(f"no registry answers, and {error.message}; {error.hint}")
        return BUILD

    def _choose(self, name: str, present: set[str]) -> Resolved:
        """What is there already, by whichever supply; else what the supply that works here would give."""
        for supply in (PULL, BUILD) if self._asked == AUTO else (self._asked,):
            try:
                image = self._resolver.resolve(name, supply)
            except EnvironmentNotFit:
                continue  # not by this supply; asked again below, where it matters
            if image.reference in present:
                return image
        kind = self.kind()
        if isinstance(kind, Missing):
            raise EnvironmentNotFit(
                f"image {name} cannot be had: {kind.reason}", hint="orchestrator doctor", where=name
            )
        return self._resolver.resolve(name, kind)

    def _make(self, image: Resolved, present: set[str]) -> None:
        for source in image.inputs.values():
            if isinstance(source, Resolved) and source.reference not in present:
                self._make(source, present)
        if image.supply == PULL:
            self._puller.pull(image)
            seconds: float | Missing = Missing("pulled, not built")
        else:
            seconds = self._builder.build(image)
        self._facts.remember(str(self._inspect(image)["Id"]), Facts(seconds, Missing(_NOT_READ)))
        present.add(image.reference)

    def _describe(self, image: Resolved, fresh: bool) -> Image:
        found = self._inspect(image)
        image_id = str(found["Id"])
        facts = self._facts.recall(image_id)
        if isinstance(facts.binary_bytes, Missing) and image.recipe.name.startswith("server/"):
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
            toolchain=image.toolchain,
            fresh=fresh,
        )

    def _inspect(self, image: Resolved) -> dict[str, Any]:
        with self._engine.calls(f"inspect image {image.reference}") as api:
            return dict(api.inspect_image(image.reference))  # type: ignore[no-untyped-call]  # untyped in its stubs

    def _program_bytes(self, image: Resolved) -> int | Missing:
        with self._engine.calls(f"read {_PROGRAM} of {image.reference}") as api:
            # Never started. It carries the image's labels, so that a sweep would find it.
            container = api.create_container(image.reference)["Id"]
            try:
                chunks, stat = api.get_archive(container, _PROGRAM)
                for _ in chunks:
                    pass  # the engine keeps the container busy until the archive is read to its end
                return int(stat["size"]) if stat else Missing(f"the engine says nothing about {_PROGRAM}")
            finally:
                api.remove_container(container, v=True)

    def _present(self) -> set[str]:
        with self._engine.calls("list images") as api:
            rows = api.images()
        return {tag for row in rows for tag in row.get("RepoTags") or ()}
