"""``up``: images, bench and a few live servers under limits with a light load, so that there is something to watch."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.domain.box import BenchStatus, LoadSpec, Tags
from orchestrator.domain.checks import HostFacts
from orchestrator.domain.config import LabConfig
from orchestrator.domain.generator import Generator
from orchestrator.domain.instance_type import InstanceType
from orchestrator.domain.limits import Limits, limits_for
from orchestrator.domain.placement import Placement
from orchestrator.domain.server import Image, Server
from orchestrator.domain.serving import as_served
from orchestrator.domain.units import show_bytes, show_seconds
from orchestrator.domain.variant import slug_of
from orchestrator.domain.workload import Workload
from orchestrator.errors import LabError, TrialFailed
from orchestrator.ports import Lab
from orchestrator.usecases.bench import ensure_bench
from orchestrator.usecases.provide import Provided, provide, server_image
from orchestrator.usecases.ready import expect_answer, wait_answer
from orchestrator.usecases.select import Selection, plan_of, select
from orchestrator.usecases.setting import box_spec
from orchestrator.usecases.sidecars import Wanted, sidecars_for, start_live_sidecars

LIVE_RUN = "live"
LIVE_RATE_PER_SECOND = 100
LIVE_SECONDS = 3600.0
LIVE_USERS = 20


@dataclass(frozen=True)
class UpReport:
    """What stands now and where to watch it."""

    facts: HostFacts
    images: tuple[Image, ...]
    failed: dict[str, LabError]
    bench: BenchStatus
    live: tuple[str, ...]
    live_instance_type: str
    trials: int
    seconds_expected: float


def up(lab: Lab, config: LabConfig, *, allow_shared: bool = False) -> UpReport:
    """Idempotent: what runs already is left as it is."""
    facts = lab.engine.facts()
    lab.progress.say("engine", describe_engine(facts))
    chosen = select(lab.catalog, config, facts, allow_shared=allow_shared, left_out_ok=True)
    size = chosen.instance_types[0]
    # A build or a live server beside another lab's Trial would spoil its numbers.
    with lab.engine.hold():
        provided = provide(lab, tuple(one.name for one in chosen.servers), sidecars=chosen.sidecars)
        bench = ensure_bench(lab, provided)
        live, silent = _ensure_live(lab, chosen, provided, size)
    cpus, memory = size.sustained_cpus, show_bytes(size.memory_bytes)
    named = ", ".join(live) or "no server"
    lab.progress.say(
        "live",
        f"{named} on {size.id} ({cpus:g} CPU, {memory}), {LIVE_RATE_PER_SECOND} requests/s each "
        f"for {show_seconds(LIVE_SECONDS)}",
    )
    plan = plan_of(chosen)
    return UpReport(
        facts=facts,
        images=tuple(provided.images.values()),
        failed=provided.failed | silent,
        bench=bench,
        live=live,
        live_instance_type=size.id,
        trials=len(plan.cells) * len(config.scenario.rates),
        seconds_expected=plan.seconds_expected,
    )


def describe_engine(facts: HostFacts) -> str:
    """``Docker 29.1 (unix socket), cgroup v2, 8 CPUs, 31.2 GiB``."""
    where = "unix socket" if facts.endpoint.startswith("unix:") else facts.endpoint
    return (
        f"Docker {facts.engine_version} ({where}), cgroup v{facts.cgroup_version}, {len(facts.cpus)} CPUs, "
        f"{show_bytes(facts.memory_bytes)}"
    )


def _ensure_live(
    lab: Lab, chosen: Selection, provided: Provided, size: InstanceType
) -> tuple[tuple[str, ...], dict[str, LabError]]:
    """Live servers as asked, and why others never answered. What runs so already stays; a new observer hears of it."""
    placement = chosen.placements[size.id]
    servers = [
        (one, _live_workload(one, chosen), image)
        for one in chosen.servers
        if (image := provided.images.get(server_image(one.name))) is not None
    ]
    limits = limits_for(size, placement)
    wanted = {(image.reference, limits, _tags(one, size, workload, "server")) for one, workload, image in servers}
    names = tuple(one.name for one, _, _ in servers)
    silent: dict[str, LabError] = {}
    running = lab.stack.live()
    if {(box.image, box.limits, box.tags) for box in running} == wanted:
        for box in running:
            _watch(lab, box.id, box.tags, limits, size)
    else:
        lab.stack.stop_live()
        for server, workload, image in servers:
            try:
                needed = sidecars_for(server, workload, chosen.sidecars)
                sidecars = tuple((one, provided.images[one.image]) for one in needed)
                _start_live(lab, server, workload, image, size, placement, sidecars)
            except TrialFailed as error:
                lab.stack.stop_live(server.name)
                silent[server_image(server.name)] = error
                lab.progress.say("live", f"{server.name} failed: {error.message}")
                for line in error.detail:
                    lab.progress.say("", line)
        names = tuple(name for name in names if server_image(name) not in silent)
    lab.meter.announce(f"live: {', '.join(names)} on {size.id}, light load")
    return names, silent


def _live_workload(server: Server, chosen: Selection) -> Workload:
    """The first of those asked for that it serves."""
    return as_served(next(one for one in chosen.workloads if one.name in server.workloads), server)


def _watch(lab: Lab, box_id: str, tags: Tags, limits: Limits, size: InstanceType) -> None:
    lab.meter.watch(box_id, tags, limits, size.usd_per_hour)


def _start_live(
    lab: Lab,
    server: Server,
    workload: Workload,
    image: Image,
    size: InstanceType,
    placement: Placement,
    sidecars: Wanted,
) -> None:
    limits = limits_for(size, placement)
    tags = _tags(server, size, workload, "server")
    name = f"live.{slug_of(server.name)}"
    box = lab.stack.start_live(box_spec(name, server, image, limits, tags, sidecars))
    _watch(lab, box.id, tags, limits, size)
    start_live_sidecars(lab, box, sidecars, placement, tags)
    wait_answer(lab, box, expect_answer(lab, name, server, workload))
    lab.generators[Generator.K6].start_live(
        box,
        LoadSpec(
            workload=workload,
            port=server.port,
            rate_per_second=LIVE_RATE_PER_SECOND,
            warmup_seconds=0,
            duration_seconds=LIVE_SECONDS,
            virtual_users=LIVE_USERS,
            cpus=placement.generator_cpus,
            tags=_tags(server, size, workload, "generator"),
        ),
    )


def _tags(server: Server, size: InstanceType, workload: Workload, role: str) -> Tags:
    return Tags(LIVE_RUN, f"live.{slug_of(server.name)}", server.name, size.id, workload.name, role)
