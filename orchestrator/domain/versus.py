"""Cells of a Run against each other: the same size and workload, block by block; and the A/A pair beside them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

from orchestrator.domain.capacity import End
from orchestrator.domain.comparison import OWN_FLOOR, Answer, Comparison, compare, noise_floor
from orchestrator.domain.doubts import CEILING
from orchestrator.domain.measurement import Missing, value_of
from orchestrator.domain.plan import Aim, Cell
from orchestrator.domain.record import RunManifest
from orchestrator.domain.summary import WIDTH, CellSummary, Found
from orchestrator.domain.units import show_ratio

CAPACITY, CPU = "capacity", "CPU seconds per request"
#: One block shows no spread: there is nothing to compare by.
PAIRS_MIN = 2


@dataclass(frozen=True)
class Versus:
    """Two Cells compared by one figure.

    Attributes:
        figure: ``capacity`` or ``CPU seconds per request``.
        control: an A/A pair: one server against itself; anything but a tie doubts the host.
        reason: why it is a tie when a known cause decides, not the figures; "" otherwise.
    """

    first: Cell
    second: Cell
    figure: str
    comparison: Comparison
    control: bool = False
    reason: str = ""


def versus(manifest: RunManifest, summaries: tuple[CellSummary, ...]) -> tuple[Versus, ...]:
    """Every pair of servers on the same size and workload, by capacity where it was searched and by CPU time."""
    figures = (CAPACITY, CPU) if manifest.plan.aim == Aim.CAPACITY else (CPU,)
    found = []
    for figure in figures:
        floor = floor_of(summaries, figure)
        for one, other in combinations(summaries, 2):
            same = (one.cell.instance_type, one.cell.workload) == (other.cell.instance_type, other.cell.workload)
            control = one.cell == replace(other.cell, twin=False) and other.cell.twin
            if same and (control or not other.cell.twin) and not one.shared and not other.shared:
                pair = _pair(one, other, figure, OWN_FLOOR if control else floor, manifest)
                if pair is not None:
                    found.append(replace(pair, control=control))
    return tuple(found)


def floor_of(summaries: tuple[CellSummary, ...], figure: str) -> float | Missing:
    """What this host made of one server measured as two, as a ratio less 1; Missing without ``--aa``."""
    by_cell = {one.cell: one for one in summaries}
    pairs = [
        pair
        for one in summaries
        if one.cell.twin and replace(one.cell, twin=False) in by_cell
        for pair in _paired(by_cell[replace(one.cell, twin=False)], one, figure)
    ]
    if not any(one.cell.twin for one in summaries):
        duet = any(one.aim == Aim.DUET for one in summaries)
        return Missing(f"no A/A pair was measured: {'a run of its own, --duet --aa of one server' if duet else '--aa'}")
    return noise_floor(pairs)


def undecided(manifest: RunManifest, summaries: tuple[CellSummary, ...]) -> str:
    """Why another block would help; "" when every question has its answer, or no block can give one."""
    main = CAPACITY if manifest.plan.aim == Aim.CAPACITY else CPU
    pairs = [one for one in versus(manifest, summaries) if one.figure == main]
    for one in pairs:
        # Of one server against itself the truth is known: only more blocks can show it.
        helps = one.control or not isinstance(one.comparison.more, Missing)
        if one.comparison.answer == Answer.NOT_ENOUGH_DATA and helps:
            return f"{one.first.label} against {one.second.label} on {one.first.instance_type}: {one.comparison}"
    if manifest.plan.aim == Aim.DUET:
        return _unpaired(summaries, pairs)
    if pairs or main == CPU:
        return ""
    for summary in summaries:
        if isinstance(summary.rate, Missing) or isinstance(summary.rate.interval, Missing):
            continue
        wide = summary.rate.interval.high / summary.rate.interval.low - 1
        if wide > 2 * WIDTH:
            return f"{summary.cell.label} on {summary.cell.instance_type}: its interval is {show_ratio(wide)} wide"
    return ""


def _unpaired(summaries: tuple[CellSummary, ...], pairs: list[Versus]) -> str:
    """Why a pair of a duet cannot be compared yet; "" where all can, and where one of the two fails by itself."""
    compared = {cell for pair in pairs for cell in (pair.first, pair.second)}
    for one in summaries:
        failed = one.trials - one.void > sum(bool(found.held) for found in one.blocks)
        if one.cell not in compared and one.void and not failed:
            return f"{one.cell.label} on {one.cell.instance_type}: fewer than {PAIRS_MIN} blocks have both"
    return ""


def _pair(
    one: CellSummary, other: CellSummary, figure: str, floor: float | Missing, manifest: RunManifest
) -> Versus | None:
    pairs = _paired(one, other, figure)
    ceiling = figure == CAPACITY and one.binding == other.binding == CEILING
    if len(pairs) < PAIRS_MIN and not ceiling:
        return None
    blocks = _both(one, other, figure)
    brackets = figure == CAPACITY
    comparison = compare(
        [first for first, _ in pairs],
        [second for _, second in pairs],
        names=(one.cell.label, other.cell.label),
        higher_is_better=figure == CAPACITY,
        brackets_a=[_bracket(first) for first, _ in blocks] if brackets else None,
        brackets_b=[_bracket(second) for _, second in blocks] if brackets else None,
        noise_floor=floor,
        seed=manifest.plan.seed,
        figure=figure,
    )
    reason, open_ended = "", figure == CAPACITY and _open_ended(one, other)
    if open_ended and comparison.answer == Answer.WINNER:
        more: int | Missing = Missing(open_ended)
        comparison = replace(comparison, answer=Answer.NOT_ENOUGH_DATA, winner="", more=more)
    if ceiling:
        reason = f"both stand at the ceiling of {one.cell.workload}, which is the same for every server"
        comparison = replace(comparison, answer=Answer.TIE, winner="")
    return Versus(one.cell, other.cell, figure, comparison, reason=reason)


def _open_ended(one: CellSummary, other: CellSummary) -> str:
    """Blocks that no pair has, since one of the two was seen to hold nothing, or more than could be offered: what they
    leave out is not chance. "" when there are none."""
    ended = (End.BELOW, End.AT_LEAST)
    blocks = {found.block for cell in (one, other) for found in cell.blocks if found.capacity.end in ended}
    return f"{len(blocks)} of {max(len(one.blocks), len(other.blocks))} blocks have one bound only" if blocks else ""


def _both(one: CellSummary, other: CellSummary, figure: str) -> list[tuple[Found, Found]]:
    """Blocks in which both have the figure."""
    theirs = {found.block: found for found in other.blocks}
    return [
        (found, theirs[found.block])
        for found in one.blocks
        if found.block in theirs and not isinstance(_values(found, theirs[found.block], figure), Missing)
    ]


def _paired(one: CellSummary, other: CellSummary, figure: str) -> list[tuple[float, float]]:
    found = (_values(first, second, figure) for first, second in _both(one, other, figure))
    return [pair for pair in found if not isinstance(pair, Missing)]


def _values(one: Found, other: Found, figure: str) -> tuple[float, float] | Missing:
    """The figure of both in one block. CPU time per request falls as a server gets busier: it is compared at the
    highest rate that both hold; where they hold none in common, each at its own."""
    first: float | Missing
    second: float | Missing
    if figure == CAPACITY:
        first, second = one.capacity.estimate, other.capacity.estimate
    else:
        rate = max(one.held.keys() & other.held.keys(), default=None)
        mine = one.capacity.holds if rate is None else rate
        theirs = other.capacity.holds if rate is None else rate
        first = value_of(one.held.get(mine or 0, ()), "cpu_seconds_per_request")
        second = value_of(other.held.get(theirs or 0, ()), "cpu_seconds_per_request")
    if isinstance(first, Missing):
        return first
    return second if isinstance(second, Missing) else (first, second)


def _bracket(found: Found) -> tuple[float, float]:
    return float(found.capacity.holds or 0), float(found.capacity.fails or 0)
