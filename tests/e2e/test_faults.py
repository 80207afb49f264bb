"""What goes wrong while a Run measures: it is noticed, named, and nothing of it stays."""

from __future__ import annotations

import signal
import time
from typing import Any

import pytest

from tests.e2e.command_line import CommandLine, Running, engine

pytestmark = pytest.mark.engine

CLEAN_UP_SECONDS_MAX = 30


@pytest.fixture(autouse=True)
def lab_yaml(cli: CommandLine) -> None:
    cli.measure("go-fasthttp")


def under_load(cli: CommandLine, run: Running, *, not_in: frozenset[str] = frozenset()) -> tuple[str, str]:
    """Server and generator of the next Trial, once its limits were read back and its load began.

    Warm-up (1 s) and pause (1 s) follow, then the window.
    """

    def both() -> tuple[str, str] | None:
        generators, servers = (set(cli.containers(role)) - not_in for role in ("generator", "server"))
        return (servers.pop(), generators.pop()) if generators and servers else None

    def started() -> bool:
        with engine() as client:
            return b"lab:start" in client.api.logs(found[1])

    found: tuple[str, str] = run.wait_for(both, "a generator")
    run.wait_for(started, "load")
    return found


def set_quota(server: str, quota: int) -> None:
    with engine() as client:
        client.api.update_container(server, cpu_quota=quota)


def outcomes(cli: CommandLine) -> list[dict[str, Any]]:
    return [one["outcome"] for one in cli.shown()["trials"]]


def test_limits_changed_by_hand_make_the_trial_void_also_when_changed_back(cli: CommandLine) -> None:
    cli.measure("go-fasthttp", seconds=5)
    run = cli.start("run")
    first = under_load(cli, run)
    set_quota(first[0], 50_000)
    second = under_load(cli, run, not_in=frozenset(first))
    time.sleep(2.5)
    set_quota(second[0], 50_000)
    # The observer looks at limits once a second.
    time.sleep(1.5)
    set_quota(second[0], 100_000)
    done = run.end().expect(4)
    for_good, for_a_while = outcomes(cli)
    assert (for_good["status"], for_good["kind"]) == (for_a_while["status"], for_a_while["kind"]) == ("void", "limits")
    assert "asked 100000, in force 50000" in for_good["reason"]
    assert "limits changed" in for_a_while["reason"]
    assert "2 of 2 trials void" in done.out


def test_a_generator_that_is_killed_makes_the_trial_void_and_the_next_counts(cli: CommandLine) -> None:
    run = cli.start("run")
    _, generator = under_load(cli, run)
    time.sleep(2.7)
    with engine() as client:
        client.api.kill(generator)
    run.end().expect(0)
    killed, after = outcomes(cli)
    assert (killed["status"], killed["kind"]) == ("void", "generator_died")
    assert after["status"] == "completed"


def test_a_run_that_is_killed_is_swept_by_the_next_and_can_be_read(cli: CommandLine) -> None:
    run = cli.start("run", "--rate", "400", "--rate", "600")
    run.wait_for(lambda: " 1/" in run.err, "a finished trial")
    left = under_load(cli, run)
    run.signal(signal.SIGKILL)
    run.end()
    assert set(left) <= {*cli.containers("server"), *cli.containers("generator")}
    killed = cli.shown()
    assert [one["outcome"]["status"] for one in killed["trials"]] == ["completed"]
    assert "killed" in killed["finished"]["missing"]
    next_run = cli("run").expect(0)
    assert f"{len(left)} containers of a Run that died were removed" in next_run.err
    assert not cli.containers("server") and not cli.containers("generator")
    assert killed["run"] in cli("list", "runs").expect(0).out
    (trial,) = killed["trials"]
    assert trial["trial"] in cli("show", killed["run"]).expect(0).out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_cleans_up_and_says_aborted(cli: CommandLine, number: signal.Signals) -> None:
    run = cli.start("run", "--rate", "400", "--rate", "600", "--json")
    run.wait_for(lambda: " 1/" in run.err, "a finished trial")
    under_load(cli, run)
    run.signal(number)
    done = run.end(CLEAN_UP_SECONDS_MAX).expect(128 + number)
    assert done.envelope["errors"][0]["id"] == "Interrupted" and done.envelope["ok"] is False
    assert "stopping" in done.err and "finished trials are kept" in done.err
    assert not cli.containers("server") and not cli.containers("generator")
    stored = cli.shown()
    assert stored["finished"] is False
    assert [one["event"] for one in stored["events"]][-1] == "run_aborted"
    assert [one["outcome"]["status"] for one in stored["trials"]] == ["completed"]
    assert "stopped before its end" in cli("list", "runs").expect(0).out


def test_out_of_memory_is_a_result_and_the_run_goes_on(cli: CommandLine) -> None:
    cli.measure("go-fasthttp", instances="{id: home/tiny, vcpus: 1, memory: 6MiB}, aws/c7a.medium")
    run = cli("run", "--json").expect(0)
    cells = {one["cell"]["instance_type"]: one["capacity"] for one in run.envelope["data"]["cells"]}
    assert cells["home/tiny"]["holds"] is None and cells["home/tiny"]["fails"] == 600
    assert cells["aws/c7a.medium"]["holds"] == 600
    tiny = [one["outcome"] for one in cli.shown()["trials"] if one["cell"]["instance_type"] == "home/tiny"]
    assert tiny and {one["status"] for one in tiny} == {"failed"}
    # Without a cgroup of its own above the container, the kernel's proof may go with it: then it says so.
    assert all(one["kind"] in ("oom", "not_ready") or "out of memory" in one["reason"] for one in tiny), tiny
