"""``up``, ``down``, ``doctor``, ``build`` and ``cost`` on the simulated lab."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from orchestrator.adapters.simulated.world import Faults
from orchestrator.domain.measurement import Missing
from orchestrator.errors import BenchNotReady, ImageUnavailable, LabHeld
from orchestrator.usecases.build import build
from orchestrator.usecases.cost import cost, newest
from orchestrator.usecases.doctor import doctor
from orchestrator.usecases.down import down
from orchestrator.usecases.run import run
from orchestrator.usecases.up import up
from tests.unit.samples import WIDE, config, lab, request


def test_second_up_starts_nothing_new() -> None:
    one, world, progress = lab()
    up(one, config())
    before = dict(world.containers)
    progress.said.clear()
    report = up(one, config())
    assert world.containers == before
    assert not any(image.fresh for image in report.images)
    assert ("images", "7 up to date") in progress.said


def test_second_up_tells_a_new_observer_of_the_live_servers() -> None:
    one, world, _ = lab()
    up(one, config())
    watched = dict(world.watched)
    world.watched.clear()
    up(one, config())
    assert world.watched == watched


def test_a_live_server_that_never_answers_is_told_and_removed() -> None:
    one, world, progress = lab(Faults(dies_at_start=True, never_ready=True))
    report = up(one, config())
    assert report.live == ()
    assert {"server/go-fasthttp", "server/rust-axum"} < set(report.failed)
    assert not world.containers
    assert any(topic == "live" and "failed" in text for topic, text in progress.said)


def test_up_waits_for_nobody_who_measures() -> None:
    one, _, _ = lab(Faults(held_by_another=True))
    with pytest.raises(LabHeld):
        up(one, config())


def test_live_servers_of_another_size_are_replaced() -> None:
    one, _, _ = lab()
    up(one, config("acme/small"))
    up(one, config("acme/tiny"))
    assert {box.tags.instance_type for box in one.stack.live()} == {"acme/tiny"}


def test_grafana_without_a_registry_is_one_line_and_no_error() -> None:
    one, _, progress = lab()
    report = up(one, config())
    assert {name: error.message for name, error in report.failed.items()} == {"bench-grafana": "no registry reached"}
    assert ("grafana", "not available: no registry reached; the live page stands in") in progress.said


def test_a_part_without_which_nothing_is_measured_is_an_error() -> None:
    one, _, _ = lab(Faults(images_unavailable=frozenset({"k6"})))
    with pytest.raises(ImageUnavailable):
        up(one, config())


def test_bench_that_does_not_come_up_is_an_error() -> None:
    one, _, _ = lab(Faults(bench_not_ready=True))
    with pytest.raises(BenchNotReady) as caught:
        up(one, config())
    assert caught.value.exit_code == 3


def test_down_removes_all_and_keeps_images_unless_asked() -> None:
    one, world, _ = lab()
    up(one, config())
    assert down(one, images=False).images == 0
    assert not world.containers and world.images
    assert down(one, images=True).images == 7
    assert down(one, images=True).containers == 0


def test_doctor_tests_itself_once_the_observer_is_built() -> None:
    one, _, _ = lab()
    before = {finding.check: finding for finding in doctor(one).findings}
    build(one, ())
    after = {finding.check: finding for finding in doctor(one).findings}
    assert "not run" in before["self-test"].evidence
    assert after["self-test"].evidence.startswith("0.5 CPU and 64 MiB asked, read back, and enforced")


def test_cost_ranks_what_was_measured_and_names_what_was_not() -> None:
    one, _, _ = lab()
    stored = run(one, request("acme/small", "acme/unpriced", "acme/wide"))
    report = cost(stored, 4_000)
    ranked = [each for each in report.estimates if each.rank is not None]
    assert [each.rank for each in ranked] == [1, 2]
    assert {each.instance_type for each in ranked} == {"acme/small"}
    assert ranked[0].replicas == 2
    assert ranked[0].usd_per_month == Decimal("0.01") * 730 * 2
    assert ranked[0].usd_per_million == ranked[0].usd_per_month / (Decimal(4_000) * 3600 * 730) * 1_000_000
    by_size = {each.instance_type: each for each in report.estimates}
    assert isinstance(by_size["acme/unpriced"].usd_per_month, Missing)
    assert by_size["acme/unpriced"].status == "no price in the catalog"
    assert by_size["acme/wide"].status == "not measured: needs 4 CPUs beside the generator (have 1)"


def test_cost_of_a_size_nobody_measured_says_so() -> None:
    one, _, _ = lab()
    report = cost(run(one, request("acme/small")), 1_000, asked=(WIDE,))
    assert {each.status for each in report.estimates if each.instance_type == "acme/wide"} == {"not measured"}


def test_the_newest_run_that_finished_is_priced_not_an_aborted_one() -> None:
    one, _, _ = lab()
    finished = run(one, request("acme/small"))
    one.store.open(replace(finished.manifest, run="2026-01-02-0000-later-run"))
    assert one.store.read("latest").manifest.run == "2026-01-02-0000-later-run"
    assert newest(one.store).manifest.run == finished.manifest.run
