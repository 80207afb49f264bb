"""Gates on hand-made evidence: which fault is the rig's and which the server's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.domain.gates import generator_cpu_ratio, judge_outcome
from orchestrator.domain.limits import EffectiveLimits
from orchestrator.domain.measurement import Missing
from orchestrator.domain.outcome import COMPLETED, Failure, Gate, Outcome, Status
from orchestrator.domain.reading import BoxState, Evidence, FirstAnswer, LoadResult
from tests.unit.samples import IN_FORCE, LIMITS, reading

RUNNING = BoxState(True, 0, 0, "2026-01-01T00:00:00Z", False)
LATENCY = {"mean": 0.001, "p50": 0.001, "p90": 0.002, "p99": 0.004, "p999": 0.008, "max": 0.02}
LOAD = LoadResult(0, 5.0, 5_000, 0, 0, LATENCY, 0.001, 110, 0.0005)
GOOD = Evidence(
    opening=reading(0.0, 0.0),
    closing=reading(6.0, 0.5),
    generator_opening=reading(0.0, 0.0),
    generator_closing=reading(6.0, 1.2),
    generator_cpus=1,
    quiet_seconds=0.4,
    before=RUNNING,
    after=RUNNING,
    load=LOAD,
    first_answer=FirstAnswer(1.0, {}),
    ordered_unix_seconds=0.7,
    started_unix_seconds=0.9,
)


def outcome(**changes: object) -> Outcome:
    return judge_outcome(LIMITS, 1_000, replace(GOOD, **changes))  # type: ignore[arg-type]


def test_a_clean_trial_is_completed() -> None:
    assert outcome() == COMPLETED


@pytest.mark.parametrize(
    "wrong",
    [
        replace(IN_FORCE, quota_microseconds=-1),
        replace(IN_FORCE, memory_bytes=2**40),
        replace(IN_FORCE, cpuset=(0, 1)),
        replace(IN_FORCE, swap_bytes=2**30),
        replace(IN_FORCE, pids=Missing("no pids controller")),
    ],
)
@pytest.mark.parametrize("edge", ["opening", "closing"])
def test_each_limit_must_be_in_force_at_both_edges(wrong: EffectiveLimits, edge: str) -> None:
    judged = outcome(**{edge: replace(getattr(GOOD, edge), limits=wrong)})
    assert (judged.status, judged.kind) == (Status.VOID, Gate.LIMITS)


def test_limits_changed_and_changed_back_within_the_window() -> None:
    assert outcome(closing=replace(GOOD.closing, limits_changes=2)).kind == Gate.LIMITS


@pytest.mark.parametrize("code", [137, 107, 99])
def test_a_dead_generator_is_never_the_servers_fault(code: int) -> None:
    judged = outcome(load=replace(LOAD, exit_code=code, requests=0), after=replace(RUNNING, running=False))
    assert (judged.status, judged.kind) == (Status.VOID, Gate.GENERATOR_DIED)


def test_oom_is_a_result_and_needs_proof() -> None:
    dead = replace(RUNNING, running=False, exit_code=137, oom_killed=True)
    assert outcome(closing=replace(GOOD.closing, oom_kills=1), after=dead).kind == Failure.OOM
    # The engine's flag and exit code 137 alone prove nothing; with memory at its limit they do.
    assert outcome(after=dead).kind == Failure.EXITED
    assert "not proven" in outcome(after=dead).reason
    full = replace(GOOD.closing, memory_bytes_peak=LIMITS.memory_bytes)
    assert outcome(after=dead, closing=full).kind == Failure.OOM
    assert outcome(after=replace(dead, oom_killed=False), closing=full).kind == Failure.EXITED


def test_a_restarted_server_is_void() -> None:
    assert outcome(after=replace(RUNNING, restarts=1)).kind == Gate.SERVER_RESTARTED
    assert outcome(after=replace(RUNNING, started_at="2026-01-01T00:00:03Z")).kind == Gate.SERVER_RESTARTED


def test_a_busy_generator_is_void() -> None:
    busy = replace(GOOD.generator_closing, cpu_seconds=5.0)
    assert generator_cpu_ratio(replace(GOOD, generator_closing=busy)) == pytest.approx(5 / 6)
    assert outcome(generator_closing=busy).kind == Gate.GENERATOR_BUSY


def test_dropped_while_users_were_free_is_the_generators_stall() -> None:
    assert outcome(load=replace(LOAD, dropped=1)).kind == Gate.DROPPED


def test_rate_missed_while_users_were_free_is_void() -> None:
    assert outcome(load=replace(LOAD, requests=4_900)).kind == Gate.RATE


def test_dropped_because_the_server_held_all_users_is_a_completed_trial() -> None:
    slow = replace(LOAD, requests=3_000, dropped=2_000, iteration_seconds_mean=0.18)
    assert outcome(load=slow) == COMPLETED


def test_dropped_while_the_server_was_at_its_limit_is_a_completed_trial() -> None:
    few = replace(LOAD, dropped=11)
    at_cap = replace(GOOD.closing, cpu_seconds=5.4 * LIMITS.cpus)
    assert outcome(load=few, closing=at_cap) == COMPLETED
    throttled = replace(GOOD.closing, cpu_periods=50, cpu_throttled_periods=31)
    assert outcome(load=few, closing=throttled) == COMPLETED


def test_counters_read_too_late_or_too_soon_are_void() -> None:
    assert outcome(quiet_seconds=-0.1).kind == Gate.WINDOW
    assert outcome(closing=replace(GOOD.closing, at_seconds=5.0)).kind == Gate.WINDOW


def test_without_the_iteration_time_a_missed_rate_is_void() -> None:
    unknown = replace(LOAD, requests=3_000, dropped=2_000, iteration_seconds_mean=Missing("no iteration ended"))
    assert outcome(load=unknown).kind == Gate.DROPPED
