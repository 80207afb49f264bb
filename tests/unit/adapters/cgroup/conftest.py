"""Makers of small cgroup trees."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tests.unit.adapters.cgroup.trees import Make, write_v1, write_v2


@pytest.fixture
def v1_tree(tmp_path: Path) -> Make:
    return partial(write_v1, tmp_path / "v1")


@pytest.fixture
def v2_tree(tmp_path: Path) -> Make:
    return partial(write_v2, tmp_path / "v2")
