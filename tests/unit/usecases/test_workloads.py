"""Every bundled workload on the simulated lab, which generator takes it, and what no size can serve."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.adapters.files.catalog import FileCatalog
from orchestrator.adapters.simulated.catalog import SimulatedCatalog
from orchestrator.adapters.simulated.lab import simulated_lab
from orchestrator.adapters.simulated.progress import RecordedProgress
from orchestrator.adapters.simulated.world import World
from orchestrator.domain.generator import Generator
from orchestrator.domain.outcome import Status
from orchestrator.domain.plan import Aim
from orchestrator.domain.record import StoredRun
from orchestrator.domain.request import Request
from orchestrator.domain.slo import parse_slo
from orchestrator.domain.summary import summarise
from orchestrator.domain.workload import Scenario, Workload
from orchestrator.usecases.cost import cost
from orchestrator.usecases.run import run
from tests.unit.samples import QUICK, SERVERS, SMALL, config, figure, request

BUNDLED = FileCatalog().workloads()
MIX = Workload("mix", "two requests", (Request("GET", "/a", weight=3), Request("GET", "/b")))


def measured(
    workload: Workload, scenario: Scenario | None = None, aim: Aim = Aim.STAIRCASE, repeat: int | None = None
) -> tuple[StoredRun, RecordedProgress]:
    """One server on acme/small."""
    server = replace(SERVERS[0], workloads=(workload.name,))
    catalog, progress = SimulatedCatalog((server,), (SMALL,), (workload,), (QUICK,)), RecordedProgress()
    one = simulated_lab(World(), catalog, progress)
    chosen = replace(config("acme/small", rates=(20, 30)), servers=(server.name,), workloads=(workload.name,))
    chosen = replace(chosen, slo=parse_slo("p90=200ms"), scenario=scenario or chosen.scenario, aim=aim, repeat=repeat)
    return run(one, replace(request(), config=chosen)), progress


@pytest.mark.parametrize("workload", BUNDLED, ids=lambda one: one.name)
def test_every_bundled_workload_is_measured(workload: Workload) -> None:
    stored, _ = measured(workload)
    assert {record.outcome.status for record in stored.trials} == {Status.COMPLETED}
    assert [one.capacity.holds for one in summarise(stored)] == [30]


def test_workloads_cost_what_they_do() -> None:
    costs = {}
    for workload in BUNDLED:
        stored, _ = measured(workload)
        costs[workload.name] = figure(stored.trials[0].measurements, "cpu_seconds_per_request")
    assert costs["prime"] > 0.005 > costs["db"] > costs["parse"] > costs["kv"] > costs["plaintext"]


def test_what_waits_is_no_faster_than_it_waits() -> None:
    stored, _ = measured(next(one for one in BUNDLED if one.name == "wait"))
    for record in stored.trials:
        assert figure(record.measurements, "latency_seconds_p50") >= 0.02


def test_a_mix_is_offered_by_k6_and_that_is_said() -> None:
    stored, progress = measured(MIX, scenario=replace(QUICK, rates=(500, 2_000)))
    assert stored.manifest.plan.generator is Generator.K6
    said = [text for topic, text in progress.said if topic == "plan"]
    assert said[1] == (
        "load by k6 alone: mix is a mix of 2 requests; "
        "what k6 cannot offer beyond 1,500 requests/s is void, never a result"
    )


def test_a_mix_within_k6s_reach_is_said_without_a_warning() -> None:
    _, progress = measured(MIX)
    assert ("plan", "load by k6 alone: mix is a mix of 2 requests") in progress.said


def test_a_capacity_search_of_a_mix_begins_at_the_first_rate_since_k6_has_no_closed_loop() -> None:
    stored, _ = measured(MIX, aim=Aim.CAPACITY, repeat=1)
    assert stored.manifest.plan.generator is Generator.K6
    assert [str(record.phase) for record in stored.trials if str(record.phase) == "closed_loop"] == []
    assert summarise(stored)[0].capacity.holds


def test_a_rate_beyond_all_cpus_of_a_size_is_told_in_cpus() -> None:
    prime = next(one for one in BUNDLED if one.name == "prime")
    stored, _ = measured(prime)
    (bound,) = cost(stored, 30, rate_asked=65_000).bounds
    assert (bound.server, bound.workload, bound.sizes) == ("go-fasthttp", "prime", (("acme/small", 0.25),))
    assert bound.cpus_needed == pytest.approx(65_000 * bound.cpu_seconds_per_request)
    assert str(bound).startswith("65,000 requests/s of prime need 459 CPUs of go-fasthttp (7.07 ms of CPU each")
    assert cost(stored, 30, rate_asked=30).bounds == ()
    assert cost(stored, 65_000).bounds == (), "nobody asked one instance for it"
