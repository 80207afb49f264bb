"""Every port twice: its fake, and what the user gets. A suite that passes on one alone proves nothing of the other."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator import wiring
from orchestrator.adapters.simulated.progress import RecordedProgress
from orchestrator.domain.box import BoxSpec, LoadSpec, Owned, Tags
from orchestrator.domain.limits import Limits
from orchestrator.domain.request import Check, Request
from orchestrator.domain.workload import Workload
from orchestrator.ports import Lab

BENCH = ("bench-prometheus", "cadvisor", "observer")
BOTH = ["simulated", pytest.param("real", marks=pytest.mark.engine)]
TAGS = Tags("a-run", "t1", "go-fasthttp", "acme/small", "plaintext", "server")
WORKLOAD = Workload("plaintext", "thirteen bytes", (Request("GET", "/plaintext", check=Check(body="Hello, World!")),))


@contextmanager
def new_lab(kind: str, folder: Path) -> Iterator[Lab]:
    """A lab that nobody else uses, without its bench; nothing of it stays."""
    if kind == "simulated":
        yield wiring.simulated(RecordedProgress())
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ORCHESTRATOR_LAB", f"contract-{secrets.token_hex(4)}")
        patch.setenv(wiring.RUNS_VARIABLE, str(folder / "runs"))
        lab = wiring.lab(RecordedProgress())
    yield lab
    lab.engine.remove_owned(images=False)
    assert lab.engine.remove_owned(images=False) == Owned(0, 0, 0, 0)


@pytest.fixture(scope="session", params=BOTH)
def lab(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """With its bench up; each test leaves it as it was."""
    with new_lab(request.param, tmp_path_factory.mktemp("contract")) as made:
        made.bench.up({name: made.images.provide(name) for name in BENCH})
        yield made


@pytest.fixture(params=BOTH)
def fresh_lab(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lab]:
    """For one test alone, with nothing in it."""
    with new_lab(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def spec(lab: Lab) -> BoxSpec:
    """A server on half a CPU; its name is new each time."""
    return box_spec(lab)


def box_spec(lab: Lab) -> BoxSpec:
    """The same for any lab."""
    limits = Limits(lab.engine.facts().cpus[-1:], 50_000, 100_000, 64 * 2**20, 0, 512)
    image = lab.images.provide("server/go-fasthttp").reference
    return BoxSpec(f"contract.{secrets.token_hex(4)}", image, 8080, limits, {"LAB_MACHINE_ID": "1"}, TAGS)


@pytest.fixture
def load(lab: Lab) -> LoadSpec:
    """200 requests a second for two seconds."""
    return LoadSpec(
        workload=WORKLOAD,
        port=8080,
        rate_per_second=200,
        warmup_seconds=1.0,
        duration_seconds=2.0,
        virtual_users=30,
        cpus=lab.engine.facts().cpus[:1],
        tags=replace(TAGS, role="generator"),
    )
