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
class _Edge:
    """What is known of a Party just before its window. ``generator``: None where it was not started yet."""

    runtime: dict[str, str] | Missing
    reading: Reading
    quiet_seconds: float
    generator: Reading | None
    before: BoxState
    sidecars: tuple[tuple[Reading, BoxState], ...]


def under_load(lab: Lab, parties: Sequence[Party]) -> tuple[Evidence, ...]:
    """Of each Party, in their order; of two, whose generators begin one right after the other, both at once.

    Raises LoadFailed, TrialFailed, EngineLost, Interrupted.
    """
    with ExitStack() as until:
        loads = [until.enter_context(_started(lab, party)) for party in parties]
        for load in loads:
            load.wait_quiet()
        edges = [_open(lab, party, load) for party, load in zip(parties, loads, strict=True)]
        for load in loads:
            load.begin()
        beginnings = _readings(lab, parties)
        found = []
        for number, (party, load) in enumerate(zip(parties, loads, strict=True)):
            load.wait_finished()
            closings = _readings(lab, parties)
            partners = sum(
                closing.cpu_seconds - beginning.cpu_seconds
                for other, (beginning, closing) in enumerate(zip(beginnings, closings, strict=True))
                if other != number
            )
            found.append(_close(lab, party, load, edges[number], beginnings[number], closings[number], partners))
        return tuple(found)


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


def _open(lab: Lab, party: Party, load: LoadRun) -> _Edge:
    """The runtime is asked before the reading: what that costs the server is no part of the window."""
    box = party.opened.box
    runtime = runtime_page(lab, box, party.setting.server, party.opened.answer.info)
    reading, quiet_seconds = lab.meter.reading(box.id), load.seconds_to_window()
    generator = lab.meter.reading(load.box_id) if load.running else None
    return _Edge(runtime, reading, quiet_seconds, generator, box.state(), edge(lab, party.opened.sidecars))


def _close(
    lab: Lab, party: Party, load: LoadRun, opening: _Edge, beginning: Reading, closing: Reading, partners: float
) -> Evidence:
    """``closing`` was read the moment its last answer was given; everything else may come after it."""
    opened, spec = party.opened, party.spec
    box = opened.box
    generator_closing, closing_beside = lab.meter.reading(load.box_id), edge(lab, opened.sidecars)
    points, generator_points = lab.meter.points(box.id), lab.meter.points(load.box_id)
    runtime = RuntimePages(opening.runtime, runtime_page(lab, box, party.setting.server, opened.answer.info))
    return Evidence(
        opening=opening.reading,
        beginning=beginning,
        closing=closing,
        generator_opening=opening.generator,
        generator_closing=generator_closing,
        generator_cpus=len(spec.cpus),
        quiet_seconds=opening.quiet_seconds,
        before=opening.before,
        load=load.result(),
        after=box.state(),
        first_answer=opened.answer,
        ordered_unix_seconds=box.ordered_unix_seconds(),
        started_unix_seconds=box.started_unix_seconds(),
        runtime=runtime,
        partner_cpu_seconds=partners,
        warmup_seconds=spec.warmup_seconds,
        points=tuple(one for one in points if one.at_seconds > opening.reading.at_seconds),
        generator_points=generator_points,
        sidecars=beside(opened.sidecars, opening.sidecars, closing_beside),
    )
