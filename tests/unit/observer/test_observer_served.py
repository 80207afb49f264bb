"""The API over HTTP, and its client."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from dataclasses import asdict
from importlib import resources
from typing import Any

import pytest
import requests

from orchestrator.adapters.observer.client import ObserverMeter
from orchestrator.domain.limits import Limits
from orchestrator.domain.measurement import Missing
from orchestrator.domain.reading import FirstAnswer, Point
from orchestrator.domain.request import Check, Request
from orchestrator.errors import BenchNotReady, TrialFailed
from orchestrator.observer.rates import Rates, by_server
from tests.unit.adapters.cgroup.trees import CONTAINER
from tests.unit.observer.conftest import TAGS, Served

LIMITS = Limits((2, 3, 6), 25_000, 100_000, 2**26, 0, 512)
PLAINTEXT = Request("GET", "/plaintext", check=Check(body="Hello, World!"))
ROOT = {"method": "GET", "path": "/", "headers": {}, "body": "", "check": {"status": 200, "body": "", "contains": ""}}
EXPECT = {
    "host": "go-fasthttp",
    "port": 8080,
    "request": ROOT,
    "info_path": "/lab/info",
    "timeout_seconds": 0.01,
}
WATCH: dict[str, Any] = {"tags": asdict(TAGS), "limits": None, "usd_per_hour": None}


def test_the_meter_reads_what_the_kernel_says(served: Served) -> None:
    meter = ObserverMeter(lambda: served.url)
    meter.watch(CONTAINER, TAGS, LIMITS, 0.0104)
    first = meter.reading(CONTAINER)
    assert (first.cpu_seconds, first.limits.cpuset, first.limits_changes) == (2.5, (2, 3, 6), 0)
    (served.cgroup / "memory.max").write_text("max\n")
    second = meter.reading(CONTAINER)
    assert second.limits.memory_bytes == Missing("no limit is set")
    assert second.limits_changes == 1
    assert second.at_seconds > first.at_seconds
    meter.forget(CONTAINER)
    meter.forget(CONTAINER)
    with pytest.raises(TrialFailed, match="is not watched"):
        meter.reading(CONTAINER)


def test_the_meter_gives_the_seconds_oldest_first(served: Served) -> None:
    meter = ObserverMeter(lambda: served.url)
    assert meter.points(CONTAINER) == ()
    meter.watch(CONTAINER, TAGS, LIMITS, None)
    assert meter.points(CONTAINER) == ()
    seconds = [Point(7.5, 0.25, 0.5, 1015808), Point(8.5, 0.125, Missing("no quota period has passed"), Missing("x"))]
    served.sampler.watches()[0].history.extend(seconds)
    assert meter.points(CONTAINER) == tuple(seconds)
    with pytest.raises(BenchNotReady, match="64 hexadecimal digits"):
        meter.points("f")


def test_a_container_that_never_ran_has_no_reading(served: Served) -> None:
    meter = ObserverMeter(lambda: served.url)
    meter.watch("f" * 64, TAGS, None, None)
    with pytest.raises(TrialFailed, match="never ran"):
        meter.reading("f" * 64)


def test_the_meter_waits_for_an_answer(served: Served) -> None:
    meter = ObserverMeter(lambda: served.url)
    port = int(served.url.rpartition(":")[2])
    ticket = meter.expect_answer("127.0.0.1", port, Request("GET", "/healthz", check=Check(body="ok")), "/v1/state", 5)
    while (answer := meter.first_answer(ticket)) is None:
        pass
    assert isinstance(answer, FirstAnswer) and isinstance(answer.info, dict)
    assert answer.info["announcement"] == ""
    with pytest.raises(TrialFailed, match="ticket ffff is not known; only the last 256 are kept"):
        meter.first_answer("ffff")
    late = meter.expect_answer("127.0.0.1", port, PLAINTEXT, "/lab/info", 0.05)
    while (missed := meter.first_answer(late)) is None:
        pass
    assert missed == Missing("no good answer within 0.05 s: status 404 on /plaintext")


def test_the_announcement_reaches_the_page(served: Served) -> None:
    ObserverMeter(lambda: served.url).announce("trial 7 of 18: rust-axum on <b>azure/b1s</b>")
    state = requests.get(f"{served.url}/v1/state", timeout=5).json()
    assert state["announcement"] == "trial 7 of 18: rust-axum on <b>azure/b1s</b>"


def test_the_state_says_why_a_figure_is_not_there(served: Served) -> None:
    ObserverMeter(lambda: served.url).watch(CONTAINER, TAGS, LIMITS, None)
    (one,) = requests.get(f"{served.url}/v1/state", timeout=5).json()["watched"]
    assert one["usd_per_hour"] == {"missing": "no price is known"}
    assert one["cpu_cores"] == {"missing": "the first second is not over"}
    assert "PROMETHEUS_URL" in one["latency_seconds_p99"]["missing"]
    assert (one["memory_bytes"], one["memory_bytes_allowed"]) == (1015808, 67108864)


def test_nobody_there_is_said_with_the_next_command() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    for call in (
        lambda: ObserverMeter(lambda: url).reading(CONTAINER),
        lambda: ObserverMeter(lambda: url).announce("x"),
    ):
        with pytest.raises(BenchNotReady, match="does not answer") as caught:
            call()
        assert (caught.value.where, caught.value.hint) == (url, "orchestrator up")


def test_a_stranger_is_not_taken_for_the_observer(served: Served) -> None:
    with pytest.raises(BenchNotReady, match="not one this version understands"):
        ObserverMeter(lambda: f"{served.url}/metrics?").announce("x")


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "reason"),
    [
        ("PUT", "/v1/watch/a..etc", WATCH, 400, "64 hexadecimal digits"),
        ("PUT", f"/v1/watch/{CONTAINER}", {**WATCH, "tags": {}}, 400, "run is a text"),
        ("PUT", f"/v1/watch/{CONTAINER}", {**WATCH, "tags": {**asdict(TAGS), "role": "x"}}, 400, "tags.role"),
        ("PUT", f"/v1/watch/{CONTAINER}", {**WATCH, "tags": {**asdict(TAGS), "run": "a\n"}}, 400, "printed"),
        ("PUT", f"/v1/watch/{CONTAINER}", {**WATCH, "limits": {"cpuset": [0]}}, 400, "limits: KeyError"),
        ("PUT", f"/v1/watch/{CONTAINER}", {**WATCH, "usd_per_hour": -1}, 400, "usd_per_hour is from 0"),
        ("PUT", f"/v1/watch/{CONTAINER}", {**WATCH, "usd_per_hour": True}, 400, "usd_per_hour is a number"),
        ("PUT", "/v1/announce", {"text": "x" * 501}, 400, "longer than 500"),
        ("PUT", "/v1/announce", [], 400, "no JSON object"),
        ("PUT", "/v1/announce", {"text": "x" * 600_000}, 413, "more than 524288 bytes"),
        ("POST", "/v1/expect", {**EXPECT, "host": "a/b"}, 400, "no host name"),
        ("POST", "/v1/expect", {**EXPECT, "host": "a" * 64}, 400, "no host name"),
        ("POST", "/v1/expect", {**EXPECT, "port": 70_000}, 400, "port is from 1 to 65535"),
        ("POST", "/v1/expect", {**EXPECT, "request": {**ROOT, "method": "BREW"}}, 400, "method is one of"),
        ("POST", "/v1/expect", {**EXPECT, "request": {**ROOT, "path": "/ HTTP/1.1"}}, 400, "no blanks"),
        ("POST", "/v1/expect", {**EXPECT, "request": {**ROOT, "headers": {"a b": "c"}}}, 400, "is no token"),
        ("POST", "/v1/expect", {**EXPECT, "request": {**ROOT, "headers": {"a": "b\r\nc: d"}}}, 400, "printed"),
        ("POST", "/v1/expect", {**EXPECT, "request": {**ROOT, "check": {"status": 7}}}, 400, "status is from 100"),
        ("POST", "/v1/expect", {**EXPECT, "ready_path": "ready"}, 400, "ready_path starts with /"),
        ("POST", "/v1/expect", {**EXPECT, "timeout_seconds": 1e9}, 400, "timeout_seconds is from"),
        ("POST", "/v1/announce", {}, 405, "takes PUT"),
        ("GET", "/v1/nothing", None, 404, "nothing is at"),
        ("GET", "/nothing", None, 404, "nothing is at"),
        ("DELETE", "/v1/watch/x", None, 400, "64 hexadecimal digits"),
    ],
)
def test_what_cannot_be_used_is_refused(
    served: Served, method: str, path: str, body: object, status: int, reason: str
) -> None:
    answer = requests.request(method, served.url + path, json=body, timeout=5)
    assert answer.status_code == status
    assert reason in answer.json()["error"]


def test_a_page_of_another_site_cannot_send(served: Served) -> None:
    simple = requests.post(
        f"{served.url}/v1/expect", data=json.dumps(EXPECT), headers={"Content-Type": "text/plain"}, timeout=5
    )
    assert simple.status_code == 415


def test_own_cpu_is_on_the_bill(served: Served) -> None:
    lines = requests.get(f"{served.url}/metrics", timeout=5).text.splitlines()
    assert any(line.startswith("process_cpu_seconds_total ") for line in lines)


def test_the_page_needs_nothing_from_elsewhere(served: Served) -> None:
    answer = requests.get(served.url, timeout=5)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"(src|href)\s*=\s*[\"'](?!data:|/)", answer.text)
    assert "https:" not in answer.text
    assert "<noscript>" in answer.text


def test_the_page_never_writes_markup() -> None:
    page = (resources.files("orchestrator.observer") / "page.html").read_text()
    for door in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert door not in page


def test_rates_by_server() -> None:
    labels = {"trial": "t7", "server": "go-fasthttp", "instance_type": "azure/b1s"}
    series = [
        {"metric": {"__name__": "lab:achieved_rate:per_second", **labels}, "value": [1.0, "1984.5"]},
        {"metric": {"__name__": "lab:latency_p99:seconds", **labels}, "value": [1.0, "NaN"]},
    ]
    assert by_server({"data": {"result": series}}) == {
        ("t7", "go-fasthttp", "azure/b1s"): {"rate_achieved_per_second": 1984.5}
    }


def test_a_silent_prometheus_is_missing_not_zero(served: Served) -> None:
    for url, reason in ((f"{served.url}/x", "does not answer"), ("http://127.0.0.1:1", "does not answer")):
        figures = Rates(url).of(TAGS)
        assert all(isinstance(one, Missing) and reason in one.reason for one in figures.values())


def test_it_needs_the_standard_library_and_one_more() -> None:
    """Its container has nothing else: importing it must load none of the lab's other libraries."""
    program = (
        "import sys, orchestrator.observer.__main__, orchestrator.observer.serve, orchestrator.observer.rates\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} - set(sys.stdlib_module_names)))"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    outside = {name for name in json.loads(said.stdout.replace("'", '"')) if not name.startswith("_")}
    assert outside - {"orchestrator", "prometheus_client"} <= {"sitecustomize", "usercustomize", "distutils-precedence"}
    assert "prometheus_client" in outside
