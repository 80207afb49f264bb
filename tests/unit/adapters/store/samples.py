"""One small Run."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from orchestrator.domain.capacity import Phase
from orchestrator.domain.generator import Generator
from orchestrator.domain.instance_type import InstanceType, Price
from orchestrator.domain.latency import latencies_of
from orchestrator.domain.limits import EffectiveLimits, Limits
from orchestrator.domain.measurement import Measurement, Missing
from orchestrator.domain.outcome import COMPLETED
from orchestrator.domain.placement import Placement, Unfit
from orchestrator.domain.plan import Aim, Blocks, Cell, Extras, cells_of, expand
from orchestrator.domain.record import SCHEMA, Event, HostFingerprint, RunManifest, Second, TrialRecord
from orchestrator.domain.request import Check, Request
from orchestrator.domain.server import Image, Server
from orchestrator.domain.slo import Slo
from orchestrator.domain.workload import Scenario, Workload

RUN = "2026-11-21-1432-calm-otter"
PRICE = Price(Decimal("0.010400"), "eastus", "on_demand", "excluded", date(2026, 6, 18), "a price list", "verified")
SCENARIO = Scenario("quick", (500, 1000), 5.0, 2.0)
MANIFEST = RunManifest(
    schema=SCHEMA,
    run=RUN,
    created_at="2026-11-21T14:32:00.000Z",
    version="0.1.0",
    mode="limit",
    simulated=False,
    plan=replace(
        expand(
            cells_of(("go-fasthttp",), ("azure/b1s",), ("plaintext",), SCENARIO),
            SCENARIO,
            aim=Aim.STAIRCASE,
            blocks=Blocks(1, 1),
            extras=Extras(),
            generator=Generator.K6,
            seed=4711,
            slo=Slo(),
        ),
        left_out=(Unfit("aws/t3.micro", "needs 2 CPUs beside the generator (have 1)"),),
    ),
    slo=Slo(),
    host=HostFingerprint("6.18", "a CPU", 2, 2**34, 1, "26.1.5", "kvm"),
    servers=(Server("go-fasthttp", "go", "fasthttp", "a server", 8080, ("plaintext",)),),
    images=(Image("server/go-fasthttp", "x:1", "sha256:0", 5, Missing("not looked at"), 3.0, "build", "go1.26"),),
    instance_types=(
        InstanceType("azure/b1s", "azure", "amd64", 1.0, 1, "burstable", 0.1, 2**30, (PRICE,), "a note"),
        InstanceType("hetzner/cpx12", "hetzner", "amd64", 1.0, 1, "fixed", 1.0, 2**31, ()),
    ),
    workloads=(
        Workload("json", "an object", (Request("GET", "/json", check=Check(body='{"message":"Hello, World!"}')),)),
    ),
)
TRIAL = TrialRecord(
    schema=SCHEMA,
    trial="go-fasthttp.azure-b1s.plaintext.b1.500.1",
    cell=Cell("go-fasthttp", "azure/b1s", "plaintext", "quick"),
    block=1,
    phase=Phase.STEP,
    rate_per_second=500,
    attempt=1,
    generator=Generator.K6,
    started_at="2026-11-21T14:32:01.000Z",
    seconds=9.5,
    mode="limit",
    placement=Placement((1,), (0,), (0,), shared=False),
    limits=Limits((1,), 10_000, 100_000, 2**30, 0, 512),
    effective=(EffectiveLimits((1,), 10_000, 100_000, 2**30, Missing("no swap accounting"), 512),),
    image_digest="sha256:0",
    outcome=COMPLETED,
    measurements=(Measurement("latency_seconds_p99", 0.0125, "s", "k6", 5.0, 2500),),
    latencies=latencies_of([0.001, 0.002, 0.0125], (0.05,)),
    seconds_of_window=(Second(0.0, 1.0, 500, 0, 0.0125, 0.02, Missing("no quota period has passed"), 5_000_000),),
    server_info={"parallelism": "1"},
)
EVENT = Event("2026-11-21T14:32:00.500Z", "run_started", note="a \u2028 line\nand \x00 <more> \U0001f680")
