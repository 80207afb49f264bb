"""What proves a sidecar ready, and what it costs as seen in the evidence of a window."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.domain.footprint import measure
from orchestrator.domain.limits import Limits, limits_beside
from orchestrator.domain.measurement import Missing, value_of
from orchestrator.domain.placement import Placement
from orchestrator.domain.reading import Beside, Evidence
from orchestrator.domain.server import Image
from orchestrator.domain.sidecar import Sidecar
from tests.unit.samples import GOOD, LIMITS, RUNNING, reading

REDIS = Sidecar("redis", "redis:8.2.1", 2**26, 64, port=6379)
IMAGE = Image("server/x", "footprint-lab/x:1", "sha256:0", 5, 4, 3.0, "build", "go1.26")
#: As /proc/net/tcp and tcp6 have them: the port in hexadecimal, 0A for a socket that listens.
LISTENS = "   0: 0100007F:18EB 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000  0 1 1\n"
LISTENS_6 = f"   0: {'0' * 32}:18EB {'0' * 32}:0000 0A 00000000:00000000 00:00000000 00000000  999  0 1 1\n"
CONNECTED = "   1: 0100007F:C350 0100007F:18EB 01 00000000:00000000 00:00000000 00000000  1000  0 1 1\n"
OTHER = "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000  0 1 1\n"


def test_a_command_of_its_own_proves_more_than_an_open_port() -> None:
    assert replace(REDIS, ready=("redis-cli", "ping")).proof == ("redis-cli", "ping")
    assert replace(REDIS, port=None).proof == ()


@pytest.mark.parametrize(
    ("table", "open_"), [(LISTENS, True), (LISTENS_6, True), (OTHER + LISTENS, True), (CONNECTED + OTHER, False)]
)
def test_an_open_port_is_seen_in_the_kernels_table(table: str, open_: bool, tmp_path: Path) -> None:
    (tmp_path / "tcp").write_text(table)
    program, options, pattern, *_ = REDIS.proof
    code = subprocess.run([program, options, pattern, tmp_path / "tcp", tmp_path / "absent"], check=False).returncode
    assert (code == 0) == open_


def test_its_limits_are_whole_cpus_of_its_own() -> None:
    placement = Placement((3,), (2,), (0,), shared=False, sidecar_cpus=(0, 1))
    assert limits_beside(REDIS, placement) == Limits((0, 1), 200_000, 100_000, 2**26, 0, 64)


def seen(evidence: Evidence, metric: str) -> float | Missing:
    return value_of(measure(1_000, LIMITS, evidence, IMAGE), metric)


def test_what_it_costs_is_counted_apart_from_the_server() -> None:
    redis = Beside("redis", 2, reading(0.0, 0.1), reading(6.0, 0.7, memory_bytes_peak=30), RUNNING, RUNNING)
    postgres = replace(redis, name="postgres", closing=reading(6.0, 0.4, memory_bytes_peak=20))
    evidence = replace(GOOD, sidecars=(redis, postgres))
    assert seen(evidence, "sidecar_cpu_seconds") == pytest.approx(0.9)
    assert seen(evidence, "sidecar_cpu_ratio") == pytest.approx(0.9 / 12)
    assert seen(evidence, "sidecar_memory_bytes_peak") == 50
    assert seen(evidence, "cpu_seconds_per_request") == seen(GOOD, "cpu_seconds_per_request")


@pytest.mark.parametrize("metric", ["sidecar_cpu_seconds", "sidecar_cpu_ratio", "sidecar_memory_bytes_peak"])
def test_where_there_is_none_nothing_is_counted(metric: str) -> None:
    assert seen(GOOD, metric) == Missing("no sidecar is needed")


def test_a_cold_start_that_waited_for_a_sidecar_is_none() -> None:
    redis = Beside("redis", 1, reading(), reading(6.0, 0.1, memory_bytes_peak=Missing("cgroup")), RUNNING, RUNNING)
    evidence = replace(GOOD, sidecars=(redis,))
    assert isinstance(seen(evidence, "cold_start_seconds"), Missing)
    assert isinstance(seen(evidence, "ready_seconds"), Missing)
    assert seen(evidence, "sidecar_memory_bytes_peak") == Missing("cgroup")
