"""What oha left -> LoadResult."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace

import pytest

from orchestrator.adapters.oha.summary import no_summary, read_summary
from orchestrator.domain.box import LoadSpec, Tags
from orchestrator.domain.generator import Generator
from orchestrator.domain.measurement import Missing
from orchestrator.domain.reading import LoadResult
from orchestrator.domain.request import Check, Request
from orchestrator.domain.workload import Workload
from orchestrator.errors import LoadFailed

TAGS = Tags("r", "t", "s", "i", "w", "generator")
#: 100 requests in the lead-in, 200 in the window, and a tail of 0.25 s.
SPEC = LoadSpec(
    Workload("w", "", (Request("GET", "/", check=Check(body="Hello")),)), 80, 100, 1.0, 2.0, 20, (0,), TAGS, (0.05,)
)
TOKENS = 325
GOOD = (200, 5)
CREATE = """CREATE TABLE oha (url TEXT NOT NULL, start REAL NOT NULL, start_latency_correction REAL, end REAL NOT NULL,
    duration REAL NOT NULL, status INTEGER NOT NULL, len_bytes INTEGER NOT NULL, run INTEGER NOT NULL)"""

#: Start, waking, end, status, length.
Row = tuple[float, float | None, float, int, int]


def checked(check: Check) -> LoadSpec:
    """The same load with another check."""
    return replace(SPEC, workload=Workload("w", "", (Request("GET", "/", check=check),)))


def database(rows: list[Row]) -> bytes:
    with sqlite3.connect(":memory:") as connection:
        connection.execute(CREATE)
        connection.executemany("INSERT INTO oha VALUES ('/', ?1, ?2, ?3, ?3 - ?1, ?4, ?5, 1)", rows)
        connection.commit()
        return connection.serialize()


def row(
    token: int, took: float = 0.01, waited: float = 0.0, late: float = 0.0005, answer: tuple[int, int] = GOOD
) -> Row:
    """A request that its pacer woke for a little late, that waited for a connection, and that ended ``took`` after it
    was due."""
    due = token / 100
    return (due + late + waited, due + late, due + took, *answer)


def read(rows: list[Row], errors: dict[str, int] | None = None, spec: LoadSpec = SPEC) -> LoadResult:
    return read_summary(json.dumps({"errorDistribution": errors or {}}), database(rows), spec)


def test_only_what_was_due_in_the_window_counts() -> None:
    rows = [row(token, took=0.5) for token in range(100)]
    rows += [row(token) for token in range(100, 300)]
    rows += [row(token, took=0.7) for token in range(300, TOKENS)]
    result = read(rows)
    assert (result.generator, result.exit_code) == (Generator.OHA, 0)
    assert (result.requests, result.dropped, result.failed) == (200, 0, 0)
    assert result.latency_seconds == pytest.approx(
        {"mean": 0.01, "p50": 0.01, "p90": 0.01, "p99": 0.01, "p999": 0.01, "max": 0.01}
    )
    assert result.latencies.n == 200 and result.latencies.slower == ((0.05, 0),)


def test_all_of_the_process_lies_between_the_readings() -> None:
    result = read([row(token) for token in range(TOKENS)])
    assert result.covered_requests == TOKENS
    assert result.busy_seconds == pytest.approx(3.24 + 0.01 - 0.0005)


def test_latency_runs_from_when_it_was_due_and_lag_to_when_the_pacer_woke() -> None:
    result = read([row(token, took=0.2, waited=0.15, late=0.03) for token in range(TOKENS)])
    assert result.latency_seconds["p50"] == pytest.approx(0.2)
    assert result.start_lag_seconds_p99 == pytest.approx(0.03)
    assert result.iteration_seconds_mean == pytest.approx(0.02)
    assert result.latencies.slower == ((0.05, 200),)


def test_what_ended_after_the_window_was_still_due_in_it() -> None:
    rows = [row(token) for token in range(299)] + [row(299, took=3.0)]
    assert read(rows).latency_seconds["max"] == pytest.approx(3.0)


@pytest.mark.parametrize("answer", [(500, 5), (404, 5), (200, 4), (200, 0), (301, 5)])
def test_another_status_or_length_is_a_failure_and_no_latency(answer: tuple[int, int]) -> None:
    result = read([row(token, took=0.4, answer=answer if token == 150 else GOOD) for token in range(TOKENS)])
    assert (result.requests, result.failed, result.latencies.n) == (200, 1, 199)
    assert result.slots[0].failed == 1 and result.slots[1].failed == 0


def test_where_only_a_part_is_known_any_body_is_good_but_none() -> None:
    part = checked(Check(contains="ell"))
    assert read([row(token, answer=(200, 77)) for token in range(TOKENS)], spec=part).failed == 0
    assert read([row(token, answer=(200, 0)) for token in range(TOKENS)], spec=part).failed == 200
    nothing = checked(Check())
    assert read([row(token, answer=(200, 0)) for token in range(TOKENS)], spec=nothing).failed == 0


def test_the_status_of_a_good_answer_is_the_checks() -> None:
    created = checked(Check(201))
    assert read([row(token, answer=(201, 9)) for token in range(TOKENS)], spec=created).failed == 0
    assert read([row(token, answer=(200, 9)) for token in range(TOKENS)], spec=created).failed == 200


def test_the_length_of_a_body_is_in_bytes() -> None:
    spec = checked(Check(body="gr\u00fc\u00df"))
    assert read([row(token, answer=(200, 6)) for token in range(TOKENS)], spec=spec).failed == 0


def test_what_is_queued_at_the_end_is_dropped() -> None:
    result = read([row(token, took=2.0, waited=1.0) for token in range(250)])
    assert (result.requests, result.dropped, result.failed) == (150, 50, 0)


def test_errors_have_no_row_and_count_where_tokens_are_missing() -> None:
    gone = {20, 21, 130, 131, 132, 250}
    rows = [row(token) for token in range(TOKENS) if token not in gone]
    result = read(rows, {"timeout": 4, "connection refused": 2})
    assert (result.requests, result.failed, result.dropped) == (200, 4, 0)
    assert [slot.failed for slot in result.slots] == [3, 1]
    # Six tokens are missing: without their places, latency would be 0.06 s too long at the end.
    assert result.latency_seconds["max"] <= 0.01 + 0.0205


def test_a_server_that_died_fails_the_rest() -> None:
    result = read([row(token) for token in range(160)], {"connection refused": TOKENS - 160})
    assert (result.requests, result.failed, result.dropped) == (200, 140, 0)
    assert [slot.requests for slot in result.slots] == [100, 100]


def test_a_server_that_never_was_fails_all_and_has_no_latency() -> None:
    result = read([], {"connection refused": TOKENS})
    assert (result.requests, result.failed, result.dropped) == (200, 200, 0)
    assert result.latency_seconds == {} and result.latencies.n == 0
    for absent in (result.iteration_seconds_mean, result.start_lag_seconds_p99, result.busy_seconds):
        assert isinstance(absent, Missing)
    assert all(isinstance(slot.latency_seconds_p99, Missing) for slot in result.slots)


def test_seconds_of_the_window() -> None:
    rows = [row(token, took=0.01 if token < 200 else 0.03) for token in range(TOKENS)]
    result = read(rows)
    assert [(slot.at_seconds, slot.seconds, slot.requests) for slot in result.slots] == [(0, 1, 100), (1, 1, 100)]
    assert [slot.latency_seconds_p99 for slot in result.slots] == pytest.approx([0.01, 0.03])


def test_a_closed_loop_is_judged_by_its_own_begin() -> None:
    spec = replace(SPEC, rate_per_second=None)
    rows: list[Row] = [(at / 50, None, at / 50 + 0.02, *GOOD) for at in range(162)]
    result = read(rows, {"timeout": 3}, spec)
    assert (result.requests, result.failed, result.dropped, result.covered_requests) == (103, 3, 0, 162)
    assert result.latency_seconds["p50"] == pytest.approx(0.02)
    assert isinstance(result.start_lag_seconds_p99, Missing)
    assert [slot.requests for slot in result.slots] == [50, 50]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"errorDistribution": null}', '{"errorDistribution": {"a": "b"}}']
)
def test_what_is_no_summary_is_an_error(text: str) -> None:
    with pytest.raises(LoadFailed, match="cannot be read"):
        read_summary(text, database([]), SPEC)


def test_what_is_no_database_is_an_error() -> None:
    with pytest.raises(LoadFailed, match="cannot be read"):
        read_summary('{"errorDistribution": {}}', b"nothing", SPEC)


def test_a_killed_generator_leaves_its_exit_code_alone() -> None:
    result = no_summary(137, SPEC)
    assert (result.exit_code, result.requests, result.latency_seconds, result.slots) == (137, 0, {}, ())
    assert isinstance(result.iteration_seconds_mean, Missing)
