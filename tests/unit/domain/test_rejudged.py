"""A stored Run under another Slo: block by block, and by the cut that the fewest windows contradict."""

from __future__ import annotations

import pytest

from orchestrator.domain.capacity import Capacity, End
from orchestrator.domain.rejudged import _bracket
from orchestrator.domain.slo import Judgement, Verdict
from orchestrator.domain.summary import over_blocks

PASS, FAIL, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN


class Window:
    """As much of a record as is looked at."""

    def __init__(self, rate_per_second: int) -> None:
        self.rate_per_second = rate_per_second


def bracket(**seen: str) -> tuple[Capacity, int]:
    """``r100="ppf"``: the verdicts at a rate by their first letters."""
    words = {"p": PASS, "f": FAIL, "u": UNKNOWN}
    return _bracket(
        [
            (Window(int(rate[1:])), Judgement(words[letter], ""))  # type: ignore[misc]  # its rate alone is read
            for rate, letters in seen.items()
            for letter in letters
        ]
    )


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
