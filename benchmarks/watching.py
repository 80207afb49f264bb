"""R-observer: the CPU time the observer takes of one core while it watches ten containers at work."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from benchmarks.command import orchestrator
from benchmarks.engine import inspected, listed
from benchmarks.row import BenchmarkError, Finding, Row, against_limit
from orchestrator import wiring
from orchestrator.adapters.cgroup.locate import find
from orchestrator.adapters.docker.labels import COMPONENT, LIVE, tags_from
from orchestrator.adapters.host.machine import usable_cpus
from orchestrator.adapters.simulated.progress import RecordedProgress
from orchestrator.domain.box import BoxSpec, LoadSpec, Tags
from orchestrator.domain.generator import Generator
from orchestrator.domain.limits import PERIOD_MICROSECONDS, PIDS, Limits
from orchestrator.ports import Lab

WATCHED = 10
#: Of one core, for each container: 1 % for ten.
GOAL = 0.001
WINDOW_SECONDS = 20.0
SETTLE_SECONDS = 3.0
RATE_PER_SECOND = 20
PORT = 8080


def observer() -> list[Finding]:
    """Twice the same window: with the live servers alone, and with ten containers, each at work."""
    lab = wiring.lab(RecordedProgress())
    try:
        report = orchestrator("up", "--json").data
        few = len(report["live"])
        before = _share()
        _add(lab, report)
        return [Finding(judged(_share()), (f"{before:.4f} of a core with the {few} live servers alone",))]
    finally:
        orchestrator("down")


def judged(share: float) -> Row:
    """Args: ``share`` of one core for all that were watched."""
    what = f"observer's CPU by container watched, share of a core, {WATCHED} watched for {WINDOW_SECONDS:.0f} s"
    return against_limit("R-observer", what, [share / WATCHED], goal=GOAL)


def _share() -> float:
    """Of one core, over the window."""
    time.sleep(SETTLE_SECONDS)
    reader = find(Path("/sys/fs/cgroup"), listed(f"{COMPONENT}=observer")[0], search=True)
    if reader is None:
        raise BenchmarkError("the observer has no cgroup here: the engine must be on this machine")
    try:
        first = reader.read()
        time.sleep(WINDOW_SECONDS)
        last = reader.read()
    finally:
        reader.close()
    return (last.cpu_seconds - first.cpu_seconds) / (last.at_seconds - first.at_seconds)


def _add(lab: Lab, report: dict[str, Any]) -> None:
    """More servers with their load, until servers and generators together are ten; all of them watched."""
    servers = WATCHED // 2
    image = next(one["reference"] for one in report["images"] if one["name"].startswith("server/"))
    workload = next(one for one in lab.catalog.workloads() if one.name == "plaintext")
    cpus = usable_cpus()
    limits = Limits(cpus[-1:], PERIOD_MICROSECONDS // 4, PERIOD_MICROSECONDS, 256 * 2**20, 0, PIDS)
    for number in range(len(report["live"]), servers):
        name = f"benchmark-{number}"
        tags = Tags("live", name, name, "none", workload.name, "server")
        box = lab.stack.start_live(BoxSpec(name, image, PORT, limits, {"LAB_PORT": str(PORT)}, tags))
        load_tags = Tags("live", name, name, "none", workload.name, "generator")
        lab.generators[Generator.K6].start_live(
            box, LoadSpec(workload, PORT, RATE_PER_SECOND, 0, 600.0, 5, cpus[:1], load_tags)
        )
        lab.meter.watch(box.id, tags, limits, None)
    for found in inspected(listed(LIVE)):
        tags = tags_from(found["Config"]["Labels"])
        if tags.role == "generator":
            lab.meter.watch(found["Id"], tags, None, None)
    watched = len(listed(LIVE))
    if watched != WATCHED:
        raise BenchmarkError(f"{watched} containers run where {WATCHED} should")
