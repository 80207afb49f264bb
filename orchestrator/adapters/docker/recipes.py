"""Recipes: how each image is made, as data, and the content hash that names what comes out.

A hash covers everything that goes in: the Dockerfile, every file of the build context (names, executable bit,
bytes; no times), build arguments, the references of the images it stands on, the host toolchain's version, and for
a pulled image its tag. Same hash, nothing built twice. What is left out on purpose: docs/adr/0002-two-supplies.md.
"""

from __future__ import annotations

import hashlib
import importlib.util
import platform
import shutil
import stat
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from orchestrator.domain.server import Server
from orchestrator.domain.variant import slug_of
from orchestrator.errors import EnvironmentNotFit

#: Where images of the lab live in the engine's store.
REPOSITORY = "footprint-lab"
RECIPES_FILE = "images/images.toml"
HOST = "host:"
FOLDER = "folder:"

#: Left by compilers and interpreters inside a source tree; never part of a build.
_DEBRIS = frozenset({"target", "__pycache__", ".git", ".pytest_cache", ".mypy_cache", ".ruff_cache"})


@dataclass(frozen=True)
class Rootfs:
    """A Debian root: suite, and packages beyond the essential ones."""

    suite: str
    include: tuple[str, ...]


@dataclass(frozen=True)
class Recipe:
    """How one image is made. Paths are relative to the project.

    Attributes:
        pull: name and tag, when the image can be had from a registry.
        context: folder the build sees; None for an empty one.
        packages: parts of importable Python packages that make up the context instead, by package.
        contexts: name in the Dockerfile -> name of an image, ``host:go``, ``host:rust``, ``host:tinygo``, or
            ``folder:<path>``.
        optional: the lab works without it; a host that cannot make it is fit all the same.
    """

    name: str
    pull: str | None = None
    rootfs: Rootfs | None = None
    dockerfile: str | None = None
    context: str | None = None
    packages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    contexts: Mapping[str, str] = field(default_factory=dict)
    args: Mapping[str, str] = field(default_factory=dict)
    optional: bool = False

    @property
    def buildable(self) -> bool:
        """Something here can be made without pulling this very image."""
        return self.rootfs is not None or self.dockerfile is not None


def load_recipes(root: Path) -> dict[str, Recipe]:
    """The recipes of ``images/images.toml`` by name."""
    table = tomllib.loads((root / RECIPES_FILE).read_text(encoding="utf-8"))
    return {name: _recipe(name, row) for name, row in table.items()}


def _recipe(name: str, row: dict[str, object]) -> Recipe:
    known = {"pull", "rootfs", "dockerfile", "context", "packages", "contexts", "args", "optional"}
    if unknown := set(row) - known:
        raise ValueError(f"{RECIPES_FILE}: [{name}] has unknown keys {sorted(unknown)}; known are {sorted(known)}")
    rootfs = row.get("rootfs")
    packages = row.get("packages", {})
    assert isinstance(packages, dict)
    return Recipe(
        name=name,
        pull=_text(row.get("pull")),
        rootfs=Rootfs(str(rootfs["suite"]), tuple(rootfs["include"])) if isinstance(rootfs, dict) else None,
        dockerfile=_text(row.get("dockerfile")),
        context=_text(row.get("context")),
        packages={package: tuple(parts) for package, parts in packages.items()},
        contexts=_texts(row.get("contexts")),
        args=_texts(row.get("args")),
        optional=bool(row.get("optional", False)),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _texts(value: object) -> dict[str, str]:
    return {str(key): str(text) for key, text in value.items()} if isinstance(value, dict) else {}


def server_recipe(server: Server) -> Recipe:
    """A server's or Variant's image: its language's Dockerfile over its language's folder and toolchain.

    A language that is linked in, the second of ``go+rust``, brings its toolchain and its folder under its own name.
    """
    own, *linked = server.language.split("+")
    contexts = {"toolchain": f"toolchain-{own}"}
    for other in linked:
        contexts |= {f"toolchain-{other}": f"toolchain-{other}", other: f"{FOLDER}servers/{other}"}
    return Recipe(
        name=f"server/{slug_of(server.name)}",
        dockerfile=f"images/{server.language}.Dockerfile",
        context=f"servers/{own}",
        contexts=contexts,
        args={"PROGRAM": server.program, **server.build},
    )


def folder_contexts(recipe: Recipe, root: Path) -> dict[str, Path]:
    """Name in the Dockerfile -> folder of the project, where a context is one."""
    return {
        name: root / source.removeprefix(FOLDER)
        for name, source in recipe.contexts.items()
        if source.startswith(FOLDER)
    }


def context_files(recipe: Recipe, root: Path) -> list[tuple[str, Path]]:
    """Every file the build sees, by its path there, sorted."""
    found: list[tuple[str, Path]] = []
    if recipe.context is not None:
        folder = root / recipe.context
        found += [(path.relative_to(folder).as_posix(), path) for path in _walk(folder)]
    for package, parts in recipe.packages.items():
        home = _package_folder(package)
        for part in parts:
            found += [(f"{package}/{path.relative_to(home).as_posix()}", path) for path in _walk(home / part)]
    return sorted(found)


def _walk(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    if not path.is_dir():
        raise EnvironmentNotFit(f"{path} is part of an image's recipe and is not there", hint="reinstall the lab")
    for child in sorted(path.iterdir()):
        if child.name not in _DEBRIS:
            yield from _walk(child)


def _package_folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise EnvironmentNotFit(f"the Python package {package} is not installed", hint="reinstall the lab")
    return Path(spec.origin).parent


def assemble(recipe: Recipe, root: Path, into: Path) -> None:
    """Copies the files of ``context_files`` below a folder."""
    for name, path in context_files(recipe, root):
        target = into / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


def pull_hash(reference: str) -> str:
    """12 hex digits that name a pulled image. A mirror in front of the registry does not change them."""
    return _Digest().add("pull", reference, platform.machine()).hex()


def build_hash(recipe: Recipe, root: Path, inputs: Mapping[str, str]) -> str:
    """12 hex digits that name what a build of this recipe gives.

    Args:
        inputs: name in the Dockerfile -> reference of the image it stands for, or the host toolchain's version.
    """
    digest = _Digest().add("build", platform.machine())
    if recipe.rootfs is not None:
        digest.add("rootfs", recipe.rootfs.suite, *sorted(recipe.rootfs.include))
    if recipe.dockerfile is not None:
        digest.add("dockerfile", (root / recipe.dockerfile).read_bytes())
        ignore = root / f"{recipe.dockerfile}.dockerignore"
        digest.add("dockerignore", ignore.read_bytes() if ignore.is_file() else b"")
    files = context_files(recipe, root)
    for context, folder in folder_contexts(recipe, root).items():
        files += [(f"{context}:{path.relative_to(folder).as_posix()}", path) for path in _walk(folder)]
    for name, path in files:
        executable = "x" if path.stat().st_mode & stat.S_IXUSR else "-"
        digest.add("file", name, executable, path.read_bytes())
    for key, value in sorted(recipe.args.items()):
        digest.add("arg", key, value)
    for key, value in sorted(inputs.items()):
        digest.add("input", key, value)
    return digest.hex()


class _Digest:
    """SHA-256 over parts, each with its length, so that no two lists of parts read the same."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, *parts: str | bytes) -> _Digest:
        for part in parts:
            data = part.encode() if isinstance(part, str) else part
            self._hash.update(len(data).to_bytes(8, "big") + data)
        return self

    def hex(self) -> str:
        return self._hash.hexdigest()[:12]
