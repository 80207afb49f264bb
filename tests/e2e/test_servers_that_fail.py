"""Servers that cannot be built, end at once, or never answer: each is a result, and the others are measured."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.command_line import CommandLine, engine, new_lab
from tests.e2e.conftest import ROOT
from tests.e2e.project import PROGRAMS, add_servers, copy_project

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def cli(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    """A lab whose program and servers are the copy's."""
    project = tmp_path_factory.mktemp("project")
    copy_project(ROOT, project)
    add_servers(project)
    python = (sys.executable, "-m", "orchestrator")
    folder = tmp_path_factory.mktemp("lab")
    with new_lab(folder, program=python, environment={"PYTHONPATH": str(project)}) as made:
        assert "hanging" in made("list", "servers").expect(0).out, "the copy is not what runs"
        yield made
    with engine() as client:
        for name in PROGRAMS:
            for image in client.images.list(f"footprint-lab/server/{name}"):
                client.images.remove(image.tags[0])


@pytest.fixture(scope="module")
def trials(cli: CommandLine) -> dict[str, list[dict[str, Any]]]:
    """The Trials of a Run over all of them, by server; ``""`` holds what it said."""
    cli.measure("broken", "quitting", "rust-axum")
    done = cli("run").expect(4)
    stored = cli.shown()
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in (*PROGRAMS, "rust-axum")}
    for one in stored["trials"]:
        found[one["cell"]["server"]].append(one)
    found[""] = [{"out": done.out, "err": done.err, "events": stored["events"]}]
    return found


def test_a_build_that_fails_shows_its_last_lines_and_the_run_says_what_is_left_out(
    trials: dict[str, list[dict[str, Any]]],
) -> None:
    said = trials[""][0]
    assert "building image server/broken failed" in said["err"] and "main.go:3" in said["err"]
    assert "server left out: broken" in said["out"]
    assert next(one["note"] for one in said["events"] if one["event"] == "server_skipped").startswith("broken: ")
    assert trials["broken"] == []


def test_a_server_that_ends_before_it_answers_failed_with_its_last_words(
    cli: CommandLine, trials: dict[str, list[dict[str, Any]]]
) -> None:
    words = "quitting: no settings found"
    assert trials["quitting"]
    for one in trials["quitting"]:
        assert (one["outcome"]["status"], one["outcome"]["kind"]) == ("failed", "not_ready")
        assert "exited with code 3" in one["outcome"]["reason"]
        assert words in one["log_tail"]
    assert words in cli("show", trials["quitting"][0]["trial"]).expect(0).out


def test_the_others_are_measured(trials: dict[str, list[dict[str, Any]]]) -> None:
    assert trials["rust-axum"][-1]["outcome"]["status"] == "completed"


def test_up_starts_what_can_be_started_and_is_no_success(cli: CommandLine) -> None:
    cli.measure("broken", "hanging", "rust-axum")
    done = cli("up", "--json").expect(3)
    assert done.envelope["data"]["live"] == ["rust-axum"]
    failed = done.envelope["data"]["failed"]
    assert "failed with exit code" in failed["server/broken"]["message"]
    assert "gave no good answer within 20 s" in failed["server/hanging"]["message"]
    assert "hanging: waiting for a database" in done.err


def test_build_alone_tells_what_failed_and_what_to_do(cli: CommandLine) -> None:
    done = cli("build", "broken").expect(3)
    assert "main.go:3" in done.err and "orchestrator build broken" in done.err
    mixed = cli("build", "broken", "quitting").expect(3)
    assert "up to date" in mixed.out and "server/broken not available" in mixed.out
