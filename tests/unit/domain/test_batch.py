"""Which jobs a plan has and in which order; rows and ratios of what they gave."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.domain.batch import PROGRAMS, Cores, Job, JobPlan, job_cells, job_order, seconds_allowed
from orchestrator.domain.batch_summary import OTHER_ALGORITHM, SAME_ALGORITHM, job_pairs, job_rows
from orchestrator.domain.measurement import Missing
from orchestrator.domain.outcome import Gate, Outcome, Status
from orchestrator.domain.placement import Placement
from orchestrator.domain.plan import Blocks
from tests.unit.batch_samples import CELL, record, said, stored
from tests.unit.samples import FLIPS, PICTURE, TINY, UNPRICED, WIDE

OTHER = replace(CELL, program="rust")


def test_a_job_for_each_program_algorithm_and_n_and_for_all_cores_where_there_are_several() -> None:
    single = job_cells(PROGRAMS, (UNPRICED,), (PICTURE, FLIPS))
    assert len(single) == len(set(single)) == 3 * (2 + 2)
    assert {cell.cores for cell in single} == {Cores.SINGLE}
    both = job_cells(PROGRAMS[:2], (WIDE,), (FLIPS,))
    assert sorted((cell.n, cell.cores) for cell in both if cell.program == "go") == [
        *((10, "all"), (10, "single"), (11, "all"), (11, "single"))
    ]


def test_each_block_has_an_order_of_its_own_and_the_same_for_the_same_seed() -> None:
    plan = JobPlan(1, job_cells(PROGRAMS, (UNPRICED, TINY), (PICTURE, FLIPS)), Blocks(3, 3))
    assert job_order(plan, 1) == job_order(plan, 1) != job_order(plan, 2)
    assert sorted(map(str, job_order(plan, 1))) == sorted(map(str, plan.cells))
    assert (plan.jobs, plan.seconds_expected) == (72, 288.0)


def test_names_are_safe_and_tell_jobs_apart() -> None:
    assert Job(CELL, 2).id == "go.acme-unpriced.picture.same-scalar.5000.single.b2.1"
    assert CELL.label == "picture same, scalar, n 5,000, single"
    cells = job_cells(PROGRAMS, (UNPRICED, WIDE), (PICTURE, FLIPS))
    assert len({cell.slug for cell in cells}) == len(cells)


def test_a_share_of_a_cpu_gets_the_time_it_needs() -> None:
    assert (seconds_allowed(4.0), seconds_allowed(1.0), seconds_allowed(0.1)) == (600.0, 600.0, 6000.0)


def test_a_row_is_the_centre_of_its_blocks_and_the_most_memory() -> None:
    walls = (2.0, 2.02, 1.98, 2.01, 1.99)
    (row,) = job_rows(stored(*(record(CELL, block, wall) for block, wall in enumerate(walls, start=1))))
    assert not isinstance(row.wall, Missing) and row.wall.centre == pytest.approx(2.0, rel=0.01)
    assert not isinstance(row.wall.interval, Missing)
    assert (row.completed, row.memory_bytes_peak, row.tag, row.why) == (5, 9 * 2**20, "mandelbrot-scalar", "")


def test_a_row_without_figures_says_why() -> None:
    void = Outcome(Status.VOID, Gate.STEAL, "the hypervisor took 30 %")
    rows = job_rows(stored(record(CELL, 1, 2.0, outcome=void), cells=(CELL, OTHER)))
    assert [row.why for row in rows] == ["void (steal): the hypervisor took 30 %", "not run"]
    assert all(isinstance(row.wall, Missing) for row in rows)


def test_a_ratio_is_taken_block_by_block() -> None:
    walls = ((2.0, 1.0), (2.2, 1.1), (1.8, 0.9))
    records = [
        one
        for block, (ours, theirs) in enumerate(walls, start=1)
        for one in (record(OTHER, block, theirs), record(CELL, block, ours))
    ]
    (pair,) = job_pairs(stored(*records))
    assert (pair.first.program, pair.second.program, pair.n, pair.label) == ("go", "rust", 3, SAME_ALGORITHM)
    assert pair.wall.value == pytest.approx(2.0) and pair.cpu.value == pytest.approx(2.0)
    assert not isinstance(pair.wall.interval, Missing)
    assert pair.wall.interval.high - pair.wall.interval.low < 0.01


def test_only_blocks_in_which_both_completed_count() -> None:
    records = [record(CELL, 1, 2.0), record(CELL, 2, 2.0), record(OTHER, 2, 1.0)]
    (pair,) = job_pairs(stored(*records))
    assert pair.n == 1 and pair.wall.value == pytest.approx(2.0)
    assert isinstance(pair.wall.interval, Missing) and pair.warnings == ("n = 1: no interval below 3 blocks",)
    (nothing,) = job_pairs(stored(record(CELL, 1, 2.0), record(OTHER, 2, 1.0)))
    assert nothing.refused == "no block in which both completed"


def test_other_tags_compare_programs() -> None:
    cell = replace(CELL, algorithm="best", mode="")
    (pair,) = job_pairs(stored(record(cell, 1, 2.0), record(replace(cell, program="rust"), 1, 1.0)))
    assert pair.label == OTHER_ALGORITHM and pair.tags == ("mandelbrot-scalar-two", "mandelbrot-lanes16")


def test_unequal_checksums_refuse_the_pair_within_a_program_too() -> None:
    odd = said(checksum="1")
    (between,) = job_pairs(stored(record(CELL, 1, 2.0), record(OTHER, 1, 1.0, said=odd)))
    assert between.refused == "checksums differ: go 7f048ec8708a6db6006a..., rust 1" and between.n == 0
    (within,) = job_pairs(
        stored(record(CELL, 1, 2.0), record(CELL, 2, 2.0, said=odd), record(OTHER, 1, 1.0), record(OTHER, 2, 1.0))
    )
    assert within.refused.startswith("checksums differ: go 7f048ec8708a6db6006a... and 1, rust 7f0")


def test_times_of_nothing_have_no_ratio() -> None:
    (pair,) = job_pairs(stored(record(CELL, 1, 0.0), record(OTHER, 1, 1.0)))
    assert pair.wall.value == Missing("a time is not a positive number")


def test_shared_cpus_refuse_the_pair() -> None:
    shared = Placement((0,), (0,), (0,), shared=True)
    (pair,) = job_pairs(stored(record(CELL, 1, 2.0, placement=shared), record(OTHER, 1, 1.0)))
    assert pair.refused == "its CPUs were shared with the bench"


def test_doubts_are_told_once_with_how_many_jobs_have_them() -> None:
    doubtful = ("contradiction: x",)
    (row,) = job_rows(stored(record(CELL, 1, 2.0, doubts=doubtful), record(CELL, 2, 2.0), record(CELL, 3, 2.0)))
    assert row.doubts == ("1 of 3 jobs, the last: contradiction: x",)
