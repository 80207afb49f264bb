"""What is refused before anything starts: bad input, a machine that does not fit, an engine that is not there."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.command_line import CommandLine, new_lab

pytestmark = pytest.mark.engine

NOWHERE = "unix:///nonexistent.sock"
WRONG = """\
servers: [go-fasthttp]
instances:
- aws/c7a.mediun
scenario: {rates: [0], duration: 3s, warmup: 1s}
memroy: 1
"""


@pytest.fixture(autouse=True)
def nothing_started(cli: CommandLine) -> Iterator[None]:
    """Whatever is refused: no container, no network, no Run on disk."""
    yield
    assert cli.leftovers() == []
    assert not (cli.folder / "runs").exists()


def test_all_mistakes_of_a_file_are_told_at_once_with_their_places(cli: CommandLine) -> None:
    (cli.folder / "wrong.yaml").write_text(WRONG)
    for command in ("run", "up"):
        lines = cli(command, "wrong.yaml").expect(2).err.splitlines()
        told = {line.split(" ")[0]: line for line in lines if line.startswith("wrong.yaml:")}
        assert set(told) == {"wrong.yaml:3:3", "wrong.yaml:4:20", "wrong.yaml:5:1"}, lines
        assert "aws/c7a.medium" in told["wrong.yaml:3:3"] and "did you mean" in told["wrong.yaml:3:3"]
        assert any("3 mistakes, nothing started." in line for line in lines)
    errors = cli("run", "wrong.yaml", "--json").expect(2).envelope["errors"]
    assert [one["where"] for one in errors] == ["wrong.yaml:3:3", "wrong.yaml:4:20", "wrong.yaml:5:1"]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("run", "--rate", "0"), "out of range"),
        (("run", "--rate", "1000000000"), "out of range"),
        (("cost", "--rate", "0"), "out of range"),
        (("run", "--rate", "many"), "a valid integer"),
        (("run", "--server", "../x"), "not in the catalog"),
        (("run", "--instance", "<script>alert(1)</script>"), "not in the catalog"),
        (("run", "--workload", "plain'text\""), "not in the catalog"),
        (("build", "../../etc"), "not in the catalog"),
        (("show", "../../../etc/passwd"), "in the catalog"),
        (("show", "..secret"), "no run has a trial"),
        (("run", "nowhere.yaml"), "there is no such file"),
        (("rnu",), "No such command"),
    ],
)
def test_bad_words_are_refused(cli: CommandLine, arguments: tuple[str, ...], word: str) -> None:
    assert word in cli(*arguments).expect(2).err
    assert cli(*arguments, "--json").expect(2).envelope["errors"][0]["message"]


def test_a_lab_whose_name_would_lead_elsewhere_is_refused(cli: CommandLine) -> None:
    for name in ("../x", "<script>", "A b", "x" * 40):
        done = cli("up", ORCHESTRATOR_LAB=name).expect(2)
        assert "is not a name for a lab" in done.err


def test_memory_below_what_the_engine_takes_is_refused(cli: CommandLine) -> None:
    cli.measure("go-fasthttp", instances="{id: home/rack, vcpus: 1, memory: 5MiB}")
    assert "use 6MiB to" in cli("run").expect(2).err
    (cli.folder / "lab.yaml").unlink()


@pytest.mark.parametrize("command", ["up", "run", "doctor", "build", "down"])
def test_an_engine_that_is_not_there_is_named_with_what_to_do(cli: CommandLine, command: str) -> None:
    done = cli(command, DOCKER_HOST=NOWHERE).expect(3)
    assert f"No Docker Engine answers at {NOWHERE} (from DOCKER_HOST)." in done.err
    assert all(f"- {case}?" in done.err for case in ("not installed", "not running", "not allowed"))
    assert "make engine" in done.err and not done.out
    (error,) = cli(command, "--json", DOCKER_HOST=NOWHERE).expect(3).envelope["errors"]
    assert error["id"] == "EngineUnavailable" and error["where"] == NOWHERE and "make engine" in error["hint"]


def test_a_size_this_machine_cannot_give_is_refused_with_those_that_fit(cli: CommandLine) -> None:
    count = len(os.sched_getaffinity(0))
    cli.measure("go-fasthttp", instances=f"{{id: home/wide, vcpus: {count}, memory: 64MiB}}")
    error = cli("run", "--json").expect(3).envelope["errors"][0]
    assert error["id"] == "HostTooSmall" and "home/wide" in error["message"]
    assert "aws/fargate-0.25vcpu-0.5gb" in error["hint"] and "--allow-shared" in error["hint"]
    (cli.folder / "lab.yaml").unlink()


def test_shared_cpus_are_measured_when_allowed_and_never_ranked(tmp_path: Path) -> None:
    count = len(os.sched_getaffinity(0))
    with new_lab(tmp_path) as lab:
        lab.measure("go-fasthttp", instances=f"{{id: home/wide, vcpus: {count}, memory: 64MiB}}", rates="400")
        answer = lab("run", "--allow-shared", "--json").expect(0).envelope
        (cell,) = answer["data"]["cells"]
        assert cell["shared"] is True and cell["capacity"]["holds"] == 400
        assert any("not ranked" in warning for warning in answer["warnings"])
        assert all(trial["placement"]["shared"] is True for trial in lab.shown()["trials"])
        assert "nothing" in lab("cost", "--rate", "100").expect(0).out.splitlines()[0].lower()


def test_taken_ports_are_replaced_and_told(tmp_path: Path) -> None:
    with ExitStack() as stack, new_lab(tmp_path) as lab:
        for port in (9090, 9464):
            taken = stack.enter_context(socket.socket())
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                taken.bind(("127.0.0.1", port))
                taken.listen()
            except OSError:
                continue  # taken by somebody else, which serves as well
        lab.measure("go-fasthttp")
        answer = lab("up", "--json").expect(0).envelope
        for name, port in (("prometheus", 9090), ("live", 9464)):
            assert f":{port}/" not in answer["data"]["bench"]["urls"][name]
            assert any(note.startswith(f"port {port} ") for note in answer["warnings"]), answer["warnings"]
