"""The bench, brought up when it is not: every measuring command needs its observer."""

from __future__ import annotations

from orchestrator.domain.box import BenchStatus
from orchestrator.ports import Lab
from orchestrator.usecases.provide import OPTIONAL_OF_BENCH, Provided


def ensure_bench(lab: Lab, provided: Provided) -> BenchStatus:
    """Starts what does not run. Raises BenchNotReady."""
    begin = lab.clock.monotonic()
    status = lab.bench.up(provided.images)
    took = lab.clock.monotonic() - begin
    lab.progress.say("bench", f"{', '.join(status.components)} ready in {took:.1f} s")
    for note in status.notes:
        lab.progress.say("bench", note)
    for name in sorted(OPTIONAL_OF_BENCH & provided.failed.keys()):
        component = name.removeprefix("bench-")
        reason = provided.failed[name].message.removeprefix(f"{component} not available: ")
        lab.progress.say(component, f"not available: {reason}; the live page stands in")
    return status
