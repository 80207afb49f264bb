"""Which of the two supplies an image comes from, what it is called then, and whether a registry answers at all."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from orchestrator.adapters.docker.client import EngineClient
from orchestrator.adapters.docker.recipes import FOLDER, HOST, REPOSITORY, Recipe, build_hash, pull_hash, server_recipe
from orchestrator.adapters.docker.supply_host import Toolchain, toolchain
from orchestrator.domain.server import Server
from orchestrator.domain.variant import find_server
from orchestrator.errors import EngineLost, EnvironmentNotFit, ImageUnavailable

PULL = "pull"
BUILD = "build"
AUTO = "auto"

#: A registry that takes longer for one manifest is no help.
_ASK_SECONDS = 3.0
_HINT_REGISTRY = "set ORCHESTRATOR_REGISTRY=host:port to a registry that has it; --supply build cannot make it"


@dataclass(frozen=True)
class Resolved:
    """One image by one supply, before anything is made.

    Attributes:
        supply: what happens to this very image, ``pull`` or ``build``. An image of our own is built under either.
        reference: its name in the engine's store, ``footprint-lab/<name>:<hash>``.
        inputs: named build context -> the image or host toolchain behind it.
        toolchain: compiler and version, or the pulled reference.
    """

    recipe: Recipe
    supply: str
    reference: str
    inputs: Mapping[str, Resolved | Toolchain]
    toolchain: str


class Resolver:
    """Names to references, from the project's files and the host's compilers; touches neither engine nor network."""

    def __init__(self, root: Path, recipes: Mapping[str, Recipe], servers: Sequence[Server] = ()) -> None:
        self._root = root
        self._recipes = recipes
        self._servers = servers
        self._known: dict[tuple[str, str], Resolved] = {}

    def resolve(self, name: str, supply: str) -> Resolved:
        """The image under a supply.

        Raises ImageUnavailable when this supply cannot give it, EnvironmentNotFit when the host lacks a toolchain.
        """
        key = (name, supply)
        if key not in self._known:
            self._known[key] = self._resolve(name, supply)
        return self._known[key]

    def require(self, name: str) -> Recipe:
        """The recipe of an image. Raises ImageUnavailable when there is none."""
        recipe = self._recipes.get(name) or self._of_variant(name)
        if recipe is None:
            known = ", ".join(sorted(self._recipes))
            raise ImageUnavailable(f"there is no recipe for image {name!r}", hint=f"known images: {known}", where=name)
        return recipe

    def _of_variant(self, name: str) -> Recipe | None:
        """``server/go-nethttp:json=sonic``: there are too many to have a recipe each."""
        kind, _, server = name.partition("/")
        found = find_server(server, self._servers) if kind == "server" else None
        return server_recipe(found) if found else None

    def _resolve(self, name: str, supply: str) -> Resolved:
        recipe = self.require(name)
        if supply == PULL and recipe.pull is not None:
            reference = f"{REPOSITORY}/{recipe.name}:{pull_hash(recipe.pull)}"
            return Resolved(recipe, PULL, reference, {}, recipe.pull)
        if not recipe.buildable:
            raise ImageUnavailable(f"{name} not available: no registry reached", hint=_HINT_REGISTRY, where=name)
        inputs: dict[str, Resolved | Toolchain] = {}
        for context, source in recipe.contexts.items():
            if source.startswith(HOST):
                inputs[context] = toolchain(source.removeprefix(HOST))
            elif not source.startswith(FOLDER):
                inputs[context] = self.resolve(source, supply)
        marks = {context: _mark(value) for context, value in inputs.items()}
        reference = f"{REPOSITORY}/{recipe.name}:{build_hash(recipe, self._root, marks)}"
        return Resolved(recipe, BUILD, reference, inputs, _toolchain_of(recipe, inputs))


def _mark(value: Resolved | Toolchain) -> str:
    return value.reference if isinstance(value, Resolved) else value.version


def _toolchain_of(recipe: Recipe, inputs: Mapping[str, Resolved | Toolchain]) -> str:
    if recipe.rootfs is not None:
        return f"Debian {recipe.rootfs.suite}"
    host = [value.version for value in inputs.values() if isinstance(value, Toolchain)]
    below = [value.toolchain for value in inputs.values() if isinstance(value, Resolved)]
    return ", ".join(host or below)


def mirrored(reference: str, mirror: str | None) -> str:
    """A reference as a mirror has it: the registry's own host replaced, Docker Hub's short names written in full.

    ``grafana/k6:2.2.0`` -> ``<mirror>/grafana/k6:2.2.0``; ``debian:x`` -> ``<mirror>/library/debian:x``;
    ``ghcr.io/google/cadvisor:x`` -> ``<mirror>/google/cadvisor:x``. Unchanged without a mirror.
    """
    if not mirror:
        return reference
    first, slash, rest = reference.partition("/")
    if not slash:
        path = f"library/{reference}"
    elif "." in first or ":" in first or first == "localhost":
        path = rest
    else:
        path = reference
    return f"{mirror.rstrip('/')}/{path}"


class Registry:
    """Whether the engine reaches a registry: asked once, briefly, remembered as long as this object lives."""

    def __init__(self, engine: EngineClient, mirror: str | None) -> None:
        self._engine = engine
        self._mirror = mirror
        self._answer: bool | None = None

    def answers(self, reference: str) -> bool:
        """One manifest is asked for through the engine. "Not found" is an answer too; silence for 3 s is none."""
        if self._answer is None:
            self._answer = self._ask(mirrored(reference, self._mirror))
        return self._answer

    def _ask(self, reference: str) -> bool:
        answers: list[bool] = []

        def ask() -> None:
            from docker.errors import NotFound

            try:
                with self._engine.calls(f"ask a registry for {reference}") as api, suppress(NotFound):
                    api.inspect_distribution(reference)  # type: ignore[no-untyped-call]  # untyped in its stubs
                answers.append(True)
            except (EnvironmentNotFit, EngineLost):
                answers.append(False)

        # The engine's own time limit is a minute and cannot be set per call; the thread ends with it, or with us.
        asking = threading.Thread(target=ask, daemon=True, name="registry-question")
        asking.start()
        asking.join(_ASK_SECONDS)
        return bool(answers) and answers[0]
