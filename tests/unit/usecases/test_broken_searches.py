"""A search on a server or a host that breaks: an answer with its reason in the end, and never the end of the Run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.adapters.simulated.world import Faults
from orchestrator.cli.render.capacity import _shaken
from orchestrator.domain.capacity import End, Phase
from orchestrator.domain.comparison import Answer, Comparison
from orchestrator.domain.config import NOTHING_ELSE, Known, Overrides, override
from orchestrator.domain.generator import Generator
from orchestrator.domain.measurement import Missing, value_of
from orchestrator.domain.plan import Aim, Extras
from orchestrator.domain.record import StoredRun, TrialRecord
from orchestrator.domain.slo import parse_slo
from orchestrator.domain.summary import capacity_search, summarise
from orchestrator.domain.versus import CPU, versus
from orchestrator.errors import ConfigError
from orchestrator.usecases.run import run
from tests.unit.samples import CATALOG, PLAINTEXT, config, lab, request


def searched(faults: Faults, extras: Extras = NOTHING_ELSE, repeat: int = 1) -> StoredRun:
    one, _, _ = lab(faults)
    chosen = replace(config("acme/small"), aim=Aim.CAPACITY, repeat=repeat, slo=parse_slo("p99=10ms"), extras=extras)
    return run(one, replace(request(), config=chosen))


def test_a_server_that_dies_of_its_memory_under_any_load_is_too_small_not_the_end_of_the_run() -> None:
    stored = searched(Faults(out_of_memory=True))
    assert stored.finished is True
    for one in summarise(stored):
        assert one.capacity.end == End.BELOW and one.capacity.holds is None
        assert one.binding == "memory"


@pytest.mark.parametrize("faults", [Faults(never_ready=True), Faults(dies_at_start=True)])
def test_a_server_that_never_answers_is_not_asked_for_a_lower_rate(faults: Faults) -> None:
    stored = searched(faults)
    for one in summarise(stored):
        assert one.trials == 2, "the first and one more"
        assert one.capacity.end == End.BELOW and one.capacity.holds is None
        assert "answer" in one.capacity.note


def test_rates_of_which_no_window_can_tell_are_not_offered() -> None:
    tight = capacity_search(10, PLAINTEXT, parse_slo("p99.9=50ms"))
    assert tight.rate_min == 167 and tight.first == 167  # 10,000 requests in a minute
    loose = capacity_search(100_000, PLAINTEXT, parse_slo("p99=1s"))
    assert loose.rate_max == 19_990 and loose.first == 19_990  # as many connections


def test_a_run_whose_search_was_led_by_other_rules_is_still_read() -> None:
    stored = searched(Faults())
    other = replace(stored, manifest=replace(stored.manifest, slo=parse_slo("p99=2ms")))
    for one in summarise(other):
        assert one.capacity.end == End.UNKNOWN
        assert "another version of the lab" in one.capacity.note
        assert isinstance(one.rate, Missing)


def test_what_the_rig_spoiled_beside_a_search_is_offered_once_more() -> None:
    stored = searched(Faults(neighbour_cpu_share=0.5), extras=Extras(near_idle=True))
    idle = [record.attempt for record in stored.trials if record.phase == Phase.IDLE]
    assert idle == [1, 2, 1, 2]


def staircase() -> StoredRun:
    one, _, _ = lab()
    rates = (2_000, 4_000)
    chosen = replace(config("acme/small", rates=rates), repeat=3)
    return run(one, replace(request(), config=chosen))


def test_cpu_time_is_compared_at_the_highest_rate_that_both_hold() -> None:
    stored = staircase()
    pairs = [one for one in versus(stored.manifest, summarise(stored)) if one.figure == CPU]
    at_2_000 = {record.cell.server: cpu(record) for record in stored.trials if record.rate_per_second == 2_000}
    (pair,) = pairs
    ratio = pair.comparison.ratio
    assert isinstance(ratio, float)
    assert ratio == pytest.approx(at_2_000[pair.second.server] / at_2_000[pair.first.server], rel=1e-3)


def cpu(record: TrialRecord) -> float:
    value = value_of(record.measurements, "cpu_seconds_per_request")
    assert not isinstance(value, Missing)
    return value


def test_nothing_cold_is_in_the_counters_of_a_staircase_by_oha() -> None:
    stored = staircase()
    assert stored.manifest.plan.generator == Generator.OHA
    for record in stored.trials:
        (row,) = (one for one in record.measurements if one.metric == "cpu_seconds_per_request")
        # The window of 5 s and a lead-in of one; the warm-up of 2 s was before the counters were read.
        assert row.n <= record.rate_per_second * 6


def test_on_shared_cpus_the_generator_is_no_stranger() -> None:
    one, world, _ = lab()
    world.cpus = (0,)
    stored = run(one, request("acme/small", allow_shared=True))
    for record in stored.trials:
        others = value_of(record.measurements, "others_cpu_ratio")
        assert isinstance(others, Missing) and "share" in others.reason


def test_the_cheapest_size_is_not_asked_of_a_pair() -> None:
    known = Known(CATALOG.servers(), CATALOG.instance_types(), CATALOG.workloads(), CATALOG.scenarios())
    asked = Overrides(rates=(1_000,), aim=Aim.DEMAND, extras=Extras(noise_floor=True))
    with pytest.raises(ConfigError) as refused:
        override(config(), asked, known)
    assert [one.where for one in refused.value.mistakes] == ["--aa"]


def test_a_pair_of_one_server_that_differs_shakes_the_answer() -> None:
    stored = searched(Faults(), extras=Extras(noise_floor=True), repeat=3)
    control = next(one for one in versus(stored.manifest, summarise(stored)) if one.control)
    moved: Comparison = replace(control.comparison, answer=Answer.WINNER, winner=control.first.label)
    told = _shaken(replace(control, comparison=moved))
    assert told.startswith("one server measured as two differs by capacity on acme/small")
