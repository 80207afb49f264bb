"""Load on servers that stand ready, counters read at both edges of the window: the Evidence. One server, or a duet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from orchestrator.domain.box import LoadSpec
from orchestrator.domain.measurement import Missing
from orchestrator.domain.reading import BoxState, Evidence, FirstAnswer, Reading
from orchestrator.domain.runtime import RuntimePages
from orchestrator.ports import Box, Lab, LoadRun
from orchestrator.usecases.ready import runtime_page
from orchestrator.usecases.setting import Setting
from orchestrator.usecases.sidecars import Standing, beside, edge


@dataclass(frozen=True)
class Opened:
    """A server's container that answered under proven limits."""

    box: Box
    answer: FirstAnswer
    sidecars: tuple[Standing, ...] = ()


@dataclass(frozen=True)
class Party:
    """A server, the load on it, and what both belong to."""

    opened: Opened
    spec: LoadSpec
    setting: Setting


@dataclass(frozen=True)
class _Before:
    """What is known of a Party just before its window. ``generator``: None where it was not started yet."""

    runtime: dict[str, str] | Missing
    reading: Reading
    quiet_seconds: float
    generator: Reading | None
    state: BoxState
    sidecars: tuple[tuple[Reading, BoxState], ...]


@dataclass(frozen=True)
class _After:
    """The moment its last answer was given. ``partners_cpu_seconds``: what the others used since all began."""

    beginning: Reading
    reading: Reading
    partners_cpu_seconds: float
    generator: Reading
    sidecars: tuple[tuple[Reading, BoxState], ...]


def under_load(lab: Lab, parties: Sequence[Party]) -> tuple[Evidence, ...]:
    """Of each Party, in their order; of two, whose generators begin one right after the other, both at once.

    Raises LoadFailed, TrialFailed, EngineLost, Interrupted.
    """
    with ExitStack() as until:
        loads = [until.enter_context(_started(lab, party)) for party in parties]
        for load in loads:
            load.wait_quiet()
        before = [_before(lab, party, load) for party, load in zip(parties, loads, strict=True)]
        for load in loads:
            load.begin()
        beginnings = _readings(lab, parties)
        # What a generator does after its last answer takes seconds: first every closing reading, then the results.
        after = [_after(lab, parties, loads, number, beginnings) for number in range(len(parties))]
        every = zip(parties, loads, before, after, strict=True)
        return tuple(_evidence(lab, len(parties), *one) for one in every)


@contextmanager
def _started(lab: Lab, party: Party) -> Iterator[LoadRun]:
    with lab.generators[party.setting.generator].start(party.opened.box, party.spec) as load:
        lab.meter.watch(load.box_id, party.spec.tags, None, None)
        try:
            yield load
        finally:
            lab.meter.forget(load.box_id)


def _readings(lab: Lab, parties: Sequence[Party]) -> list[Reading]:
    return [lab.meter.reading(party.opened.box.id) for party in parties]


def _before(lab: Lab, party: Party, load: LoadRun) -> _Before:
    """The runtime is asked before the reading: what that costs the server is no part of the window."""
    box = party.opened.box
    runtime = runtime_page(lab, box, party.setting.server, party.opened.answer.info)
    reading, quiet_seconds = lab.meter.reading(box.id), load.seconds_to_window()
    generator = lab.meter.reading(load.box_id) if load.running else None
    return _Before(runtime, reading, quiet_seconds, generator, box.state(), edge(lab, party.opened.sidecars))


def _after(
    lab: Lab, parties: Sequence[Party], loads: Sequence[LoadRun], number: int, beginnings: Sequence[Reading]
) -> _After:
    loads[number].wait_finished()
    readings = _readings(lab, parties)
    used = [last.cpu_seconds - first.cpu_seconds for first, last in zip(beginnings, readings, strict=True)]
    generator = lab.meter.reading(loads[number].box_id)
    beside_it = edge(lab, parties[number].opened.sidecars)
    return _After(beginnings[number], readings[number], sum(used) - used[number], generator, beside_it)


def _evidence(lab: Lab, parties: int, party: Party, load: LoadRun, before: _Before, after: _After) -> Evidence:
    opened, spec, box = party.opened, party.spec, party.opened.box
    points, generator_points = lab.meter.points(box.id), lab.meter.points(load.box_id)
    runtime = RuntimePages(before.runtime, runtime_page(lab, box, party.setting.server, opened.answer.info))
    return Evidence(
        opening=before.reading,
        beginning=after.beginning,
        closing=after.reading,
        generator_opening=before.generator,
        generator_closing=after.generator,
        # Two generators share their CPUs: either may use half.
        generator_cpus=len(spec.cpus) / parties,
        quiet_seconds=before.quiet_seconds,
        before=before.state,
        load=load.result(),
        after=box.state(),
        first_answer=opened.answer,
        ordered_unix_seconds=box.ordered_unix_seconds(),
        started_unix_seconds=box.started_unix_seconds(),
        runtime=runtime,
        partner_cpu_seconds=after.partners_cpu_seconds,
        warmup_seconds=spec.warmup_seconds,
        points=tuple(one for one in points if one.at_seconds > before.reading.at_seconds),
        generator_points=generator_points,
        sidecars=beside(opened.sidecars, before.sidecars, after.sidecars),
    )
