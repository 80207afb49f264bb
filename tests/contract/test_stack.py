"""Stack and Box: containers that live as long as their block, or until they are stopped."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.domain.box import BoxSpec, LiveBox, LoadSpec
from orchestrator.domain.generator import Generator
from orchestrator.domain.limits import Limits
from orchestrator.domain.measurement import Missing
from orchestrator.ports import Box, Lab, Stack

PORTS = (Stack, Box)
#: Of the catalog's sidecar; on another address than loopback it would not answer.
PROOF = ("psql", "-qtA", "-h", "127.0.0.1", "-U", "lab", "-d", "lab", "-c", "SELECT 1 / count(*) FROM items")


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


def test_a_sidecar_is_reached_inside_the_servers_network_and_gone_after(lab: Lab, spec: BoxSpec) -> None:
    with lab.stack.start(spec) as server:
        with lab.stack.start(sidecar_spec(lab, spec, server)) as box:
            assert box.id != server.id and box.state().running
            until_it_succeeds(lab, box)
        assert box.state().running is False and box.succeeds(PROOF) is False
        assert server.state().running
    assert lab.engine.sweep().containers == 0


def test_a_sweep_takes_the_sidecar_of_a_dead_run_too(lab: Lab, spec: BoxSpec) -> None:
    with lab.stack.start(spec) as server, lab.stack.start(sidecar_spec(lab, spec, server)) as box:
        assert lab.engine.sweep().containers == 2
        assert not server.state().running and not box.state().running


def test_a_live_sidecar_ends_with_its_server(lab: Lab, spec: BoxSpec) -> None:
    server = lab.stack.start_live(spec)
    try:
        box = lab.stack.start_live(sidecar_spec(lab, spec, server))
        until_it_succeeds(lab, box)
        assert lab.engine.sweep().containers == 0
    finally:
        assert lab.stack.stop_live() == 1, "servers are counted"
    assert not box.state().running and not server.state().running


def sidecar_spec(lab: Lab, spec: BoxSpec, server: Box) -> BoxSpec:
    """The lab's own PostgreSQL beside a server."""
    cpus = lab.engine.facts().cpus[:1]
    return BoxSpec(
        name=f"{spec.name}.postgres",
        image=lab.images.provide("sidecar-postgres").reference,
        port=5432,
        limits=Limits(cpus, 100_000, 100_000, 512 * 2**20, 0, 1200),
        env={},
        tags=replace(spec.tags, role="sidecar"),
        beside=server.id,
    )


def until_it_succeeds(lab: Lab, box: Box) -> None:
    for _ in range(300):
        if box.succeeds(PROOF):
            return
        lab.clock.sleep(0.1)
    pytest.fail("it was not ready within 30 s")


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
