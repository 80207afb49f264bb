"""A capacity search on the simulated lab: blocks, seeds, intervals, who is ahead, and what stands beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from orchestrator.adapters.simulated.catalog import SimulatedCatalog
from orchestrator.adapters.simulated.lab import simulated_lab
from orchestrator.adapters.simulated.load import SimulatedLoad
from orchestrator.adapters.simulated.progress import RecordedProgress
from orchestrator.adapters.simulated.world import Faults, World, cpu_seconds_per_request
from orchestrator.domain.box import LoadSpec
from orchestrator.domain.capacity import Capacity, End, Phase
from orchestrator.domain.comparison import Answer
from orchestrator.domain.doubts import CEILING
from orchestrator.domain.generator import Generator
from orchestrator.domain.measurement import Missing
from orchestrator.domain.outcome import Gate
from orchestrator.domain.plan import Aim, Extras
from orchestrator.domain.record import StoredRun
from orchestrator.domain.request import Check, Request
from orchestrator.domain.search import SEARCHED
from orchestrator.domain.slo import parse_slo
from orchestrator.domain.summary import CellSummary, summarise
from orchestrator.domain.versus import CAPACITY, versus
from orchestrator.domain.workload import Workload
from orchestrator.ports import Box, Lab, LoadRun
from orchestrator.usecases.judge import rejudge
from orchestrator.usecases.run import run
from tests.unit.samples import QUICK, SERVERS, SMALL, config, lab, request


def measured(
    *sizes: str, faults: Faults | None = None, repeat: int | None = None, slo: str = "p99=10ms", **extras: bool
) -> tuple[StoredRun, Lab]:
    one, _, _ = lab(faults)
    asked = request()
    chosen = replace(
        config(*(sizes or ("acme/small",))),
        aim=Aim.CAPACITY,
        repeat=repeat,
        extras=Extras(**extras),
        slo=parse_slo(slo),
    )
    return run(one, replace(asked, config=chosen)), one


def truth(summary: CellSummary, cpus: float, share: float = 1.0) -> float:
    return cpus / cpu_seconds_per_request(summary.cell.server) * share


def test_it_finds_what_the_world_can_do_and_closes_the_bracket() -> None:
    stored, _ = measured()
    summaries = summarise(stored)
    assert {one.capacity.end for one in summaries} == {End.CLOSED}
    for one in summaries:
        # Mean latency is 0.4 ms by the share of CPU that is free, p99 is 4.6 times it: 10 ms leaves 18 % free.
        assert not isinstance(one.rate, Missing)
        assert one.rate.centre == pytest.approx(truth(one, 0.25, 1 - 0.0004 * 4.605 / 0.01), rel=0.05)
        interval = one.rate.interval
        assert not isinstance(interval, Missing)
        assert interval.low <= one.rate.centre <= interval.high
        assert len(one.blocks) >= 3
        assert one.load_seconds > 0


def test_every_block_has_fresh_containers_and_later_ones_begin_at_what_was_found() -> None:
    stored, _ = measured()
    firsts = {}
    for record in stored.trials:
        firsts.setdefault((record.cell.server, record.block), record.rate_per_second)
    one = next(each for each in summarise(stored) if each.cell.server == "go-fasthttp")
    assert firsts[("go-fasthttp", 2)] == round(one.blocks[0].capacity.estimate)
    started = [event.trial for event in stored.events if event.event == "search_started"]
    assert len(started) == len(set(started)) == 2 * len(one.blocks)


def test_two_servers_that_differ_have_a_winner_by_capacity() -> None:
    stored, _ = measured()
    pairs = [one for one in versus(stored.manifest, summarise(stored)) if one.figure == CAPACITY]
    assert [one.comparison.answer for one in pairs] == [Answer.WINNER]
    assert pairs[0].comparison.winner == "go-fasthttp"


def test_an_a_a_pair_is_measured_under_two_names_and_gives_the_floor() -> None:
    stored, _ = measured(noise_floor=True)
    twins = [one for one in summarise(stored) if one.cell.twin]
    assert [one.cell.label for one in twins] == ["go-fasthttp (again)"]
    control = [one for one in versus(stored.manifest, summarise(stored)) if one.control and one.figure == CAPACITY]
    assert [one.comparison.answer for one in control] == [Answer.TIE]


def test_the_blocks_asked_for_are_the_blocks_measured() -> None:
    stored, _ = measured(repeat=2)
    assert {record.block for record in stored.trials} == {1, 2}


def test_one_generator_for_the_whole_run_and_it_is_written_down() -> None:
    stored, _ = measured(repeat=1)
    assert stored.manifest.plan.generator == Generator.OHA
    assert {record.generator for record in stored.trials} == {Generator.OHA}


def test_a_neighbour_seeds_the_next_size() -> None:
    stored, _ = measured("acme/small", "acme/tiny", repeat=1)
    firsts: dict[tuple[str, str], int] = {}
    for record in stored.trials:
        firsts.setdefault((record.cell.server, record.cell.instance_type), record.rate_per_second)
    for server in ("go-fasthttp", "rust-axum"):
        assert firsts[server, "acme/tiny"] < firsts[server, "acme/small"]


def test_the_shape_over_load_and_the_standing_cost_are_measured_beside_it() -> None:
    stored, _ = measured(repeat=1, curve=True, near_idle=True)
    curve = [record for record in stored.trials if record.phase == Phase.CURVE]
    idle = [record for record in stored.trials if record.phase == Phase.IDLE]
    assert len(curve) == 2 * 5 and len(idle) == 2
    held = {one.cell: one.blocks[0].capacity.estimate for one in summarise(stored)}
    shares = sorted(record.rate_per_second / held[record.cell] for record in curve)
    assert shares == pytest.approx(sorted([0.1, 0.3, 0.5, 0.7, 0.9] * 2), rel=0.02)
    assert {record.rate_per_second for record in idle} == {1}


def test_a_curve_ends_where_its_container_is_fit_for_no_more() -> None:
    one, world, _ = lab()

    class SpoiledCurve(SimulatedLoad):
        @contextmanager
        def start(self, box: Box, spec: LoadSpec) -> Iterator[LoadRun]:
            world.faults = Faults(limits_changed_by_hand=".curve." in spec.tags.trial)
            with super().start(box, spec) as load:
                yield load

    spoiled = replace(one, generators={kind: SpoiledCurve(world, kind) for kind in one.generators})
    chosen = replace(config("acme/small"), aim=Aim.CAPACITY, repeat=1, extras=Extras(curve=True))
    stored = run(spoiled, replace(request(), config=replace(chosen, servers=("go-fasthttp",))))
    (seen,) = [record.outcome.kind for record in stored.trials if record.phase == Phase.CURVE]
    assert seen == Gate.LIMITS
    assert [event.event for event in stored.events if event.event.startswith("curve_")] == ["curve_stopped"]


def test_a_rig_that_ends_first_gives_a_lower_bound_not_a_capacity() -> None:
    stored, _ = measured(faults=Faults(generator_cpu_share=0.99), repeat=1)
    for one in summarise(stored):
        assert one.capacity.end in (End.UNKNOWN, End.AT_LEAST)
        assert isinstance(one.rate, Missing)


def below_a_ceiling(faults: Faults | None = None) -> StoredRun:
    """Both servers could do 2,900/s and more by their CPU; the workload's algorithm allows 2,000/s."""
    request_of = Request("GET", "/ticks", check=Check(contains="id"))
    ticks = Workload("ticks", "ids", (request_of,), ceiling_per_second=2_000, ceiling_cause="256 a tick")
    servers = tuple(replace(one, workloads=("ticks",)) for one in SERVERS)
    catalog = SimulatedCatalog(servers, (SMALL,), (ticks,), (QUICK,))
    one = simulated_lab(World(faults=faults or Faults()), catalog, RecordedProgress())
    chosen = replace(config("acme/small"), workloads=("ticks",), aim=Aim.CAPACITY, slo=parse_slo("p99=10ms"))
    return run(one, replace(request(), config=chosen))


def test_a_ceiling_of_the_algorithm_is_named_and_two_that_stand_there_are_a_tie() -> None:
    stored = below_a_ceiling()
    summaries = summarise(stored)
    for one in summaries:
        assert not isinstance(one.rate, Missing)
        assert one.rate.centre == pytest.approx(2_000, rel=0.02)
        assert one.binding == CEILING
        assert any("this is the ceiling of ticks, 2,000 requests/s: 256 a tick" in text for text in one.warnings)
    (pair,) = (one for one in versus(stored.manifest, summaries) if one.figure == CAPACITY)
    assert pair.comparison.answer == Answer.TIE and "ceiling" in pair.reason
    assert len(summaries[0].blocks) == 3, "no block is added where the cause is known"


def test_a_closed_loop_shows_the_ceiling_where_the_generator_ends_first() -> None:
    stored = below_a_ceiling(Faults(generator_rate_max=1_700))
    summaries = summarise(stored)
    for one in summaries:
        assert one.capacity.end == End.AT_LEAST and one.capacity.holds is not None
        assert 1_400 < one.capacity.holds <= 1_700
        assert isinstance(one.rate, Missing)
        assert one.closed_loop == pytest.approx(2_000, rel=0.01)
        assert one.binding == CEILING
        assert any("a closed loop got 2,000 requests/s answered: the ceiling" in text for text in one.warnings)
    (pair,) = (one for one in versus(stored.manifest, summaries) if one.figure == CAPACITY)
    assert pair.comparison.answer == Answer.TIE and "ceiling" in pair.reason
    loops = [record for record in stored.trials if record.phase == Phase.CLOSED_LOOP]
    assert {record.cell for record in loops} == {one.cell for one in summaries}
    assert sum(rejudge(stored, parse_slo("p99=10ms")).cells[0].verdicts.values()) == sum(
        record.cell == summaries[0].cell and record.phase != Phase.CLOSED_LOOP for record in stored.trials
    )


def test_a_closed_loop_alone_does_not_make_a_ceiling() -> None:
    stored, _ = measured(faults=Faults(generator_rate_max=2_000), repeat=1)
    for one in summarise(stored):
        assert one.binding != CEILING and not isinstance(one.closed_loop, Missing)


def test_a_stored_run_is_judged_anew_without_load() -> None:
    stored, one = measured()
    before = len(stored.trials)
    report = rejudge(one.store.read("latest"), parse_slo("p99=5ms"))
    assert len(one.store.read("latest").trials) == before
    for cell in report.cells:
        assert sum(cell.verdicts.values()) == sum(
            record.cell == cell.cell and record.phase != Phase.CLOSED_LOOP for record in stored.trials
        )
    loose = rejudge(stored, parse_slo("p99=4s"))
    assert all(
        cell.verdicts["fail"] <= tight.verdicts["fail"] for cell, tight in zip(loose.cells, report.cells, strict=True)
    )


def test_a_pool_made_for_a_tighter_limit_says_nothing_of_a_looser_one() -> None:
    stored, _ = measured(repeat=1)
    cell, slo = stored.manifest.plan.cells[0], parse_slo("p99=100ms")
    record = next(one for one in stored.trials if one.cell == cell and one.phase in SEARCHED)
    rate = record.rate_per_second
    changed = {"virtual_users": rate * 0.05, "requests_dropped": 100.0, "rate_achieved_per_second": rate * 0.6}
    rows = tuple(replace(row, value=changed.get(row.metric, row.value)) for row in record.measurements)
    dry = replace(stored, trials=(replace(record, measurements=rows),))
    (told,) = (one for one in rejudge(dry, slo).cells if one.cell == cell)
    assert told.verdicts == {"pass": 0, "fail": 0, "unknown": 1}
    assert "users cannot carry" in next(iter(told.cannot))


def test_survivors_of_blocks_that_held_nothing_are_no_capacity() -> None:
    stored, _ = measured(repeat=5)
    summaries = summarise(stored)
    below = Capacity(None, 100, "out of memory", End.BELOW)
    first = summaries[0]
    died = replace(first, blocks=(*first.blocks[:-1], replace(first.blocks[-1], capacity=below)))
    assert not isinstance(first.rate, Missing) and isinstance(died.rate, Missing)
    (pair,) = (one for one in versus(stored.manifest, (died, summaries[1])) if one.figure == CAPACITY)
    assert pair.comparison.answer == Answer.NOT_ENOUGH_DATA
    assert "1 of 5 blocks have one bound only" in str(pair.comparison)


def test_demand_is_the_cheapest_size_that_holds() -> None:
    one, _, _ = lab()
    chosen = replace(config("acme/tiny", "acme/small", "acme/unpriced", rates=(2_000,)), aim=Aim.DEMAND)
    stored = run(one, replace(request(), config=chosen))
    held = {each.cell.instance_type for each in summarise(stored) if each.capacity.holds == 2_000}
    assert held == {"acme/small"}
    assert "acme/unpriced" not in {record.cell.instance_type for record in stored.trials}
