"""Batch workloads on the command line: whole screens against tests/golden/cli, and the same facts as JSON."""

from __future__ import annotations

import pytest

from tests.unit.cli.conftest import Cli

RUN = ("run", "--workload", "picture", "--workload", "flips", "--instance", "acme/unpriced", "--repeat", "3")


def test_run_batch(cli: Cli) -> None:
    cli(*RUN).golden("run_batch")


def test_run_batch_json(cli: Cli) -> None:
    document = cli(*RUN, "--json").document
    data = document["data"]
    assert (data["kind"], data["simulated"], "slo" in data) == ("batch", False, False)
    rows = {(one["cell"]["program"], one["tag"], one["cell"]["n"]): one for one in data["rows"]}
    go = rows["go", "mandelbrot-scalar", 5000]
    assert go["wall"]["centre"] == pytest.approx(1.9, rel=0.05) and go["completed"] == 3
    assert go["checksums"] == ["7f048ec8708a6db6006ace9f8afbf2f13d033bc1"]
    assert rows["tinygo", "mandelbrot-scalar", 5000]["why"] == "unsupported: no tinygo toolchain"
    labels = {one["label"] for one in data["ratios"]}
    assert labels == {"language comparison (same algorithm)", "program comparison, not a language one"}
    assert data["unsupported"] == [{"program": "tinygo", "reason": "no tinygo toolchain"}]


def test_a_dry_run_says_so_and_stores_nothing(cli: Cli) -> None:
    shown = cli(*RUN, "--dry-run")
    assert shown.out.startswith("simulated: no container ran\n") and "none: a simulated run is not stored" in shown.out
    assert cli.store.runs() == ()


def test_show_batch(cli: Cli) -> None:
    cli(*RUN)
    cli("show", "latest").golden("show_batch")
    cli("show", "go.acme-unpriced.picture.same-scalar.5000.single.b1.1").golden("show_job")
    data = cli("show", "latest", "--json").document["data"]
    assert len(data["jobs"]) == 3 * 2 * 4 and data["rows"] and data["ratios"]
    assert cli("show", "go.acme-unpriced.picture.same-scalar.5000.single.b1.1", "--json").document["data"]["job"]
    assert "2026-09-01-1200-calm-otter" in cli("list", "runs").out
    (run,) = cli("list", "runs", "--json").document["data"]["runs"]
    assert (run["kind"], run["jobs"]) == ("batch", 24)


@pytest.mark.parametrize("command", [("cost", "latest", "--rate", "10"), ("judge", "latest", "--slo", "p99=1ms")])
def test_cost_and_judge_say_that_a_batch_run_holds_no_rate(cli: Cli, command: tuple[str, ...]) -> None:
    cli(*RUN)
    shown = cli(*command)
    assert shown.exit_code == 2
    assert "is a batch run: its jobs ran to their end, and it holds no rate" in shown.err
    assert "orchestrator show 2026-09-01-1200-calm-otter" in shown.err


def test_both_kinds_of_workloads_are_listed_with_their_kind(cli: Cli) -> None:
    listed = cli("list", "workloads", "--json").document["data"]["workloads"]
    assert [(one["name"], one["kind"]) for one in listed] == [
        ("plaintext", "http"),
        ("picture", "batch"),
        ("flips", "batch"),
    ]
    assert listed[2]["sizes"] == [{"n": 10, "checksum": ""}, {"n": 11, "checksum": "556355,51"}]


def test_a_mixed_request_is_refused(cli: Cli) -> None:
    shown = cli("run", "--workload", "plaintext", "--workload", "picture", "--instance", "acme/unpriced")
    assert shown.exit_code == 2 and "plaintext is a request and picture a batch job" in shown.err
    assert cli.store.runs() == ()


def test_a_name_that_is_nearly_a_batch_workload_gets_a_hint(cli: Cli) -> None:
    assert "did you mean 'picture'?" in cli("run", "--workload", "pictur").err


def test_different_results_are_refused_loudly(cli: Cli) -> None:
    cli.fail(job_checksums={"rust": "1"})
    shown = cli(*RUN)
    assert shown.exit_code == 1
    assert "checksums differ: go simulated-fannkuch-10, rust 1" in shown.out
    assert "failed (wrong_checksum)" in shown.out


def test_jobs_without_figures_are_no_success(cli: Cli) -> None:
    cli.fail(limits_ignored=True)
    shown = cli(*RUN)
    assert shown.exit_code == 4 and "void (limits)" in shown.out


def test_a_narrow_screen_keeps_times_and_what_is_compared(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = cli(*RUN)
    assert "language comparison (same algorithm)" in shown.out and "mandelbrot-lanes16" in shown.out
