"""Each benchmark's own judgement of what it measured, and the command that runs them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import __main__ as program
from benchmarks import network, startup, trial, up, watching
from benchmarks.command import Ran
from benchmarks.row import BenchmarkError, Finding, against_limit
from orchestrator.domain.outcome import Gate, Outcome, Status
from orchestrator.domain.record import StoredRun
from tests.unit.adapters.store.samples import MANIFEST, TRIAL


def test_startup_is_held_against_three_times_python_plus_150_ms() -> None:
    assert startup.judged([0.24], [0.03]).met
    assert not startup.judged([0.25], [0.03]).met


def test_up_is_held_against_compose() -> None:
    assert up.judged([1.15], [1.0]).met
    assert not up.judged([1.16], [1.0]).met


def test_ups_time_is_split_by_what_it_says() -> None:
    ran = [Ran(3.0, "{}", ((1.0, "engine  x"), (2.0, "bench  y")), 0), Ran(5.0, "{}", ((1.0, "engine  x"),), 0)]
    assert up.breakdown(ran) == "ours by step, seconds: engine 1.00, bench 0.50, end 2.50"


def test_the_network_path_may_cost_six_percent() -> None:
    assert network.judged([1.06e-4], [1e-4]).met
    assert not network.judged([1.07e-4], [1e-4]).met


def test_a_request_costs_both_containers_time() -> None:
    assert network.cost((1.0, 2.0), (1.5, 2.5), 1000, 1000.0) == pytest.approx(0.001)
    with pytest.raises(network.TooBusy, match="989 of 1,000"):
        network.cost((1.0, 2.0), (1.5, 2.5), 989, 1000.0)


def test_sides_take_turns_and_a_busy_round_counts_for_neither() -> None:
    asked: list[str] = []

    def one(side: str) -> float:
        asked.append(side)
        if len(asked) == 4:
            raise network.TooBusy("too busy")
        return float(len(asked))

    costs, busy = network.rounds(one)
    assert asked[:6] == ["ours", "host", "host", "ours", "host", "ours"]
    assert {side: len(values) for side, values in costs.items()} == {"ours": network.ROUNDS, "host": network.ROUNDS}
    assert 3.0 not in costs["host"]
    assert busy == ("round repeated: too busy",)


def test_a_machine_that_stays_busy_is_told() -> None:
    def one(side: str) -> float:
        raise network.TooBusy("too busy")

    with pytest.raises(network.TooBusy):
        network.rounds(one)


def test_the_observer_may_take_one_percent_for_ten() -> None:
    assert watching.judged(0.01).met
    assert not watching.judged(0.011).met


def test_a_trial_costs_what_is_neither_warm_up_nor_load() -> None:
    assert trial.overheads(StoredRun(MANIFEST, (TRIAL,), ())) == [pytest.approx(9.5 - 2.0 - 5.0)]


def test_a_trial_that_was_void_says_nothing_of_cost() -> None:
    void = replace(TRIAL, outcome=Outcome(Status.VOID, Gate.LIMITS, "quota changed"))
    with pytest.raises(BenchmarkError, match="quota changed"):
        trial.overheads(StoredRun(MANIFEST, (void,), ()))


def test_an_unknown_id_is_refused_before_anything_runs(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        program.main(["R99"])
    assert "there is no benchmark R99" in capsys.readouterr().err


def test_what_was_measured_is_kept_when_the_next_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> list[Finding]:
        raise BenchmarkError("the engine was busy")

    good = against_limit("R13", "seconds", [1.0], goal=6.0)
    monkeypatch.setattr(program, "LATEST", tmp_path / "latest.json")
    monkeypatch.setattr(program, "BENCHMARKS", {"R13": lambda: [Finding(good, ("a note",))], "R6": fails})
    rows, failed = program._measure(["R13", "R6"], "a box")
    assert failed
    assert [row.id for row in rows] == ["R13"]
    kept = json.loads((tmp_path / "latest.json").read_text(encoding="utf-8"))
    assert [(row["id"], row["machine"]) for row in kept] == [("R13", "a box")]
