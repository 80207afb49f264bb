"""Stack and Box: containers that live as long as their block, or until they are stopped."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.domain.box import BoxSpec, LiveBox, LoadSpec
from orchestrator.domain.generator import Generator
from orchestrator.domain.measurement import Missing
from orchestrator.ports import Box, Lab, Stack

PORTS = (Stack, Box)


def test_a_box_runs_in_its_block_and_is_gone_after(lab: Lab, spec: BoxSpec) -> None:
    with lab.stack.start(spec) as box:
        state = box.state()
        assert (state.running, state.exit_code, state.restarts, state.oom_killed) == (True, 0, 0, False)
        assert state.started_at and box.started_unix_seconds() > 0
        ordered = box.ordered_unix_seconds()
        assert not isinstance(ordered, Missing) and ordered < box.started_unix_seconds()
        assert box.name == spec.name and len(box.id) >= 12
        assert len(box.log_tail(1)) <= 1
    assert box.state().running is False
    assert lab.engine.sweep().containers == 0


def test_a_box_is_gone_when_its_block_fails(lab: Lab, spec: BoxSpec) -> None:
    with pytest.raises(ZeroDivisionError), lab.stack.start(spec):
        raise ZeroDivisionError
    assert lab.engine.sweep().containers == 0


def test_each_box_is_fresh(lab: Lab, spec: BoxSpec) -> None:
    with lab.stack.start(spec) as first:
        pass
    with lab.stack.start(spec) as second:
        assert second.id != first.id


def test_live_servers_stay_until_they_are_stopped_and_their_load_with_them(
    lab: Lab, spec: BoxSpec, load: LoadSpec
) -> None:
    box = lab.stack.start_live(spec)
    try:
        assert lab.stack.live() == (), "without load it is not live"
        lab.generators[Generator.K6].start_live(box, replace(load, warmup_seconds=0.0, duration_seconds=600.0))
        assert lab.stack.live() == (LiveBox(box.id, spec.image, spec.limits, spec.tags),)
        assert lab.engine.sweep().containers == 0
        assert lab.stack.stop_live("rust-axum") == 0
        assert box.state().running
    finally:
        assert lab.stack.stop_live(spec.tags.server) == 1
    assert lab.stack.stop_live() == 0 and lab.stack.live() == ()
    assert lab.engine.sweep().containers == 0
