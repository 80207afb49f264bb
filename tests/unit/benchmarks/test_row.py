"""Rows: judged against peer or limit, shown, kept."""

from __future__ import annotations

import json

import pytest

from benchmarks.row import (
    BenchmarkError,
    Row,
    against_limit,
    against_peer,
    benchmark_of,
    figure,
    merged,
    middle,
    on_machine,
    spread,
    table,
    to_json,
)

KEYS = {"id", "what", "ours", "peers", "ratio", "goal", "met", "machine"}
FAST = Row("R6", "seconds of up", 2.0, {"compose": 1.0}, 2.0, 1.15, False)
SMALL = Row("R13", "seconds beside load", 3.0, {}, None, 6.0, True)


def test_a_ratio_is_of_medians() -> None:
    row = against_peer("R6", "seconds of up", [1.1, 9.0, 1.0], "compose", [1.0, 1.0, 7.0], goal=1.15)
    assert (row.ours, row.peers, row.goal) == (1.1, {"compose": 1.0}, 1.15)
    assert row.ratio == pytest.approx(1.1)
    assert row.met
    assert row.what == "seconds of up, median, n = 3"


def test_a_bound_of_factor_and_allowance() -> None:
    row = against_peer("R12", "x", [0.3], "pass", [0.05], goal=1.0, factor=3.0, allowance=0.15)
    assert row.ratio == pytest.approx(1.0)
    assert not against_peer("R12", "x", [0.31], "pass", [0.05], goal=1.0, factor=3.0, allowance=0.15).met


def test_a_limit_is_met_when_reached_and_not_beyond() -> None:
    assert against_limit("R13", "x", [6.0, 5.0, 7.0], goal=6.0).met
    beyond = against_limit("R13", "x", [6.01], goal=6.0)
    assert (beyond.met, beyond.ratio, beyond.peers) == (False, None, {})


def test_unequal_counts_are_told() -> None:
    assert against_peer("R6", "x", [1.0, 1.0], "compose", [1.0], goal=1.0).what.endswith("n = 2 and 1")


@pytest.mark.parametrize(("ours", "theirs"), [([], [1.0]), ([1.0], []), ([1.0], [0.0])])
def test_nothing_is_made_of_nothing(ours: list[float], theirs: list[float]) -> None:
    with pytest.raises(BenchmarkError):
        against_peer("R6", "x", ours, "compose", theirs, goal=1.0)


def test_the_file_has_the_agreed_shape() -> None:
    rows = json.loads(to_json(merged([], [on_machine(FAST, "a box")], ["R6", "R13"])))
    assert [set(row) for row in rows] == [KEYS]
    assert rows[0]["machine"] == "a box"
    assert rows[0]["peers"] == {"compose": 1.0}


def test_one_row_measured_anew_leaves_the_others() -> None:
    old = json.loads(to_json(merged([], [on_machine(FAST, "old"), on_machine(SMALL, "old")], ["R6", "R13"])))
    rows = merged(old, [on_machine(SMALL, "new")], ["R6", "R13"])
    assert [(row["id"], row["machine"]) for row in rows] == [("R6", "old"), ("R13", "new")]


def test_all_rows_of_a_benchmark_are_replaced_together() -> None:
    old = [{"id": "R6-b"}, {"id": "R13"}, {"id": "R6-gone"}]
    new = [Row("R6-b", "x", 1.0, {}, None, 2.0, True), Row("R6-a", "x", 1.0, {}, None, 2.0, True)]
    assert [row["id"] for row in merged(old, new, ["R6", "R13"])] == ["R6-b", "R6-a", "R13"]


@pytest.mark.parametrize(("row", "name"), [("R1", "R1"), ("R1w", "R1w"), ("R7-slim-go", "R7"), ("R12", ""), ("R", "")])
def test_a_row_is_of_the_benchmark_that_its_id_begins_with(row: str, name: str) -> None:
    assert benchmark_of(row, ["R1", "R1w", "R7"]) == name


def test_a_benchmark_that_is_no_more_leaves_the_file() -> None:
    assert merged([{"id": "R1"}], [SMALL], ["R6", "R13"])[0]["id"] == "R13"


def test_the_table_says_what_was_missed_and_what_has_no_peer() -> None:
    head, rule, fast, small = table([FAST, SMALL]).splitlines()
    assert len({len(line) for line in (head, rule, fast, small)}) == 1
    assert [cell.strip() for cell in fast.strip("|").split("|")] == [
        "R6",
        "seconds of up",
        "2",
        "compose 1",
        "2.000",
        "1.15",
        "no",
    ]
    assert [cell.strip() for cell in small.strip("|").split("|")][3:] == ["none", "-", "6", "yes"]


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (0.00012346, "0.0001235"), (1.23456, "1.235"), (150e6, "150,000,000")]
)
def test_figures(value: float, text: str) -> None:
    assert figure(value) == text


def test_middle_and_spread() -> None:
    assert middle([3.0, 1.0]) == 2.0
    assert spread("ours", [3.0, 1.0]) == "ours: 1 to 3"
