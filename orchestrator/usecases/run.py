"""``run``: plan told first, manifest before the first Trial, each Trial on disk the moment it ends."""

from __future__ import annotations

from dataclasses import dataclass, replace

from orchestrator.domain.capacity import Search
from orchestrator.domain.checks import HostFacts, Severity, findings
from orchestrator.domain.config import LabConfig
from orchestrator.domain.limits import MODES
from orchestrator.domain.measurement import Missing, value_of
from orchestrator.domain.outcome import Outcome, Status
from orchestrator.domain.plan import Cell, Plan, Trial, order
from orchestrator.domain.record import SCHEMA, Event, RunManifest, StoredRun, TrialRecord
from orchestrator.domain.slo import judge
from orchestrator.domain.summary import search_for
from orchestrator.domain.units import show_ratio, show_seconds
from orchestrator.errors import EnvironmentNotFit, Interrupted, LabError
from orchestrator.ports import Journal, Lab
from orchestrator.usecases.bench import ensure_bench
from orchestrator.usecases.provide import Provided, provide, server_image
from orchestrator.usecases.select import Selection, plan_of, select
from orchestrator.usecases.trial import Setting, run_trial

#: Checks of doctor that say nothing about the numbers of a Run.
NOT_FOR_RUNS = ("supply", "self-test")
#: Nothing on the host is measured while the others still fall asleep.
SETTLE_SECONDS = 0.5


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
    _tell(lab, plan)
    warnings = _doctor(lab, facts, chosen, allow_shared=request.allow_shared)
    with lab.engine.hold():
        swept = lab.engine.sweep()
        if swept.containers:
            lab.progress.say("host", f"{swept.containers} containers of a Run that died were removed")
        provided = provide(lab, request.config.servers)
        ensure_bench(lab, provided)
        stopped = lab.stack.stop_live()
        if stopped:
            again = "to start them again: orchestrator up"
            lab.progress.say("live", f"{stopped} live servers stopped while we measure; {again}")
        manifest = replace(_manifest(lab, request, chosen, plan, provided), warnings=warnings)
        journal = lab.store.open(manifest)
        try:
            _measure(lab, journal, manifest, chosen, provided)
        finally:
            journal.close()
    return lab.store.read(request.run)


def _tell(lab: Lab, plan: Plan) -> None:
    servers = _count({cell.server for cell in plan.cells}, "server")
    sizes = _count({cell.instance_type for cell in plan.cells}, "instance type")
    workloads = ", ".join(sorted({cell.workload for cell in plan.cells}))
    rates = ", ".join(f"{rate:,}" for rate in plan.scenario.rates)
    lab.progress.say(
        "plan",
        f"{servers} x {sizes} x {workloads}, steps of {rates} requests/s, seed {plan.seed}: "
        f"{plan.trials_min} to {plan.trials_max} trials, about {show_seconds(plan.seconds_expected)}",
    )
    for unfit in plan.left_out:
        lab.progress.say("host", f"{unfit.instance_type} left out: {unfit.reason}")


def _count(names: set[str], noun: str) -> str:
    return f"{len(names)} {noun}{'s' if len(names) != 1 else ''}"


def _doctor(lab: Lab, facts: HostFacts, chosen: Selection, *, allow_shared: bool) -> tuple[str, ...]:
    """What makes the numbers less sure; stops for what spoils them. Missing images are told when they are built."""
    probed = replace(facts, steal_ratio=lab.engine.steal_ratio())
    every = (*lab.catalog.instance_types(), *chosen.config.own_instance_types)
    found = [finding for finding in findings(probed, every) if finding.check not in NOT_FOR_RUNS]
    for finding in found:
        allowed = allow_shared and finding.check in ("cpus", "can emulate")
        if finding.severity == Severity.ERROR and not allowed:
            hint = finding.advice or "orchestrator doctor"
            raise EnvironmentNotFit(f"{finding.check}: {finding.evidence}", hint=hint)
    warnings = tuple(f"{one.check}: {one.evidence}" for one in found if one.severity == Severity.WARN)
    plural = "s" if len(warnings) != 1 else ""
    fit = f"fit, with {len(warnings)} warning{plural} (orchestrator doctor)" if warnings else "fit"
    shared = any(placement.shared for placement in chosen.placements.values())
    lab.progress.say("host", f"{fit}; {MODES[0]} mode{'; shared CPUs: not ranked' if shared else ''}")
    return warnings


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
        servers=chosen.servers,
        images=tuple(provided.images.values()),
        instance_types=(*chosen.instance_types, *chosen.unfit),
        workloads=chosen.workloads,
    )


def _measure(lab: Lab, journal: Journal, manifest: RunManifest, chosen: Selection, provided: Provided) -> None:
    journal.event(Event(lab.clock.now(), "run_started"))
    lab.progress.say("run", manifest.run)
    for server in chosen.servers:
        if server_image(server.name) not in provided.images:
            reason = provided.failed[server_image(server.name)].message
            journal.event(Event(lab.clock.now(), "server_skipped", note=f"{server.name}: {reason}"))
    try:
        lab.clock.sleep(SETTLE_SECONDS)
        _search_all(lab, journal, manifest, chosen, provided)
    except LabError as error:
        journal.event(Event(lab.clock.now(), "run_aborted", note=error.message))
        if isinstance(error, Interrupted):
            text = f"{manifest.run} stopped; finished trials are kept: orchestrator show {manifest.run}"
            lab.progress.say("run", text)
        raise
    journal.event(Event(lab.clock.now(), "run_finished"))


def _search_all(lab: Lab, journal: Journal, manifest: RunManifest, chosen: Selection, provided: Provided) -> None:
    """Round by round over all Cells whose search goes on, each round in an order of its own."""
    plan = manifest.plan
    start = search_for(StoredRun(manifest, (), ()))
    searches: dict[Cell, Search] = {cell: start for cell in plan.cells if server_image(cell.server) in provided.images}
    done, begin = 0, lab.clock.monotonic()
    block = 0
    while any(search.next_rate is not None for search in searches.values()):
        for cell in order(plan, block):
            search = searches.get(cell)
            rate = search.next_rate if search else None
            if search is None or rate is None:
                continue
            attempt = 1 + sum(step.rate_per_second == rate for step in search.steps)
            trial = Trial(cell, rate, attempt)
            lab.meter.announce(f"run {manifest.run}: {cell.server} on {cell.instance_type}, {rate:,} requests/s")
            journal.event(Event(lab.clock.now(), "trial_started", trial=trial.id))
            record = run_trial(lab, trial, _setting(manifest, chosen, provided, trial))
            journal.trial(record)
            judgement = judge(manifest.slo, record.outcome, record.measurements)
            searches[cell] = search.judged(rate, judgement)
            done += 1
            expected = len(searches) * (len(plan.scenario.rates) + 1)
            spent = lab.clock.monotonic() - begin
            text = f"{cell.server}  {cell.instance_type}  {describe(record)}  {judgement.verdict}"
            lab.progress.trial(done, max(expected, done), text, max(0.0, spent / done * (expected - done)))
        block += 1
    lab.meter.announce(f"run {manifest.run}: finished")


def _setting(manifest: RunManifest, chosen: Selection, provided: Provided, trial: Trial) -> Setting:
    cell = trial.cell
    return Setting(
        run=manifest.run,
        config=chosen.config,
        server=next(one for one in chosen.servers if one.name == cell.server),
        instance_type=next(one for one in chosen.instance_types if one.id == cell.instance_type),
        workload=next(one for one in chosen.workloads if one.name == cell.workload),
        placement=chosen.placements[cell.instance_type],
        image=provided.images[server_image(cell.server)],
    )


def describe(record: TrialRecord) -> str:
    """One Trial in a line: rate, p99, CPU of its cap, throttled share; or why there are none."""
    if record.outcome != Outcome(Status.COMPLETED):
        return f"{record.rate_per_second:,}/s  {record.outcome.status}: {record.outcome.reason}"
    parts = [f"{record.rate_per_second:,}/s"]
    for metric, label, show in (
        ("latency_seconds_p99", "p99", show_seconds),
        ("cpu_cap_ratio", "CPU of cap", show_ratio),
        ("cpu_throttled_periods_ratio", "throttled", show_ratio),
    ):
        value = value_of(record.measurements, metric)
        parts.append(f"{label} not available" if isinstance(value, Missing) else f"{label} {show(value)}")
    return "  ".join(parts)
