"""Gates on hand-made evidence: which fault is the rig's and which the server's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from orchestrator.domain.gates import Asked, judge_outcome, rig_limited
from orchestrator.domain.generator import Generator
from orchestrator.domain.limits import EffectiveLimits
from orchestrator.domain.measurement import Missing
from orchestrator.domain.outcome import COMPLETED, Failure, Gate, Outcome, Status
from orchestrator.domain.ratios import generator_cpu_ratio
from orchestrator.domain.reading import Beside, Evidence
from tests.unit.samples import FREE, GOOD, IN_FORCE, LIMITS, LOAD, RUNNING, reading

ASKED = Asked(LIMITS, 1_000, 0.05)


def outcome(**changes: object) -> Outcome:
    return judge_outcome(ASKED, replace(GOOD, **changes))  # type: ignore[arg-type]


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


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"after": replace(RUNNING, running=False, exit_code=1)}, "postgres exited with code 1"),
        ({"after": replace(RUNNING, started_at="later")}, "postgres was restarted"),
        ({"closing": reading(6.0, 0.2, oom_kills=2)}, "postgres ran out of memory: 2 of its processes"),
    ],
)
def test_a_sidecar_that_is_lost_is_never_the_servers_fault(changes: dict[str, Any], words: str) -> None:
    beside = Beside("postgres", 1, reading(0.0, 0.1), reading(6.0, 0.2), RUNNING, RUNNING)
    assert outcome(sidecars=(beside,)) == COMPLETED
    dead = replace(RUNNING, running=False, exit_code=2)
    judged = outcome(sidecars=(replace(beside, **changes),), after=dead)
    assert (judged.status, judged.kind) == (Status.VOID, Gate.SIDECAR)
    assert words in judged.reason


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


def oha(**changes: object) -> Evidence:
    """The generator was started after the opening reading."""
    load = replace(LOAD, generator=Generator.OHA, busy_seconds=6.0)
    values = {"load": load, "generator_opening": None, "quiet_seconds": 0.0, **changes}
    return replace(GOOD, **values)  # type: ignore[arg-type]


def test_a_generator_started_between_the_readings_lies_between_them() -> None:
    assert judge_outcome(ASKED, oha()) == COMPLETED


def test_a_generator_that_outlived_the_closing_reading_is_void() -> None:
    early = oha(closing=replace(GOOD.closing, at_seconds=3.0, sampled_seconds=3.0))
    assert judge_outcome(ASKED, early).kind == Gate.WINDOW
    # The last reading of a server that died is early too, and that is the server's own end.
    assert judge_outcome(ASKED, replace(early, after=replace(RUNNING, running=False))).kind == Failure.EXITED
    unknown = replace(early.load, busy_seconds=Missing("no request was answered"))
    assert judge_outcome(ASKED, replace(early, load=unknown)) == COMPLETED


def test_the_counters_of_a_generator_started_between_the_readings_begin_at_0() -> None:
    assert generator_cpu_ratio(oha()) == pytest.approx(1.2 / 6)


def test_a_starved_generator_is_busy_with_what_it_was_given() -> None:
    starved = replace(GOOD.generator_closing, limits=replace(FREE, quota_microseconds=5_000), cpu_seconds=0.3)
    assert judge_outcome(ASKED, oha(generator_closing=starved)).kind == Gate.GENERATOR_BUSY


def test_a_restart_of_the_server_explains_a_dead_generator() -> None:
    judged = outcome(load=replace(LOAD, exit_code=107), after=replace(RUNNING, started_at="2026-01-01T00:00:03Z"))
    assert judged.kind == Gate.SERVER_RESTARTED


def test_a_restarted_or_killed_generator_is_void() -> None:
    anew = replace(GOOD.generator_closing, cpu_seconds=0.1)
    assert (
        outcome(generator_opening=reading(0.0, 0.2, limits=FREE), generator_closing=anew).kind
        == Gate.GENERATOR_RESTARTED
    )
    assert outcome(generator_closing=replace(GOOD.generator_closing, oom_kills=1)).kind == Gate.GENERATOR_DIED


@pytest.mark.parametrize("step", [-0.11, 0.11, 3600.0])
def test_a_stepped_clock_is_void(step: float) -> None:
    assert outcome(closing=replace(GOOD.closing, clock_offset_seconds=step)).kind == Gate.CLOCK
    assert outcome(closing=replace(GOOD.closing, clock_offset_seconds=0.09)) == COMPLETED


def test_a_window_the_observer_did_not_see_is_void() -> None:
    assert outcome(closing=replace(GOOD.closing, sampled_seconds=5.6)).kind == Gate.SAMPLER
    assert outcome(closing=replace(GOOD.closing, sampled_seconds=5.8)) == COMPLETED


def test_a_neighbour_on_the_servers_cpus_is_void() -> None:
    assert outcome(closing=replace(GOOD.closing, others_cpu_seconds=1.3)).kind == Gate.NEIGHBOUR
    assert outcome(closing=replace(GOOD.closing, others_cpu_seconds=1.1)) == COMPLETED
    assert outcome(closing=replace(GOOD.closing, others_cpu_seconds=1.3), partner_cpu_seconds=0.2) == COMPLETED
    assert outcome(closing=replace(GOOD.closing, others_cpu_seconds=Missing("no /proc/stat"))) == COMPLETED


def test_stolen_time_is_void() -> None:
    assert outcome(closing=replace(GOOD.closing, steal_seconds=1.3)).kind == Gate.STEAL
    assert outcome(closing=replace(GOOD.closing, steal_seconds=1.1)) == COMPLETED


def test_a_pool_that_cannot_carry_the_slo_is_void_when_it_ran_dry() -> None:
    small = replace(LOAD, virtual_users=49)
    assert outcome(load=small) == COMPLETED
    assert outcome(load=replace(small, dropped=3)).kind == Gate.POOL


def test_a_closed_loop_has_no_rate_to_miss() -> None:
    free = replace(ASKED, rate_per_second=None)
    assert judge_outcome(free, oha(load=replace(oha().load, dropped=10, requests=100))) == COMPLETED


def test_a_closed_loop_may_use_up_oha_and_not_k6() -> None:
    free = replace(ASKED, rate_per_second=None)
    busy = replace(GOOD.generator_closing, cpu_seconds=5.9)
    assert judge_outcome(free, replace(GOOD, generator_closing=busy)).kind == Gate.GENERATOR_BUSY
    assert judge_outcome(free, oha(generator_closing=busy)) == COMPLETED


def test_only_the_generators_own_end_is_a_limit_of_the_rig() -> None:
    limits = {gate for gate in Gate if rig_limited(Outcome(Status.VOID, gate, "x"))}
    assert limits == {Gate.GENERATOR_BUSY, Gate.RATE, Gate.DROPPED, Gate.POOL}
