"""A Run on the simulated lab: what is written, when, and what each fault makes of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.adapters.simulated.meter import SimulatedMeter
from orchestrator.adapters.simulated.world import Faults
from orchestrator.domain.box import Ended
from orchestrator.domain.measurement import METRICS, Missing, value_of
from orchestrator.domain.outcome import Failure, Gate, Status
from orchestrator.domain.slo import Verdict
from orchestrator.domain.summary import summarise
from orchestrator.domain.verdict import judge
from orchestrator.errors import ConfigError, EngineLost, EnvironmentNotFit, HostTooSmall, Interrupted, LabHeld
from orchestrator.usecases.run import run
from orchestrator.usecases.up import up
from tests.unit.samples import config, lab, request


def test_every_cell_gets_its_bracket() -> None:
    one, _, _ = lab()
    stored = run(one, request())
    capacities = {(each.cell.server, each.cell.instance_type): str(each.capacity) for each in summarise(stored)}
    assert stored.finished is True
    assert capacities[("go-fasthttp", "acme/tiny")].startswith("holds 500, not 1,000")
    assert capacities[("rust-axum", "acme/small")] == "holds 2,000 (more was not tried)"
    assert stored.manifest.simulated


def test_every_metric_is_measured_or_missing_with_a_reason() -> None:
    one, _, _ = lab()
    record = run(one, request()).trials[0]
    assert {each.metric for each in record.measurements} == set(METRICS)
    assert all(each.value.reason for each in record.measurements if isinstance(each.value, Missing))


def test_cpu_per_request_is_the_worlds_own_cost() -> None:
    from orchestrator.adapters.simulated.world import cpu_seconds_per_request

    one, _, _ = lab()
    for record in run(one, request("acme/small")).trials:
        measured = value_of(record.measurements, "cpu_seconds_per_request")
        assert measured == pytest.approx(cpu_seconds_per_request(record.cell.server))


def test_same_seed_same_order() -> None:
    orders = []
    for _ in range(2):
        one, _, _ = lab()
        orders.append([record.trial for record in run(one, request()).trials])
    assert orders[0] == orders[1]


def test_trials_are_interleaved() -> None:
    one, _, _ = lab()
    first_round = [record.cell for record in run(one, request()).trials[:4]]
    assert len(set(first_round)) == 4


@pytest.mark.parametrize(
    ("faults", "gate"),
    [
        (Faults(limits_ignored=True), Gate.LIMITS),
        (Faults(limits_changed_by_hand=True), Gate.LIMITS),
        (Faults(generator_exit_code=137), Gate.GENERATOR_DIED),
        (Faults(generator_exit_code=107), Gate.GENERATOR_DIED),
        (Faults(generator_cpu_share=0.97), Gate.GENERATOR_BUSY),
        (Faults(generator_stalls=True), Gate.DROPPED),
        (Faults(requests_lost=True), Gate.RATE),
        (Faults(restarted=True), Gate.SERVER_RESTARTED),
        (Faults(observer_restarted=True), Gate.OBSERVER),
        (Faults(neighbour_cpu_share=0.3), Gate.NEIGHBOUR),
        (Faults(steal_share=0.3), Gate.STEAL),
        (Faults(sampler_stopped_seconds=5.0), Gate.SAMPLER),
        (Faults(clock_step_seconds=0.5), Gate.CLOCK),
    ],
)
@pytest.mark.parametrize("rates", [(500, 1_000), (2_000, 2_500)], ids=["k6", "oha"])
def test_rig_faults_make_a_trial_void_and_are_never_ranked(faults: Faults, gate: Gate, rates: tuple[int, int]) -> None:
    one, world, _ = lab(faults)
    stored = run(one, request("acme/small", rates=rates))
    assert {(record.outcome.status, record.outcome.kind) for record in stored.trials} == {(Status.VOID, gate)}
    assert all(each.capacity.holds is None and each.capacity.fails is None for each in summarise(stored))
    # Twice each and then no more: a void is repeated once.
    assert len(stored.trials) == 4
    assert not world.containers


def test_a_window_in_which_the_server_still_warms_up_is_void() -> None:
    one, _, _ = lab(Faults(warms_up_in_window=True))
    asked = request("acme/small", rates=(500, 1_000))
    scenario = replace(asked.config.scenario, duration_seconds=15.0)
    stored = run(one, replace(asked, config=replace(asked.config, scenario=scenario)))
    assert {record.outcome.kind for record in stored.trials} == {Gate.NOT_STEADY}


def test_counters_read_after_k6_opened_its_window_are_void() -> None:
    one, _, _ = lab(Faults(reading_late_seconds=0.7))
    stored = run(one, request("acme/small", rates=(500, 1_000)))
    assert {record.outcome.kind for record in stored.trials} == {Gate.WINDOW}


@pytest.mark.parametrize(
    ("faults", "failure"),
    [
        (Faults(never_ready=True), Failure.NOT_READY),
        (Faults(dies_at_start=True), Failure.NOT_READY),
        (Faults(out_of_memory=True), Failure.OOM),
        (Faults(exits_under_load=True), Failure.EXITED),
    ],
)
def test_server_faults_are_results_with_its_log(faults: Faults, failure: Failure) -> None:
    one, world, _ = lab(faults)
    stored = run(one, request("acme/small"))
    for record in stored.trials:
        assert (record.outcome.status, record.outcome.kind) == (Status.FAILED, failure)
        assert record.log_tail
        assert judge(stored.manifest.slo, record).verdict == Verdict.FAIL
    assert all(each.capacity.fails == 500 for each in summarise(stored))
    assert not world.containers


def test_interrupted_run_keeps_what_was_finished_and_leaves_nothing_running() -> None:
    one, world, _ = lab(Faults(interrupt_after_trials=2))
    with pytest.raises(Interrupted) as caught:
        run(one, request())
    stored = one.store.read("latest")
    assert caught.value.exit_code == 130
    assert len(stored.trials) == 2
    assert stored.finished is False
    assert not world.containers


def test_lost_engine_ends_the_run_with_its_own_code() -> None:
    one, _, _ = lab(Faults(engine_lost_after_trials=1))
    with pytest.raises(EngineLost) as caught:
        run(one, request())
    assert caught.value.exit_code == 6
    assert [event.event for event in one.store.read("latest").events][-1] == "run_aborted"


def test_failed_build_leaves_the_other_server_measured() -> None:
    one, _, progress = lab(Faults(builds_that_fail=frozenset({"server/rust-axum"})))
    stored = run(one, request())
    assert {record.cell.server for record in stored.trials} == {"go-fasthttp"}
    assert any("server/rust-axum failed" in text for _, text in progress.said)
    assert any(event.event == "server_skipped" for event in stored.events)
    assert {str(each.capacity) for each in summarise(stored) if each.cell.server == "rust-axum"} == {
        "not known (not measured)"
    }


def test_no_server_built_is_an_error_with_the_builds_own_words() -> None:
    one, _, _ = lab(Faults(builds_that_fail=frozenset({"server/rust-axum", "server/go-fasthttp"})))
    with pytest.raises(EnvironmentNotFit) as caught:
        run(one, request())
    assert caught.value.detail == ("error: simulated",)


def test_named_size_that_does_not_fit_is_refused_with_those_that_do() -> None:
    one, _, _ = lab()
    with pytest.raises(HostTooSmall) as caught:
        run(one, request("acme/wide", named=True))
    assert caught.value.exit_code == 3
    assert "acme/small" in caught.value.hint and "acme/wide" not in caught.value.hint
    assert one.store.runs() == ()


def test_planned_size_that_does_not_fit_is_left_out_and_said() -> None:
    one, _, progress = lab()
    stored = run(one, request("acme/small", "acme/wide"))
    assert {record.cell.instance_type for record in stored.trials} == {"acme/small"}
    assert ("host", "acme/wide left out: needs 4 CPUs beside the generator (have 1)") in progress.said


def test_a_quick_run_takes_the_first_sizes_that_fit() -> None:
    one, _, _ = lab()
    asked = request("acme/wide", "acme/small", "acme/tiny")
    stored = run(one, replace(asked, config=replace(asked.config, sizes_max=1)))
    assert {record.cell.instance_type for record in stored.trials} == {"acme/small"}
    assert [unfit.instance_type for unfit in stored.manifest.plan.left_out] == ["acme/wide"]


def test_a_p99_that_is_the_generators_own_lateness_says_so() -> None:
    words = "half or more of its p99 is the generator's own lateness: the server's is less"
    for lag, told in ((0.0045, True), (0.0001, False)):
        cells = summarise(run(lab(Faults(generator_lag_seconds=lag))[0], request("acme/small")))
        assert {words in cell.warnings for cell in cells} == {told}


def test_every_window_that_is_over_is_told_with_what_came_of_it() -> None:
    one, world, _ = lab(Faults(limits_changed_by_hand=True))
    stored = run(one, request("acme/small"))
    assert [ended.trial for ended in world.ended] == [record.trial for record in stored.trials]
    assert {(ended.mark, ended.kind) for ended in world.ended} == {("void", Gate.LIMITS)}
    one, world, _ = lab()
    held = run(one, request("acme/small")).trials[0]
    assert (world.ended[0].mark, world.ended[0].rate_per_second) == ("pass", held.rate_per_second)
    assert "p99" in world.ended[0].text and world.ended[0].text.startswith(held.cell.label)


def test_what_a_server_sent_is_told_in_a_line_that_can_be_printed() -> None:
    one, world, _ = lab(Faults(never_ready=True))
    told: list[str] = []

    class Careful(SimulatedMeter):
        def announce(self, text: str, ended: Ended | None = None) -> None:
            told.extend([text, ended.text] if ended else [text])

        def first_answer(self, ticket: str) -> Missing:
            return Missing("BadStatusLine \x15\x03\n\x00" + "x" * 900)

    run(replace(one, meter=Careful(world)), request("acme/small"))
    assert any("BadStatusLine ?? ?xxx" in text for text in told)
    assert all(text.isprintable() and len(text) <= 500 for text in told)


def test_shared_cpus_are_marked_and_never_ranked() -> None:
    one, world, _ = lab()
    world.cpus = (0,)
    stored = run(one, request("acme/small", allow_shared=True))
    assert all(record.placement.shared for record in stored.trials)
    assert {ended.mark for ended in world.ended} == {"shared"}
    assert all(each.shared for each in summarise(stored))


def test_another_lab_on_the_engine_is_not_disturbed() -> None:
    one, _, _ = lab(Faults(held_by_another=True))
    with pytest.raises(LabHeld) as caught:
        run(one, request())
    assert caught.value.exit_code == 5


def test_rate_beyond_one_generator_is_a_config_error() -> None:
    one, _, _ = lab()
    with pytest.raises(ConfigError):
        run(one, request("acme/small", rates=(1_000_000,)))


def test_run_stops_the_live_servers_and_says_so() -> None:
    one, world, progress = lab()
    up(one, config())
    assert len(one.stack.live()) == 2
    run(one, request("acme/small"))
    assert one.stack.live() == ()
    assert not any("died" in text for _, text in progress.said)
    assert ("live", "2 live servers stopped while we measure; to start them again: orchestrator up") in progress.said
    assert not world.containers
