"""How a job ended, and where its program and the kernel contradict each other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.domain.job import JobEnd
from orchestrator.domain.job_outcome import job_doubts, job_outcome, measure_job
from orchestrator.domain.measurement import JOB_METRICS, Missing, value_of
from orchestrator.domain.outcome import COMPLETED, Failure, Gate, Status
from tests.unit import samples
from tests.unit.batch_samples import ASKED, END, EVIDENCE, IMAGE, evidence, said

PEAK = samples.LIMITS.memory_bytes


def test_a_clean_job_is_completed_and_nothing_is_doubted() -> None:
    assert job_outcome(ASKED, EVIDENCE) == COMPLETED
    assert job_doubts(ASKED, EVIDENCE) == ()


def test_each_metric_is_measured_once() -> None:
    rows = measure_job(ASKED, EVIDENCE, IMAGE)
    assert sorted(one.metric for one in rows) == sorted(JOB_METRICS)
    assert value_of(rows, "job_cpu_seconds") == 1.9
    assert value_of(rows, "container_cpu_seconds") == 1.93
    assert value_of(rows, "container_wall_seconds") == pytest.approx(2.1)
    assert value_of(rows, "container_unseen_seconds") == pytest.approx(0.04)


def test_counts_that_end_long_before_the_job_are_not_its_counts() -> None:
    rows = measure_job(ASKED, evidence(closing=samples.reading(100.5, 0.4, memory_bytes_peak=2**20)), IMAGE)
    for metric in ("container_cpu_seconds", "memory_bytes_peak", "cpu_throttled_seconds"):
        value = value_of(rows, metric)
        assert isinstance(value, Missing) and "were not seen" in value.reason


def test_what_was_not_seen_is_missing_never_zero() -> None:
    unseen = evidence(opening=None, closing=None)
    rows = measure_job(ASKED, unseen, IMAGE)
    for metric in ("container_cpu_seconds", "memory_bytes_peak", "oom_kills", "others_cpu_ratio", "steal_ratio"):
        assert isinstance(value_of(rows, metric), Missing)
    stopped = measure_job(ASKED, evidence(end=None, said=Missing("it was stopped")), IMAGE)
    assert isinstance(value_of(stopped, "job_wall_seconds"), Missing)
    assert isinstance(value_of(stopped, "container_wall_seconds"), Missing)


@pytest.mark.parametrize(
    ("end", "closing", "failure", "words"),
    [
        (replace(END, exit_code=2), {}, Failure.EXITED, "exited with code 2"),
        (replace(END, exit_code=-1), {}, Failure.EXITED, "exited with code -1"),
        (replace(END, exit_code=137, oom_killed=True), {}, Failure.EXITED, "not proven"),
        (replace(END, exit_code=137), {"oom_kills": 1}, Failure.OOM, "the kernel killed 1"),
        (replace(END, exit_code=137, oom_killed=True), {"memory_bytes_peak": PEAK}, Failure.OOM, "last seen at 100%"),
        (None, {}, Failure.TIMED_OUT, "still ran after"),
    ],
)
def test_how_a_program_fails(end: JobEnd | None, closing: dict[str, object], failure: Failure, words: str) -> None:
    outcome = job_outcome(ASKED, evidence(end=end, closing=samples.reading(102.06, 1.93, **closing)))
    assert (outcome.status, outcome.kind) == (Status.FAILED, failure)
    assert words in outcome.reason


def test_a_line_that_is_none_or_another_jobs_is_unreadable() -> None:
    nothing = job_outcome(ASKED, evidence(said=Missing("it printed nothing")))
    assert (nothing.kind, nothing.reason) == (Failure.UNREADABLE, "it printed nothing")
    other = job_outcome(ASKED, evidence(said=said(n=8)))
    assert (other.kind, other.reason) == (Failure.UNREADABLE, "its line tells of another job: n 8, asked 5000")


def test_a_wrong_checksum_fails_and_an_unknown_one_is_no_fault() -> None:
    wrong = job_outcome(ASKED, evidence(said=said(checksum="0")))
    assert wrong.kind == Failure.CHECKSUM and wrong.reason.startswith("checksum 0, expected 7f04")
    nobody = replace(ASKED, workload=replace(samples.PICTURE, sizes=(replace(samples.PICTURE.sizes[0], checksum=""),)))
    assert job_outcome(nobody, evidence(said=said(checksum="0"))) == COMPLETED


@pytest.mark.parametrize(
    ("changes", "gate"),
    [
        ({"limits": replace(samples.IN_FORCE, quota_microseconds=-1)}, Gate.LIMITS),
        ({"limits_changes": 2}, Gate.LIMITS),
        ({"clock_offset_seconds": 0.5}, Gate.CLOCK),
        ({"others_cpu_seconds": 1.0}, Gate.NEIGHBOUR),
        ({"steal_seconds": 1.0}, Gate.STEAL),
    ],
)
def test_what_the_rig_spoils_is_void(changes: dict[str, object], gate: Gate) -> None:
    outcome = job_outcome(ASKED, evidence(closing=samples.reading(102.06, 1.93, **changes)))
    assert (outcome.status, outcome.kind) == (Status.VOID, gate)


def test_others_on_shared_cpus_are_no_strangers_and_a_moment_tells_nothing() -> None:
    busy = samples.reading(102.06, 1.93, others_cpu_seconds=1.0)
    assert job_outcome(replace(ASKED, shared=True), evidence(closing=busy)) == COMPLETED
    brief = samples.reading(100.25, 0.1, others_cpu_seconds=0.1)
    rows = measure_job(ASKED, evidence(closing=brief), IMAGE)
    assert value_of(rows, "others_cpu_ratio") == Missing("seen for 200 ms: too short to tell")


def test_cpu_time_that_the_kernel_cannot_have_counted_is_a_contradiction() -> None:
    (doubt,) = job_doubts(ASKED, evidence(said=said(cpu_seconds=2.3)))
    assert doubt.startswith("contradiction: the program says 2.3 s of CPU time, the kernel counted 1.97 s at most")


def test_what_may_have_been_used_after_the_last_reading_is_no_contradiction() -> None:
    early = samples.reading(101.7, 1.6)
    assert job_doubts(ASKED, evidence(closing=early)) == ()


def test_a_container_that_used_much_more_than_its_job_says_so() -> None:
    (doubt,) = job_doubts(ASKED, evidence(said=said(cpu_seconds=1.5)))
    assert doubt.startswith("the kernel counted 1.93 s, 29 % more than the 1.5 s of the job")
    (nothing,) = job_doubts(ASKED, evidence(said=said(cpu_seconds=0)))
    assert "more than the 0 us of the job" in nothing


def test_wall_time_longer_than_the_container_ran_is_a_contradiction() -> None:
    (doubt,) = job_doubts(ASKED, evidence(said=said(wall_seconds=2.5)))
    assert doubt == "contradiction: the program says 2.5 s of wall time, its container ran for 2.1 s"
