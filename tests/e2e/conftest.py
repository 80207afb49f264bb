"""Labs for the tests of the whole: one for each module that shares it, or one for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.command_line import CommandLine, new_lab

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def cli(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    """A lab that the tests of one module share."""
    with new_lab(tmp_path_factory.mktemp("lab")) as made:
        yield made


@pytest.fixture
def root() -> Path:
    """The checkout."""
    return ROOT
