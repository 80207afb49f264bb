"""What k6 is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.adapters.k6.options import (
    build_options,
    finished_after_seconds_max,
    in_slot,
    quiet_after_seconds,
    statistic,
)
from orchestrator.domain.box import LoadSpec, Tags, not_offered
from orchestrator.domain.generator import Generator
from orchestrator.domain.latency import QUANTILES
from orchestrator.domain.request import Check, Request
from orchestrator.domain.workload import Workload

SPEC = LoadSpec(
    workload=Workload("json", "", (Request("GET", "/json", check=Check(body='{"a":1}')),)),
    port=8081,
    rate_per_second=2_000,
    warmup_seconds=2.0,
    duration_seconds=5.5,
    virtual_users=210,
    cpus=(0,),
    tags=Tags("run-1", "t1", "go-fasthttp", "acme/small", "json", "generator"),
)


def test_the_address_is_always_loopback() -> None:
    options = build_options(SPEC)
    (request,) = options["requests"]
    assert (request["url"], request["numbers"]) == ("http://127.0.0.1:8081/json", None)
    assert (request["method"], request["body"], options["name"]) == ("GET", None, "json")
    assert request["check"] == {"status": 200, "body": '{"a":1}', "contains": None}


def test_a_mix_goes_with_weights_headers_bodies_and_ranges_of_numbers() -> None:
    add = Request("POST", "/add?dry=1", {"Accept": "*/*"}, "{}", 3, Check(201))
    get = Request("GET", "/get/{100-250}.json", check=Check(contains="id"))
    spec = replace(SPEC, workload=Workload("mix", "", (add, get)))
    first, second = build_options(spec)["requests"]
    assert (first["method"], first["headers"], first["body"], first["weight"]) == ("POST", {"Accept": "*/*"}, "{}", 3)
    assert first["check"] == {"status": 201, "body": None, "contains": None}
    assert (second["url"], second["numbers"]) == (
        "http://127.0.0.1:8081/get/",
        {"low": 100, "count": 151, "after": ".json"},
    )


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
    assert float(options["timeout"].removesuffix("s")) < grace
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


def test_the_script_knows_when_each_request_is_due_as_k6_counts_it() -> None:
    assert build_options(SPEC)["period_milliseconds"] == 0.5
    # k6 waits 333,333 ns, not a third of a millisecond.
    assert build_options(replace(SPEC, rate_per_second=3_000))["period_milliseconds"] == 0.333333


def test_every_quantile_that_is_kept_is_asked_for_by_k6s_name() -> None:
    statistics = build_options(SPEC)["options"]["summaryTrendStats"]
    assert statistics[:2] == ["count", "avg"]
    assert len(statistics) == 2 + len(QUANTILES) == len(set(statistics))
    assert (statistic(0.07), statistic(0.9025), statistic(0.9995), statistic(1.0)) == (
        "p(7)",
        "p(90.25)",
        "p(99.95)",
        "max",
    )


def test_all_that_is_read_later_is_reported_even_when_nothing_was_counted() -> None:
    spec = replace(SPEC, limits_seconds=(0.05, 0.1))
    options = build_options(spec)
    assert options["limits_milliseconds"] == [50, 100]
    assert set(options["reported"]) == set(options["options"]["thresholds"])
    assert {"lab_latency", "lab_slower_0", "lab_slower_1", "lab_wrong_answers"} <= set(options["reported"])


def test_a_window_is_told_in_seconds_and_a_long_one_in_sixty_slots() -> None:
    options = build_options(SPEC)
    assert (options["slots"], options["slot_milliseconds"], options["window_milliseconds"]) == (6, 1000, 5500)
    assert in_slot("lab_latency", 5) in options["reported"] and in_slot("lab_latency", 6) not in options["reported"]
    options = build_options(replace(SPEC, duration_seconds=90.0))
    assert (options["slots"], options["slot_milliseconds"]) == (45, 2000)


LOOP = replace(SPEC, rate_per_second=None, virtual_users=50, think_seconds=0.05)


def test_users_who_think_are_so_many_in_both_phases_and_nothing_is_due() -> None:
    options = build_options(LOOP)
    scenarios = options["options"]["scenarios"]
    assert {(one["executor"], one["vus"]) for one in scenarios.values()} == {("constant-vus", 50)}
    assert [one["exec"] for one in scenarios.values()] == ["warmupLoop", "measureLoop"]
    assert (scenarios["window"]["startTime"], scenarios["window"]["duration"]) == ("3000ms", "5500ms")
    assert (options["period_milliseconds"], options["think_seconds"], options["users"]) == (None, 0.05, 50)
    assert [one["exec"] for one in build_options(SPEC)["options"]["scenarios"].values()] == ["warmup", "measure"]


def test_each_generator_says_what_it_cannot_offer() -> None:
    assert not_offered(LOOP, Generator.K6) == not_offered(SPEC, Generator.K6) == not_offered(SPEC, Generator.OHA) == ""
    assert "think time" in not_offered(LOOP, Generator.OHA)
    assert "without think time" in not_offered(replace(LOOP, think_seconds=0.0), Generator.K6)
    assert not_offered(replace(LOOP, think_seconds=0.0), Generator.OHA) == ""
