"""LoadGenerator and LoadRun: a window's requests, counted."""

from __future__ import annotations

from dataclasses import replace

from orchestrator.domain.box import BoxSpec, LoadSpec
from orchestrator.domain.measurement import Missing
from orchestrator.ports import Lab, LoadGenerator, LoadRun

PORTS = (LoadGenerator, LoadRun)


def test_a_window_is_counted_and_its_generator_is_gone_after(lab: Lab, spec: BoxSpec, load: LoadSpec) -> None:
    with lab.stack.start(spec) as box:
        with lab.load.start(box, load) as run:
            assert run.box_id != box.id
            run.wait_quiet()
            quiet = lab.clock.monotonic()
            assert 0 < run.seconds_to_window() <= 1.0
            run.wait_finished()
            assert run.seconds_to_window() <= -load.duration_seconds
            assert lab.clock.monotonic() - quiet >= load.duration_seconds
            result = run.result()
        assert lab.engine.sweep().containers == 1, "the server alone"
    assert (result.exit_code, result.failed, result.dropped) == (0, 0, 0)
    # One more may start at the very end of the window.
    assert result.requests in (400, 401)
    assert (result.duration_seconds, result.virtual_users) == (2.0, 30)
    latency = result.latency_seconds
    assert list(latency) == ["mean", "p50", "p90", "p99", "p999", "max"]
    rising = [latency[name] for name in ("p50", "p90", "p99", "p999", "max")]
    assert rising[0] > 0 and rising == sorted(rising)
    assert not isinstance(result.iteration_seconds_mean, Missing)


def test_what_a_server_cannot_take_is_dropped_never_lost(lab: Lab, spec: BoxSpec, load: LoadSpec) -> None:
    slow = replace(spec, limits=replace(spec.limits, quota_microseconds=5_000))
    with lab.stack.start(slow) as box, lab.load.start(box, replace(load, rate_per_second=2_000)) as run:
        run.wait_quiet()
        run.wait_finished()
        result = run.result()
    assert result.exit_code == 0 and result.dropped > 400
    assert abs(result.requests + result.dropped - 4_000) <= 40
