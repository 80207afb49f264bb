"""The catalog: servers from their folders, instance types, workloads and scenarios from the bundled files."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from orchestrator.adapters.files.document import Document, read_document
from orchestrator.adapters.files.resources import catalog_folder, project_root
from orchestrator.adapters.files.services import Services, read_services
from orchestrator.domain.batch import BatchWorkload
from orchestrator.domain.config import not_in_catalog
from orchestrator.domain.instance_type import InstanceType
from orchestrator.domain.server import Server
from orchestrator.domain.sidecar import Sidecar
from orchestrator.domain.variant import Factor
from orchestrator.domain.workload import Scenario, Workload
from orchestrator.errors import ConfigError, Mistake

if TYPE_CHECKING:
    from pydantic import BaseModel

    from orchestrator.adapters.files.models import ServerFile

    ModelT = TypeVar("ModelT", bound=BaseModel)


class _Content(NamedTuple):
    servers: tuple[Server, ...]
    instance_types: tuple[InstanceType, ...]
    workloads: tuple[Workload, ...]
    batch_workloads: tuple[BatchWorkload, ...]
    scenarios: tuple[Scenario, ...]
    sidecars: tuple[Sidecar, ...]


class FileCatalog:
    """ports.Catalog from files, read once and together, so that all their mistakes are told at once.

    The user's services come behind the lab's servers, and their workloads behind the lab's.

    Args:
        root: holds ``servers/<language>/<program>/server.yaml`` and ``servers/<language>/factors.yaml``.
        folder: holds ``instance_types/*.yaml``, ``workloads.yaml``, ``scenarios.yaml``, ``sidecars.yaml`` and perhaps
            ``batch.yaml``.
        services: holds the user's own ``<name>.yaml``; it need not be there.

    Every method raises ConfigError.
    """

    def __init__(self, root: Path | None = None, folder: Path | None = None, services: Path | None = None) -> None:
        self._root = root or project_root()
        self._folder = folder or catalog_folder()
        self._services = services

    def servers(self) -> tuple[Server, ...]:
        """In order of their names, services last."""
        return self._content.servers

    def instance_types(self) -> tuple[InstanceType, ...]:
        """In the order of the files."""
        return self._content.instance_types

    def workloads(self) -> tuple[Workload, ...]:
        return self._content.workloads

    def batch_workloads(self) -> tuple[BatchWorkload, ...]:
        return self._content.batch_workloads

    def scenarios(self) -> tuple[Scenario, ...]:
        return self._content.scenarios

    def sidecars(self) -> tuple[Sidecar, ...]:
        return self._content.sidecars

    @cached_property
    def _content(self) -> _Content:
        from orchestrator.adapters.files.batch_models import BatchFile
        from orchestrator.adapters.files.models import InstanceTypesFile, ScenariosFile, WorkloadsFile
        from orchestrator.adapters.files.sidecars import SidecarsFile

        documents: list[Document] = []
        workloads = tuple(
            model.workload()
            for file in self._read(documents, [self._folder / "workloads.yaml"], WorkloadsFile)
            for model in file.workloads
        )
        batch_workloads = tuple(
            model.workload()
            for file in self._read(documents, self._folder.glob("batch.yaml"), BatchFile)
            for model in file.workloads
        )
        scenarios = tuple(
            model.scenario(model.name, model.summary)
            for file in self._read(documents, [self._folder / "scenarios.yaml"], ScenariosFile)
            for model in file.scenarios
        )
        sidecars = tuple(
            model.sidecar()
            for file in self._read(documents, [self._folder / "sidecars.yaml"], SidecarsFile)
            for model in file.sidecars
        )
        rows = self._read(documents, sorted((self._folder / "instance_types").glob("*.yaml")), InstanceTypesFile)
        instance_types = tuple(model.instance_type() for file in rows for model in file.instance_types)
        mistakes = [mistake for document in documents for mistake in document.mistakes]
        mistakes += _twice("instance type", (one.id for one in instance_types), self._folder)
        named = [*(one.name for one in workloads), *(one.name for one in batch_workloads)]
        mistakes += _twice("workload", named, self._folder)
        mistakes += _twice("scenario", (one.name for one in scenarios), self._folder)
        mistakes += _twice("sidecar", (one.name for one in sidecars), self._folder)
        known = {one.name for one in sidecars}
        mistakes += [
            Mistake(self._folder.name, f"workload {one.name!r}: {not_in_catalog('sidecar', name, known)}")
            for one in workloads
            for name in one.needs
            if name not in known
        ]
        served = {one.name for one in workloads}
        mistakes += [
            Mistake(self._folder.name, f"scenario {one.name!r}: {not_in_catalog('workload', name, served)}")
            for one in scenarios
            for name in one.workloads
            if served and name not in served
        ]
        servers = self._servers({one.name for one in workloads}, mistakes)
        own = read_services(self._services, [one.name for one in servers], workloads) if self._services else Services()
        mistakes += own.mistakes
        if mistakes:
            raise ConfigError(tuple(mistakes))
        every = (*workloads, *own.workloads)
        return _Content((*servers, *own.servers), instance_types, every, batch_workloads, scenarios, sidecars)

    def _read(self, documents: list[Document], paths: Iterable[Path], model: type[ModelT]) -> list[ModelT]:
        from orchestrator.adapters.files.mistakes import checked

        found = []
        for path in paths:
            document = read_document(path, str(path.relative_to(self._folder.parent)))
            documents.append(document)
            content = checked(document, model)
            if content is not None:
                found.append(content)
        return found

    def _servers(self, workloads: set[str], mistakes: list[Mistake]) -> tuple[Server, ...]:
        from orchestrator.adapters.files.mistakes import checked
        from orchestrator.adapters.files.models import ServerFile

        servers: dict[str, Server] = {}
        factors = self._factors(mistakes)
        for path in sorted((self._root / "servers").glob("*/*/server.yaml")):
            document = read_document(path, str(path.relative_to(self._root)))
            content = checked(document, ServerFile)
            if content is not None:
                of_language = factors.get(content.folder, ())
                _check_server(document, content, path, workloads)
                _check_unmoved(document, content, {one.name: one for one in of_language})
                if content.name in servers:
                    document.note(document.values[("name",)], f"name: {content.name!r} is taken by another server")
                servers[content.name] = content.server(of_language)
            mistakes += document.mistakes
        return tuple(servers[name] for name in sorted(servers))

    def _factors(self, mistakes: list[Mistake]) -> dict[str, tuple[Factor, ...]]:
        """By language."""
        from orchestrator.adapters.files.mistakes import checked
        from orchestrator.adapters.files.models import FactorsFile

        found = {}
        for path in sorted((self._root / "servers").glob("*/factors.yaml")):
            document = read_document(path, str(path.relative_to(self._root)))
            content = checked(document, FactorsFile)
            if content is not None:
                found[path.parent.name] = tuple(one.factor() for one in content.factors)
            mistakes += document.mistakes
        return found


def _check_server(document: Document, content: ServerFile, path: Path, workloads: set[str]) -> None:
    """What only the file's place and the other files can tell."""
    for key, wanted, folder in (
        ("program", content.program, path.parent.name),
        ("language", content.folder, path.parent.parent.name),
    ):
        if wanted != folder:
            said = getattr(content, key)
            document.note(document.values[(key,)], f"{key}: {said!r} does not match its folder {folder!r}")
    for index, name in enumerate(content.workloads):
        # An empty set means that the workloads' own file is broken, which is told already.
        if workloads and name not in workloads:
            document.note(document.values[("workloads", index)], not_in_catalog("workload", name, workloads))


def _check_unmoved(document: Document, content: ServerFile, factors: dict[str, Factor]) -> None:
    for name, unmoved in content.unmoved.items():
        where = document.values[("unmoved", name)]
        if name not in factors:
            document.note(where, f"unmoved: {not_in_catalog('factor', name, factors)}")
        elif factors[name].numbers or not set(unmoved) < set(content.workloads):
            document.note(where, f"unmoved: {name} takes no numbers, and leaves some of its workloads to be measured")


def _twice(kind: str, names: Iterable[str], folder: Path) -> list[Mistake]:
    seen: set[str] = set()
    found = []
    for name in names:
        if name in seen:
            found.append(Mistake(folder.name, f"{kind} {name!r} is there twice"))
        seen.add(name)
    return found
