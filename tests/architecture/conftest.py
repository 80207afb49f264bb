"""What the house rules look at: the project's own files, read once."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def package() -> dict[Path, ast.Module]:
    """Every module of the package, parsed."""
    found = {
        path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "orchestrator").rglob("*.py"))
    }
    assert len(found) > 40, "the package was not found"
    return found
