"""Before anything is measured, windows or jobs: is the host fit, is the engine ours, does nothing else of ours run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from orchestrator.domain.checks import HostFacts, Severity, findings
from orchestrator.domain.instance_type import InstanceType
from orchestrator.domain.limits import MODES
from orchestrator.domain.placement import Placement, Unfit
from orchestrator.errors import EnvironmentNotFit
from orchestrator.ports import Lab

#: Checks of doctor that say nothing about the numbers of a Run.
NOT_FOR_RUNS = ("supply", "self-test")
#: Nothing on the host is measured while the others still fall asleep.
SETTLE_SECONDS = 0.5


def check_host(
    lab: Lab,
    facts: HostFacts,
    own: tuple[InstanceType, ...],
    placements: tuple[Placement, ...],
    *,
    allow_shared: bool,
) -> tuple[str, ...]:
    """What makes the numbers less sure. Missing images are told when they are built.

    Args:
        own: instance types beside the catalog's.

    Raises EnvironmentNotFit for what spoils them.
    """
    probed = replace(facts, steal_ratio=lab.engine.steal_ratio())
    every = (*lab.catalog.instance_types(), *own)
    found = [finding for finding in findings(probed, every) if finding.check not in NOT_FOR_RUNS]
    for finding in found:
        allowed = allow_shared and finding.check in ("cpus", "can emulate")
        if finding.severity == Severity.ERROR and not allowed:
            hint = finding.advice or "orchestrator doctor"
            raise EnvironmentNotFit(f"{finding.check}: {finding.evidence}", hint=hint)
    warnings = tuple(f"{one.check}: {one.evidence}" for one in found if one.severity == Severity.WARN)
    plural = "s" if len(warnings) != 1 else ""
    fit = f"fit, with {len(warnings)} warning{plural} (orchestrator doctor)" if warnings else "fit"
    shared = any(placement.shared for placement in placements)
    lab.progress.say("host", f"{fit}; {MODES[0]} mode{'; shared CPUs: not ranked' if shared else ''}")
    return warnings


def tell_left_out(lab: Lab, left_out: tuple[Unfit, ...]) -> None:
    """Sizes that this host cannot give."""
    for unfit in left_out:
        lab.progress.say("host", f"{unfit.instance_type} left out: {unfit.reason}")


@contextmanager
def engine_held(lab: Lab, placements: tuple[Placement, ...]) -> Iterator[None]:
    """This lab measures, from the bench's CPUs; what a dead Run left is gone. Raises LabHeld."""
    with lab.engine.hold(tuple(sorted({cpu for placement in placements for cpu in placement.bench_cpus}))):
        swept = lab.engine.sweep()
        if swept.containers:
            lab.progress.say("host", f"{swept.containers} containers of a Run that died were removed")
        yield


def stop_live(lab: Lab) -> None:
    """The live servers of ``up`` would be neighbours of what is measured."""
    stopped = lab.stack.stop_live()
    if stopped:
        again = "to start them again: orchestrator up"
        lab.progress.say("live", f"{stopped} live servers stopped while we measure; {again}")
