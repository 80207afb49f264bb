"""What a scenario takes of a host."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.adapters.files.catalog import FileCatalog
from orchestrator.domain.generator import Generator
from orchestrator.domain.measurement import Missing
from orchestrator.domain.needs import Needs, lacking, needs_of, open_files_for
from orchestrator.domain.slo import Slo
from orchestrator.domain.workload import Scenario
from tests.unit.domain.test_checks import FIT

BUNDLED = {one.name: one for one in FileCatalog().scenarios()}
MANY = Scenario("many", (1_000,), 5.0, 2.0, users=10_000)


@pytest.mark.parametrize(
    ("name", "needs"),
    [
        ("constant", Needs(1_024, 210, 840 * 2**20, 1)),
        ("standard", Needs(1_024, 410, 410 * 2**16, 1)),
        ("connections", Needs(10_256, 10_000, 625 * 2**20, 1)),
        ("think", Needs(1_024, 50, 200 * 2**20, 1)),
        ("near-idle", Needs(1_024, 11, 44 * 2**20, 1)),
    ],
)
def test_needs_follow_from_users_rates_and_generator(name: str, needs: Needs) -> None:
    assert needs_of(BUNDLED[name], Slo()) == needs


def test_the_highest_rate_of_a_ladder_decides() -> None:
    assert needs_of(BUNDLED["memory-ladder"], Slo()).ports == 260


def test_k6_takes_a_cpu_for_every_1500_requests() -> None:
    plain = Scenario("plain", (3_100,), 5.0, 2.0)
    assert needs_of(plain, Slo(), Generator.K6).generator_cpus == 3
    assert needs_of(plain, Slo()).generator_cpus == 1, "oha does"


def test_a_process_has_room_beside_its_connections() -> None:
    assert (open_files_for(10), open_files_for(10_000)) == (1_024, 10_256)


def test_a_host_that_has_all_lacks_nothing() -> None:
    assert lacking(needs_of(MANY, Slo()), FIT, 1) == ()


def test_what_nobody_knows_is_not_held_against_a_host() -> None:
    assert lacking(needs_of(MANY, Slo()), replace(FIT, open_files=Missing("elsewhere")), 1) == ()


def test_everything_that_is_lacking_is_told_with_advice() -> None:
    bare = replace(FIT, open_files=1_024, memory_bytes=2**30)
    found = lacking(Needs(25_256, 25_000, 2**30, 2), bare, 1)
    assert [reason.split(" (")[0] for reason, _ in found] == [
        "25,000 ports of one address",
        "25,256 open files in one process",
        "1 GiB for the generator",
        "2 CPUs for the generator",
    ]
    assert all(advice for _, advice in found)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("quick", "500, 1,000, 2,000, 4,000 requests/s"),
        ("memory-ladder", "1, 1,000, 5,000, 1 requests/s in one container"),
        ("connections", "1,000 requests/s over 10,000 connections"),
        ("think", "50 users, 50 ms think time"),
        ("near-idle", "1 request/s in one container"),
    ],
)
def test_a_scenario_in_words(name: str, words: str) -> None:
    assert str(BUNDLED[name]) == words


def test_only_what_tells_of_a_capacity_is_ranked() -> None:
    ranked = {name for name, one in BUNDLED.items() if not one.unranked}
    assert ranked == {"quick", "standard", "constant", "connections", "database"}
