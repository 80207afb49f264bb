"""What k6 is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.adapters.k6.options import build_options, finished_after_seconds_max, quiet_after_seconds
from orchestrator.domain.box import LoadSpec, Tags
from orchestrator.domain.workload import Workload

SPEC = LoadSpec(
    workload=Workload("json", "GET", "/json", "", body='{"a":1}'),
    port=8081,
    rate_per_second=2_000,
    warmup_seconds=2.0,
    duration_seconds=5.5,
    virtual_users=210,
    cpus=(0,),
    tags=Tags("run-1", "t1", "go-fasthttp", "acme/small", "json", "generator"),
)


def test_the_address_is_always_loopback() -> None:
    request = build_options(SPEC)["request"]
    assert request["url"] == "http://127.0.0.1:8081/json"
    assert (request["method"], request["body"], request["name"]) == ("GET", '{"a":1}', "json")


def test_both_phases_offer_the_rate_from_one_pool_that_never_grows() -> None:
    scenarios = build_options(SPEC)["options"]["scenarios"]
    assert list(scenarios) == ["warmup", "window"]
    for scenario in scenarios.values():
        assert scenario["executor"] == "constant-arrival-rate"
        assert (scenario["rate"], scenario["timeUnit"]) == (2_000, "1s")
        assert scenario["preAllocatedVUs"] == scenario["maxVUs"] == 210
    assert (scenarios["warmup"]["startTime"], scenarios["warmup"]["duration"]) == ("0ms", "2000ms")
    assert (scenarios["window"]["startTime"], scenarios["window"]["duration"]) == ("3000ms", "5500ms")


def test_warmup_is_cut_off_before_the_quiet_moment_and_that_before_the_window() -> None:
    warmup = build_options(SPEC)["options"]["scenarios"]["warmup"]
    last_warmup = 2.0 + int(warmup["gracefulStop"].removesuffix("ms")) / 1000
    assert last_warmup < quiet_after_seconds(SPEC) < 3.0


def test_a_request_ends_before_the_window_stops_waiting_for_it() -> None:
    options = build_options(SPEC)
    grace = int(options["options"]["scenarios"]["window"]["gracefulStop"].removesuffix("ms")) / 1000
    assert float(options["request"]["timeout"].removesuffix("s")) < grace
    assert finished_after_seconds_max(SPEC) == pytest.approx(8.5 + grace)


def test_without_warmup_there_is_no_such_phase() -> None:
    spec = replace(SPEC, warmup_seconds=0.0)
    assert list(build_options(spec)["options"]["scenarios"]) == ["window"]
    assert 0 < quiet_after_seconds(spec) < 1.0


def test_series_carry_the_tags_that_dashboards_join_on() -> None:
    assert build_options(SPEC)["options"]["tags"] == {
        "run": "run-1",
        "trial": "t1",
        "server": "go-fasthttp",
        "instance_type": "acme/small",
        "workload": "json",
    }
