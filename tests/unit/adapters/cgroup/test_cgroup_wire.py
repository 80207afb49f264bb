"""What goes over the wire comes back the same."""

from __future__ import annotations

import json

import pytest

from orchestrator.adapters.cgroup.locate import find
from orchestrator.adapters.cgroup.wire import limits_from_json, reading_from_json, to_json
from orchestrator.domain.limits import Limits
from tests.unit.adapters.cgroup.trees import CONTAINER, Make


def test_a_reading_with_missing_values_survives(v2_tree: Make) -> None:
    reader = find(v2_tree(without=("memory.peak", "cpu.max")), CONTAINER, search=False)
    assert reader is not None
    reading = reader.read(limits_changes=4)
    assert reading_from_json(json.loads(json.dumps(to_json(reading)))) == reading


def test_limits_survive() -> None:
    limits = Limits((0, 3), 25_000, 100_000, 2**26, 0, 512)
    assert limits_from_json(json.loads(json.dumps(to_json(limits)))) == limits


@pytest.mark.parametrize("wrong", ["text", True, None])
def test_a_value_of_another_type_is_refused(v2_tree: Make, wrong: object) -> None:
    reader = find(v2_tree(), CONTAINER, search=False)
    assert reader is not None
    data = to_json(reader.read())
    data["cpu_seconds"] = wrong
    with pytest.raises(TypeError):
        reading_from_json(data)
