"""A batch Run on the simulated lab: which jobs, in which order, what is written, and what each fault makes of it."""

from __future__ import annotations

import pytest

from orchestrator.adapters.simulated.world import Faults
from orchestrator.domain.batch import Cores
from orchestrator.domain.batch_record import StoredBatch
from orchestrator.domain.batch_summary import OTHER_ALGORITHM, SAME_ALGORITHM, job_pairs, job_rows
from orchestrator.domain.measurement import JOB_METRICS, Missing, value_of
from orchestrator.domain.outcome import Failure, Gate, Status
from orchestrator.errors import ConfigError, EngineLost, EnvironmentNotFit, HostTooSmall, Interrupted, LabHeld
from orchestrator.usecases.batch import run_batch
from orchestrator.usecases.cost import newest
from orchestrator.usecases.run import run
from orchestrator.usecases.stored import windows_of
from tests.unit import samples
from tests.unit.batch_samples import lab, request
from tests.unit.samples import figure


def outcomes(stored: StoredBatch) -> set[tuple[str, str]]:
    return {(record.outcome.status, record.outcome.kind) for record in stored.jobs}


def test_every_job_is_run_in_each_block_in_an_order_of_its_own() -> None:
    one, world, _ = lab()
    stored = run_batch(one, request())
    cells = [record.cell for record in stored.jobs]
    assert stored.finished is True and stored.manifest.simulated
    assert len(cells) == 2 * 2 * 3, "Go and Rust, same and best, three blocks"
    blocks = [cells[start : start + 4] for start in (0, 4, 8)]
    assert all(set(block) == set(blocks[0]) and len(set(block)) == 4 for block in blocks)
    assert len({tuple(block) for block in blocks}) > 1, "interleaved anew in each"
    assert not world.containers and not world.watched


def test_same_seed_same_order() -> None:
    orders = []
    for _ in range(2):
        one, _, _ = lab()
        orders.append([record.job for record in run_batch(one, request()).jobs])
    assert orders[0] == orders[1]


def test_all_cores_are_asked_for_only_where_there_are_more_than_one() -> None:
    one, _, _ = lab()
    assert {record.cell.cores for record in run_batch(one, request()).jobs} == {Cores.SINGLE}
    wide, _, _ = lab(cpus=(0, 1, 2, 3, 4))
    jobs = run_batch(wide, request(size="acme/wide")).jobs
    assert {record.cell.cores for record in jobs} == {Cores.SINGLE, Cores.ALL}
    same = [record for record in jobs if (record.cell.program, record.cell.algorithm) == ("go", "same")]
    walls = {record.cell.cores: figure(record.measurements, "job_wall_seconds") for record in same}
    assert walls[Cores.ALL] < walls[Cores.SINGLE]


def test_every_metric_of_a_job_is_measured_or_missing_with_a_reason() -> None:
    one, _, _ = lab()
    record = run_batch(one, request()).jobs[0]
    assert {each.metric for each in record.measurements} == set(JOB_METRICS)
    assert all(each.value.reason for each in record.measurements if isinstance(each.value, Missing))


def test_a_program_without_a_toolchain_is_a_row_that_says_so() -> None:
    one, _, progress = lab()
    stored = run_batch(one, request())
    rows = [row for row in job_rows(stored) if row.cell.program == "tinygo"]
    assert [row.why for row in rows] == ["unsupported: no tinygo toolchain"] * 2
    assert ("run", "tinygo unsupported: no tinygo toolchain") in progress.said
    assert [event.note for event in stored.events if event.event == "program_skipped"] == [
        "tinygo: no tinygo toolchain"
    ]
    assert {pair.first.program for pair in job_pairs(stored)} == {"go"}


def test_where_the_toolchain_is_there_it_is_measured_and_compared() -> None:
    one, _, _ = lab(Faults(images_unavailable=frozenset()))
    stored = run_batch(one, request())
    assert {record.cell.program for record in stored.jobs} == {"go", "rust", "tinygo"}
    assert {(pair.first.program, pair.second.program) for pair in job_pairs(stored)} == {
        ("go", "rust"),
        ("tinygo", "rust"),
    }


def test_ratios_say_what_they_compare() -> None:
    one, _, _ = lab()
    pairs = {pair.first.algorithm: pair for pair in job_pairs(run_batch(one, request()))}
    assert (pairs["same"].label, pairs["best"].label) == (SAME_ALGORITHM, OTHER_ALGORITHM)
    for pair, expected in ((pairs["same"], 1.9 / 1.87), (pairs["best"], 1.1 / 0.26)):
        assert pair.n == 3 and not pair.refused
        assert pair.wall.value == pytest.approx(expected, rel=0.05)
        assert not isinstance(pair.wall.interval, Missing) and not isinstance(pair.wall.value, Missing)
        assert pair.wall.interval.low <= pair.wall.value <= pair.wall.interval.high


@pytest.mark.parametrize(
    ("faults", "failure"),
    [
        (Faults(job_exit_code=1), Failure.EXITED),
        (Faults(out_of_memory=True), Failure.OOM),
        (Faults(job_never_ends=True), Failure.TIMED_OUT),
        (Faults(job_line="segmentation fault"), Failure.UNREADABLE),
        (Faults(job_line=""), Failure.UNREADABLE),
        (Faults(job_checksums={"go": "0", "rust": "0"}), Failure.CHECKSUM),
    ],
)
def test_faults_of_a_program_are_results_with_its_log(faults: Faults, failure: Failure) -> None:
    one, world, _ = lab(faults)
    stored = run_batch(one, request(repeat=1))
    assert outcomes(stored) == {(Status.FAILED, failure)}
    assert len(stored.jobs) == 4, "a failure is a result: it is not tried again"
    assert all(record.log_tail and record.outcome.reason for record in stored.jobs)
    assert all(row.wall == Missing(row.why) for row in job_rows(stored))
    assert not world.containers


@pytest.mark.parametrize(
    ("faults", "gate"),
    [
        (Faults(limits_ignored=True), Gate.LIMITS),
        (Faults(clock_step_seconds=0.5), Gate.CLOCK),
        (Faults(neighbour_cpu_share=0.3), Gate.NEIGHBOUR),
        (Faults(steal_share=0.3), Gate.STEAL),
    ],
)
def test_faults_of_the_rig_make_a_job_void_and_it_is_run_once_more(faults: Faults, gate: Gate) -> None:
    one, _, _ = lab(faults)
    stored = run_batch(one, request(samples.FLIPS, repeat=1))
    assert outcomes(stored) == {(Status.VOID, gate)}
    assert sorted(record.attempt for record in stored.jobs) == [1] * 4 + [2] * 4
    assert all(row.void == 2 and not row.completed for row in job_rows(stored) if row.cell.program != "tinygo")


def test_different_checksums_refuse_the_pair_also_where_nobody_knows_the_right_one() -> None:
    one, _, _ = lab(Faults(job_checksums={"rust": "0"}))
    pairs = {pair.first.n: pair for pair in job_pairs(run_batch(one, request(samples.FLIPS)))}
    assert pairs[10].refused == "checksums differ: go simulated-fannkuch-10, rust 0"
    assert pairs[11].refused == "rust gave a wrong checksum"
    assert all(isinstance(pair.wall.value, Missing) and pair.checksums_differ for pair in pairs.values())


def test_a_program_that_claims_other_cpu_time_than_the_kernel_counted_is_flagged() -> None:
    for claimed, words in ((1.5, "contradiction: the program says"), (0.5, "the kernel counted")):
        one, _, _ = lab(Faults(job_cpu_share_claimed=claimed))
        stored = run_batch(one, request(repeat=1))
        assert all(record.doubts and record.doubts[0].startswith(words) for record in stored.jobs)
    honest, _, _ = lab(Faults(job_cpu_share_claimed=1.05))
    assert not any(record.doubts for record in run_batch(honest, request(repeat=1)).jobs)


def test_a_job_that_was_over_before_it_was_seen_says_that_its_limits_are_not_known() -> None:
    one, _, _ = lab(Faults(job_never_seen=True))
    stored = run_batch(one, request(repeat=1))
    assert outcomes(stored) == {(Status.COMPLETED, "")}
    for record in stored.jobs:
        assert record.doubts == (
            "limits and kernel counters not known: it ended before the observer saw its container",
        )
        assert isinstance(record.effective, Missing)
        assert isinstance(value_of(record.measurements, "container_cpu_seconds"), Missing)
        assert value_of(record.measurements, "job_wall_seconds")


def test_shared_cpus_are_never_compared() -> None:
    one, _, _ = lab(cpus=(0,))
    stored = run_batch(one, request(allow_shared=True))
    assert {pair.refused for pair in job_pairs(stored)} == {"its CPUs were shared with the bench"}


def test_a_size_that_does_not_fit_is_refused_with_those_that_do() -> None:
    one, _, _ = lab()
    with pytest.raises(HostTooSmall) as caught:
        run_batch(one, request(size="acme/wide"))
    assert "acme/unpriced" in caught.value.hint
    assert one.store.runs() == ()


def test_a_language_that_does_not_build_leaves_the_other_measured() -> None:
    one, _, _ = lab(Faults(builds_that_fail=frozenset({"kernels/rust"})))
    stored = run_batch(one, request(repeat=1))
    assert {record.cell.program for record in stored.jobs} == {"go"}
    assert job_pairs(stored) == ()
    row = next(row for row in job_rows(stored) if row.cell.program == "rust")
    assert row.why.startswith("unsupported: building kernels/rust failed") and not row.optional


def test_no_program_built_is_an_error_with_the_builds_own_words() -> None:
    one, _, _ = lab(Faults(builds_that_fail=frozenset({"kernels/rust", "kernels/go"})))
    with pytest.raises(EnvironmentNotFit, match="no program could be built") as caught:
        run_batch(one, request())
    assert caught.value.detail == ("error: simulated",)


def test_an_interrupted_batch_keeps_what_was_finished_and_leaves_nothing_running() -> None:
    one, world, _ = lab(Faults(interrupt_after_trials=2))
    with pytest.raises(Interrupted):
        run_batch(one, request())
    stored = one.store.read("latest")
    assert isinstance(stored, StoredBatch) and stored.finished is False and len(stored.jobs) == 2
    assert not world.containers


def test_a_lost_engine_and_another_lab_end_it_with_their_own_codes() -> None:
    lost, _, _ = lab(Faults(engine_lost_after_trials=1))
    with pytest.raises(EngineLost):
        run_batch(lost, request())
    assert [event.event for event in lost.store.read("latest").events][-1] == "run_aborted"
    held, _, _ = lab(Faults(held_by_another=True))
    with pytest.raises(LabHeld):
        run_batch(held, request())


def test_a_batch_run_has_no_rate_and_the_newest_run_with_one_is_priced() -> None:
    one, _, _ = lab()
    run(one, samples.request("acme/small"))
    stored = run_batch(one, request(repeat=1, run="2026-01-02-0000-test-run"))
    assert newest(one.store).manifest.run == "2026-01-01-0000-test-run"
    with pytest.raises(ConfigError) as caught:
        windows_of(stored, "cost")
    (mistake,) = caught.value.mistakes
    assert "holds no rate" in mistake.message and mistake.hint.endswith("orchestrator show 2026-01-02-0000-test-run")
