"""Which question still wants a block."""

from __future__ import annotations

from dataclasses import replace

from orchestrator.domain.capacity import Capacity, End
from orchestrator.domain.measurement import Missing, measured
from orchestrator.domain.plan import Aim, Cell
from orchestrator.domain.summary import CellSummary, Found
from orchestrator.domain.versus import undecided, versus
from tests.unit.adapters.store.samples import MANIFEST

CELL = Cell("go-fasthttp", "azure/b1s", "plaintext", "quick")
#: 3 % of noise, and by chance 1.8 % apart: of two servers no number of blocks that anybody waits for would tell.
ONE = (31.16, 31.30, 30.06, 29.31, 29.02, 30.03)
OTHER = (29.08, 28.71, 30.18, 30.12, 30.49, 29.18)


def summary(cell: Cell, values: tuple[float, ...]) -> CellSummary:
    """CPU time per request in each block, in microseconds."""
    held = Capacity(500, None, "", End.AT_LEAST)
    blocks = []
    for number, value in enumerate(values, start=1):
        row = measured("cpu_seconds_per_request", value * 1e-6, source="kernel", window_seconds=5, n=1)
        blocks.append(Found(number, held, (row,), {500: (row,)}, 1, 5.0))
    missing = Missing("none")
    return CellSummary(cell, held, tuple(blocks), Aim.STAIRCASE, 1, 6, 0, (), missing, "", False, ())


def test_of_one_server_against_itself_only_more_blocks_can_show_the_truth() -> None:
    twins = (summary(CELL, ONE), summary(replace(CELL, twin=True), OTHER))
    (pair,) = versus(MANIFEST, twins)
    assert pair.control and isinstance(pair.comparison.more, Missing)
    assert undecided(MANIFEST, twins)
    two = (twins[0], summary(replace(CELL, server="rust-axum"), OTHER))
    assert isinstance(versus(MANIFEST, two)[0].comparison.more, Missing)
    assert undecided(MANIFEST, two) == ""
