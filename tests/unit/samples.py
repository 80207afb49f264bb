"""Small, valid things for unit tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from orchestrator.adapters.simulated.catalog import SimulatedCatalog
from orchestrator.adapters.simulated.lab import simulated_lab
from orchestrator.adapters.simulated.progress import RecordedProgress
from orchestrator.adapters.simulated.world import Faults, World
from orchestrator.domain.batch import Algorithm, BatchWorkload, Size
from orchestrator.domain.config import LabConfig
from orchestrator.domain.generator import Generator
from orchestrator.domain.instance_type import InstanceType, Price
from orchestrator.domain.latency import latencies_of
from orchestrator.domain.limits import EffectiveLimits, Limits
from orchestrator.domain.measurement import Measurement, Missing, value_of
from orchestrator.domain.reading import BoxState, Evidence, FirstAnswer, LoadResult, Reading
from orchestrator.domain.request import Check, Request
from orchestrator.domain.runtime import RuntimePages
from orchestrator.domain.server import Server
from orchestrator.domain.sidecar import Sidecar
from orchestrator.domain.slo import Slo
from orchestrator.domain.workload import Scenario, Workload
from orchestrator.ports import Catalog, Lab
from orchestrator.usecases.run import RunRequest

PRICE = Price(Decimal("0.01"), "us-east-1", "on_demand", "excluded", date(2026, 7, 20), "a price list", "verified")
SMALL = InstanceType("acme/small", "acme", "amd64", 0.25, 1, "share", 0.25, 512 * 2**20, (PRICE,))
TINY = InstanceType("acme/tiny", "acme", "amd64", 1, 1, "burstable", 0.05, 1024 * 2**20, (PRICE,))
UNPRICED = InstanceType("acme/unpriced", "acme", "amd64", 1, 1, "fixed", 1.0, 2**30, ())
WIDE = InstanceType("acme/wide", "acme", "amd64", 4, 1, "fixed", 4.0, 2**30, (PRICE,))
PLAINTEXT = Workload("plaintext", "thirteen bytes", (Request("GET", "/plaintext", check=Check(body="Hello, World!")),))
QUICK = Scenario("quick", (500, 1_000, 2_000), 5.0, 2.0)
DB = Workload("db", "one row", (Request("GET", "/db/17", check=Check(body='{"id":17}')),), needs=("postgres",))
POSTGRES = Sidecar("postgres", "sidecar-postgres", 2**28, 100, 5432, ("proof",), variables={"LAB_DB": "postgres://lab"})
SERVERS = tuple(
    Server(name, language, program, "a server", 8080, ("plaintext",))
    for name, language, program in (("go-fasthttp", "go", "fasthttp"), ("rust-axum", "rust", "axum"))
)
PICTURE = BatchWorkload(
    "picture",
    "mandelbrot",
    "a picture",
    (Size(5_000, "7f048ec8708a6db6006ace9f8afbf2f13d033bc1"),),
    (
        Algorithm("same", "scalar", {"go": "mandelbrot-scalar", "rust": "mandelbrot-scalar"}),
        Algorithm("best", "", {"go": "mandelbrot-scalar-two", "rust": "mandelbrot-lanes16"}),
    ),
)
FLIPS = BatchWorkload(
    "flips",
    "fannkuch",
    "flips of permutations",
    (Size(10), Size(11, "556355,51")),
    (Algorithm("same", "", {"go": "fannkuch-swap", "rust": "fannkuch-swap"}),),
)
CATALOG = SimulatedCatalog(
    SERVERS, (SMALL, TINY, UNPRICED, WIDE), (PLAINTEXT,), (QUICK,), all_batch_workloads=(PICTURE, FLIPS)
)
#: The same with a workload that needs a sidecar.
DB_CATALOG = replace(
    CATALOG,
    all_servers=tuple(replace(one, workloads=("plaintext", "db")) for one in SERVERS),
    all_workloads=(PLAINTEXT, DB),
    all_sidecars=(POSTGRES,),
)
LIMITS = Limits((1,), 25_000, 100_000, 512 * 2**20, 0, 512)
IN_FORCE = EffectiveLimits((1,), 25_000, 100_000, 512 * 2**20, 0, 512)


def figure(measurements: tuple[Measurement, ...], metric: str) -> float:
    """A metric that was measured."""
    value = value_of(measurements, metric)
    assert not isinstance(value, Missing), value.reason
    return value


def config(*instance_types: str, rates: tuple[int, ...] = QUICK.rates, slo: Slo | None = None) -> LabConfig:
    """A config over the sample catalog."""
    scenario = Scenario("quick", rates, QUICK.duration_seconds, QUICK.warmup_seconds)
    names = instance_types or ("acme/small", "acme/tiny")
    return LabConfig(("go-fasthttp", "rust-axum"), names, ("plaintext",), scenario, slo or Slo())


def lab(faults: Faults | None = None, catalog: Catalog = CATALOG) -> tuple[Lab, World, RecordedProgress]:
    """A simulated lab, its world and what it said."""
    world, progress = World(faults=faults or Faults()), RecordedProgress()
    return simulated_lab(world, catalog, progress), world, progress


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
        "sampled_seconds": at,
        "clock_offset_seconds": 0.0,
        "others_cpu_seconds": 0.0,
        "steal_seconds": 0.0,
    }
    return Reading(**{**values, **changes})  # type: ignore[arg-type]


RUNNING = BoxState(True, 0, 0, "2026-01-01T00:00:00Z", False)
LATENCY = {"mean": 0.001, "p50": 0.001, "p90": 0.002, "p99": 0.004, "p999": 0.008, "max": 0.02}
LOAD = LoadResult(
    generator=Generator.K6,
    exit_code=0,
    duration_seconds=5.0,
    requests=5_000,
    dropped=0,
    failed=0,
    latency_seconds=LATENCY,
    iteration_seconds_mean=0.001,
    virtual_users=110,
    start_lag_seconds_p99=0.0005,
    latencies=latencies_of([0.001] * 10),
    slots=(),
    covered_requests=5_000,
    busy_seconds=Missing("k6"),
)
FREE = replace(IN_FORCE, quota_microseconds=-1)
#: A clean Trial of 1,000 requests/s over 5 s.
GOOD = Evidence(
    opening=reading(0.0, 0.0),
    beginning=reading(0.0, 0.0),
    closing=reading(6.0, 0.5),
    generator_opening=reading(0.0, 0.0, limits=FREE),
    generator_closing=reading(6.0, 1.2, limits=FREE),
    generator_cpus=1,
    quiet_seconds=0.4,
    before=RUNNING,
    after=RUNNING,
    load=LOAD,
    first_answer=FirstAnswer(1.0, {}),
    ordered_unix_seconds=0.7,
    started_unix_seconds=0.9,
    runtime=RuntimePages(Missing("not asked"), Missing("not asked")),
)
