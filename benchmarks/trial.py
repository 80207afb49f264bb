"""R13 and R12m: what a trial takes beside its warm-up and load, and what the orchestrator holds in memory meanwhile."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from benchmarks.command import orchestrator
from benchmarks.row import BenchmarkError, Finding, against_limit, spread
from orchestrator import wiring
from orchestrator.domain.outcome import Status
from orchestrator.domain.record import StoredRun
from orchestrator.usecases.stored import windows_of

GOAL_SECONDS = 6.0
GOAL_BYTES = 150e6
#: Ended well, an SLO failed, some trials void: what was completed counts in each of them.
ENDINGS = (0, 1, 4)
LAB = """\
servers: [go-fasthttp]
instances: [aws/fargate-0.25vcpu-0.5gb]
workloads: [plaintext]
scenario: {rates: [300, 400, 500, 600], duration: 5s, warmup: 2s}
slo: {p99: 500ms, errors: 0.1%}
"""


def overhead() -> list[Finding]:
    """R13, from the records of a Run of its own."""
    stored, _ = _measured()
    seconds = overheads(stored)
    what = "seconds a trial takes beside warm-up and load"
    return [Finding(against_limit("R13", what, seconds, goal=GOAL_SECONDS), (spread("ours", seconds),))]


def memory() -> list[Finding]:
    """R12m, of the process of the same Run."""
    _, peak = _measured()
    return [Finding(against_limit("R12m", "bytes resident of `orchestrator run`, peak", [peak], goal=GOAL_BYTES))]


def overheads(stored: StoredRun) -> Sequence[float]:
    """Of each Trial that was completed. Raises BenchmarkError when none was."""
    scenario = stored.manifest.plan.scenario
    loaded = scenario.warmup_seconds + scenario.duration_seconds
    found = [one.seconds - loaded for one in stored.trials if one.outcome.status == Status.COMPLETED]
    if not found:
        ends = ", ".join(f"{one.trial}: {one.outcome.status} {one.outcome.reason}" for one in stored.trials)
        raise BenchmarkError(f"no trial was completed ({ends or 'none was started'})")
    return found


@cache
def _measured() -> tuple[StoredRun, float]:
    """One Run for both rows."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            lab = Path(folder) / "lab.yaml"
            lab.write_text(LAB, encoding="utf-8")
            ran = orchestrator("run", str(lab), "--json", sample=True, accepted=ENDINGS)
            return windows_of(wiring.store().read("latest"), "run"), float(ran.memory_bytes_peak)
    finally:
        orchestrator("down")
