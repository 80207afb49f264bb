"""What a user sees of scenarios that are no staircase."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.domain.workload import Scenario
from tests.unit import samples
from tests.unit.cli.conftest import Cli

LADDER = Scenario("memory-ladder", (1, 1_000, 5_000, 1), 30.0, 0.0, "memory at each step", ladder=True)
THINK = Scenario("think", (1_000,), 60.0, 10.0, "the published profile", users=50, think_seconds=0.05)
MANY = Scenario("connections", (1_000,), 30.0, 5.0, "many connections", users=10_000)
DATABASE = Scenario("database", (1_000,), 30.0, 10.0, "with a database", workloads=("db",))
EVERY = (samples.QUICK, LADDER, THINK, MANY, DATABASE)
LAB = """\
servers: [go-fasthttp, rust-axum]
instances: [acme/small]
"""


@pytest.fixture
def rich(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Cli:
    monkeypatch.setattr(samples, "CATALOG", replace(samples.DB_CATALOG, all_scenarios=EVERY))
    Path("lab.yaml").write_text(LAB, encoding="utf-8")
    return cli


def test_list(rich: Cli) -> None:
    rich("list", "scenarios").golden("list_scenarios_all")


def test_list_json(rich: Cli) -> None:
    rows = rich("list", "scenarios", "--json").document["data"]["scenarios"]
    many = next(one for one in rows if one["name"] == "connections")
    assert (many["users"], many["needs"]["open_files"], many["needs"]["ports"]) == (10_000, 10_256, 10_000)


def test_duet(rich: Cli) -> None:
    """Who costs less comes first: what a duet holds is no capacity."""
    rich("run", "--duet", "--rate", "1000").golden("run_duet")
    rows = rich("run", "--duet", "--rate", "1000", "--json").document["data"]
    assert [one["comparison"]["answer"] for one in rows["comparisons"]] == ["winner"]
    assert "missing" in rows["cost"]


def test_a_duet_of_one_is_refused_with_what_to_do(rich: Cli) -> None:
    shown = rich("run", "--duet", "--rate", "1000", "--server", "go-fasthttp")
    assert shown.exit_code == 2
    assert "name two servers, or one with --aa" in shown.err


def test_ladder(rich: Cli) -> None:
    rich("run", "--scenario", "memory-ladder").golden("run_ladder")


def test_ladder_at_80_columns(rich: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = rich("run", "--scenario", "memory-ladder")
    assert max(len(line) for line in shown.out.splitlines()) <= 80
    assert "at its end" in shown.out, "memory is the point of it"


def test_ladder_that_ends_early(rich: Cli) -> None:
    rich.fail(out_of_memory=True)
    shown = rich("run", "--scenario", "memory-ladder")
    assert shown.exit_code == 0, "a result"
    assert "ended at 1 requests/s: out of memory" in shown.out


def test_ladder_without_an_answer(rich: Cli) -> None:
    rich.fail(neighbour_cpu_share=0.5)
    shown = rich("run", "--scenario", "memory-ladder")
    assert shown.exit_code == 4
    assert "8 of 8 windows void: others used 50 %" in shown.out.replace("50%", "50 %")


def test_think(rich: Cli) -> None:
    rich("run", "--scenario", "think").golden("run_think")


def test_a_closed_loop_says_what_its_latency_is(rich: Cli) -> None:
    rich("run", "--scenario", "think")
    rich("show", rich.store.read("latest").trials[-1].trial).golden("show_trial_think")
    run = rich("show", "latest").out
    assert "scenario think, not ranked: 50 users, 50 ms think time, 60 s each after 10 s of warm-up, by k6" in run


def test_connections(rich: Cli) -> None:
    shown = rich("run", "--scenario", "connections")
    assert shown.exit_code == 0
    assert "connections: 1,000 requests/s over 10,000 connections" in shown.err
    assert "load by oha alone: 10,000 connections" in shown.err


def test_a_host_that_has_not_what_it_takes(rich: Cli) -> None:
    rich.world.open_files = 4_096
    shown = rich("run", "--scenario", "connections")
    assert shown.exit_code == 3
    shown.golden("error_scenario_needs")


def test_a_scenario_made_for_another_workload(rich: Cli) -> None:
    rich("run", "--scenario", "database").golden("error_scenario_workload")
    assert rich("run", "--scenario", "database", "--workload", "db").exit_code == 0


@pytest.mark.parametrize("scenario", EVERY, ids=lambda one: one.name)
def test_dry_run(rich: Cli, scenario: Scenario) -> None:
    shown = rich(
        "run", "--dry-run", "--scenario", scenario.name, "--workload", (scenario.workloads or ("plaintext",))[0]
    )
    assert shown.exit_code == 0
    assert shown.out.startswith("simulated: no container ran\n")
    data = rich("run", "--scenario", scenario.name, "--workload", "db", "--json").document["data"]
    assert data["plan"]["scenario"]["name"] == scenario.name
    assert ("missing" in data["cost"]) == bool(scenario.unranked)


def test_cost_and_judge_of_what_is_not_ranked(rich: Cli) -> None:
    rich("run", "--scenario", "think")
    assert "a closed loop waits for slow answers" in " ".join(rich("cost", "--rate", "1000").out.split())
    assert "coordinated omission" in " ".join(rich("judge", "latest", "--slo", "p99=20ms").out.split())
