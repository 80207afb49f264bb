"""LoadGenerator and LoadRun: a window's requests, counted, by each generator."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.domain.box import BoxSpec, LoadSpec
from orchestrator.domain.generator import Generator
from orchestrator.domain.measurement import Missing
from orchestrator.errors import LoadFailed
from orchestrator.ports import Lab, LoadGenerator, LoadRun

PORTS = (LoadGenerator, LoadRun)


@pytest.fixture(params=list(Generator), ids=str)
def kind(request: pytest.FixtureRequest) -> Generator:
    """Each generator that a lab has."""
    chosen: Generator = request.param
    return chosen


def test_a_window_is_counted_and_its_generator_is_gone_after(
    lab: Lab, spec: BoxSpec, load: LoadSpec, kind: Generator
) -> None:
    with lab.stack.start(spec) as box:
        with lab.generators[kind].start(box, load) as run:
            assert run.box_id != box.id
            run.wait_quiet()
            quiet = lab.clock.monotonic()
            if run.running:
                assert 0 < run.seconds_to_window() <= 1.0
            else:
                assert run.seconds_to_window() == 0.0
            run.wait_finished()
            assert lab.clock.monotonic() - quiet >= load.duration_seconds
            result = run.result()
        assert lab.engine.sweep().containers == 1, "the server alone"
    assert (result.generator, result.exit_code, result.failed, result.dropped) == (kind, 0, 0, 0)
    # k6 may start one more at the very end of the window.
    assert result.requests in (400, 401)
    assert (result.duration_seconds, result.virtual_users) == (2.0, 30)
    latency = result.latency_seconds
    assert list(latency) == ["mean", "p50", "p90", "p99", "p999", "max"]
    rising = [latency[name] for name in ("p50", "p90", "p99", "p999", "max")]
    assert rising[0] > 0 and rising == sorted(rising)
    assert not isinstance(result.iteration_seconds_mean, Missing)


def test_a_server_that_ended_before_its_load_began_is_a_load_that_failed(
    lab: Lab, spec: BoxSpec, load: LoadSpec, kind: Generator
) -> None:
    with lab.stack.start(spec) as box:
        pass
    with pytest.raises(LoadFailed), lab.generators[kind].start(box, load) as run:
        run.begin()


def test_a_generator_that_starts_later_covers_its_lead_in_too(
    lab: Lab, spec: BoxSpec, load: LoadSpec, kind: Generator
) -> None:
    with lab.stack.start(spec) as box, lab.generators[kind].start(box, load) as run:
        run.wait_quiet()
        late = not run.running
        run.wait_finished()
        result = run.result()
    if late:
        # One second of lead-in at 200/s before the window's two, and a moment after.
        assert 600 <= result.covered_requests <= 660
        assert not isinstance(result.busy_seconds, Missing) and 2.9 < result.busy_seconds < 4.0
    else:
        assert result.covered_requests == result.requests


def test_latencies_are_kept_as_a_grid_with_exact_counts_and_by_the_second(
    lab: Lab, spec: BoxSpec, load: LoadSpec, kind: Generator
) -> None:
    asked = replace(load, limits_seconds=(1e-9, 30.0))
    with lab.stack.start(spec) as box, lab.generators[kind].start(box, asked) as run:
        run.wait_quiet()
        run.wait_finished()
        result = run.result()
    latencies = result.latencies
    assert latencies.n == result.requests and list(latencies.seconds) == sorted(latencies.seconds)
    assert latencies.at(0.99) == pytest.approx(result.latency_seconds["p99"])
    assert latencies.slower == ((1e-9, latencies.n), (30.0, 0))
    assert [(slot.at_seconds, slot.seconds, slot.failed) for slot in result.slots] == [(0.0, 1.0, 0), (1.0, 1.0, 0)]
    assert sum(slot.requests for slot in result.slots) == result.requests


def test_what_a_server_cannot_take_is_dropped_never_lost(
    lab: Lab, spec: BoxSpec, load: LoadSpec, kind: Generator
) -> None:
    slow = replace(spec, limits=replace(spec.limits, quota_microseconds=2_000))
    with (
        lab.stack.start(slow) as box,
        lab.generators[kind].start(box, replace(load, rate_per_second=2_000)) as run,
    ):
        run.wait_quiet()
        run.wait_finished()
        result = run.result()
    assert result.exit_code == 0 and result.dropped > 400
    assert abs(result.requests + result.dropped - 4_000) <= 40


def test_users_who_think_send_what_their_thinking_leaves(lab: Lab, spec: BoxSpec, load: LoadSpec) -> None:
    loop = replace(load, rate_per_second=None, virtual_users=20, think_seconds=0.1, limits_seconds=(1e-9, 30.0))
    with lab.stack.start(spec) as box, lab.generators[Generator.K6].start(box, loop) as run:
        run.wait_quiet()
        run.wait_finished()
        result = run.result()
    assert (result.exit_code, result.failed, result.dropped, result.virtual_users) == (0, 0, 0, 20)
    # Never more than 20 users in 2 s of 0.1 s each; less by what the answers take.
    assert 300 <= result.requests <= 420 and result.covered_requests == result.requests
    assert isinstance(result.start_lag_seconds_p99, Missing)
    assert result.latencies.slower == ((1e-9, result.latencies.n), (30.0, 0))
    assert sum(slot.requests for slot in result.slots) == pytest.approx(result.requests, abs=1)
    held = result.iteration_seconds_mean
    assert not isinstance(held, Missing) and 0 < held < 0.1, "thinking is not waiting"


def test_what_a_generator_cannot_offer_is_refused_before_it_starts(lab: Lab, spec: BoxSpec, load: LoadSpec) -> None:
    closed = replace(load, rate_per_second=None)
    with lab.stack.start(spec) as box:
        for generator, wrong in ((Generator.K6, closed), (Generator.OHA, replace(closed, think_seconds=0.1))):
            with (
                pytest.raises(LoadFailed, match=f"{generator} cannot offer this: .*think time"),
                lab.generators[generator].start(box, wrong),
            ):
                pytest.fail("it was started")
        assert lab.engine.sweep().containers == 1, "the server alone"
