"""The window second by second, and whether it was steady."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.domain.measurement import Missing
from orchestrator.domain.reading import LoadSlot, Point
from orchestrator.domain.record import Second
from orchestrator.domain.seconds import drift, seconds_of
from tests.unit.samples import GOOD, LOAD


def second(at: float, cores: float | Missing = 0.1, requests: int = 1_000) -> Second:
    return Second(at, 1.0, requests, 0, 0.004, cores, 0.1, 1)


def test_each_slot_meets_the_points_of_its_own_second() -> None:
    slots = tuple(LoadSlot(float(at), 1.0, 1_000, 0, 0.002) for at in range(3))
    # The window opens 0.4 s after the opening reading at 0.
    points = tuple(Point(1.4 + at, 0.1 * (at + 1), Missing("no period"), at) for at in range(3))
    seen = seconds_of(replace(GOOD, load=replace(LOAD, slots=slots), points=points))
    assert [one.cpu_cores for one in seen] == pytest.approx([0.1, 0.2, 0.3])
    assert [one.memory_bytes for one in seen] == [0, 1, 2]
    assert all(isinstance(one.throttled_ratio, Missing) for one in seen)


def test_a_second_the_observer_did_not_see_is_missing() -> None:
    slots = (LoadSlot(0.0, 1.0, 1_000, 0, 0.002),)
    (seen,) = seconds_of(replace(GOOD, load=replace(LOAD, slots=slots), points=()))
    assert isinstance(seen.cpu_cores, Missing) and isinstance(seen.memory_bytes, Missing)
    assert seen.requests == 1_000


def test_a_generator_started_later_opens_the_window_after_its_lead_in() -> None:
    slots = (LoadSlot(0.0, 1.0, 1_000, 0, 0.002),)
    late = (Point(3.0, 0.3, Missing("x"), 0), Point(4.0, 0.3, Missing("x"), 0))
    points = (Point(3.1, 0.9, Missing("x"), 1), Point(4.1, 0.2, Missing("x"), 2))
    evidence = replace(
        GOOD,
        load=replace(LOAD, slots=slots),
        generator_opening=None,
        quiet_seconds=0.0,
        warmup_seconds=1.0,
        generator_points=late,
        points=points,
    )
    assert [one.cpu_cores for one in seconds_of(evidence)] == [0.2]


def test_a_window_in_which_a_request_becomes_dearer_is_not_steady() -> None:
    flat = [second(float(at)) for at in range(12)]
    assert drift(tuple(flat)) == ""
    warming = [second(float(at), 0.2 if at < 4 else 0.1) for at in range(12)]
    assert drift(tuple(warming)) == "CPU time per request went from 200 us to 100 us within the window"


def test_a_few_requests_a_second_tell_nothing_of_it() -> None:
    warming = [second(float(at), 0.002 if at < 4 else 0.001, requests=9) for at in range(12)]
    assert drift(tuple(warming)) == ""


def test_a_window_of_a_few_seconds_tells_nothing_of_it() -> None:
    assert drift(tuple(second(float(at), 0.2 if at < 2 else 0.1) for at in range(5))) == ""
    assert drift(tuple(second(float(at), Missing("not seen")) for at in range(12))) == ""
