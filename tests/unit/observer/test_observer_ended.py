"""Windows that are over, on the page and as series."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
import requests
from prometheus_client import CollectorRegistry, generate_latest

from orchestrator.adapters.observer.client import ObserverMeter
from orchestrator.domain.box import Ended
from orchestrator.errors import BenchNotReady
from orchestrator.observer import ended
from orchestrator.observer.ended import EndedWindows
from tests.unit.observer.conftest import Served

WELL = Ended("calm-otter", "t1", "go-fasthttp", "azure/b1s", "plaintext", "pass", "", "500/s  p99 3 ms", 500.0, 0.003)
VOID = replace(WELL, trial="t2", mark="void", kind="neighbour", text="others", latency_seconds_p99=None)


def series(windows: EndedWindows) -> set[str]:
    registry = CollectorRegistry()
    registry.register(windows)
    return {line for line in generate_latest(registry).decode().splitlines() if not line.startswith("#")}


def test_they_are_counted_by_what_came_of_them_and_the_last_one_keeps_its_figures() -> None:
    windows = EndedWindows()
    for one in (WELL, replace(WELL, rate_per_second=600.0), VOID):
        windows.keep(one)
    cell = 'instance_type="azure/b1s"'
    of = 'run="calm-otter",server="go-fasthttp"'
    work = 'workload="plaintext"'
    assert series(windows) == {
        f'lab_windows_total{{{cell},kind="",mark="pass",{of},{work}}} 2.0',
        f'lab_windows_total{{{cell},kind="neighbour",mark="void",{of},{work}}} 1.0',
        f"lab_window_achieved_rate{{{cell},{of},{work}}} 600.0",
        f"lab_window_latency_p99_seconds{{{cell},{of},{work}}} 0.003",
        f'lab_window_void{{{cell},kind="neighbour",{of},trial="t2",{work}}} 1.0',
    }


def test_a_void_window_is_marked_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    windows, now = EndedWindows(), time.monotonic()
    windows.keep(VOID)
    monkeypatch.setattr(ended.time, "monotonic", lambda: now + ended.MARKED_SECONDS + 1)
    assert not any("lab_window_void" in line for line in series(windows))
    assert any("lab_windows_total" in line for line in series(windows))


def test_a_new_run_begins_anew() -> None:
    windows = EndedWindows()
    windows.keep(VOID)
    windows.keep(replace(WELL, run="next-otter"))
    assert [one["run"] for one in windows.shown()] == ["next-otter"]
    assert not any("calm-otter" in line for line in series(windows))


def test_no_more_are_kept_than_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    windows = EndedWindows()
    for number in range(ended.KEPT + 5):
        windows.keep(replace(WELL, trial=f"t{number}"))
    assert [one["trial"] for one in windows.shown()][::-1][0] == f"t{ended.KEPT + 4}"
    assert len(windows.shown()) == ended.KEPT


def test_the_meter_tells_of_a_window_and_the_state_has_it(served: Served) -> None:
    meter = ObserverMeter(lambda: served.url)
    meter.announce("trial 2", VOID)
    meter.announce("trial 3")
    (one,) = requests.get(f"{served.url}/v1/state", timeout=5).json()["ended"]
    assert 0 <= one.pop("seconds_ago") < 30
    assert Ended(**one) == VOID
    assert "lab_window_void" in requests.get(f"{served.url}/metrics", timeout=5).text


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [({"latency_seconds_p99": -1.0}, "from 0"), ({"text": "a\nb"}, "printed"), ({"mark": "x" * 501}, "longer than")],
)
def test_what_is_no_window_is_refused(served: Served, wrong: dict[str, Any], reason: str) -> None:
    with pytest.raises(BenchNotReady, match=reason):
        ObserverMeter(lambda: served.url).announce("x", replace(VOID, **wrong))
    assert requests.get(f"{served.url}/v1/state", timeout=5).json()["ended"] == []
