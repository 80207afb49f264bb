"""oha's rows, back on the schedule."""

from __future__ import annotations

import random
import sqlite3
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.adapters.oha.rows import PACER_SECONDS, Rows, read_rows, tokens_of

CREATE = """CREATE TABLE oha (url TEXT NOT NULL, start REAL NOT NULL, start_latency_correction REAL, end REAL NOT NULL,
    duration REAL NOT NULL, status INTEGER NOT NULL, len_bytes INTEGER NOT NULL, run INTEGER NOT NULL)"""


def database(rows: list[tuple[float, float | None, float, int, int]]) -> bytes:
    """As oha writes it. Rows: start, start_latency_correction, end, status, len_bytes."""
    with sqlite3.connect(":memory:") as connection:
        connection.execute(CREATE)
        connection.executemany(
            "INSERT INTO oha VALUES ('/plaintext', ?1, ?2, ?3, ?3 - coalesce(?2, ?1), ?4, ?5, 1795800849)", rows
        )
        connection.commit()
        return connection.serialize()


def woken(wakings: list[float]) -> Rows:
    at = np.array(wakings)
    return Rows(at, at, at + 0.001, np.full(len(at), 200.0), np.full(len(at), 13.0))


def paced(rate: int, count: int, late: float = 0.0) -> list[float]:
    """Wakings of a pacer with a clock of milliseconds, as oha's was seen to do."""
    return [np.ceil(k / rate * 1000) / 1000 + 0.0001 + late for k in range(count)]


def test_rows_come_in_the_order_of_their_waking_whatever_the_order_of_their_end() -> None:
    rows = read_rows(database([(0.03, 0.02, 0.05, 200, 13), (0.01, 0.01, 0.09, 500, 4)]))
    assert rows.woke.tolist() == [0.01, 0.02]
    assert rows.began.tolist() == [0.01, 0.03]
    assert rows.ended.tolist() == [0.09, 0.05]
    assert (rows.status.tolist(), rows.length.tolist()) == ([500, 200], [4, 13])


def test_without_a_pacer_rows_come_in_the_order_of_their_begin() -> None:
    rows = read_rows(database([(0.03, None, 0.05, 200, 13), (0.01, None, 0.09, 200, 13)]))
    assert rows.woke.tolist() == rows.began.tolist() == [0.01, 0.03]


def test_no_rows_are_no_rows() -> None:
    assert len(read_rows(database([]))) == 0


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\x00" + b"\x00" * 100])
def test_what_is_no_database_is_an_error(content: bytes) -> None:
    with pytest.raises(sqlite3.Error):
        read_rows(content)


def test_without_errors_the_order_is_the_token_even_when_the_pacer_stalled() -> None:
    rows = woken([0.0, 0.3, 0.3, 0.3001, 0.3002])
    assert tokens_of(rows, 10, errors=0).tolist() == [0, 1, 2, 3, 4]


@given(st.sampled_from([100, 1_000, 5_000]), st.integers(0, 400), st.integers(1, 60), st.integers(0, 2**16))
def test_a_missing_token_moves_those_after_it_by_less_than_the_pacers_ticks(
    rate: int, at: int, errors: int, seed: int
) -> None:
    wakings = paced(rate, 600)
    # A burst of errors, and some anywhere.
    gone = set(range(at, at + errors // 2)) | set(random.Random(seed).sample(range(600), errors - errors // 2))
    kept = [token for token in range(600) if token not in gone]
    tokens = tokens_of(woken([wakings[token] for token in kept]), rate, len(gone))
    behind = np.array(kept) - tokens
    assert behind.min() >= 0, "a token too late would understate latency"
    assert behind.max() <= (PACER_SECONDS + 0.001) * rate + 1
    assert (np.diff(tokens) > 0).all()


def test_a_pacer_that_stalled_and_caught_up_is_not_taken_for_errors() -> None:
    wakings = paced(1_000, 300)
    stalled = [max(waking, 0.15) if waking > 0.05 else waking for waking in wakings]
    kept = [token for token in range(300) if token != 20]
    tokens = tokens_of(woken([stalled[token] for token in kept]), 1_000, errors=1)
    assert np.abs(np.array(kept) - tokens).max() <= 1


def test_300_000_rows_are_read_within_a_second() -> None:
    content = database([(k / 30_000, k / 30_000, k / 30_000 + 0.001, 200, 13) for k in range(300_000)])
    begin = time.process_time()
    rows = read_rows(content)
    tokens = tokens_of(rows, 30_000, errors=3)
    assert time.process_time() - begin < 1.0
    assert len(rows) == len(tokens) == 300_000
