"""``run``: plan told first, manifest before the first Trial, each Trial on disk the moment it ends."""

from __future__ import annotations

from dataclasses import dataclass, replace

from orchestrator.domain.config import LabConfig
from orchestrator.domain.limits import MODES
from orchestrator.domain.plan import Aim, Plan, windows_expected
from orchestrator.domain.record import SCHEMA, RunManifest, StoredRun
from orchestrator.domain.slo import Slo
from orchestrator.domain.units import show_seconds
from orchestrator.domain.verdict import window_seconds
from orchestrator.ports import Journal, Lab
from orchestrator.usecases.before import SETTLE_SECONDS, check_host, engine_held, stop_live, tell_left_out
from orchestrator.usecases.bench import ensure_bench
from orchestrator.usecases.measure import Work, measure_all
from orchestrator.usecases.provide import Provided, provide, server_image
from orchestrator.usecases.recorder import Recorder
from orchestrator.usecases.select import Selection, plan_of, select
from orchestrator.usecases.stored import windows_of


@dataclass(frozen=True)
class RunRequest:
    """What the user asked for.

    Attributes:
        run: id of the new Run.
        named: sizes were named on the command line: any that does not fit is refused, not left out.
        version: of this package, for the manifest.
    """

    run: str
    config: LabConfig
    named: bool
    allow_shared: bool
    version: str


def run(lab: Lab, request: RunRequest) -> StoredRun:
    """Measures the Plan and returns what was stored.

    Raises EnvironmentNotFit, LabHeld, EngineLost, Interrupted; what was finished by then is on disk.
    """
    facts = lab.engine.facts()
    chosen = select(
        lab.catalog, request.config, facts, allow_shared=request.allow_shared, left_out_ok=not request.named
    )
    plan = plan_of(chosen)
    _tell(lab, plan, chosen.config.slo)
    _tell_sidecars(lab, chosen)
    own, places = chosen.config.own_instance_types, tuple(chosen.placements.values())
    warnings = check_host(lab, facts, own, places, allow_shared=request.allow_shared)
    with engine_held(lab, places):
        servers = tuple(one.name for one in chosen.servers)
        provided = provide(lab, servers, generators=(plan.generator,), sidecars=chosen.sidecars)
        ensure_bench(lab, provided)
        stop_live(lab)
        manifest = replace(_manifest(lab, request, chosen, plan, provided), warnings=warnings)
        journal = lab.store.open(manifest)
        try:
            _measure(lab, journal, manifest, chosen, provided)
        finally:
            journal.close()
    return windows_of(lab.store.read(request.run), "run")


def _tell(lab: Lab, plan: Plan, slo: Slo) -> None:
    servers = _count({cell.server for cell in plan.cells}, "server")
    sizes = _count({cell.instance_type for cell in plan.cells}, "instance type")
    workloads = ", ".join(sorted({cell.workload for cell in plan.cells}))
    lab.progress.say(
        "plan",
        f"{servers} x {sizes} x {workloads}, {_aim(plan, slo)}, seed {plan.seed}, load by {plan.generator}: "
        f"about {show_seconds(plan.seconds_expected)}",
    )
    if plan.generator_cause:
        lab.progress.say("plan", f"load by {plan.generator} alone: {plan.generator_cause}")
    tell_left_out(lab, plan.left_out)


def _tell_sidecars(lab: Lab, chosen: Selection) -> None:
    if chosen.sidecars:
        names = ", ".join(one.name for one in chosen.sidecars)
        crowded = any(placement.crowded for placement in chosen.placements.values())
        where = "; on the generator's CPU: latency may be theirs" if crowded else ""
        lab.progress.say("plan", f"beside the server: {names}{where}")


def _aim(plan: Plan, slo: Slo) -> str:
    """What is looked for, and how often, in words."""
    scenario = plan.scenario
    rates = ", ".join(f"{rate:,}" for rate in scenario.rates)
    seconds = [window_seconds(scenario.duration_seconds, slo, rate) for rate in scenario.rates]
    each = " to ".join(f"{one:g}" for one in sorted({min(seconds), max(seconds)})) + " s each"
    least, most = plan.blocks.least, plan.blocks.most
    blocks = "" if most == 1 else f", {least} blocks" if least == most else f", {least} to {most} blocks"
    plain = not scenario.unranked and scenario.users is None
    words = {
        Aim.STAIRCASE: f"steps of {rates} requests/s, {each}" if plain else f"{scenario.name}: {scenario}",
        Aim.CAPACITY: "capacity search",
        Aim.DUET: f"both at once at {rates} requests/s each, {each}",
        Aim.DEMAND: f"the cheapest size for {rates} requests/s",
    }
    return f"{words[plan.aim]}{blocks}"


def _count(names: set[str], noun: str) -> str:
    return f"{len(names)} {noun}{'s' if len(names) != 1 else ''}"


def _manifest(lab: Lab, request: RunRequest, chosen: Selection, plan: Plan, provided: Provided) -> RunManifest:
    return RunManifest(
        schema=SCHEMA,
        run=request.run,
        created_at=lab.clock.now(),
        version=request.version,
        mode=MODES[0],
        simulated=lab.simulated,
        plan=plan,
        slo=request.config.slo,
        host=lab.engine.fingerprint(),
        servers=tuple(replace(one, sidecars=tuple(each.recorded for each in one.sidecars)) for one in chosen.servers),
        images=tuple(provided.images.values()),
        instance_types=(*chosen.instance_types, *chosen.unfit),
        workloads=chosen.workloads,
        sidecars=tuple(one.recorded for one in chosen.sidecars),
    )


def _measure(lab: Lab, journal: Journal, manifest: RunManifest, chosen: Selection, provided: Provided) -> None:
    recorder = Recorder(lab, journal, manifest, windows_expected(manifest.plan))
    with recorder.written("trials"):
        for server in chosen.servers:
            if server_image(server.name) not in provided.images:
                reason = provided.failed[server_image(server.name)].message
                recorder.event("server_skipped", note=f"{server.name}: {reason}")
        lab.clock.sleep(SETTLE_SECONDS)
        measure_all(Work(lab, recorder, chosen, provided))
