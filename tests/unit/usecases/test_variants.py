"""Variants in a Run: planned, built and started as servers of their own, and void where they are not what they say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.adapters.simulated.catalog import SimulatedCatalog
from orchestrator.adapters.simulated.lab import simulated_lab
from orchestrator.adapters.simulated.progress import RecordedProgress
from orchestrator.adapters.simulated.world import Faults, World
from orchestrator.domain.outcome import Gate, Status
from orchestrator.domain.variant import Factor, Level, Numbers
from orchestrator.errors import ConfigError
from orchestrator.ports import Lab
from orchestrator.usecases.build import build
from orchestrator.usecases.run import run
from tests.unit import samples

FACTORS = (
    Factor("json", "codec", (Level("std", {}, {}), Level("sonic", {}, {"TAGS": "json_sonic"}))),
    Factor("workers", "threads", (Level("runtime", {}, {}),), Numbers("LAB_WORKERS", 1, 64)),
)
VARIANT = "go-fasthttp:json=sonic,workers=2"


def varied(faults: Faults | None = None) -> Lab:
    """The sample lab, its servers with factors."""
    servers = tuple(replace(server, factors=FACTORS) for server in samples.SERVERS)
    sizes = (samples.SMALL, samples.TINY)
    catalog = SimulatedCatalog(servers, sizes, (samples.PLAINTEXT,), (samples.QUICK,))
    return simulated_lab(World(faults=faults or Faults()), catalog, RecordedProgress())


def asked(*servers: str) -> samples.RunRequest:
    plain = samples.request("acme/small")
    return replace(plain, config=replace(plain.config, servers=servers))


def test_a_variant_is_measured_beside_its_server_under_its_own_name() -> None:
    stored = run(varied(), asked("go-fasthttp", "go-fasthttp:workers=2,json=sonic"))
    assert {record.cell.server for record in stored.trials} == {"go-fasthttp", VARIANT}
    slugs = {record.trial.split(".")[0] for record in stored.trials}
    assert slugs == {"go-fasthttp", "go-fasthttp-json-sonic-workers-2"}
    assert {record.outcome.status for record in stored.trials} == {Status.COMPLETED}


def test_a_codec_that_fell_back_voids_the_row() -> None:
    stored = run(varied(Faults(codec_falls_back=True)), asked(VARIANT))
    assert {record.outcome.kind for record in stored.trials} == {Gate.FALLBACK}
    assert "sonic does not know this Go" in stored.trials[0].outcome.reason


def test_variants_are_built_by_name_and_once() -> None:
    provided = build(varied(), (VARIANT, "go-fasthttp:workers=2,json=sonic", "rust-axum:json=std"))
    assert list(provided.images) == [f"server/{VARIANT}", "server/rust-axum"]


@pytest.mark.parametrize("name", ["go-fastttp", "go-fasthttp:json=fast", "go-fasthttp:gc=off", "go-fasthttp:"])
def test_what_is_no_server_and_no_variant_is_not_built(name: str) -> None:
    with pytest.raises(ConfigError):
        build(varied(), (name,))
