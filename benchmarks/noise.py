"""R4: how narrow an interval this machine gives for its minutes: one server measured as two, in turns and at once."""

from __future__ import annotations

from typing import Any

from benchmarks.command import Ran, orchestrator
from benchmarks.row import BenchmarkError, Finding, against_limit
from orchestrator.domain.versus import CPU

#: Five blocks at 2 % spread from run to run give 2.9 % (Student t on a ratio of two means).
GOAL = 0.03
BLOCKS = 5
ARGUMENTS = (
    "run", "--aa", "--server", "go-fasthttp", "--instance", "aws/fargate-0.25vcpu-0.5gb", "--workload", "plaintext",
    "--rate", "1000", "--repeat", str(BLOCKS), "--json",
)  # fmt: skip
#: The SLO does not matter here: a miss is a measurement of CPU time like any other.
ACCEPTED = (0, 1)


def noise() -> list[Finding]:
    """One A/A run of five blocks, at a rate that the size holds; then the same as duets."""
    try:
        in_turns = orchestrator(*ARGUMENTS, accepted=ACCEPTED)
        at_once = orchestrator(*ARGUMENTS, "--duet", accepted=ACCEPTED)
    finally:
        orchestrator("down")
    return [judged(in_turns, "R4"), judged(at_once, "R4-duet")]


def judged(ran: Ran, row: str) -> Finding:
    """Half of the interval of the ratio; the notes say what it took."""
    pairs: list[dict[str, Any]] = [one for one in ran.data["comparisons"] if one["control"] and one["figure"] == CPU]
    if not pairs or "missing" in pairs[0]["comparison"]["interval"]:
        raise BenchmarkError(f"{row}: the A/A pair has no interval; look at the run it came from")
    interval, minutes = pairs[0]["comparison"]["interval"], ran.seconds / 60
    half = (interval["high"] - interval["low"]) / 2
    how = "at once" if row == "R4-duet" else "in turns"
    what = f"half-width of the 95 % interval of an A/A ratio of {CPU}, {BLOCKS} blocks, {how}"
    return Finding(
        against_limit(row, what, [half], goal=GOAL),
        (
            f"{minutes:.1f} minutes of this machine: {half:.2%}, so {half * minutes**0.5:.2%} x sqrt(minute)",
            f"answer: {pairs[0]['text']}",
        ),
    )
