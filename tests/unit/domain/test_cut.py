"""A bracket from stored windows, and what several blocks say together."""

from __future__ import annotations

import pytest

from orchestrator.domain.capacity import Capacity, End
from orchestrator.domain.cut import bracket_of
from orchestrator.domain.measurement import Missing
from orchestrator.domain.slo import Verdict
from orchestrator.domain.summary import over_blocks

PASS, FAIL, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN


def bracket(**seen: str) -> tuple[Capacity, int]:
    """``r100="ppf"``: the verdicts at a rate by their first letters."""
    words = {"p": PASS, "f": FAIL, "u": UNKNOWN}
    return bracket_of((int(rate[1:]), words[letter]) for rate, letters in seen.items() for letter in letters)


@pytest.mark.parametrize(
    ("seen", "holds", "fails", "end", "against"),
    [
        ({"r100": "p", "r110": "pp", "r120": "ff"}, 110, 120, End.CLOSED, 0),
        # 105 missed by noise, twice even: three windows above it say otherwise.
        ({"r100": "p", "r105": "ff", "r110": "ppp", "r120": "ff"}, 110, 120, End.CLOSED, 2),
        ({"r100": "p", "r105": "fff", "r110": "pp", "r120": "ff"}, 100, 105, End.CLOSED, 2),
        ({"r100": "ppp", "r110": "p"}, 110, None, End.AT_LEAST, 0),
        ({"r100": "p", "r110": "f"}, 100, None, End.AT_LEAST, 0),
        ({"r100": "ff", "r110": "ff"}, None, 100, End.UNKNOWN, 0),
        ({"r100": "f"}, None, None, End.UNKNOWN, 0),
        ({"r100": "uu"}, None, None, End.UNKNOWN, 0),
        ({"r100": "pu", "r110": "uff"}, 100, 110, End.CLOSED, 0),
    ],
)
def test_the_cut_that_the_fewest_windows_contradict(
    seen: dict[str, str], holds: int | None, fails: int | None, end: End, against: int
) -> None:
    found, contradict = bracket(**seen)
    assert (found.holds, found.fails, found.end, contradict) == (holds, fails, end, against)


def test_what_one_block_of_several_says_is_said_to_be_of_one() -> None:
    closed, open_ended = Capacity(100, 105, "", End.CLOSED), Capacity(110, None, "more was not tried", End.AT_LEAST)
    assert str(over_blocks([closed, closed, open_ended])) == "holds 100, not 105 (1 of 3 blocks: more was not tried)"
    assert over_blocks([open_ended, open_ended]).note == "more was not tried"


def test_what_is_not_monotone_has_no_bounds_to_count() -> None:
    closed = Capacity(100, 105, "", End.CLOSED)
    odd = Capacity(140, 130, "130 missed it although 140 held: not monotone", End.NOT_MONOTONE)
    assert over_blocks([closed, odd, closed]) == closed
    assert over_blocks([odd, odd]).end == End.NOT_MONOTONE


@pytest.mark.parametrize("end", [End.OPEN, End.UNKNOWN, End.BELOW])
def test_a_bracket_left_open_and_wide_has_no_estimate(end: End) -> None:
    assert Capacity(1_000, 1_500, "three windows were void", end).estimate == Missing(
        "between 1,000 and 1,500: three windows were void"
    )
    assert Capacity(1_000, 1_500, "", End.CLOSED).estimate == pytest.approx(1_224.7, abs=0.1)
    assert Capacity(100, 105, "bounds did not settle", end).estimate == pytest.approx(102.47, abs=0.01)
