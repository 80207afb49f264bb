from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.adapters.k6.options import REQUEST_SECONDS_MAX
from orchestrator.domain.config import QUICK_SIZES, REPEAT_MAX, Known, Overrides, override
from orchestrator.domain.plan import Aim, Extras
from orchestrator.domain.server import Server
from orchestrator.domain.slo import LATENCY_SECONDS_MAX, LatencyLimit, Slo
from orchestrator.domain.workload import Scenario
from orchestrator.errors import ConfigError
from tests.unit import samples

JSON = replace(samples.PLAINTEXT, name="json")
PLAIN_ONLY = Server("plain-only", "go", "plain", "a server", 8080, ("plaintext",))
BOTH = replace(PLAIN_ONLY, name="both", workloads=("plaintext", "json"))
SLOW = Scenario("slow", (10, 20), 60.0, 10.0)
KNOWN = Known((PLAIN_ONLY, BOTH), (samples.SMALL, samples.TINY), (samples.PLAINTEXT, JSON), (samples.QUICK, SLOW))
LOADED = replace(samples.config(), servers=("plain-only", "both"), scenario=SLOW)


def told(asked: Overrides, known: Known = KNOWN) -> list[tuple[str, str]]:
    with pytest.raises(ConfigError) as caught:
        override(LOADED, asked, known)
    return [(one.where, one.message) for one in caught.value.mistakes]


def test_nothing_asked_changes_nothing() -> None:
    assert override(LOADED, Overrides(), KNOWN) == LOADED


def test_what_is_asked_stands_over_the_file_each_once() -> None:
    asked = Overrides(("both", "both"), ("acme/tiny",), ("json",), (40, 5, 40), "p99=5ms", 7)
    made = override(LOADED, asked, KNOWN)
    assert (made.servers, made.instance_types, made.workloads) == (("both",), ("acme/tiny",), ("json",))
    assert (made.scenario.rates, made.scenario.duration_seconds) == ((5, 40), 60.0)
    assert (made.slo, made.seed, made.sizes_max) == (Slo((LatencyLimit(0.99, 0.005),)), 7, None)


def test_a_size_written_in_the_file_can_be_named() -> None:
    loaded = replace(LOADED, own_instance_types=(replace(samples.SMALL, id="home/tiny"),))
    assert override(loaded, Overrides(instance_types=("home/tiny",)), KNOWN).instance_types == ("home/tiny",)


def test_quick_bounds_the_sizes_and_does_not_choose_them() -> None:
    made = override(LOADED, Overrides(quick=True), KNOWN)
    assert (made.instance_types, made.sizes_max) == (LOADED.instance_types, QUICK_SIZES)
    assert made.scenario == samples.QUICK
    assert override(LOADED, Overrides(quick=True, rates=(3,)), KNOWN).scenario.rates == (3,)
    named = override(LOADED, Overrides(quick=True, instance_types=("acme/tiny",)), KNOWN)
    assert named.sizes_max is None


def test_all_mistakes_at_once() -> None:
    asked = Overrides(("bth",), ("acme/smal",), ("jsn",), (0, 2_000_000), "p99=50", -1, quick=True)
    known = replace(KNOWN, scenarios=(SLOW,))
    found = told(asked, known)
    wheres = ["--server", "--instance", "--workload", "--rate", "--rate", "--seed", "--quick", "--slo"]
    assert [where for where, _ in found] == wheres
    assert found[0][1] == "server 'bth' is not in the catalog; did you mean 'both'?"


@pytest.mark.parametrize(
    ("text", "fits"), [("p99=5s", True), ("p99=10us", True), ("p99=6s", False), ("p99=1us", False)]
)
def test_a_p99_has_the_same_bounds_as_in_the_file(text: str, fits: bool) -> None:
    if fits:
        override(LOADED, Overrides(slo=text), KNOWN)
    else:
        assert told(Overrides(slo=text)) == [("--slo", f"p99 in {text!r} is out of range; use 10us to 5s")]


def test_no_p99_lies_beyond_the_time_after_which_requests_are_cut_off() -> None:
    assert LATENCY_SECONDS_MAX <= REQUEST_SECONDS_MAX


def test_a_workload_that_a_chosen_server_does_not_serve() -> None:
    message = "workload 'json' is not served by plain-only"
    assert told(Overrides(workloads=("json",))) == [("--workload", message)]
    loaded = replace(LOADED, servers=("both",), workloads=("json",))
    with pytest.raises(ConfigError) as caught:
        override(loaded, Overrides(servers=("plain-only",)), KNOWN)
    assert [(one.where, one.message) for one in caught.value.mistakes] == [("--server", message)]


@pytest.mark.parametrize(
    ("asked", "where"),
    [
        (Overrides(aim=Aim.CAPACITY, rates=(100,)), "--rate"),
        (Overrides(aim=Aim.DEMAND), "--rate"),
        (Overrides(aim=Aim.DEMAND, rates=(100, 200)), "--rate"),
        (Overrides(aim=Aim.DEMAND, rates=(100,), extras=Extras(curve=True)), "--curve"),
        (Overrides(aim=Aim.DUET, servers=("both",), rates=(100,)), "--duet"),
        (Overrides(aim=Aim.DUET, servers=("both", "plain-only"), rates=(100, 200)), "--rate"),
        (Overrides(aim=Aim.DUET, servers=("both", "plain-only"), rates=(100,), extras=Extras(curve=True)), "--curve"),
        (
            Overrides(aim=Aim.DUET, servers=("both", "plain-only"), rates=(100,), extras=Extras(noise_floor=True)),
            "--duet",
        ),
        (Overrides(aim=Aim.DUET, servers=("both", "plain-only"), rates=(100,), repeat=2), "--repeat"),
        (Overrides(repeat=0), "--repeat"),
        (Overrides(repeat=REPEAT_MAX + 1), "--repeat"),
    ],
)
def test_questions_that_do_not_go_together_are_refused(asked: Overrides, where: str) -> None:
    assert [place for place, _ in told(asked)] == [where]


def test_a_duet_is_of_two_servers_or_of_one_and_its_twin() -> None:
    two = Overrides(aim=Aim.DUET, servers=("both", "plain-only"), rates=(100,))
    assert override(LOADED, two, KNOWN).aim == Aim.DUET
    twin = replace(two, servers=("both",), extras=Extras(noise_floor=True))
    assert override(LOADED, twin, KNOWN).extras.noise_floor


def test_what_is_looked_for_reaches_the_config() -> None:
    made = override(LOADED, Overrides(aim=Aim.CAPACITY, repeat=3, extras=Extras(noise_floor=True)), KNOWN)
    assert (made.aim, made.repeat, made.extras.noise_floor) == (Aim.CAPACITY, 3, True)


LADDER = Scenario("rungs", (1, 100, 1), 5.0, 0.0, ladder=True)
MANY = Scenario("many", (100,), 5.0, 0.0, users=1_000)
JSON_ONLY = Scenario("json-only", (100,), 5.0, 0.0, workloads=("json",))
MORE = replace(KNOWN, scenarios=(*KNOWN.scenarios, LADDER, MANY, JSON_ONLY))


def test_a_scenario_is_chosen_by_its_name() -> None:
    assert override(LOADED, Overrides(scenario="quick"), KNOWN).scenario == samples.QUICK
    assert override(LOADED, Overrides(scenario="quick", rates=(7,)), KNOWN).scenario.rates == (7,)
    assert override(LOADED, Overrides(scenario="quick", quick=True), KNOWN).sizes_max == QUICK_SIZES
    assert override(LOADED, Overrides(scenario="many", rates=(7,)), MORE).scenario == replace(MANY, rates=(7,))


@pytest.mark.parametrize(
    ("asked", "where", "words"),
    [
        (Overrides(scenario="quik"), "--scenario", "did you mean 'quick'?"),
        (Overrides(scenario="rungs", quick=True), "--scenario", "leave one of them out"),
        (Overrides(scenario="rungs", rates=(7,)), "--rate", "measured as it is written: 1, 100, 1 requests/s in one"),
        (Overrides(scenario="rungs", aim=Aim.CAPACITY), "--capacity", "leave --capacity out"),
        (Overrides(scenario="many", aim=Aim.DEMAND, rates=(7,)), "--demand", "over 1,000 connections"),
        (Overrides(scenario="many", extras=Extras(curve=True)), "--curve", "leave --curve out"),
        (Overrides(scenario="rungs", extras=Extras(near_idle=True)), "--near-idle", "leave --near-idle out"),
        (Overrides(scenario="rungs", extras=Extras(noise_floor=True)), "--aa", "leave --aa out"),
    ],
)
def test_what_a_scenario_cannot_be_asked(asked: Overrides, where: str, words: str) -> None:
    ((place, message),) = told(asked, MORE)
    assert place == where and words in message


def test_a_scenario_that_names_workloads_refuses_others() -> None:
    message = "workload 'plaintext' is not what scenario json-only is made for: json"
    assert told(Overrides(scenario="json-only"), MORE) == [("--scenario", message)]
    both = Overrides(servers=("both",), scenario="json-only", workloads=("plaintext",))
    assert told(both, MORE) == [("--workload", message)]
    assert override(LOADED, replace(both, workloads=("json",)), MORE).scenario == JSON_ONLY
