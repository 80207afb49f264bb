"""``run`` of batch workloads: jobs in blocks, each in a fresh container, each on disk the moment it ends."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.domain.batch import (
    BLOCKS_BATCH,
    PROGRAMS,
    BatchWorkload,
    Job,
    JobPlan,
    job_cells,
    job_order,
)
from orchestrator.domain.batch_record import BATCH, BatchManifest, StoredBatch, Unsupported
from orchestrator.domain.checks import HostFacts
from orchestrator.domain.instance_type import InstanceType
from orchestrator.domain.job_config import JobConfig
from orchestrator.domain.limits import MODES
from orchestrator.domain.outcome import Status
from orchestrator.domain.placement import Placement
from orchestrator.domain.plan import Blocks
from orchestrator.domain.record import SCHEMA
from orchestrator.domain.units import show_seconds
from orchestrator.ports import Journal, Lab
from orchestrator.usecases.batch_recorder import JobRecorder
from orchestrator.usecases.before import SETTLE_SECONDS, check_host, engine_held, stop_live, tell_left_out
from orchestrator.usecases.bench import ensure_bench
from orchestrator.usecases.job import JobSetting, run_job
from orchestrator.usecases.provide import BENCH_IMAGES, PROGRAM_IMAGES, Provided, provide_images
from orchestrator.usecases.select import place_all, too_small
from orchestrator.usecases.stored import jobs_in

#: What the rig spoiled is run once more.
TRIES = 2


@dataclass(frozen=True)
class BatchRequest:
    """What the user asked for; fields as in a RunRequest."""

    run: str
    config: JobConfig
    named: bool
    allow_shared: bool
    version: str


@dataclass(frozen=True)
class _Chosen:
    instance_types: tuple[InstanceType, ...]
    workloads: tuple[BatchWorkload, ...]
    placements: dict[str, Placement]
    plan: JobPlan


def run_batch(lab: Lab, request: BatchRequest) -> StoredBatch:
    """Runs every job of the plan and returns what was stored.

    Raises EnvironmentNotFit, LabHeld, EngineLost, Interrupted; what was finished by then is on disk.
    """
    facts = lab.engine.facts()
    chosen = _select(lab, request, facts)
    _tell(lab, chosen)
    places = tuple(chosen.placements.values())
    warnings = check_host(lab, facts, request.config.own_instance_types, places, allow_shared=request.allow_shared)
    with engine_held(lab, places):
        provided = provide_images(lab, PROGRAM_IMAGES, BENCH_IMAGES, noun="program")
        ensure_bench(lab, provided)
        stop_live(lab)
        manifest = _manifest(lab, request, chosen, provided, warnings)
        journal = lab.store.open(manifest)
        try:
            _run_all(lab, journal, manifest, chosen, provided)
        finally:
            journal.close()
    return jobs_in(lab.store.read(request.run))


def _select(lab: Lab, request: BatchRequest, facts: HostFacts) -> _Chosen:
    """From names to things, and which sizes this host can give. Raises HostTooSmall with the sizes that do fit."""
    config = request.config
    every = (*lab.catalog.instance_types(), *config.own_instance_types)
    asked = tuple(one for name in config.instance_types for one in every if one.id == name)
    placements, left_out = place_all(asked, facts, allow_shared=request.allow_shared)
    if not placements or (left_out and request.named):
        raise too_small(left_out, every, facts)
    sizes = tuple(one for one in asked if one.id in placements)
    known = {one.name: one for one in lab.catalog.batch_workloads()}
    workloads = tuple(known[name] for name in config.workloads)
    blocks = BLOCKS_BATCH if config.repeat is None else Blocks(config.repeat, config.repeat)
    plan = JobPlan(config.seed, job_cells(PROGRAMS, sizes, workloads), blocks, tuple(left_out))
    return _Chosen(asked, workloads, placements, plan)


def _tell(lab: Lab, chosen: _Chosen) -> None:
    plan, names = chosen.plan, ", ".join(one.name for one in chosen.workloads)
    expected = show_seconds(plan.seconds_expected)
    lab.progress.say(
        "plan",
        f"batch jobs of {names}: {len(plan.cells)} x {plan.blocks.most} blocks, seed {plan.seed}: about {expected}",
    )
    tell_left_out(lab, plan.left_out)


def _manifest(
    lab: Lab, request: BatchRequest, chosen: _Chosen, provided: Provided, warnings: tuple[str, ...]
) -> BatchManifest:
    absent = ((one.name, provided.failed[one.image]) for one in PROGRAMS if one.image in provided.failed)
    return BatchManifest(
        schema=SCHEMA,
        kind=BATCH,
        run=request.run,
        created_at=lab.clock.now(),
        version=request.version,
        mode=MODES[0],
        simulated=lab.simulated,
        plan=chosen.plan,
        host=lab.engine.fingerprint(),
        images=tuple(provided.images.values()),
        instance_types=chosen.instance_types,
        workloads=chosen.workloads,
        unsupported=tuple(Unsupported(name, error.message) for name, error in absent),
        warnings=warnings,
    )


def _run_all(lab: Lab, journal: Journal, manifest: BatchManifest, chosen: _Chosen, provided: Provided) -> None:
    absent = {one.program: one.reason for one in manifest.unsupported}
    able = sum(cell.program not in absent for cell in manifest.plan.cells)
    recorder = JobRecorder(lab, journal, manifest, able * manifest.plan.blocks.most)
    with recorder.written("jobs"):
        for program, reason in absent.items():
            recorder.event("program_skipped", note=f"{program}: {reason}")
            lab.progress.say("run", f"{program} unsupported: {reason}")
        lab.clock.sleep(SETTLE_SECONDS)
        for block in range(1, manifest.plan.blocks.most + 1):
            for cell in job_order(manifest.plan, block):
                if cell.program not in absent:
                    _one(lab, recorder, Job(cell, block), chosen, provided)


def _one(lab: Lab, recorder: JobRecorder, job: Job, chosen: _Chosen, provided: Provided) -> None:
    """Again where the rig spoiled it, and no more than that."""
    cell = job.cell
    program = next(one for one in PROGRAMS if one.name == cell.program)
    setting = JobSetting(
        run=recorder.manifest.run,
        program=program,
        instance_type=next(one for one in chosen.instance_types if one.id == cell.instance_type),
        workload=next(one for one in chosen.workloads if one.name == cell.workload),
        placement=chosen.placements[cell.instance_type],
        image=provided.images[program.image],
    )
    for attempt in range(1, TRIES + 1):
        tried = Job(cell, job.block, attempt)
        if attempt > 1:
            recorder.expect(1)
        recorder.begin(tried)
        if recorder.end(run_job(lab, tried, setting)).outcome.status != Status.VOID:
            return
