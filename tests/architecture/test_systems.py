"""Every system that a published comparison names is answered by something that exists, or says why it is not."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from orchestrator.adapters.files.catalog import FileCatalog
from orchestrator.domain import measurement
from orchestrator.domain.generator import Generator
from orchestrator.domain.variant import MARK, find_server

ROOT = Path(__file__).parents[2]
CATALOG = ROOT / "orchestrator" / "catalog"
FILE = yaml.safe_load((CATALOG / "systems.yaml").read_text(encoding="utf-8"))
SOURCES: dict[str, dict[str, str]] = FILE["sources"]
SYSTEMS: list[dict[str, Any]] = FILE["systems"]
#: What the five published comparisons name.
NAMED = 83
TEXTS, LISTS = ("name", "kind", "not_offered", "note"), ("studies", "answered_by")


def names_in(file: str, section: str) -> set[str]:
    """Names of the rows of a catalog file; none where the file is not there."""
    path = CATALOG / file
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))[section] if path.exists() else []
    return {row["name"] for row in rows}


def metrics() -> set[str]:
    """Of windows and of batch jobs."""
    return {*measurement.METRICS, *getattr(measurement, "JOB_METRICS", {})}


def commands() -> set[str]:
    from orchestrator.cli.app import app

    return set(getattr(typer.main.get_command(app), "commands", {}))


KINDS: dict[str, Callable[[], Collection[str]]] = {
    "server": lambda: {one.name for one in FileCatalog().servers()},
    "workload": lambda: {one.name for one in FileCatalog().workloads()},
    "batch": lambda: names_in("batch.yaml", "workloads"),
    "scenario": lambda: names_in("scenarios.yaml", "scenarios"),
    "instance": lambda: {one.id for one in FileCatalog().instance_types()},
    "metric": metrics,
    "generator": lambda: {str(one) for one in Generator},
    "command": commands,
    "image": lambda: set(tomllib.loads((ROOT / "images" / "images.toml").read_text(encoding="utf-8"))),
}


@cache
def known(kind: str) -> frozenset[str]:
    return frozenset(KINDS[kind]())


def wrong_reference(reference: str) -> str:
    """What is wrong with ``workload/prime``; "" when it is there."""
    kind, slash, name = reference.partition("/")
    if kind == "variant":
        return wrong_variant(name)
    if not slash or kind not in KINDS:
        return f"{reference}: no such kind; there are variant, {', '.join(KINDS)}"
    return "" if name in known(kind) else f"{reference}: there is no {kind} {name}"


def wrong_variant(name: str) -> str:
    """Its server must be there, with all of its factors and values."""
    if MARK not in name:
        return f"variant/{name}: no factor=value"
    try:
        found = find_server(name, FileCatalog().servers())
    except ValueError as error:
        return f"variant/{name}: {error}"
    return "" if found else f"variant/{name}: there is no such server"


def wrong(row: dict[str, Any]) -> list[str]:
    """All that is wrong with a row, in words."""
    found = [f"unknown key {key}" for key in row if key not in TEXTS + LISTS]
    found += [f"no {key}" for key in ("name", "kind", "studies") if not row.get(key)]
    found += [f"{key} is no text" for key in TEXTS if key in row and not str(row[key] or "").strip()]
    found += [f"unknown study {one}" for one in row.get("studies") or () if one not in SOURCES]
    if ("answered_by" in row) == ("not_offered" in row):
        found.append("needs either answered_by or not_offered")
    if "answered_by" in row and not row["answered_by"]:
        found.append("answered_by is empty")
    return found + [why for one in row.get("answered_by") or () if (why := wrong_reference(one))]


@pytest.mark.parametrize("row", SYSTEMS, ids=lambda row: str(row["name"]))
def test_a_system_is_answered_or_says_why_not(row: dict[str, Any]) -> None:
    assert not wrong(row)


def test_each_system_is_there_once() -> None:
    names = [row["name"] for row in SYSTEMS]
    assert len(names) == len(set(names)) == NAMED


def test_each_source_is_told_and_used() -> None:
    assert all(set(one) == {"about", "found_at"} and all(one.values()) for one in SOURCES.values())
    assert {study for row in SYSTEMS for study in row["studies"]} == set(SOURCES)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"answered_by": ["workload/prime"], "not_offered": "both"}, "either"),
        ({}, "either"),
        ({"answered_by": []}, "empty"),
        ({"not_offered": " "}, "not_offered is no text"),
        ({"answered_by": ["workload/prme"]}, "no workload prme"),
        ({"answered_by": ["server"]}, "no such kind"),
        ({"answered_by": ["verdict/tie"]}, "no such kind"),
        ({"answered_by": ["variant/go-nethttp"]}, "no factor=value"),
        ({"answered_by": ["variant/go-nethttp:json=simd"]}, "'simd' is not possible"),
        ({"answered_by": ["variant/go-nthttp:json=std"]}, "no such server"),
        ({"answered_by": ["command/watch"]}, "no command watch"),
        ({"not_offered": "why", "studies": ["tables"]}, "unknown study tables"),
        ({"not_offered": "why", "answer": "x"}, "unknown key answer"),
    ],
)
def test_what_is_wrong_with_a_row_is_seen(change: dict[str, Any], complaint: str) -> None:
    row = {"name": "x", "kind": "library", "studies": ["ids"], **change}
    assert any(complaint in one for one in wrong(row)), wrong(row)


def test_a_catalog_file_that_is_not_there_answers_nothing() -> None:
    assert names_in("nowhere.yaml", "workloads") == set()
