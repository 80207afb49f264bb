"""Every way a Trial can end is met by a test, and built by the package."""

from __future__ import annotations

import ast
from enum import StrEnum
from pathlib import Path

import pytest

from orchestrator.domain.outcome import Failure, Gate
from orchestrator.domain.slo import Verdict

MEMBERS = [member for kind in (Failure, Gate, Verdict) for member in kind]


def uses(tree: ast.Module) -> set[str]:
    """``Gate.RATE`` and the like."""
    return {
        f"{node.value.id}.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }


@pytest.fixture(scope="module")
def used_in_tests(root: Path) -> set[str]:
    here = Path(__file__)
    found: set[str] = set()
    for path in sorted((root / "tests").rglob("test_*.py")):
        if path != here:
            found |= uses(ast.parse(path.read_text(encoding="utf-8")))
    return found


@pytest.mark.parametrize("member", MEMBERS, ids=str)
def test_a_test_meets_it(member: StrEnum, used_in_tests: set[str]) -> None:
    name = f"{type(member).__name__}.{member.name}"
    assert name in used_in_tests, f"no test names {name}"


@pytest.mark.parametrize("member", MEMBERS, ids=str)
def test_the_package_builds_it(member: StrEnum, package: dict[Path, ast.Module]) -> None:
    name = f"{type(member).__name__}.{member.name}"
    assert any(name in uses(tree) for tree in package.values()), f"nothing decides {name}: it can never happen"
