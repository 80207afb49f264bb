"""Duets on the simulated lab: two servers at once, compared by what a request costs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.adapters.simulated.world import Faults
from orchestrator.domain.comparison import Answer
from orchestrator.domain.config import LabConfig
from orchestrator.domain.generator import Generator
from orchestrator.domain.measurement import Missing, value_of
from orchestrator.domain.outcome import Failure, Gate, Outcome, Status
from orchestrator.domain.plan import Aim, Extras
from orchestrator.domain.record import StoredRun
from orchestrator.domain.summary import OF_DUET, summarise
from orchestrator.domain.versus import versus
from orchestrator.domain.workload import Scenario
from orchestrator.usecases import duet, trial
from orchestrator.usecases.run import run
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


def share(measurements: tuple[object, ...]) -> float:
    value = value_of(measurements, "others_cpu_ratio")  # type: ignore[arg-type]
    assert not isinstance(value, Missing)
    return value


def test_two_servers_are_compared_by_what_a_request_costs_and_by_nothing_else() -> None:
    stored = measured(asked())
    (pair,) = versus(stored.manifest, summarise(stored))
    assert pair.comparison.answer == Answer.WINNER
    assert len(stored.trials) == 2 * stored.manifest.plan.blocks.least
    assert all(OF_DUET in one.warnings for one in summarise(stored))


def test_a_server_and_its_twin_tie() -> None:
    stored = measured(asked(("go-fasthttp",), twin=True))
    (pair,) = versus(stored.manifest, summarise(stored))
    assert (pair.control, pair.comparison.answer) == (True, Answer.TIE)


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

    def first_dies(lab: object, name: str, cell: object, setting: object) -> object:
        world.faults = Faults(dies_at_start=not dead)
        dead.append(name)
        return real(lab, name, cell, setting)  # type: ignore[arg-type]

    one, world, _ = lab()
    monkeypatch.setattr(duet, "opened", first_dies)
    stored = run(one, replace(request(), config=asked(repeat=1)))
    assert [record.outcome.kind for record in stored.trials] == [Failure.NOT_READY, Gate.PARTNER]
