"""Every command: parse, one use-case, render. Heavy imports are local, so that ``--help`` answers at once."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestrator.cli.options import (
    AllowShared,
    AsJson,
    Duet,
    Instances,
    Kind,
    LabFile,
    Objectives,
    ObjectivesOption,
    Supplied,
    Supply,
    Verbose,
    aim_of,
    check_rate,
    named,
    objectives,
)
from orchestrator.cli.screen import Answer
from orchestrator.errors import ConfigError, Mistake

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Which HTTP service on which cloud instance type is cheapest for a load and an SLO, measured in containers.",
    epilog="Start with: orchestrator doctor, then up, then run --quick.",
)


def _version(asked: bool) -> None:
    if asked:
        from orchestrator.cli.version import version

        typer.echo(f"footprint-lab {version()}")
        raise typer.Exit


@app.callback()
def top(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Options before any command."""


@app.command(name="up")
def up(
    context: typer.Context,
    lab_file: LabFile = None,
    supply: Supplied = Supply.AUTO,
    allow_shared: AllowShared = False,
    _as_json: AsJson = False,
    _verbose: Verbose = False,
) -> Answer:
    """Build what is missing, start the bench and some live servers, and say where to watch."""
    from orchestrator import wiring
    from orchestrator.cli.answers import up_answer
    from orchestrator.usecases.up import up as use_case

    lab = wiring.lab(context.obj, supply=supply, lab_file=lab_file)
    report = use_case(lab, wiring.config(lab_file), allow_shared=allow_shared)
    return up_answer(report, str(lab_file) if lab_file else "")


@app.command(name="run")
def run(
    context: typer.Context,
    lab_file: LabFile = None,
    quick: Annotated[bool, typer.Option("--quick", help="Scenario quick on two instance types.")] = False,
    server: Annotated[list[str] | None, typer.Option("--server", metavar="S", help="Server; repeatable.")] = None,
    instance: Instances = None,
    workload: Annotated[list[str] | None, typer.Option("--workload", metavar="W", help="Workload; repeatable.")] = None,
    scenario: Annotated[
        str | None, typer.Option("--scenario", metavar="NAME", help="How load is offered, as in list scenarios.")
    ] = None,
    rate: Annotated[
        list[int] | None, typer.Option("--rate", metavar="N", help="Requests/s; several make a staircase.")
    ] = None,
    capacity: Annotated[bool, typer.Option("--capacity", help="Search the highest rate that holds the SLO.")] = False,
    demand: Annotated[bool, typer.Option("--demand", help="Search the cheapest size that holds --rate.")] = False,
    duet: Duet = False,
    slo: ObjectivesOption = None,
    repeat: Annotated[
        int | None, typer.Option("--repeat", metavar="N", help="Blocks, exactly; else as many as an answer needs.")
    ] = None,
    noise_floor: Annotated[
        bool, typer.Option("--aa", help="Measure the first server twice, as two: the noise floor.")
    ] = False,
    curve: Annotated[bool, typer.Option("--curve", help="Also at 10 to 90 % of what each cell holds.")] = False,
    near_idle: Annotated[bool, typer.Option("--near-idle", help="Also at 1 request/s: the standing cost.")] = False,
    seed: Annotated[int | None, typer.Option("--seed", metavar="N", help="Order of the trials.")] = None,
    supply: Supplied = Supply.AUTO,
    allow_shared: AllowShared = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Simulate: no container runs, nothing is stored.")] = False,
    _as_json: AsJson = False,
    _verbose: Verbose = False,
) -> Answer:
    """Measure the plan in lab.yaml, or run batch workloads; print what each size holds, costs, or took."""
    from orchestrator import wiring
    from orchestrator.cli.answers import run_answer
    from orchestrator.cli.batch_answers import batch_answer
    from orchestrator.cli.find import pages
    from orchestrator.cli.version import version
    from orchestrator.domain.config import Overrides
    from orchestrator.domain.job_config import JobConfig
    from orchestrator.domain.plan import Extras
    from orchestrator.usecases.batch import BatchRequest, run_batch
    from orchestrator.usecases.run import RunRequest
    from orchestrator.usecases.run import run as use_case

    asked = Overrides(
        servers=tuple(server or ()),
        instance_types=tuple(instance or ()),
        workloads=tuple(workload or ()),
        rates=tuple(rate or ()),
        slo=slo or "",
        seed=seed,
        quick=quick,
        aim=aim_of(capacity=capacity, demand=demand, duet=duet),
        repeat=repeat,
        extras=Extras(curve, near_idle, noise_floor),
        scenario=scenario or "",
    )
    jobs = wiring.jobs(lab_file, asked)
    config = jobs or wiring.config(lab_file, asked, secrets=not dry_run)
    lab = (
        wiring.simulated(context.obj, lab_file)
        if dry_run
        else wiring.lab(context.obj, supply=supply, lab_file=lab_file)
    )
    if isinstance(config, JobConfig):
        batch = BatchRequest(wiring.run_id(), config, bool(instance), allow_shared, version())
        return batch_answer(run_batch(lab, batch), pages(lab))
    stored = use_case(lab, RunRequest(wiring.run_id(), config, bool(instance), allow_shared, version()))
    return run_answer(stored, asked_one_rate=len(set(rate or ())) == 1, urls=pages(lab))


@app.command(name="cost")
def cost(
    rate: Annotated[int, typer.Option("--rate", metavar="N", help="Requests/s the fleet must carry.")],
    run_name: Annotated[str, typer.Argument(metavar="[RUN]", help="A run; the newest that finished.")] = "",
    instance: Instances = None,
    _as_json: AsJson = False,
    _verbose: Verbose = False,
) -> Answer:
    """Price a load from a stored run: fleet, USD a month and per million requests."""
    check_rate(rate)
    from orchestrator import wiring
    from orchestrator.cli.answers import cost_answer
    from orchestrator.cli.find import sizes_of
    from orchestrator.usecases.cost import cost as use_case
    from orchestrator.usecases.cost import newest
    from orchestrator.usecases.stored import windows_of

    store = wiring.store()
    stored = windows_of(store.read(run_name), "cost") if run_name else newest(store)
    sizes = sizes_of(stored, wiring.catalog()) if instance else {}
    return cost_answer(use_case(stored, rate, named("instance", instance or (), sizes), rate_asked=rate))


@app.command(name="judge")
def judge(
    run_name: Annotated[str, typer.Argument(metavar="RUN", help="A run's name, a part of it, or latest.")],
    slo: Objectives,
    _as_json: AsJson = False,
    _verbose: Verbose = False,
) -> Answer:
    """Judge a stored run under another SLO, without new load; say what its data cannot answer."""
    from orchestrator import wiring
    from orchestrator.cli.answers import judge_answer
    from orchestrator.usecases.judge import rejudge
    from orchestrator.usecases.stored import windows_of

    return judge_answer(rejudge(windows_of(wiring.store().read(run_name), "judge"), objectives(slo)))


@app.command(name="doctor")
def doctor(context: typer.Context, _as_json: AsJson = False, _verbose: Verbose = False) -> Answer:
    """Is this machine fit, and what to do about it."""
    from orchestrator import wiring
    from orchestrator.cli.render.host import doctor_data, doctor_view
    from orchestrator.domain.checks import Severity
    from orchestrator.usecases.doctor import doctor as use_case

    diagnosis = use_case(wiring.lab(context.obj, services=False))
    data = doctor_data(diagnosis)
    warned = tuple(f"{one.check}: {one.evidence}" for one in diagnosis.findings if one.severity == Severity.WARN)
    return Answer(lambda width: doctor_view(diagnosis, width), data, 0 if data["fit"] else 3, warned)


@app.command(name="build")
def build(
    context: typer.Context,
    server: Annotated[
        list[str] | None, typer.Argument(metavar="[SERVER]...", help="All, and the bench, when left out.")
    ] = None,
    supply: Supplied = Supply.AUTO,
    _as_json: AsJson = False,
    _verbose: Verbose = False,
) -> Answer:
    """Build or pull images without starting anything."""
    from orchestrator import wiring
    from orchestrator.cli.answers import build_answer
    from orchestrator.usecases.build import build as use_case

    lab = wiring.lab(context.obj, supply=supply)
    return build_answer(use_case(lab, tuple(server or ())))


@app.command(name="init")
def init(
    image: Annotated[str, typer.Option("--image", metavar="IMAGE", help="Your own image, as in me/api:1.")],
    port: Annotated[int, typer.Option("--port", metavar="N", help="Where it listens inside its container.")],
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="The image's own name when left out.")] = "",
    _as_json: AsJson = False,
    _verbose: Verbose = False,
) -> Answer:
    """Describe a service of your own: writes services/NAME.yaml beside lab.yaml, to be completed."""
    from orchestrator import wiring
    from orchestrator.cli.answers import init_answer

    return init_answer(wiring.new_service(image, port, name))


@app.command(name="list")
def list_things(
    context: typer.Context,
    kind: Annotated[Kind, typer.Argument(help="What to list.")],
    fit: Annotated[bool, typer.Option("--fit", help="Only instance types this host can give.")] = False,
    _as_json: AsJson = False,
    _verbose: Verbose = False,
) -> Answer:
    """List servers, instances, workloads, scenarios or runs."""
    from orchestrator import wiring
    from orchestrator.cli.answers import list_answer

    if fit and kind != Kind.INSTANCES:
        raise ConfigError((Mistake("--fit", "--fit tells which instance types fit; use it with list instances"),))
    facts = wiring.lab(context.obj).engine.facts() if fit else None
    return list_answer(kind, wiring.catalog(), wiring.store(), facts)


@app.command(name="show")
def show(
    name: Annotated[
        str,
        typer.Argument(
            metavar="RUN|TRIAL|SERVER|INSTANCE",
            help="A run's name, a trial's or job's id, go-nethttp, or aws/t3.micro.",
        ),
    ],
    _as_json: AsJson = False,
    _verbose: Verbose = False,
) -> Answer:
    """Show everything known of one run, trial, job, server or instance type."""
    from orchestrator import wiring
    from orchestrator.cli.answers import show_answer
    from orchestrator.cli.find import find

    return show_answer(find(name, wiring.catalog(), wiring.store()))


@app.command(name="down")
def down(
    context: typer.Context,
    images: Annotated[bool, typer.Option("--images", help="Remove the lab's images as well.")] = False,
    _as_json: AsJson = False,
    _verbose: Verbose = False,
) -> Answer:
    """Remove everything that carries this lab's label, and nothing else."""
    from orchestrator import wiring
    from orchestrator.cli.render.host import down_view
    from orchestrator.cli.render.json import plain
    from orchestrator.usecases.down import down as use_case

    owned = use_case(wiring.lab(context.obj, services=False), images=images)
    return Answer(lambda width: down_view(owned, images, width), {"removed": plain(owned)})
