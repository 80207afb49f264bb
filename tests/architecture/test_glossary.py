"""Each noun of docs/glossary.md is what it says it is."""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"
UNIT_FIRST = re.compile(r"\b(bytes|seconds|ms|usd)_(image|binary|latency|memory|cpu|build|price)\b")


@dataclass(frozen=True)
class Noun:
    name: str
    where: str


def nouns() -> list[Noun]:
    rows = [line.split("|")[1:-1] for line in GLOSSARY.read_text().splitlines() if line.startswith("| ")]
    return [Noun(row[0].strip(), row[2].strip()) for row in rows if row[0].strip() != "noun"]


def test_the_table_is_read() -> None:
    names = [noun.name for noun in nouns()]
    assert len(names) > 30
    assert len(names) == len(set(names))


@pytest.mark.parametrize("noun", nouns(), ids=lambda noun: noun.name)
def test_each_noun_is_a_class_or_says_why_not(noun: Noun, package: dict[Path, object]) -> None:
    if noun.where.startswith("data: `"):
        return
    if noun.where == "not yet":
        text = "\n".join(path.read_text(encoding="utf-8") for path in package)
        assert not re.search(rf"^class {noun.name}\b", text, re.MULTILINE), f"{noun.name} is here: say where"
        return
    match = re.fullmatch(rf"`((?:domain\.\w+|ports)\.({noun.name}))`", noun.where)
    assert match, f"{noun.name}: {noun.where} is neither a class of domain or ports, nor data, nor 'not yet'"
    module, _, name = match[1].rpartition(".")
    assert isinstance(getattr(importlib.import_module(f"orchestrator.{module}"), name, None), type)


def test_units_stand_last(package: dict[Path, object]) -> None:
    wrong = {
        f"{path.name}: {found.group()}"
        for path in package
        for found in UNIT_FIRST.finditer(path.read_text(encoding="utf-8"))
    }
    assert not wrong
