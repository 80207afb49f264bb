"""The bundled catalog: every row complete, every price with its source and date, every derived figure right."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from orchestrator.adapters.files.catalog import FileCatalog
from orchestrator.domain.instance_type import InstanceType
from orchestrator.domain.limits import MEMORY_BYTES_MIN, limits_for
from orchestrator.domain.placement import Placement, Room, place
from orchestrator.domain.workload import k6_alone

TYPES = FileCatalog().instance_types()
WORKLOADS = FileCatalog().workloads()
ROOT = Path(__file__).parents[2]
BY_ID = {one.id: one for one in TYPES}
PROMISED = {
    *(
        "aws/fargate-0.25vcpu-0.5gb",
        "aws/fargate-0.5vcpu-1gb",
        "aws/fargate-1vcpu-2gb",
        "aws/t3.micro",
        "aws/c7a.medium",
    ),
    *("azure/b1s", "gcp/e2-micro", "gcp/t2d-standard-1", "aws/t3.nano", "aws/t3.small", "azure/b1ls", "gcp/e2-small"),
    *("aws/t4g.micro", "hetzner/cpx12", "fly/shared-cpu-1x-256mb"),
}


def test_ids_are_unique() -> None:
    assert len(BY_ID) == len(TYPES) >= 20


def test_what_was_promised_is_there() -> None:
    assert set(BY_ID) >= PROMISED


@pytest.mark.parametrize("one", TYPES, ids=lambda one: one.id)
def test_a_row_is_complete(one: InstanceType) -> None:
    assert one.memory_bytes >= MEMORY_BYTES_MIN
    assert 0 < one.sustained_cpus <= one.vcpus
    assert one.prices or one.note, "no price and no word why"
    for price in one.prices:
        assert price.usd_per_hour > 0
        assert price.source.strip()
        assert date(2026, 1, 1) <= price.as_of <= date(2026, 11, 21)
        assert price.status in ("verified", "derived", "unverified")
        assert "@" in price.source or price.as_of.isoformat() in price.source, "a source has a commit or a date"
    placed = place(one, Room(tuple(range(16)), 64 * 2**30, one.arch))
    assert isinstance(placed, Placement)
    limits = limits_for(one, placed)
    assert limits.quota_microseconds >= 1_000, "the kernel takes no less"
    assert len(limits.cpuset) == one.cpus_visible


@pytest.mark.parametrize("one", [one for one in TYPES if "/fargate-" in one.id], ids=lambda one: one.id)
def test_fargate_prices_follow_from_the_published_rates(one: InstanceType) -> None:
    arm = one.arch == "arm64"
    cpu, memory = (Decimal("0.03238"), Decimal("0.00356")) if arm else (Decimal("0.04048"), Decimal("0.004445"))
    expected = Decimal(str(one.vcpus)) * cpu + Decimal(one.memory_bytes) / 2**30 * memory
    assert [price.usd_per_hour for price in one.prices] == [expected]
    assert one.prices[0].status == "derived"


@pytest.mark.parametrize(
    ("name", "usd_30_days"),
    [
        ("fly/shared-cpu-1x-256mb", "2.19"),
        ("fly/shared-cpu-1x-512mb", "3.69"),
        ("fly/shared-cpu-1x-1gb", "6.70"),
        ("fly/performance-1x-2gb", "33.00"),
    ],
)
def test_fly_prices_follow_from_the_published_months(name: str, usd_30_days: str) -> None:
    assert abs(BY_ID[name].prices[0].usd_per_hour * 720 - Decimal(usd_30_days)) < Decimal("0.001")


def test_eur_prices_are_not_dollars() -> None:
    for one in TYPES:
        if one.provider == "hetzner":
            assert one.price is None
            assert "EUR" in one.note


@pytest.mark.parametrize(
    ("name", "sustained"),
    [("aws/t3.micro", 0.2), ("azure/b1s", 0.1), ("gcp/e2-micro", 0.25), ("aws/t3.nano", 0.1), ("aws/c7a.medium", 1.0)],
)
def test_sustained_cpus(name: str, sustained: float) -> None:
    assert BY_ID[name].sustained_cpus == sustained


def test_the_document_of_parse_is_the_generated_one() -> None:
    place = ROOT / "servers" / "contract" / "document.py"
    spec = importlib.util.spec_from_file_location("document", place)
    assert spec is not None and spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    (request,) = next(one for one in WORKLOADS if one.name == "parse").requests
    kept = (ROOT / "orchestrator" / "catalog" / "order.json").read_bytes()
    assert hashlib.sha256(kept).hexdigest() == hashlib.sha256(made.document()).hexdigest() == made.SHA256
    assert request.body.encode() == kept and len(kept) == 2_442
    assert json.loads(request.check.body) == made.answer()


def test_every_bundled_workload_can_be_offered_by_both_generators() -> None:
    assert not [reason for one in WORKLOADS if (reason := k6_alone(one))]


def test_workloads_and_scenarios() -> None:
    catalog = FileCatalog()
    asked = {
        one.name: [(str(each), each.check.body or each.check.contains) for each in one.requests] for one in WORKLOADS
    }
    assert asked == {
        "plaintext": [("GET /plaintext", "Hello, World!")],
        "json": [("GET /json", '{"message":"Hello, World!"}')],
        "nextid": [("GET /nextid", '"id"')],
        "prime": [("POST /calculate", '{"n":10000,"prime":104729}')],
        "parse": [("POST /parse", '{"count":12,"checksum":141995}')],
        "kv": [("GET /kv/k{1000-9999}", "value-of-k")],
        "db": [("GET /db/{1000-9999}", "item-")],
        "wait": [("GET /wait/20", '{"waited_milliseconds":20}')],
    }
    scenarios = {one.name: one for one in catalog.scenarios()}
    assert {name: (one.rates, one.duration_seconds, one.warmup_seconds) for name, one in scenarios.items()} == {
        "quick": ((500, 1000, 2000, 4000), 5.0, 2.0),
        "standard": ((250, 500, 1000, 2000, 4000, 8000), 15.0, 5.0),
        "constant": ((1000,), 60.0, 10.0),
        "ramp": ((250, 500, 1000, 2000, 4000, 8000), 10.0, 5.0),
        "memory-ladder": ((1, 1000, 5000, 1), 30.0, 0.0),
        "connections": ((1000,), 30.0, 5.0),
        "think": ((1000,), 60.0, 10.0),
        "database": ((1000,), 30.0, 10.0),
        "near-idle": ((1,), 60.0, 5.0),
    }
    assert {name for name, one in scenarios.items() if one.ladder} == {"ramp", "memory-ladder", "near-idle"}
    assert {name: (one.users, one.think_seconds) for name, one in scenarios.items() if one.users} == {
        "connections": (10_000, None),
        "think": (50, 0.05),
    }
    assert {name: one.workloads for name, one in scenarios.items() if one.workloads} == {"database": ("db",)}
