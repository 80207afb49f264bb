"""Whole screens against tests/golden/cli, and the same facts as JSON."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from orchestrator.adapters.docker.bench import COMPONENTS, _status
from orchestrator.cli import answers
from orchestrator.errors import BuildFailed, EngineLost, EngineUnavailable
from tests.unit.cli.conftest import Cli

BROKEN = """\
servers: [go-fasthtp]
instances: [acme/smal]
workloads: [plaintext]
rate: 5
"""
OWN = """\
servers: [rust-axum]
instances: [{id: home/tiny, vcpus: 0.5, memory: 96MiB, kind: share}]
"""
NO_ENGINE = EngineUnavailable(
    "No Docker Engine answers at unix:///var/run/docker.sock (from DOCKER_HOST: not set; context: default).",
    where="unix:///var/run/docker.sock",
    hint="not installed?   make engine\nnot running?     systemctl start docker\nnot allowed?     see docs/engine.md",
    detail=("[Errno 2] No such file or directory",),
)


def test_up(cli: Cli) -> None:
    cli("up").golden("up")


def test_up_with_grafana(cli: Cli) -> None:
    """Each address is shown as the bench gives it: where a page lies is known there alone."""
    ports = {one.name: {"PrivatePort": one.port, "PublicPort": one.published or 49152} for one in COMPONENTS}
    cli.fail(images_unavailable=frozenset())
    cli.bench_status = _status({name: {"Ports": [port]} for name, port in ports.items()}, {})
    shown = cli("up")
    assert "Watch      http://127.0.0.1:3000/d/lab  Grafana\n" in shown.out
    shown.golden("up_grafana")
    assert cli("run").out.count("/d/lab") == 1


def test_up_json(cli: Cli) -> None:
    document = cli("up", "--json").document
    assert document["data"]["live"] == ["go-fasthttp", "rust-axum"]
    assert document["data"]["bench"]["urls"]


def test_up_with_a_server_that_does_not_build(cli: Cli) -> None:
    cli.fail(builds_that_fail=frozenset({"server/rust-axum"}))
    shown = cli("up")
    assert shown.exit_code == 3
    assert "server/rust-axum failed: " in shown.out
    assert "bench-grafana" not in shown.out, "the bench works without Grafana: its absence is no failure"
    document = cli("up", "--json").document
    (error,) = document["errors"]
    assert (error["id"], error["where"]) == ("BuildFailed", "server/rust-axum")
    assert error["hint"] and error["detail"]
    assert set(document["data"]["failed"]) == {"server/rust-axum", "bench-grafana"}
    assert [one for one in document["warnings"] if one.startswith("bench-grafana: ")]


def test_run(cli: Cli) -> None:
    cli("run").golden("run")


def test_run_at_80_columns(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = cli("run")
    assert max(len(line) for line in shown.out.splitlines()) <= 80
    shown.golden("run_80")


def test_run_json(cli: Cli) -> None:
    document = cli("run", "--json").document
    data = document["data"]
    assert data["simulated"] is False
    small = next(one for one in data["cells"] if one["cell"]["instance_type"] == "acme/small")
    assert small["capacity"]["text"] == "holds 2,000 (more was not tried)"
    assert (small["capacity"]["holds"], small["capacity"]["fails"]) == (2000, None)
    assert small["trials"] == 3
    estimate = next(one for one in data["cost"]["estimates"] if one["rank"] == 1)
    assert Decimal(estimate["usd_per_month"]) == Decimal("7.30")
    assert estimate["price"]["as_of"] == "2026-07-20"
    unpriced = next(one for one in data["cost"]["estimates"] if one["instance_type"] == "acme/unpriced")
    assert unpriced["usd_per_month"] == {"missing": "no price in the catalog"}
    assert any("acme/wide left out" in warning for warning in document["warnings"])
    assert data["urls"] == {"prometheus": "http://127.0.0.1:9090", "live": "http://127.0.0.1:9464"}


def test_dry_run_says_so_everywhere(cli: Cli) -> None:
    shown = cli("run", "--dry-run")
    assert shown.out.startswith("simulated: no container ran\n")
    assert "127.0.0.1" not in shown.out, "nothing of it can be watched"
    data = cli("run", "--dry-run", "--json").document["data"]
    assert (data["simulated"], data["urls"]) == (True, {})
    assert cli.store.runs() == ()


def test_cost(cli: Cli) -> None:
    cli("run")
    cli("cost", "--rate", "3000", "--instance", "acme/small", "--instance", "acme/wide").golden("cost")


def test_cost_json(cli: Cli) -> None:
    cli("run")
    data = cli("cost", "otter", "--rate", "3000", "--json").document["data"]
    assert data["run"] == "2026-09-01-1200-calm-otter"
    best = data["estimates"][0]
    assert (best["replicas"], best["use_ratio"]) == (2, 0.75)
    assert best["usd_per_month"] == "14.60"


def test_a_size_of_the_users_own_is_known_from_the_run_that_measured_it(cli: Cli) -> None:
    Path("own.yaml").write_text(OWN, encoding="utf-8")
    unknown = cli("show", "home/tiny")
    assert (unknown.exit_code, "nor in a run" in unknown.err) == (2, True)
    assert cli("run", "own.yaml").exit_code == 0
    data = cli("cost", "--rate", "10", "--instance", "home/tiny", "--json").document["data"]
    assert {one["instance_type"] for one in data["estimates"]} == {"home/tiny"}
    assert cli("show", "home/tiny", "--json").document["data"]["instance"]["memory_bytes"] == 96 * 2**20
    assert cli("cost", "--rate", "10", "--instance", "home/tin").err.count("did you mean 'home/tiny'") == 1


def test_a_result_is_shown_although_the_engine_is_gone(cli: Cli) -> None:
    cli.bench_status = EngineLost("the engine stopped answering")
    shown = cli("run", "--json")
    assert (shown.exit_code, shown.document["data"]["urls"]) == (0, {})


def test_an_old_price_is_a_warning(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    cli("run")
    monkeypatch.setattr(answers, "today", lambda: date(2026, 12, 1))
    shown = cli("cost", "--rate", "1")
    assert "  - the oldest price row is 134 days old: check it\n" in shown.out
    assert cli("cost", "--rate", "1", "--json").document["warnings"]


def test_doctor(cli: Cli) -> None:
    cli("doctor").golden("doctor")


def test_doctor_json(cli: Cli) -> None:
    data = cli("doctor", "--json").document["data"]
    assert data["fit"] is True
    assert {one["check"] for one in data["findings"]} >= {"engine", "cpus", "self-test"}


def test_doctor_of_an_unfit_machine(cli: Cli) -> None:
    cli.world.cpus = (0,)
    shown = cli("doctor")
    assert shown.exit_code == 3
    assert shown.out.splitlines()[-1].startswith("Not fit: cpus")


@pytest.mark.parametrize("kind", ["servers", "instances", "workloads", "scenarios"])
def test_list(cli: Cli, kind: str) -> None:
    cli("list", kind).golden(f"list_{kind}")
    assert cli("list", kind, "--json").document["data"][kind]


def test_list_runs(cli: Cli) -> None:
    assert cli("list", "runs").out == "no run yet; to make one: orchestrator run\n"
    cli("run")
    cli("list", "runs").golden("list_runs")


def test_only_instance_types_fit(cli: Cli) -> None:
    shown = cli("list", "servers", "--fit")
    assert shown.exit_code == 2
    assert "use it with list instances" in shown.err


def test_list_what_fits(cli: Cli) -> None:
    assert "acme/wide" in cli("list", "instances").out
    assert "acme/wide" not in cli("list", "instances", "--fit").out


def test_show(cli: Cli) -> None:
    cli("run")
    cli("show", "latest").golden("show_run")
    cli("show", "rust-axum.acme-tiny.plaintext.b1.1000.1").golden("show_trial")
    cli("show", "acme/small").golden("show_instance")
    assert cli("show", "latest", "--json").document["data"]["trials"]


def test_build(cli: Cli) -> None:
    cli("build", "go-fasthttp").golden("build")


def test_build_that_fails(cli: Cli) -> None:
    cli.fail(builds_that_fail=frozenset({"server/rust-axum"}))
    text = cli("build").out
    assert "server/go-fasthttp" in text, "the other servers go on"
    assert "\nserver/rust-axum not available: " in text
    assert "\n  | " in text, "the last lines the build printed"
    shown = cli("build", "--json")
    assert shown.exit_code == 3
    assert "server/rust-axum" in shown.document["data"]["failed"]


def test_down(cli: Cli) -> None:
    cli("up")
    assert "removed" in cli("down").out
    assert cli("down", "--images", "--json").document["data"]["removed"]["containers"] == 0


def test_mistakes_in_lab_yaml_all_at_once(cli: Cli) -> None:
    Path("broken.yaml").write_text(BROKEN, encoding="utf-8")
    cli("run", "broken.yaml").golden("error_config")
    errors = cli("run", "broken.yaml", "--json").document["errors"]
    assert len(errors) == 3
    assert all(set(one) == {"id", "message", "hint", "where"} for one in errors)


def test_no_engine(cli: Cli, raises: Callable[[BaseException], None]) -> None:
    raises(NO_ENGINE)
    cli("up").golden("error_engine")
    (error,) = cli("up", "--json").document["errors"]
    assert (error["id"], error["where"]) == ("EngineUnavailable", "unix:///var/run/docker.sock")


def test_a_build_that_fails_shows_its_last_lines(cli: Cli, raises: Callable[[BaseException], None]) -> None:
    lines = ("error[E0432]: unresolved import `axum`", "\x1b[31mred\x1b[0m")
    raises(BuildFailed("The image of rust-axum could not be built.", where="servers/rust", hint="fix it", detail=lines))
    shown = cli("build")
    assert "  | error[E0432]: unresolved import `axum`\n" in shown.err
    assert "\x1b" not in shown.err
    shown.golden("error_build")


def test_run_capacity(cli: Cli) -> None:
    cli("run", "--capacity", "--instance", "acme/small", "--slo", "p99=10ms", "--aa", "--curve", "--near-idle").golden(
        "run_capacity"
    )


@pytest.mark.parametrize("columns", [70, 100, 140])
def test_the_answer_is_shown_however_narrow_the_screen(cli: Cli, monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    shown = cli("run", "--capacity", "--instance", "acme/small", "--slo", "p99=10ms", "--aa")
    for rate in ("3,163 (2,989-3,356)", "2,419 (2,286-2,565)"):
        assert rate in shown.out


def test_run_capacity_json(cli: Cli) -> None:
    data = cli("run", "--capacity", "--instance", "acme/small", "--slo", "p99=10ms", "--json").document["data"]
    assert {one["capacity"]["end"] for one in data["cells"]} == {"closed"}
    assert all(one["rate"]["interval"]["low"] < one["rate"]["centre"] for one in data["cells"])
    answers = [(one["figure"], one["comparison"]["answer"]) for one in data["comparisons"]]
    assert answers == [("capacity", "winner"), ("CPU seconds per request", "winner")]
    assert "missing" in data["cost"]


def test_run_demand(cli: Cli) -> None:
    cli("run", "--demand", "--rate", "2000", "--instance", "acme/tiny", "--instance", "acme/small").golden("run_demand")


def test_judge(cli: Cli) -> None:
    cli("run", "--capacity", "--instance", "acme/small", "--slo", "p99=10ms", "--repeat", "3")
    cli("judge", "latest", "--slo", "p99=7ms").golden("judge")


def test_judge_json(cli: Cli) -> None:
    cli("run", "--instance", "acme/small")
    data = cli("judge", "latest", "--slo", "p99=4ms,errors=0.1%", "--json").document["data"]
    assert [one["capacity"]["holds"] for one in data["cells"]] == [2_000, 1_000]
    assert data["judged_by"]["latency"] == [{"quantile": 0.99, "seconds": 0.004}]


def test_an_objective_that_is_none_is_refused(cli: Cli) -> None:
    cli("run", "--instance", "acme/small")
    shown = cli("judge", "latest", "--slo", "p9x=1ms")
    assert shown.exit_code == 2
    assert "is not an objective" in shown.err
