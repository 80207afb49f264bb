"""Engine: what it is, what of ours is on it, who may measure on it."""

from __future__ import annotations

import pytest

from orchestrator.domain.box import BoxSpec, Owned
from orchestrator.domain.checks import HostFacts
from orchestrator.domain.limits import Limits
from orchestrator.domain.measurement import Missing
from orchestrator.errors import LabHeld
from orchestrator.ports import Engine, Lab
from tests.contract.conftest import box_spec
from tests.e2e.command_line import wait_until_free

PORTS = (Engine,)


def test_facts_are_known_at_once_and_what_takes_time_is_missing(lab: Lab) -> None:
    facts = lab.engine.facts()
    assert isinstance(facts, HostFacts)
    assert facts.cpus == tuple(sorted(set(facts.cpus))) and facts.cpus
    assert facts.memory_bytes > 2**30 and facts.disk_free_bytes > 0
    assert facts.cgroup_version in (1, 2) and facts.arch in ("amd64", "arm64")
    assert isinstance(facts.self_test, Missing) and isinstance(facts.supply, Missing)
    steal = lab.engine.steal_ratio()
    assert isinstance(steal, Missing) or 0 <= steal <= 1


def test_the_fingerprint_is_of_the_same_host(lab: Lab) -> None:
    facts, mark = lab.engine.facts(), lab.engine.fingerprint()
    assert (mark.kernel, mark.memory_bytes, mark.cgroup_version) == (
        facts.kernel,
        facts.memory_bytes,
        facts.cgroup_version,
    )
    assert lab.engine.fingerprint() == mark


def test_the_self_test_reads_its_limits_back(lab: Lab) -> None:
    limits = Limits(lab.engine.facts().cpus[-1:], 50_000, 100_000, 64 * 2**20, 0, 64)
    test = lab.engine.self_test(lab.images.provide("observer").reference, limits)
    assert test.wrong == () and 0 <= test.throttled_periods <= test.periods and test.periods > 0
    assert lab.engine.sweep().containers == 0


def test_a_sweep_takes_what_a_dead_run_left_and_nothing_that_lives(lab: Lab, spec: BoxSpec) -> None:
    live = lab.stack.start_live(box_spec(lab))
    try:
        with lab.stack.start(spec) as left:
            assert lab.engine.sweep() == Owned(containers=1, networks=0, volumes=0, images=0)
            assert left.state().running is False and live.state().running is True
        assert lab.engine.sweep() == Owned(0, 0, 0, 0)
        assert lab.bench.status() is not None
    finally:
        lab.stack.stop_live()


def test_what_is_owned_is_removed_and_gone_already_is_success(fresh_lab: Lab) -> None:
    box = fresh_lab.stack.start_live(box_spec(fresh_lab))
    with fresh_lab.stack.start(box_spec(fresh_lab)):
        assert fresh_lab.engine.remove_owned(images=False).containers == 2
    assert not box.state().running
    assert fresh_lab.engine.remove_owned(images=False) == Owned(0, 0, 0, 0)
    (need,) = fresh_lab.images.needs(["server/go-fasthttp"])
    assert need.present, "images stay"


def test_one_lab_holds_the_engine_at_a_time_and_lets_it_go(lab: Lab) -> None:
    if not lab.simulated:
        wait_until_free()
    with lab.engine.hold(), pytest.raises(LabHeld), lab.engine.hold():
        pytest.fail("it is held")
    with pytest.raises(ZeroDivisionError), lab.engine.hold():
        raise ZeroDivisionError
    with lab.engine.hold():
        pass
