"""Every request that oha kept, put back on the schedule it was sent by.

oha's pacer hands out tokens; token k of an evenly paced load is due k / rate after the start, exactly. All go through
one queue, first in, first out, to the connections. oha stores for each request that was answered, whatever the answer:
when the pacer woke for its token, when it was begun and when it ended, counted from that same start. So rows in the
order of their waking are the tokens in their order, and latency is the end less k / rate. oha's own correction starts
when the pacer woke, and would hide a pacer that was late.

A request without an answer (refused, timed out) has no row, only a count in the summary. Its token is missing from the
rows, and those after it stand one place too early: their latency would be overstated by 1 / rate for each. Where there
are such errors, the pacer's waking tells how many tokens are missing so far: it is never early, and after a stall it
catches up. This puts rows back to within PACER_SECONDS of their place, never behind it.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

#: How late the pacer may be for the last token of a wake-up: its clock ticks every millisecond, and it needs a CPU.
PACER_SECONDS = 0.002
_COLUMNS = 5
_QUERY = "SELECT coalesce(start_latency_correction, start), start, end, status, len_bytes FROM oha"


@dataclass(frozen=True)
class Rows:
    """Requests that were answered, in the order in which the pacer woke for them (without a pacer: began).

    Attributes:
        woke, began, ended: seconds since the start.
        status: of HTTP.
        length: bytes of the body.
    """

    woke: Floats
    began: Floats
    ended: Floats
    status: Floats
    length: Floats

    def __len__(self) -> int:
        return len(self.woke)


def read_rows(database: bytes) -> Rows:
    """The rows of oha's SQLite file. Raises sqlite3.Error when it is not one."""
    import numpy as np

    if not database:
        raise sqlite3.DatabaseError("the file is empty")
    connection = sqlite3.connect(":memory:")
    try:
        connection.deserialize(database)
        flat = np.fromiter(chain.from_iterable(connection.execute(_QUERY)), np.float64)
    finally:
        connection.close()
    table = flat.reshape(-1, _COLUMNS)
    table = table[np.argsort(table[:, 0], kind="stable")]
    return Rows(*(table[:, column] for column in range(_COLUMNS)))


def tokens_of(rows: Rows, rate_per_second: int, errors: int) -> Integers:
    """Which token each row is.

    Args:
        errors: requests that were sent and have no row.
    """
    import numpy as np

    places = np.arange(len(rows), dtype=np.int64)
    if not errors or not len(rows):
        return places
    # What was due by then and is not among the rows so far: missing, or due a moment ago. The first only grows and the
    # second falls to nothing again and again, so the least of what follows is the first.
    behind = np.floor((rows.woke - PACER_SECONDS) * rate_per_second).astype(np.int64) - places
    missing = np.minimum.accumulate(behind[::-1])[::-1]
    tokens: Integers = places + np.clip(missing, 0, errors)
    return tokens
