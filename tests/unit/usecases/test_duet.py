"""Duets on the simulated lab: two servers at once, compared by what a request costs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import pytest

from orchestrator.adapters.simulated.load import SimulatedLoadRun
from orchestrator.adapters.simulated.world import Faults
from orchestrator.domain.comparison import Answer
from orchestrator.domain.config import LabConfig
from orchestrator.domain.doubts import doubts
from orchestrator.domain.generator import Generator
from orchestrator.domain.measurement import Measurement, Missing, value_of
from orchestrator.domain.outcome import COMPLETED, Failure, Gate, Outcome, Status
from orchestrator.domain.plan import Aim, Cell, Extras
from orchestrator.domain.record import StoredRun
from orchestrator.domain.summary import summarise
from orchestrator.domain.versus import versus
from orchestrator.domain.workload import Scenario
from orchestrator.errors import ConfigError, HostTooSmall
from orchestrator.ports import Lab
from orchestrator.usecases import duet, trial
from orchestrator.usecases.cost import cost, newest
from orchestrator.usecases.run import run
from orchestrator.usecases.setting import Setting
from orchestrator.usecases.trial import Seen
from orchestrator.usecases.under_load import Opened
from tests.unit.samples import config, lab, request
from tests.unit.watched import WatchedLoad, WatchedStack

ONE_RATE = Scenario("one-rate", (1_000,), 5.0, 2.0)
TWO = ("go-fasthttp", "rust-axum")


def asked(servers: tuple[str, ...] = TWO, *, twin: bool = False, repeat: int | None = None) -> LabConfig:
    chosen = replace(config("acme/small"), servers=servers, scenario=ONE_RATE, repeat=repeat)
    return replace(chosen, aim=Aim.DUET, extras=Extras(noise_floor=twin))


def measured(chosen: LabConfig, faults: Faults | None = None) -> StoredRun:
    one, _, _ = lab(faults or Faults())
    return run(one, replace(request(), config=chosen))


def test_both_stand_and_are_loaded_at_the_same_time() -> None:
    one, world, _ = lab()
    stack, sent = WatchedStack(world), []
    generators = {kind: WatchedLoad(world, kind, sent) for kind in one.generators}
    stored = run(replace(one, stack=stack, generators=generators), replace(request(), config=asked(repeat=1)))
    first, second = stored.trials
    assert {first.cell.server, second.cell.server} == set(TWO)
    assert (first.generator, first.started_at) == (Generator.OHA, second.started_at)
    assert first.outcome == second.outcome == Outcome(Status.COMPLETED)
    # Each its warm-up, then each its window: the four loads of two containers.
    assert [spec.duration_seconds for spec in sent] == [2.0, 2.0, 5.0, 5.0]
    assert [box.tags.server for box in stack.started] == [first.cell.server, second.cell.server]


def test_the_partner_is_no_neighbour_and_yet_among_the_others() -> None:
    heavy = replace(asked(repeat=1), scenario=replace(ONE_RATE, rates=(5_000,)))
    stored = measured(heavy)
    assert [record.outcome for record in stored.trials] == [Outcome(Status.COMPLETED)] * 2
    # Of two that are simulated one after the other the second sees all that the first used.
    assert max(share(record.measurements) for record in stored.trials) > 0.1
    voided = measured(asked(repeat=1), Faults(neighbour_cpu_share=0.5))
    assert [record.outcome.kind for record in voided.trials] == [Gate.NEIGHBOUR] * 2


def share(measurements: tuple[Measurement, ...]) -> float:
    value = value_of(measurements, "others_cpu_ratio")
    assert not isinstance(value, Missing)
    return value


def test_two_servers_are_compared_by_what_a_request_costs_and_by_nothing_else() -> None:
    stored = measured(asked())
    (pair,) = versus(stored.manifest, summarise(stored))
    assert pair.comparison.answer == Answer.WINNER
    assert len(stored.trials) == 2 * stored.manifest.plan.blocks.least
    assert {one.capacity.note for one in summarise(stored)} == {stored.manifest.plan.unranked}


def test_a_duet_is_never_priced_and_takes_no_ranked_runs_place() -> None:
    one, _, _ = lab()
    ranked = run(one, replace(request(), run="first", config=replace(config("acme/small"), scenario=ONE_RATE)))
    duet = run(one, replace(request(), run="second", config=asked()))
    report = cost(duet, 1_000, rate_asked=100_000)
    assert [isinstance(one.usd_per_month, Missing) for one in report.estimates] == [True, True]
    assert report.bounds == ()
    assert newest(one.store).manifest.run == ranked.manifest.run


def test_a_server_and_its_twin_tie_on_every_size() -> None:
    chosen = replace(asked(("go-fasthttp",), twin=True), instance_types=("acme/small", "acme/tiny"))
    stored = measured(chosen)
    pairs = versus(stored.manifest, summarise(stored))
    assert [(pair.first.instance_type, pair.control, pair.comparison.answer) for pair in pairs] == [
        ("acme/small", True, Answer.TIE),
        ("acme/tiny", True, Answer.TIE),
    ]


def test_who_begins_is_chance() -> None:
    stored = measured(asked(repeat=8))
    first = [record.cell.server for record in stored.trials[::2]]
    assert set(first) == set(TWO)


@pytest.mark.parametrize(
    ("faults", "kind"), [(Faults(never_ready=True), Failure.NOT_READY), (Faults(limits_ignored=True), Gate.LIMITS)]
)
def test_what_spoils_both_is_told_of_both(faults: Faults, kind: str) -> None:
    assert [record.outcome.kind for record in measured(asked(repeat=1), faults).trials] == [kind] * 2


def test_a_container_that_never_stood_voids_its_partners_window(monkeypatch: pytest.MonkeyPatch) -> None:
    real, dead = trial.opened, []

    def first_dies(lab: Lab, name: str, cell: Cell, setting: Setting) -> AbstractContextManager[Opened | Seen]:
        world.faults = Faults(dies_at_start=not dead)
        dead.append(name)
        return real(lab, name, cell, setting)

    one, world, _ = lab()
    monkeypatch.setattr(duet, "opened", first_dies)
    stored = run(one, replace(request(), config=asked(repeat=1)))
    assert [record.outcome.kind for record in stored.trials] == [Failure.NOT_READY, Gate.PARTNER]


@pytest.mark.parametrize("faults", [Faults(exits_under_load=True), Faults(out_of_memory=True)])
def test_a_window_beside_one_that_failed_is_of_one_alone(faults: Faults, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it falls in the warm-up or in the window: what is written down is never that of the warm-up."""
    one, world, _ = lab()
    real, seen = SimulatedLoadRun.wait_finished, []

    def first_falls(load: SimulatedLoadRun) -> None:
        world.faults = Faults() if seen else faults
        seen.append(load)
        real(load)
        world.faults = Faults()

    monkeypatch.setattr(SimulatedLoadRun, "wait_finished", first_falls)
    stored = run(one, replace(request(), config=asked(repeat=2)))
    assert [record.outcome.kind for record in stored.trials[:2]] in (
        [Failure.EXITED, Gate.PARTNER],
        [Failure.OOM, Gate.PARTNER],
    )
    assert [record.outcome for record in stored.trials[2:]] == [COMPLETED] * 2


def test_one_that_always_fails_is_not_measured_for_ever() -> None:
    stored = measured(asked(), Faults(out_of_memory=True))
    assert len(stored.trials) == 2 * stored.manifest.plan.blocks.least
    assert versus(stored.manifest, summarise(stored)) == ()


def test_blocks_that_the_rig_spoiled_are_made_up_for() -> None:
    stored = measured(asked(), Faults(neighbour_cpu_share=0.5))
    assert len(stored.trials) == 2 * stored.manifest.plan.blocks.most


def test_every_closing_reading_comes_before_any_result(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a generator does after its last answer takes seconds, in which its partner would go on."""
    order: list[str] = []
    finished, result = SimulatedLoadRun.wait_finished, SimulatedLoadRun.result

    def noted(name: str, call: Callable[[SimulatedLoadRun], Any]) -> Callable[[SimulatedLoadRun], Any]:
        def doing(load: SimulatedLoadRun) -> Any:
            order.append(name)
            return call(load)

        return doing

    monkeypatch.setattr(SimulatedLoadRun, "wait_finished", noted("finished", finished))
    monkeypatch.setattr(SimulatedLoadRun, "result", noted("result", result))
    measured(replace(asked(repeat=2), scenario=replace(ONE_RATE, warmup_seconds=0.0)))
    assert order == ["finished", "finished", "result", "result"] * 2


def test_two_that_leave_each_other_no_room_are_told() -> None:
    record = measured(asked(repeat=2)).trials[0]
    assert doubts((), [record]) == ()
    # All of its quarter of a CPU, and 0.7 of that CPU went to the other.
    shares = {"cpu_cap_ratio": 1.0, "others_cpu_ratio": 0.7}
    rows = tuple(replace(one, value=shares.get(one.metric, one.value)) for one in record.measurements)
    told, *_ = doubts((), [replace(record, measurements=rows), record])
    assert told == "in 1 of 2 windows both together used up to 95 % of their CPUs: take a lower rate"


def test_shared_cpus_are_refused() -> None:
    one, _, _ = lab()
    with pytest.raises(ConfigError) as caught:
        run(one, replace(request(), config=asked(), allow_shared=True))
    assert [mistake.where for mistake in caught.value.mistakes] == ["--allow-shared"]


def test_memory_is_needed_for_both() -> None:
    one, world, _ = lab()
    world.memory_bytes = 2 * 2**30 - 1  # 1 GiB is kept, and 0.5 would be enough for one
    with pytest.raises(HostTooSmall, match="needs 1 GiB"):
        run(one, replace(request(), config=replace(asked(), instance_types=("acme/small",)), named=True))


def test_a_server_at_its_own_limit_is_told() -> None:
    record = measured(asked(repeat=3)).trials[0]
    rows = tuple(
        replace(one, value=0.99 if one.metric == "cpu_cap_ratio" else one.value) for one in record.measurements
    )
    told = doubts((), [replace(record, measurements=rows), record])
    assert any(text.startswith("in 1 of 2 windows it was at its own CPU limit") for text in told)
