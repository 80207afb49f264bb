"""Jobs and JobBox: containers that are made, begun once, and end by themselves."""

from __future__ import annotations

import secrets

import pytest

from orchestrator.domain.batch import PROGRAMS, BatchWorkload, Cores, JobCell
from orchestrator.domain.box import Tags
from orchestrator.domain.job import JobEnd, JobSpec, Said, command_of, not_as_asked, read_said
from orchestrator.domain.limits import Limits, not_in_force
from orchestrator.domain.measurement import Missing
from orchestrator.errors import TrialFailed
from orchestrator.ports import JobBox, Jobs, Lab

PORTS = (Jobs, JobBox)
END_SECONDS_MAX = 60.0
PROGRAM = PROGRAMS[0]


def cell_of(lab: Lab) -> tuple[JobCell, BatchWorkload]:
    """Some seconds of work."""
    workload = next(one for one in lab.catalog.batch_workloads() if one.name == "fannkuch")
    return JobCell(PROGRAM.name, "acme/small", workload.name, "same", "", workload.sizes[0].n, Cores.SINGLE), workload


@pytest.fixture
def spec(lab: Lab) -> JobSpec:
    """A job on a whole CPU; its name is new each time."""
    cell, workload = cell_of(lab)
    limits = Limits(lab.engine.facts().cpus[-1:], 100_000, 100_000, 128 * 2**20, 0, 512)
    tags = Tags("a-run", "j1", cell.program, cell.instance_type, cell.workload, "job")
    image = lab.images.provide(PROGRAM.image).reference
    return JobSpec(f"contract.{secrets.token_hex(4)}", image, command_of(cell, workload), limits, tags)


def ended(lab: Lab, box: JobBox) -> JobEnd:
    for _ in range(round(END_SECONDS_MAX / 0.05)):
        end = box.end()
        if end is not None:
            return end
        lab.clock.sleep(0.05)
    pytest.fail(f"it did not end within {END_SECONDS_MAX:g} s")


def test_a_job_waits_for_its_beginning_ends_by_itself_and_leaves_its_line(lab: Lab, spec: JobSpec) -> None:
    cell, workload = cell_of(lab)
    with lab.jobs.make(spec) as box:
        assert len(box.id) >= 12 and box.end() is None
        lab.clock.sleep(0.2)
        assert box.end() is None, "it was not begun"
        box.begin()
        end = ended(lab, box)
        assert (end.exit_code, end.oom_killed) == (0, False)
        assert 0 < end.finished_unix_seconds - end.started_unix_seconds < END_SECONDS_MAX
        said = read_said(box.output())
        assert isinstance(said, Said), said
        assert not_as_asked(said, cell, workload, PROGRAM) == ""
        assert said.checksum == workload.checksum(cell.n)
        assert said.wall_seconds <= end.finished_unix_seconds - end.started_unix_seconds
    assert lab.engine.sweep().containers == 0


def test_a_job_is_seen_by_the_meter_and_its_last_reading_stays(lab: Lab, spec: JobSpec) -> None:
    with lab.jobs.make(spec) as box:
        lab.meter.watch(box.id, spec.tags, spec.limits, None)
        with pytest.raises(TrialFailed):
            lab.meter.reading(box.id)
        box.begin()
        lab.clock.sleep(0.5)
        first = lab.meter.reading(box.id)
        assert not_in_force(spec.limits, first.limits) == ()
        end = ended(lab, box)
        last = lab.meter.reading(box.id)
        assert last.cpu_seconds > first.cpu_seconds
        assert not isinstance(last.memory_bytes_peak, Missing) and last.memory_bytes_peak > 0
        assert lab.meter.reading(box.id).at_seconds == last.at_seconds, "it stands still"
        unseen = end.finished_unix_seconds - last.at_seconds - last.clock_offset_seconds
        assert -0.2 < unseen < 1.0
        lab.meter.forget(box.id)


def test_a_job_is_gone_when_its_block_fails_while_it_runs(lab: Lab, spec: JobSpec) -> None:
    def begin_and_fail(box: JobBox) -> None:
        box.begin()
        assert len(box.log_tail(1)) <= 1
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), lab.jobs.make(spec) as box:
        begin_and_fail(box)
    assert lab.engine.sweep().containers == 0


def test_a_sweep_takes_the_job_of_a_dead_run(lab: Lab, spec: JobSpec) -> None:
    with lab.jobs.make(spec):
        assert lab.engine.sweep().containers == 1
    assert lab.engine.sweep().containers == 0
