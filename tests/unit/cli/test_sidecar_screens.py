"""What a user sees of a workload that needs a database."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit import samples
from tests.unit.cli.conftest import Cli

LAB = """\
servers: [go-fasthttp]
instances: [acme/small]
workloads: [db]
scenario: quick
"""


@pytest.fixture
def with_db(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Cli:
    monkeypatch.setattr(samples, "CATALOG", samples.DB_CATALOG)
    Path("lab.yaml").write_text(LAB, encoding="utf-8")
    return cli


def test_run(with_db: Cli) -> None:
    with_db("run").golden("run_sidecar")


def test_a_trial_says_where_the_sidecar_stood(with_db: Cli) -> None:
    trials = with_db("run", "--json") and with_db.store.read("latest").trials
    shown = with_db("show", trials[-1].trial)
    assert "server 1, generator 0, sidecar 0" in shown.out
    assert any("sidecar_memory_bytes_peak" in line and "11 MiB" in line for line in shown.out.splitlines())


def test_dry_run(with_db: Cli) -> None:
    shown = with_db("run", "--dry-run")
    assert shown.exit_code == 0
    assert "beside the server: postgres; on the generator's CPU" in shown.err


def test_a_lost_sidecar_is_told_with_its_reason(with_db: Cli) -> None:
    with_db.fail(sidecar_dies_under_load=True)
    shown = with_db("run")
    assert shown.exit_code == 4
    assert "void: sidecar postgres exited with code 1" in shown.err
