"""What a Trial needs to know, and the orders for its containers that follow from it."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.domain.box import BoxSpec, LoadSpec, Tags
from orchestrator.domain.generator import Generator
from orchestrator.domain.instance_type import InstanceType
from orchestrator.domain.limits import Limits, limits_for
from orchestrator.domain.needs import open_files_for
from orchestrator.domain.placement import Placement
from orchestrator.domain.plan import Cell, Trial
from orchestrator.domain.search import Phase
from orchestrator.domain.server import Image, Server
from orchestrator.domain.service import Service
from orchestrator.domain.slo import Slo
from orchestrator.domain.variant import environment_of
from orchestrator.domain.verdict import window_seconds
from orchestrator.domain.workload import Scenario, Workload, users_of
from orchestrator.usecases.sidecars import Wanted, variables_of


@dataclass(frozen=True)
class Setting:
    """What a Trial needs to know beside its own place in the Plan."""

    run: str
    scenario: Scenario
    slo: Slo
    server: Server
    instance_type: InstanceType
    workload: Workload
    placement: Placement
    image: Image
    generator: Generator
    sidecars: Wanted = ()

    @property
    def limits(self) -> Limits:
        """What is asked of the kernel."""
        return limits_for(self.instance_type, self.placement)


def box_spec(
    name: str,
    server: Server,
    image: Image,
    limits: Limits,
    tags: Tags,
    sidecars: Wanted = (),
    users: int | None = None,
) -> BoxSpec:
    """The server's container, which is told of what stands beside it.

    Args:
        users: connections that it must be able to hold, where the scenario says how many.
    """
    service = server.service or Service(image.reference)
    return BoxSpec(
        name=name,
        image=image.reference,
        port=server.port,
        limits=limits,
        env={**environment_of(server, limits), **variables_of(sidecar for sidecar, _ in sidecars)},
        tags=tags,
        open_files=None if users is None else open_files_for(users),
        secrets=service.secrets,
        user=service.user,
        tmpfs=service.tmpfs,
        read_only=service.read_only,
    )


def load_spec(
    trial: Trial, setting: Setting, warmup_seconds: float | None = None, duration_seconds: float | None = None
) -> LoadSpec:
    """The generator's orders for one Trial; times are the scenario's unless given."""
    scenario, slo = setting.scenario, setting.slo
    return LoadSpec(
        workload=setting.workload,
        port=setting.server.port,
        rate_per_second=trial.rate_per_second if scenario.think_seconds is None else None,
        warmup_seconds=scenario.warmup_seconds if warmup_seconds is None else warmup_seconds,
        duration_seconds=_window_seconds(trial, setting) if duration_seconds is None else duration_seconds,
        virtual_users=users_of(scenario, trial.rate_per_second, slo.latency_seconds_max, setting.generator),
        cpus=setting.placement.generator_cpus,
        tags=tags_of(trial.id, trial.cell, setting, "generator"),
        limits_seconds=slo.limits_seconds,
        think_seconds=scenario.think_seconds or 0.0,
    )


def _window_seconds(trial: Trial, setting: Setting) -> float:
    """The scenario's; of a step, by which a rate is judged, and of a duet longer where the SLO needs more requests."""
    seconds = setting.scenario.duration_seconds
    lengthened = trial.phase in (Phase.STEP, Phase.DUET)
    return window_seconds(seconds, setting.slo, trial.rate_per_second) if lengthened else seconds


def tags_of(name: str, cell: Cell, setting: Setting, role: str) -> Tags:
    """What container and series carry."""
    return Tags(setting.run, name, cell.server, setting.instance_type.id, setting.workload.name, role)
