"""Scenarios that are no staircase, on the simulated lab: ladders, many connections, users who think."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.adapters.files.catalog import FileCatalog
from orchestrator.adapters.simulated.world import Faults
from orchestrator.domain.box import BoxSpec, LoadSpec
from orchestrator.domain.generator import Generator
from orchestrator.domain.measurement import Missing, value_of
from orchestrator.domain.outcome import Failure, Gate, Status
from orchestrator.domain.record import TrialRecord
from orchestrator.domain.request import Request
from orchestrator.domain.search import Phase
from orchestrator.domain.slo import Verdict
from orchestrator.domain.summary import summarise
from orchestrator.domain.verdict import judge
from orchestrator.domain.versus import versus
from orchestrator.domain.workload import Scenario, Workload
from orchestrator.errors import ConfigError, HostTooSmall
from orchestrator.ports import Lab
from orchestrator.usecases.cost import cost
from orchestrator.usecases.run import RunRequest, run
from orchestrator.usecases.up import up
from tests.unit.samples import CATALOG, PLAINTEXT, config, lab, request
from tests.unit.watched import WatchedLoad, WatchedStack

BUNDLED = {one.name: one for one in FileCatalog().scenarios()}
LADDER = Scenario("rungs", (1, 1_000, 5_000, 1), 5.0, 0.0, ladder=True)
THINK = Scenario("users", (1_000,), 5.0, 2.0, users=50, think_seconds=0.05)
MANY = Scenario("many", (1_000,), 5.0, 2.0, users=10_000)


def asked(scenario: Scenario, repeat: int | None = None) -> RunRequest:
    """One server on acme/small."""
    chosen = replace(config("acme/small"), servers=("go-fasthttp",), scenario=scenario, repeat=repeat)
    return replace(request(), config=chosen)


def watched() -> tuple[Lab, list[BoxSpec], list[LoadSpec]]:
    """A lab, what was started on it and what it was sent."""
    one, world, _ = lab()
    stack = WatchedStack(world)
    sent: list[LoadSpec] = []
    generators = {kind: WatchedLoad(world, kind, sent) for kind in one.generators}
    return replace(one, stack=stack, generators=generators), stack.started, sent


def rungs(records: tuple[TrialRecord, ...]) -> list[tuple[int, int]]:
    return [(one.rate_per_second, one.attempt) for one in records]


@pytest.mark.parametrize("scenario", BUNDLED.values(), ids=lambda one: one.name)
def test_every_bundled_scenario_is_measured(scenario: Scenario) -> None:
    one, _, _ = lab(catalog=CATALOG if not scenario.workloads else FileCatalog())
    chosen = asked(scenario)
    if scenario.workloads:
        chosen = replace(
            chosen,
            config=replace(chosen.config, workloads=scenario.workloads, instance_types=("aws/fargate-0.25vcpu-0.5gb",)),
        )
    stored = run(one, chosen)
    assert stored.trials and {record.outcome.status for record in stored.trials} == {Status.COMPLETED}
    assert stored.finished is True
    (cell,) = summarise(stored)
    assert (cell.capacity.holds is None) == bool(scenario.unranked)


def test_a_ladder_stays_in_one_container_in_the_order_it_is_written() -> None:
    one, boxes, loads = watched()
    stored = run(one, asked(LADDER))
    assert rungs(stored.trials) == [(1, 1), (1_000, 1), (5_000, 1), (1, 2)]
    assert {(record.phase, record.block) for record in stored.trials} == {(Phase.LADDER, 1)}
    assert len({record.trial for record in stored.trials}) == 4
    assert len(boxes) == 1 and [load.rate_per_second for load in loads] == [1, 1_000, 5_000, 1]
    assert {load.duration_seconds for load in loads} == {5.0}, "no window is lengthened for a quantile"


def test_a_ladder_is_warmed_up_at_its_first_rate_only() -> None:
    one, boxes, loads = watched()
    run(one, asked(replace(LADDER, rates=(500, 1_000), warmup_seconds=3.0)))
    assert [(load.rate_per_second, load.duration_seconds) for load in loads] == [(500, 3.0), (500, 5.0), (1_000, 5.0)]
    assert len(boxes) == 1


def test_memory_is_seen_at_each_step_of_a_ladder() -> None:
    stored = run(lab()[0], asked(replace(LADDER, rates=(1, 20_000, 1))))
    idle, burst, settled = (value_of(one.measurements, "memory_bytes_current") for one in stored.trials)
    assert not isinstance(burst, Missing) and not isinstance(idle, Missing)
    assert burst > idle == settled


def test_each_block_of_a_ladder_has_a_container_of_its_own() -> None:
    one, boxes, _ = watched()
    stored = run(one, asked(LADDER, repeat=2))
    assert [record.block for record in stored.trials] == [1] * 4 + [2] * 4
    assert len(boxes) == 2


def test_a_ladder_is_neither_ranked_nor_priced() -> None:
    one, _, _ = lab()
    chosen = asked(replace(LADDER, rates=(500, 1_000)))
    stored = run(one, replace(chosen, config=replace(chosen.config, servers=("go-fasthttp", "rust-axum"), repeat=3)))
    assert {judge(stored.manifest.slo, record).verdict for record in stored.trials} == {Verdict.PASS}
    summaries = summarise(stored)
    assert [str(cell.capacity) for cell in summaries] == [f"not known ({LADDER.unranked})"] * 2
    assert versus(stored.manifest, summaries) == ()
    assert {estimate.rank for estimate in cost(stored, 1_000).estimates} == {None}


def test_a_spoiled_rung_is_offered_once_more() -> None:
    stored = run(lab(Faults(neighbour_cpu_share=0.5))[0], asked(LADDER))
    assert {record.outcome.kind for record in stored.trials} == {Gate.NEIGHBOUR}
    assert rungs(stored.trials) == [
        *((1, 1), (1, 2), (1_000, 1), (1_000, 2), (5_000, 1), (5_000, 2)),
        *((1, 3), (1, 4)),
    ]


def test_a_server_that_dies_ends_its_ladder() -> None:
    stored = run(lab(Faults(out_of_memory=True))[0], asked(LADDER))
    assert [(record.outcome.status, record.outcome.kind) for record in stored.trials] == [(Status.FAILED, Failure.OOM)]
    (note,) = [event.note for event in stored.events if event.event == "ladder_stopped"]
    assert note.startswith("at 1 requests/s: out of memory")


def test_limits_that_were_changed_end_a_ladder_since_no_later_window_can_be_valid() -> None:
    stored = run(lab(Faults(limits_changed_by_hand=True))[0], asked(LADDER))
    assert rungs(stored.trials) == [(1, 1)]
    assert [event.event for event in stored.events if event.event.endswith("_stopped")] == ["ladder_stopped"]


def test_a_server_that_never_answers_is_a_result_and_a_rig_that_fails_is_asked_twice() -> None:
    (record,) = run(lab(Faults(never_ready=True))[0], asked(LADDER)).trials
    assert (record.outcome.kind, record.phase) == (Failure.NOT_READY, Phase.LADDER)
    twice = run(lab(Faults(limits_ignored=True))[0], asked(LADDER)).trials
    assert [(one.outcome.kind, one.attempt) for one in twice] == [(Gate.LIMITS, 1), (Gate.LIMITS, 2)]


def test_users_who_think_are_sent_by_k6_and_not_judged() -> None:
    one, _, loads = watched()
    stored = run(one, asked(THINK))
    (record,), (load,) = stored.trials, loads
    assert (load.rate_per_second, load.virtual_users, load.think_seconds) == (None, 50, 0.05)
    assert (stored.manifest.plan.generator, record.generator) == (Generator.K6, Generator.K6)
    assert "oha has no think time" in stored.manifest.plan.generator_cause
    assert (record.phase, record.rate_per_second) == (Phase.THINK, 1_000)
    judgement = judge(stored.manifest.slo, record)
    assert judgement.verdict == Verdict.UNKNOWN
    assert "latency is from the send" in judgement.reason and "coordinated omission" in judgement.reason
    achieved = value_of(record.measurements, "rate_achieved_per_second")
    assert not isinstance(achieved, Missing) and 900 < achieved < 1_000
    assert isinstance(value_of(record.measurements, "generator_lag_seconds_p99"), Missing)
    for metric in ("cpu_seconds_per_request", "memory_bytes_current", "latency_seconds_p99"):
        assert not isinstance(value_of(record.measurements, metric), Missing)
    (cell,) = summarise(stored)
    assert cell.capacity.holds is None and isinstance(cell.closed_loop, Missing)


def test_users_who_think_are_void_when_k6_is_at_its_end() -> None:
    stored = run(lab(Faults(generator_cpu_share=0.9))[0], asked(THINK))
    assert [record.outcome.kind for record in stored.trials] == [Gate.GENERATOR_BUSY] * 2
    assert [record.attempt for record in stored.trials] == [1, 2]


def test_connections_are_opened_before_the_window_and_may_be_open_at_both_ends() -> None:
    one, boxes, loads = watched()
    stored = run(one, asked(MANY))
    assert stored.manifest.plan.generator == Generator.OHA
    assert [(load.virtual_users, load.warmup_seconds) for load in loads] == [(10_000, 0.0), (10_000, 11.0)]
    assert [box.open_files for box in boxes] == [10_256]
    (cell,) = summarise(stored)
    assert cell.capacity.holds == 1_000
    assert stored.manifest.plan.seconds_expected > 10


def test_other_scenarios_leave_open_files_to_the_engine() -> None:
    one, boxes, _ = watched()
    run(one, asked(Scenario("one", (500,), 5.0, 2.0)))
    assert {box.open_files for box in boxes} == {None}


@pytest.mark.parametrize(
    ("scenario", "host", "reason"),
    [
        (MANY, {"open_files": 4_096}, "10,256 open files in one process (have 4,096)"),
        (MANY, {"memory_bytes": 3 * 2**29}, "625 MiB for the generator (have 512 MiB beside the bench)"),
        (replace(MANY, users=25_000), {}, "25,000 ports of one address (have 20,000)"),
        (replace(THINK, users=100, rates=(2_000,)), {}, "2 CPUs for the generator (have 1)"),
    ],
)
def test_a_host_that_has_not_what_it_takes_is_refused(scenario: Scenario, host: dict[str, int], reason: str) -> None:
    one, world, _ = lab()
    for name, value in host.items():
        setattr(world, name, value)
    with pytest.raises(HostTooSmall) as caught:
        run(one, asked(scenario))
    assert caught.value.message == f"scenario {scenario.name} needs {reason}"
    assert caught.value.hint and not world.containers
    with pytest.raises(HostTooSmall):
        up(one, asked(scenario).config)


def test_all_that_a_host_has_not_is_told_at_once() -> None:
    one, world, _ = lab()
    world.open_files, world.memory_bytes = 1_024, 3 * 2**29
    with pytest.raises(HostTooSmall) as caught:
        run(one, asked(MANY))
    assert "open files" in caught.value.message and "generator" in caught.value.detail[0]
    assert "sysctl -w fs.nr_open=10256" in caught.value.hint


def test_a_mix_cannot_go_over_many_connections() -> None:
    mix = Workload("plaintext", "two requests", (Request("GET", "/a"), Request("GET", "/b")))
    one, _, _ = lab(catalog=replace(CATALOG, all_workloads=(mix,)))
    with pytest.raises(ConfigError) as caught:
        run(one, asked(MANY))
    assert "is a mix of 2 requests" in caught.value.mistakes[0].message
    assert PLAINTEXT.name in caught.value.mistakes[0].message


def test_connections_that_would_never_all_be_open_are_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        run(lab()[0], asked(replace(MANY, rates=(50,), duration_seconds=60.0)))
    assert caught.value.mistakes[0].message == "50 requests/s open 10,000 connections in 200 s"
