"""Meter: counters of what is watched, and first answers."""

from __future__ import annotations

import pytest

from orchestrator.domain.box import BoxSpec, Ended, LoadSpec
from orchestrator.domain.generator import Generator
from orchestrator.domain.limits import not_in_force
from orchestrator.domain.measurement import Missing, difference
from orchestrator.domain.reading import FirstAnswer
from orchestrator.domain.request import Request
from orchestrator.domain.runtime import RUNTIME_PATH, RuntimePages, measure_runtime
from orchestrator.errors import TrialFailed
from orchestrator.ports import Lab, Meter
from tests.contract.conftest import TAGS, WORKLOAD

PORTS = (Meter,)


def awaited(lab: Lab, ticket: str) -> FirstAnswer | Missing:
    for _ in range(600):
        answer = lab.meter.first_answer(ticket)
        if answer is not None:
            return answer
        lab.clock.sleep(0.05)
    pytest.fail("neither an answer nor the end of its time within 30 s")


def test_counters_grow_limits_are_read_back_and_the_last_reading_stays(lab: Lab, spec: BoxSpec, load: LoadSpec) -> None:
    with lab.stack.start(spec) as box:
        lab.meter.watch(box.id, TAGS, spec.limits, 0.01)
        first = lab.meter.reading(box.id)
        assert not_in_force(spec.limits, first.limits) == ()
        with lab.generators[Generator.K6].start(box, load) as run:
            run.wait_quiet()
            opening = lab.meter.reading(box.id)
            run.wait_finished()
            closing = lab.meter.reading(box.id)
    assert first.at_seconds < opening.at_seconds < closing.at_seconds
    assert first.cpu_seconds <= opening.cpu_seconds < closing.cpu_seconds
    assert (closing.limits_changes, closing.oom_kills) == (0, 0)
    peak = closing.memory_bytes_peak
    assert not isinstance(peak, Missing) and 0 < peak <= spec.limits.memory_bytes
    gone = lab.meter.reading(box.id)
    assert gone.cpu_seconds >= closing.cpu_seconds and gone.limits == closing.limits
    lab.meter.forget(box.id)
    with pytest.raises(TrialFailed):
        lab.meter.reading(box.id)


def test_a_window_is_told_second_by_second_and_with_what_the_host_did(lab: Lab, spec: BoxSpec, load: LoadSpec) -> None:
    with lab.stack.start(spec) as box:
        lab.meter.watch(box.id, TAGS, spec.limits, 0.01)
        with lab.generators[Generator.K6].start(box, load) as run:
            run.wait_quiet()
            opening = lab.meter.reading(box.id)
            run.wait_finished()
            closing, points = lab.meter.reading(box.id), lab.meter.points(box.id)
    ends = [one.at_seconds for one in points]
    assert ends == sorted(ends) and ends[-1] > opening.at_seconds
    assert max(one.cpu_cores for one in points) > 0
    seconds = closing.at_seconds - opening.at_seconds
    assert 0 < closing.sampled_seconds - opening.sampled_seconds <= seconds * 1.01
    assert abs(closing.clock_offset_seconds - opening.clock_offset_seconds) < 0.1
    steal = difference(opening.steal_seconds, closing.steal_seconds)
    assert isinstance(steal, Missing) or 0 <= steal <= seconds
    others = difference(opening.others_cpu_seconds, closing.others_cpu_seconds)
    # Ticks, where the kernel has nothing better, were seen to be wrong by 6 % of a CPU over 9 s; more over less.
    assert isinstance(others, Missing) or -0.3 * seconds <= others <= 1.3 * seconds
    lab.meter.forget(box.id)
    assert lab.meter.points(box.id) == ()


def test_what_was_never_watched_has_no_reading(lab: Lab) -> None:
    with pytest.raises(TrialFailed):
        lab.meter.reading("0" * 64)
    assert lab.meter.points("0" * 64) == ()


def test_the_first_answer_of_a_server_that_starts_later_is_awaited(lab: Lab, spec: BoxSpec) -> None:
    ticket = lab.meter.expect_answer(spec.name, spec.port, WORKLOAD.first, "/lab/info", 20.0)
    assert lab.meter.first_answer(ticket) is None
    with lab.stack.start(spec) as box:
        answer = awaited(lab, ticket)
        assert isinstance(answer, FirstAnswer)
        assert 0 < answer.at_unix_seconds - box.started_unix_seconds() < 20
        assert answer.info


def test_an_answer_that_never_comes_is_missing_with_its_reason(lab: Lab) -> None:
    answer = awaited(lab, lab.meter.expect_answer("nobody", 8080, WORKLOAD.first, "/lab/info", 0.3))
    assert isinstance(answer, Missing) and answer.reason


def test_what_a_runtime_says_of_itself_is_read(lab: Lab, spec: BoxSpec) -> None:
    with lab.stack.start(spec):
        first = awaited(lab, lab.meter.expect_answer(spec.name, spec.port, WORKLOAD.first, "/lab/info", 20.0))
        assert isinstance(first, FirstAnswer)
        asked = Request("GET", RUNTIME_PATH)
        page = awaited(lab, lab.meter.expect_answer(spec.name, spec.port, asked, RUNTIME_PATH, 20.0))
    assert isinstance(page, FirstAnswer)
    known = {
        row.metric
        for row in measure_runtime(RuntimePages(page.info, page.info), 1.0)
        if not isinstance(row.value, Missing)
    }
    # A Go server: no asynchronous tasks; and no pause between two looks at one page.
    go = {"gc_cycles", "gc_cpu_seconds", "heap_live_bytes", "heap_goal_bytes", "goroutines"}
    assert known == {f"runtime_{name}" for name in go}


def test_a_ticket_that_was_never_given_is_refused(lab: Lab) -> None:
    with pytest.raises(TrialFailed):
        lab.meter.first_answer("0" * 16)


def test_what_runs_now_can_be_told(lab: Lab) -> None:
    lab.meter.announce("a test: <b> & all")
    lab.meter.announce("a test", Ended("r", "t1", "go-x", "a/b", "plaintext", "void", "limits", "why", 1_000.0, None))
