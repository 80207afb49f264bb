"""Small, valid things for unit tests."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from orchestrator.adapters.simulated.catalog import SimulatedCatalog
from orchestrator.adapters.simulated.lab import simulated_lab
from orchestrator.adapters.simulated.progress import RecordedProgress
from orchestrator.adapters.simulated.world import Faults, World
from orchestrator.domain.config import LabConfig
from orchestrator.domain.instance_type import InstanceType, Price
from orchestrator.domain.limits import EffectiveLimits, Limits
from orchestrator.domain.measurement import Missing
from orchestrator.domain.reading import Reading
from orchestrator.domain.server import Server
from orchestrator.domain.slo import Slo
from orchestrator.domain.workload import Scenario, Workload
from orchestrator.ports import Lab
from orchestrator.usecases.run import RunRequest

PRICE = Price(Decimal("0.01"), "us-east-1", "on_demand", "excluded", date(2026, 7, 20), "a price list", "verified")
SMALL = InstanceType("acme/small", "acme", "amd64", 0.25, 1, "share", 0.25, 512 * 2**20, (PRICE,))
TINY = InstanceType("acme/tiny", "acme", "amd64", 1, 1, "burstable", 0.05, 1024 * 2**20, (PRICE,))
UNPRICED = InstanceType("acme/unpriced", "acme", "amd64", 1, 1, "fixed", 1.0, 2**30, ())
WIDE = InstanceType("acme/wide", "acme", "amd64", 4, 1, "fixed", 4.0, 2**30, (PRICE,))
PLAINTEXT = Workload("plaintext", "GET", "/plaintext", "thirteen bytes", body="Hello, World!")
QUICK = Scenario("quick", (500, 1_000, 2_000), 5.0, 2.0)
SERVERS = tuple(
    Server(name, language, program, "a server", 8080, ("plaintext",))
    for name, language, program in (("go-fasthttp", "go", "fasthttp"), ("rust-axum", "rust", "axum"))
)
CATALOG = SimulatedCatalog(SERVERS, (SMALL, TINY, UNPRICED, WIDE), (PLAINTEXT,), (QUICK,))
LIMITS = Limits((1,), 25_000, 100_000, 512 * 2**20, 0, 512)
IN_FORCE = EffectiveLimits((1,), 25_000, 100_000, 512 * 2**20, 0, 512)


def config(*instance_types: str, rates: tuple[int, ...] = QUICK.rates, slo: Slo | None = None) -> LabConfig:
    """A config over the sample catalog."""
    scenario = Scenario("quick", rates, QUICK.duration_seconds, QUICK.warmup_seconds)
    names = instance_types or ("acme/small", "acme/tiny")
    return LabConfig(("go-fasthttp", "rust-axum"), names, ("plaintext",), scenario, slo or Slo())


def lab(faults: Faults | None = None) -> tuple[Lab, World, RecordedProgress]:
    """A simulated lab, its world and what it said."""
    world, progress = World(faults=faults or Faults()), RecordedProgress()
    return simulated_lab(world, CATALOG, progress), world, progress


def request(*instance_types: str, named: bool = False, allow_shared: bool = False, **more: object) -> RunRequest:
    """A Run of the sample config."""
    return RunRequest("2026-01-01-0000-test-run", config(*instance_types, **more), named, allow_shared, "0.0.0")  # type: ignore[arg-type]


def reading(at: float = 0.0, cpu: float = 0.0, **changes: object) -> Reading:
    """Counters of a container under LIMITS."""
    values: dict[str, object] = {
        "at_seconds": at,
        "cpu_seconds": cpu,
        "cpu_seconds_user": cpu / 2,
        "cpu_seconds_system": cpu / 2,
        "cpu_periods": 0,
        "cpu_throttled_periods": 0,
        "cpu_throttled_seconds": 0.0,
        "memory_bytes_current": 1,
        "memory_bytes_anon": 1,
        "memory_bytes_peak": 1,
        "oom_kills": 0,
        "cpu_pressure_seconds": Missing("cgroup v1"),
        "limits": IN_FORCE,
        "limits_changes": 0,
    }
    return Reading(**{**values, **changes})  # type: ignore[arg-type]
