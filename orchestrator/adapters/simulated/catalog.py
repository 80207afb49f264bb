"""Catalog: in memory, given by whoever builds it."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.domain.batch import BatchWorkload
from orchestrator.domain.instance_type import InstanceType
from orchestrator.domain.server import Server
from orchestrator.domain.sidecar import Sidecar
from orchestrator.domain.workload import Scenario, Workload


@dataclass(frozen=True)
class SimulatedCatalog:
    """Holds what it was given."""

    all_servers: tuple[Server, ...]
    all_instance_types: tuple[InstanceType, ...]
    all_workloads: tuple[Workload, ...]
    all_scenarios: tuple[Scenario, ...]
    all_sidecars: tuple[Sidecar, ...] = ()
    all_batch_workloads: tuple[BatchWorkload, ...] = ()

    def servers(self) -> tuple[Server, ...]:
        return self.all_servers

    def instance_types(self) -> tuple[InstanceType, ...]:
        return self.all_instance_types

    def workloads(self) -> tuple[Workload, ...]:
        return self.all_workloads

    def batch_workloads(self) -> tuple[BatchWorkload, ...]:
        return self.all_batch_workloads

    def scenarios(self) -> tuple[Scenario, ...]:
        return self.all_scenarios

    def sidecars(self) -> tuple[Sidecar, ...]:
        return self.all_sidecars
