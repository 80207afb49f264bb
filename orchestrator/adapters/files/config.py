"""lab.yaml -> LabConfig, or all mistakes at once: its own, and those of the catalog it refers to."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestrator.adapters.files.document import Document, Path_, quote, read_document
from orchestrator.domain.config import LabConfig, did_you_mean, not_in_catalog, not_made_for, not_served
from orchestrator.domain.serving import idle, refusing, with_own
from orchestrator.domain.slo import ERRORS, EXAMPLE, GOODPUT, quantile_of
from orchestrator.domain.workload import Scenario
from orchestrator.errors import ConfigError, Mistake
from orchestrator.ports import Catalog

if TYPE_CHECKING:
    from orchestrator.adapters.files.lab_file import LabFile

#: The name of a scenario that is written in lab.yaml itself.
INLINE = "inline"


def load_lab(path: Path, catalog: Catalog) -> LabConfig:
    """Reads lab.yaml and checks every name in it. Raises ConfigError with all mistakes."""
    from orchestrator.adapters.files.lab_file import LabFile
    from orchestrator.adapters.files.mistakes import by_place, checked

    if not path.exists():
        hint = "write one, or start from the lab.yaml of the project"
        raise ConfigError((Mistake(str(path), "there is no such file", hint),))
    document = read_document(path)
    content = checked(document, LabFile)
    # The names are checked in the plain data, so that they are told together with what the model found.
    others: list[Mistake] = []
    try:
        _check_names(document, catalog)
    except ConfigError as error:
        others = list(error.mistakes)
    mistakes = sorted({by_place(one): one for one in document.mistakes}.items())
    if mistakes or others or content is None:
        raise ConfigError((*(one for _, one in mistakes), *others))
    return _config(content, catalog)


def _check_names(document: Document, catalog: Catalog) -> None:
    data = document.data
    if data is None:
        return
    instance_types = {one.id for one in catalog.instance_types()}
    servers = {one.name: one for one in catalog.servers()}
    workloads = {one.name for one in catalog.workloads()}
    _unknown(document, "server", _items(data, "servers"), servers)
    _unknown(document, "instance", _items(data, "instances"), instance_types)
    jobs = {one.name for one in catalog.batch_workloads()}
    for at, name in _items(data, "workloads"):
        if name in jobs:
            document.note(document.values[at], f"{name} is a batch job; run it by: orchestrator run --workload {name}")
    requests = [(at, name) for at, name in _items(data, "workloads") if name not in jobs]
    _unknown(document, "workload", requests, workloads)
    if isinstance(data.get("scenario"), str):
        scenarios = {one.name: one for one in catalog.scenarios()}
        _unknown(document, "scenario", [(("scenario",), data["scenario"])], scenarios)
        made_for = scenarios.get(data["scenario"])
        for at, name in _items(data, "workloads") if made_for else ():
            if made_for and name in workloads and (reason := not_made_for(name, made_for)):
                document.note(document.values[at], reason)
    chosen = [servers[name] for _, name in _items(data, "servers") if name in servers]
    named = [(at, name) for at, name in _items(data, "workloads") if name in workloads]
    refused = [(at, name, server) for at, name in named for server in refusing(name, chosen)]
    for at, name, server in refused:
        document.note(document.values[at], not_served(name, server))
    for one in idle([name for _, name in named], chosen) if named else ():
        if one.service is None and one.name not in {server for _, _, server in refused}:
            document.note(document.values[("workloads",)], f"workloads: none of these is served by {one.name}")
    _check_own(document, instance_types)
    _check_slo(document)


def _check_own(document: Document, known: set[str]) -> None:
    instances = document.data.get("instances")
    seen: set[str] = set()
    for index, row in enumerate(instances if isinstance(instances, list) else ()):
        name = row.get("id") if isinstance(row, dict) else None
        if not isinstance(name, str):
            continue
        if name in known or name in seen:
            place = document.values[("instances", index, "id")]
            document.note(place, f"id: {name[:80]!r} is taken; choose another")
        seen.add(name)


def _check_slo(document: Document) -> None:
    objectives = document.data.get("slo")
    for key in objectives if isinstance(objectives, dict) else ():
        if quantile_of(key) is None and key not in (ERRORS, GOODPUT):
            hint = did_you_mean(key, ("p99", "p99.9", "p50", ERRORS, GOODPUT)) or f"; write {EXAMPLE}"
            document.note(document.keys[("slo", key)], f"unknown objective {quote(key)}{hint}")


def _items(data: dict[str, Any], key: str) -> list[tuple[Path_, str]]:
    from orchestrator.adapters.files.fields import ITEMS_MAX

    values = data.get(key)
    if not isinstance(values, list):
        return []
    return [((key, index), value) for index, value in enumerate(values[:ITEMS_MAX]) if isinstance(value, str)]


def _unknown(document: Document, kind: str, named: list[tuple[Path_, str]], known: Iterable[str]) -> None:
    from orchestrator.adapters.files.fields import INSTANCE_ID
    from orchestrator.domain.server import NAME

    pattern = INSTANCE_ID if kind == "instance" else NAME
    names = sorted(known)
    wrong = [(at, name) for at, name in named if name not in names and pattern.fullmatch(name)]
    for at, name in wrong[:20]:
        document.note(document.values[at], not_in_catalog(kind, name, names))


def _config(content: LabFile, catalog: Catalog) -> LabConfig:
    own = tuple(one.instance_type() for one in content.instances if not isinstance(one, str))
    servers = {one.name: one for one in catalog.servers()}
    return LabConfig(
        servers=tuple(content.servers),
        instance_types=tuple(one if isinstance(one, str) else one.id for one in content.instances),
        workloads=with_own(tuple(content.workloads), [servers[name] for name in content.servers]),
        scenario=_scenario(content, catalog),
        slo=content.slo.slo(),
        seed=content.seed,
        own_instance_types=own,
    )


def _scenario(content: LabFile, catalog: Catalog) -> Scenario:
    asked = content.scenario
    if isinstance(asked, str):
        return next(one for one in catalog.scenarios() if one.name == asked)
    return asked.scenario(INLINE, "written in lab.yaml")
