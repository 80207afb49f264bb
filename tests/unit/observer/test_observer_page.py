"""The live page draws itself: its script is run, on a state as the observer sends it. Needs node."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from orchestrator.domain.box import Ended
from orchestrator.observer.ended import EndedWindows
from orchestrator.observer.rates import Rates
from orchestrator.observer.sampler import Sampler
from orchestrator.observer.state import state
from tests.unit.adapters.cgroup.trees import CONTAINER, write_v2
from tests.unit.observer.conftest import TAGS

PAGE = Path(__file__).parents[3] / "orchestrator/observer/page.html"
WELL = Ended(
    TAGS.run, "t1", TAGS.server, TAGS.instance_type, TAGS.workload, "pass", "", "go-fasthttp: 500/s", 512.0, 0.003
)
VOID = replace(WELL, trial="t2", mark="void", kind="neighbour", text="others used <b>30 %</b>", rate_per_second=None)


def drawn(shown: dict[str, Any]) -> dict[str, Any]:
    node = shutil.which("node")
    assert node, "node runs the page's script: install it, and run the tests again"
    (script,) = re.findall(r"<script>(.*)</script>", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    done = subprocess.run(
        [node, Path(__file__).parent / "page_dom.js"],
        input=json.dumps({"script": script, "state": shown}),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert told["alarm"] == "", told["alarm"]
    return told


@pytest.fixture
def watched(tmp_path: Path) -> dict[str, Any]:
    sampler = Sampler(write_v2(tmp_path))
    sampler.watch(CONTAINER, TAGS, None, 0.0104)
    return {**state(sampler, Rates("")), "ended": []}


def ended(*windows: Ended) -> list[dict[str, Any]]:
    kept = EndedWindows()
    for one in windows:
        kept.keep(one)
    return kept.shown()


def test_a_server_is_drawn_and_what_is_missing_says_why(watched: dict[str, Any]) -> None:
    told = drawn(watched)
    assert told["announcement"] == "1 server under limits"
    assert "go-fasthttp azure/b1s, plaintext" in told["servers"]
    assert "p99 not available: no Prometheus is known" in told["servers"]
    assert "of 0.25 CPU" in told["servers"] or "limit 0.25 CPU" in told["servers"]
    assert told["windows"] == "" and "this observer" in told["rig"]


def test_windows_that_are_over_are_marked_and_the_spoiled_ones_told(watched: dict[str, Any]) -> None:
    shared = replace(WELL, trial="t3", mark="shared")
    told = drawn({**watched, "ended": ended(WELL, VOID, shared)})
    assert told["marks"][:3] == [
        ["pass", "azure/b1s, go-fasthttp: 500/s"],
        ["void", "azure/b1s, others used <b>30 %</b>"],
        ["shared", "azure/b1s, go-fasthttp: 500/s"],
    ]
    assert "3 windows of calm-otter, oldest first" in told["windows"]
    assert "1 void: spoiled by the rig, never ranked" in told["windows"]
    assert told["windows"].index("azure/b1s go-fasthttp: 500/s") < told["windows"].index("others used <b>30 %</b>")


def test_what_nobody_tells_live_is_that_of_the_last_window(watched: dict[str, Any]) -> None:
    other = replace(WELL, server="rust-axum", rate_per_second=9.0)
    told = drawn({**watched, "ended": ended(WELL, VOID, other)})
    assert "requests/s 512 of the last window, 0 s ago" in told["servers"]
    assert "p99 3 ms of the last window" in told["servers"]


def test_what_is_told_live_comes_first(watched: dict[str, Any]) -> None:
    (one,) = watched["watched"]
    told = drawn({**watched, "watched": [{**one, "rate_achieved_per_second": 321.0}], "ended": ended(WELL)})
    assert "requests/s 321" in told["servers"] and "512" not in told["servers"]


def test_nothing_runs(watched: dict[str, Any]) -> None:
    told = drawn({**watched, "watched": [], "announcement": "live: <i>x</i>"})
    assert told["announcement"] == "live: <i>x</i>"
    assert "No server is watched" in told["servers"]
