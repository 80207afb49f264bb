"""What a runtime says of itself at both edges of a window."""

from __future__ import annotations

import pytest

from orchestrator.domain.measurement import METRICS, Measurement, Missing
from orchestrator.domain.runtime import Page, RuntimePages, measure_runtime

ROWS = {name for name in METRICS if name.startswith("runtime_")}
#: As the observer makes it of a Go server's page: flat, each value as JSON text.
GO = {
    "gc_cycles": "12",
    "gc_cpu_seconds": "0.5",
    "gc_pauses.upper_seconds": "[0.0001, 0.001, 0.01, null]",
    "gc_pauses.counts": "[5, 5, 0, 0]",
    "heap_live_bytes": "2097152",
    "heap_goal_bytes": "4194304",
    "goroutines": "8",
    "async_workers": "null",
    "blocking_threads": "null",
    "alive_tasks": "null",
}
LATER = GO | {
    "gc_cycles": "20",
    "gc_cpu_seconds": "0.75",
    "gc_pauses.counts": "[12, 6, 0, 0]",
    "goroutines": "9",
}
RUST = dict.fromkeys(GO, "null") | {"gc_pauses": "null", "async_workers": "2", "alive_tasks": "0"}
del RUST["gc_pauses.upper_seconds"], RUST["gc_pauses.counts"]


def rows(opening: Page | Missing, closing: Page | Missing) -> dict[str, Measurement]:
    return {one.metric: one for one in measure_runtime(RuntimePages(opening, closing), 10.0)}


def longest(counts: str, uppers: str = GO["gc_pauses.upper_seconds"]) -> float | Missing:
    closing = GO | {"gc_pauses.counts": counts, "gc_pauses.upper_seconds": uppers}
    return rows(GO, closing)["runtime_gc_pause_seconds_max"].value


def test_counters_are_of_the_window_and_gauges_of_its_end() -> None:
    made = rows(GO, LATER)
    assert made.keys() == ROWS
    assert (made["runtime_gc_cycles"].value, made["runtime_gc_cpu_seconds"].value) == (8, 0.25)
    pause = made["runtime_gc_pause_seconds_max"]
    assert (pause.value, pause.n, pause.window_seconds) == (0.001, 8, 10.0)
    assert (made["runtime_goroutines"].value, made["runtime_goroutines"].window_seconds) == (9, 0)
    assert {one.source for one in made.values()} == {"program"}


@pytest.mark.parametrize("name", ["async_workers", "blocking_threads", "alive_tasks"])
def test_what_go_has_not_is_missing(name: str) -> None:
    assert rows(GO, LATER)[f"runtime_{name}"].value == Missing("this runtime has none")


def test_a_runtime_without_a_collector_has_no_collections() -> None:
    made = rows(RUST, RUST)
    missing = {name for name, one in made.items() if isinstance(one.value, Missing)}
    assert ROWS - missing == {"runtime_async_workers", "runtime_alive_tasks"}
    assert {one.value for one in made.values() if isinstance(one.value, Missing)} == {Missing("this runtime has none")}


@pytest.mark.parametrize(("opening", "closing"), [(Missing("busy"), GO), (GO, Missing("busy"))])
def test_a_page_that_was_not_had_is_the_reason(opening: Page | Missing, closing: Page | Missing) -> None:
    made = rows(opening, closing)
    for name in ("gc_cycles", "gc_cpu_seconds", "gc_pause_seconds_max"):
        assert made[f"runtime_{name}"].value == Missing("busy")
    assert isinstance(made["runtime_goroutines"].value, Missing) == isinstance(closing, Missing)


def test_a_counter_that_fell_is_another_processs() -> None:
    made = rows(LATER, GO)
    for name in ("gc_cycles", "gc_cpu_seconds", "gc_pause_seconds_max"):
        assert made[f"runtime_{name}"].value == Missing("the counter fell: the process was started anew")


def test_the_last_range_has_no_end_and_gives_its_beginning() -> None:
    assert longest("[5, 5, 0, 1]") == 0.01
    assert longest("[5, 5, 1, 0]") == 0.01
    assert longest("[6, 5, 0, 0]") == 0.0001
    assert longest("[5, 5, 0, 0]") == Missing("no collection within the window")


@pytest.mark.parametrize(
    ("counts", "uppers"),
    [
        ("[1]", GO["gc_pauses.upper_seconds"]),
        ("7", "7"),
        ('["a", 5, 0, 0]', GO["gc_pauses.upper_seconds"]),
        ("[5, 5, 0, 0]", "[null, null, null, null]"),
        ("[5, 5", GO["gc_pauses.upper_seconds"]),
        ("[5, 5]", "[0.1, null]"),
        ("[5, 5, NaN, 0]", GO["gc_pauses.upper_seconds"]),
        ("[5, 5, 1e999, 0]", GO["gc_pauses.upper_seconds"]),
        ("[5, 5, true, 0]", GO["gc_pauses.upper_seconds"]),
    ],
)
def test_what_is_no_histogram_is_missing(counts: str, uppers: str) -> None:
    assert isinstance(longest(counts, uppers), Missing)


@pytest.mark.parametrize("value", ["true", '"12"', "-1", "NaN", "[]", "", "{"])
def test_what_is_no_number_is_missing(value: str) -> None:
    assert isinstance(rows(GO, GO | {"gc_cycles": value})["runtime_gc_cycles"].value, Missing)
