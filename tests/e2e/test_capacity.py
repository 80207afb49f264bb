"""A capacity search on the real engine: its answer, its evidence, and what is made of both later, from disk alone."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from tests.e2e.command_line import CommandLine, Done

pytestmark = [pytest.mark.engine, pytest.mark.slow]

SIZE = "aws/fargate-0.25vcpu-0.5gb"


@pytest.fixture(scope="module")
def searched(cli: CommandLine) -> Done:
    """One block; the objective is wide, so that the quota binds and not the host's noise."""
    cli.measure("go-fasthttp", instances=SIZE, seconds=2)
    return cli("run", "--capacity", "--repeat", "1", "--curve", "--json")


@pytest.fixture(scope="module")
def stored(cli: CommandLine, searched: Done) -> dict[str, Any]:
    return cli.shown()


def test_it_ends_with_a_bracket_or_with_the_reason_why_there_is_none(searched: Done) -> None:
    (cell,) = searched.envelope["data"]["cells"]
    capacity = cell["capacity"]
    assert searched.exit_code == (0 if capacity["holds"] or capacity["fails"] else 4)
    if capacity["end"] == "closed":
        assert 1 < capacity["fails"] / capacity["holds"] <= 1.051
    else:
        assert capacity["note"]


def test_a_quarter_of_a_cpu_holds_what_a_quarter_of_a_cpu_can_hold(searched: Done) -> None:
    (cell,) = searched.envelope["data"]["cells"]
    footprint = {one["metric"]: one["value"] for one in cell["footprint"]}
    if cell["capacity"]["holds"] is None:
        assert cell["capacity"]["note"]
        return
    needed = footprint["rate_achieved_per_second"] * footprint["cpu_seconds_per_request"]
    assert 0.02 < needed <= 0.25 * 1.05


def test_every_window_is_on_disk_with_what_it_takes_to_judge_it_anew(stored: dict[str, Any]) -> None:
    assert {one["generator"] for one in stored["trials"]} == {"oha"}
    loops = [one for one in stored["trials"] if one["phase"] == "closed_loop"]
    assert all(one["rate_per_second"] > 0 and one["latencies"]["n"] > 0 for one in loops)
    trials = [one for one in stored["trials"] if one not in loops]
    completed = [one for one in trials if one["outcome"]["status"] == "completed"]
    assert completed
    for one in completed:
        assert one["latencies"]["n"] > 0
        assert one["latencies"]["slower"][0][0] == 0.2
        assert sum(second["requests"] for second in one["seconds_of_window"]) > 0
    warmed = [one["note"] for one in stored["events"] if one["event"] == "warmed_up"]
    assert warmed and all("slices" in note for note in warmed)


def test_windows_of_a_search_share_a_container_and_its_bounds_are_seen_at_separate_times(
    stored: dict[str, Any],
) -> None:
    verified = [
        one["rate_per_second"]
        for one in stored["trials"]
        if one["phase"] == "verify" and one["outcome"]["status"] == "completed"
    ]
    # lo, hi, lo, hi
    assert all(first != second for first, second in pairwise(verified[:4]))
    assert sum(one["event"] == "search_started" for one in stored["events"]) < len(stored["trials"])


def test_it_is_judged_anew_without_an_engine(cli: CommandLine, stored: dict[str, Any]) -> None:
    dead = {"DOCKER_HOST": "unix:///nowhere.sock"}
    loose = cli("judge", stored["run"], "--slo", "p99=4s,errors=50%", "--json", **dead).expect(0)
    tight = cli("judge", stored["run"], "--slo", "p99=10us", "--json", **dead).expect(0)
    (held,), (missed,) = loose.envelope["data"]["cells"], tight.envelope["data"]["cells"]
    assert held["verdicts"]["pass"] > 0 == missed["verdicts"]["pass"]
    assert missed["capacity"]["holds"] is None
    cli("cost", stored["run"], "--rate", "1000", **dead).expect(0)
