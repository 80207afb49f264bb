"""Catalog: what can be measured."""

from __future__ import annotations

import pytest

from orchestrator.adapters.files.catalog import FileCatalog
from orchestrator.domain.server import NAME
from orchestrator.ports import Catalog
from tests.unit import samples

PORTS = (Catalog,)


@pytest.fixture(params=["simulated", "files"])
def catalog(request: pytest.FixtureRequest) -> Catalog:
    return samples.DB_CATALOG if request.param == "simulated" else FileCatalog()


def test_names_are_unique_and_safe(catalog: Catalog) -> None:
    for things in (
        catalog.servers(),
        catalog.workloads(),
        catalog.batch_workloads(),
        catalog.scenarios(),
        catalog.sidecars(),
    ):
        names = [one.name for one in things]
        assert names and len(set(names)) == len(names)
        assert all(NAME.fullmatch(name) for name in names)
    sizes = [one.id for one in catalog.instance_types()]
    assert sizes and len(set(sizes)) == len(sizes)


def test_what_refers_to_another_finds_it(catalog: Catalog) -> None:
    workloads = {one.name for one in catalog.workloads()}
    assert all(set(server.workloads) & workloads for server in catalog.servers())
    sidecars = {one.name for one in catalog.sidecars()}
    assert all(set(workload.needs) <= sidecars for workload in catalog.workloads())


def test_rates_rise_and_workloads_can_be_judged(catalog: Catalog) -> None:
    assert all(one.ladder or list(one.rates) == sorted(set(one.rates)) for one in catalog.scenarios())
    checks = [request.check for one in catalog.workloads() for request in one.requests]
    assert all(one.body or one.contains for one in checks)


def test_batch_workloads_can_be_asked_for_and_checked(catalog: Catalog) -> None:
    assert not {one.name for one in catalog.workloads()} & {one.name for one in catalog.batch_workloads()}
    for one in catalog.batch_workloads():
        assert one.sizes and one.algorithms and one.algorithms[0].kind == "same"
        assert all(set(algorithm.tags) == {"go", "rust"} for algorithm in one.algorithms)
        assert all(len(set(two.tags.values())) == 1 for two in one.algorithms if two.kind == "same")


def test_it_is_the_same_when_asked_again(catalog: Catalog) -> None:
    assert catalog.servers() == catalog.servers() and catalog.instance_types() == catalog.instance_types()
