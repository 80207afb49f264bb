"""R12: how long `orchestrator --help` takes beside an interpreter that does nothing."""

from __future__ import annotations

import sys

from benchmarks.command import orchestrator, run
from benchmarks.row import Finding, Row, against_peer, spread

ROUNDS = 15
GOAL = 1.0
FACTOR = 3.0
ALLOWANCE_SECONDS = 0.150


def startup() -> list[Finding]:
    """Both in turns; the first of each only warms the page cache."""
    ours: list[float] = []
    theirs: list[float] = []
    for number in range(ROUNDS + 1):
        mine, other = orchestrator("--help").seconds, run((sys.executable, "-c", "pass")).seconds
        if number:
            ours.append(mine)
            theirs.append(other)
    return [Finding(judged(ours, theirs), (spread("ours", ours), spread("python -c pass", theirs)))]


def judged(ours: list[float], theirs: list[float]) -> Row:
    """The ratio is to the bound: 3 x peer + 150 ms."""
    what = "seconds of `orchestrator --help`; ratio to 3 x `python -c pass` + 0.150 s"
    return against_peer(
        "R12", what, ours, "python -c pass", theirs, goal=GOAL, factor=FACTOR, allowance=ALLOWANCE_SECONDS
    )
