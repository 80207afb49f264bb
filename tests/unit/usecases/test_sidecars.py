"""A workload that needs a database, on the simulated lab."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace

import pytest

from orchestrator.adapters.simulated.stack import SimulatedStack
from orchestrator.adapters.simulated.world import SIDECAR_CPU_SECONDS, Faults, World
from orchestrator.domain.box import BoxSpec
from orchestrator.domain.measurement import Missing, value_of
from orchestrator.domain.outcome import Failure, Gate, Status
from orchestrator.domain.plan import Aim
from orchestrator.domain.summary import summarise
from orchestrator.errors import EngineLost, EnvironmentNotFit, HostTooSmall, ImageUnavailable
from orchestrator.ports import Box, Lab
from orchestrator.usecases.build import build
from orchestrator.usecases.run import RunRequest, run
from orchestrator.usecases.up import up
from tests.unit.samples import DB_CATALOG, POSTGRES, config, lab, request
from tests.unit.watched import WatchedStack

ROOMY = (0, 1, 2, 3, 4)


def asked(*workloads: str, rates: tuple[int, ...] = (500, 1_000), aim: Aim = Aim.STAIRCASE) -> RunRequest:
    one = request("acme/small", rates=rates)
    return replace(one, config=replace(one.config, workloads=workloads or ("db",), aim=aim))


def recorded(one: Lab, world: World) -> tuple[Lab, list[BoxSpec]]:
    """The same lab, and what was started on it."""
    stack = WatchedStack(world)
    return replace(one, stack=stack), stack.started


class NothingBeside(SimulatedStack):
    """An engine on which no network can be joined any more."""

    def start(self, spec: BoxSpec) -> AbstractContextManager[Box]:
        if spec.beside:
            raise EnvironmentNotFit("cannot join the network of a container that does not run")
        return super().start(spec)


def test_it_stands_beside_each_server_and_leaves_with_it() -> None:
    one, world, progress = lab(catalog=DB_CATALOG)
    world.cpus = ROOMY
    one, started = recorded(one, world)
    stored = run(one, asked())
    assert {record.outcome.status for record in stored.trials} == {Status.COMPLETED}
    servers, sidecars = [spec for spec in started if not spec.beside], [spec for spec in started if spec.beside]
    assert len(servers) == len(sidecars) == len(stored.trials)
    assert {spec.env.get("LAB_DB") for spec in servers} == {"postgres://lab"}
    assert {(spec.tags.role, spec.image) for spec in sidecars} == {("sidecar", "simulated/sidecar-postgres")}
    assert [spec.name for spec in sidecars] == [f"{spec.name}.postgres" for spec in servers]
    assert not world.containers and not world.watched
    assert stored.manifest.sidecars == (POSTGRES.recorded,)
    assert "sidecar-postgres" in {image.name for image in stored.manifest.images}
    assert ("plan", "beside the server: postgres") in progress.said


def test_what_it_costs_is_in_the_record_and_not_the_servers() -> None:
    one, world, _ = lab(catalog=DB_CATALOG)
    world.cpus = ROOMY
    for record in run(one, asked(rates=(1_000,))).trials:
        # oha's lead-in of a second lies between the readings too.
        used = value_of(record.measurements, "sidecar_cpu_seconds")
        assert used in (pytest.approx(5_000 * SIDECAR_CPU_SECONDS), pytest.approx(6_000 * SIDECAR_CPU_SECONDS))
        assert isinstance(value_of(record.measurements, "cold_start_seconds"), Missing)
        assert record.placement.sidecar_cpus == (1,)


def test_a_workload_without_needs_has_none_and_the_same_generator() -> None:
    one, world, _ = lab(catalog=DB_CATALOG)
    world.cpus = ROOMY
    stored = run(one, asked("plaintext", "db"))
    by_workload = {record.cell.workload: record for record in stored.trials}
    plain, db = by_workload["plaintext"].placement, by_workload["db"].placement
    assert (plain.sidecar_cpus, db.sidecar_cpus) == ((), (1,))
    assert plain.generator_cpus == db.generator_cpus
    used = value_of(by_workload["plaintext"].measurements, "sidecar_cpu_seconds")
    assert used == Missing("no sidecar is needed")
    assert not isinstance(value_of(by_workload["plaintext"].measurements, "cold_start_seconds"), Missing)


def test_on_the_generators_cpu_it_is_warned_of_and_ranked_all_the_same() -> None:
    one, _, progress = lab(catalog=DB_CATALOG)
    stored = run(one, asked())
    for cell in summarise(stored):
        assert any("sidecar stood on the generator's CPU" in text for text in cell.warnings)
        assert not cell.shared
    assert ("plan", "beside the server: postgres; on the generator's CPU: latency may be theirs") in progress.said


def test_a_sidecar_whose_cpu_is_used_up_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestrator.adapters.simulated.world.SIDECAR_CPU_SECONDS", 1e-3)
    one, world, _ = lab(catalog=DB_CATALOG)
    world.cpus = ROOMY
    for cell in summarise(run(one, asked())):
        assert any("1 of 2 windows the sidecar's CPU was used up" in text for text in cell.warnings)


@pytest.mark.parametrize("aim", [Aim.STAIRCASE, Aim.CAPACITY])
@pytest.mark.parametrize(
    "faults",
    [Faults(sidecar_never_ready=True), Faults(sidecar_dies_at_start=True), Faults(sidecar_dies_under_load=True)],
    ids=["never ready", "dies at its start", "dies under load"],
)
def test_one_that_is_lost_voids_the_trial(faults: Faults, aim: Aim) -> None:
    one, world, _ = lab(faults, DB_CATALOG)
    stored = run(one, asked(aim=aim))
    kept = [record for record in stored.trials if record.phase != "closed_loop"]
    assert {(record.outcome.status, record.outcome.kind) for record in kept} == {(Status.VOID, Gate.SIDECAR)}
    assert all("postgres" in record.outcome.reason for record in kept)
    assert all(cell.capacity.holds is None and cell.capacity.fails is None for cell in summarise(stored))
    assert not world.containers and not world.watched


def test_a_server_that_fails_beside_a_good_sidecar_is_still_a_result() -> None:
    one, _, _ = lab(Faults(dies_at_start=True), DB_CATALOG)
    stored = run(one, asked())
    assert {record.outcome.kind for record in stored.trials} == {Failure.NOT_READY}


def test_a_server_that_is_gone_leaves_no_network_to_join() -> None:
    one, world, _ = lab(Faults(dies_at_start=True), DB_CATALOG)
    one = replace(one, stack=NothingBeside(world))
    stored = run(one, asked())
    assert {record.outcome.kind for record in stored.trials} == {Failure.NOT_READY}
    world.faults.dies_at_start = False
    with pytest.raises(EnvironmentNotFit):
        run(one, replace(asked(), run="2026-01-01-0001-test-run"))


def test_an_engine_that_is_lost_leaves_nothing_half() -> None:
    one, world, _ = lab(Faults(engine_lost_after_trials=1), DB_CATALOG)
    with pytest.raises(EngineLost):
        run(one, asked())
    assert not world.containers


def test_without_its_image_nothing_starts() -> None:
    one, _, _ = lab(Faults(images_unavailable=frozenset({"sidecar-postgres"})), DB_CATALOG)
    with pytest.raises(ImageUnavailable):
        run(one, asked())


def test_a_host_that_has_no_cpu_for_it_is_refused() -> None:
    one, world, _ = lab(catalog=DB_CATALOG)
    world.cpus = (0,)
    with pytest.raises(HostTooSmall) as caught:
        run(one, replace(asked(), allow_shared=True))
    assert "beside postgres" in caught.value.message
    assert "--allow-shared" not in caught.value.hint


def test_a_servers_own_sidecars_are_needed_by_each_of_its_workloads() -> None:
    own = tuple(replace(server, sidecars=(POSTGRES,)) for server in DB_CATALOG.all_servers)
    one, world, _ = lab(catalog=replace(DB_CATALOG, all_servers=own))
    one, started = recorded(one, world)
    stored = run(one, asked("plaintext"))
    assert sum(bool(spec.beside) for spec in started) == len(stored.trials)
    assert stored.manifest.sidecars == (POSTGRES.recorded,)


def test_live_servers_have_theirs_too() -> None:
    one, world, _ = lab(catalog=DB_CATALOG)
    up(one, replace(config("acme/small"), workloads=("db",)))
    beside = [container for container in world.containers.values() if container.beside]
    assert len(beside) == 2 and all(container.live for container in beside)
    assert len(one.stack.live()) == 2
    assert one.stack.stop_live() == 2
    assert not world.containers


def test_all_images_are_built_with_those_of_sidecars() -> None:
    one, _, _ = lab(catalog=DB_CATALOG)
    assert "sidecar-postgres" in build(one, ()).images
    assert "sidecar-postgres" not in build(one, ("go-fasthttp",)).images
