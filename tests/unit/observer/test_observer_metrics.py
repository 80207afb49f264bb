"""What Prometheus sees."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from orchestrator.observer.metrics import FootprintCollector
from orchestrator.observer.sampler import Sampler
from tests.unit.adapters.cgroup.trees import CONTAINER, write_v2
from tests.unit.observer.conftest import TAGS

LABELS = 'instance_type="azure/b1s",role="server",run="calm-otter",server="go-fasthttp",trial="t7",workload="plaintext"'


def exposed(sampler: Sampler) -> list[str]:
    registry = CollectorRegistry()
    registry.register(FootprintCollector(sampler))
    return [line for line in generate_latest(registry).decode().splitlines() if not line.startswith("#")]


def test_every_figure_has_its_name(tmp_path: Path) -> None:
    sampler = Sampler(write_v2(tmp_path))
    sampler.watch(CONTAINER, TAGS, None, 0.0104)
    cpu = LABELS.replace(",role", ',mode="user",role')
    psi = LABELS.replace(",role", ',kind="some",resource="cpu",role')
    wanted = {
        f"lab_cpu_seconds_total{{{cpu}}} 2.0",
        f"lab_cpu_seconds_total{{{cpu.replace('user', 'system')}}} 0.5",
        f"lab_cpu_periods_total{{{LABELS}}} 101.0",
        f"lab_cpu_throttled_periods_total{{{LABELS}}} 97.0",
        f"lab_cpu_throttled_seconds_total{{{LABELS}}} 7.300451",
        f"lab_memory_current_bytes{{{LABELS}}} 1.015808e+06",
        f"lab_memory_anon_bytes{{{LABELS}}} 110592.0",
        f"lab_memory_peak_bytes{{{LABELS}}} 3.825664e+06",
        f"lab_oom_kills_total{{{LABELS}}} 1.0",
        f"lab_limits_changes_total{{{LABELS}}} 0.0",
        f"lab_limit_cpu_cores{{{LABELS}}} 0.25",
        f"lab_limit_memory_bytes{{{LABELS}}} 6.7108864e+07",
        f"lab_price_usd_per_hour{{{LABELS}}} 0.0104",
    }
    lines = {line.replace(psi, "PSI") for line in exposed(sampler)}
    assert wanted <= lines
    assert lines - wanted == {"lab_psi_seconds_total{PSI} 5.9"}


@pytest.mark.parametrize(
    ("file", "series"),
    [
        ("memory.peak", "lab_memory_peak_bytes"),
        ("memory.max", "lab_limit_memory_bytes"),
        ("cpu.pressure", "lab_psi_seconds_total"),
        ("memory.events", "lab_oom_kills_total"),
    ],
)
def test_what_is_missing_has_no_series(tmp_path: Path, file: str, series: str) -> None:
    sampler = Sampler(write_v2(tmp_path, without=(file,)))
    sampler.watch(CONTAINER, TAGS, None, None)
    names = {line.partition("{")[0] for line in exposed(sampler)}
    assert series not in names
    assert "lab_price_usd_per_hour" not in names
    assert "lab_cpu_periods_total" in names


def test_an_unsplit_total_is_still_the_sum(tmp_path: Path) -> None:
    sampler = Sampler(write_v2(tmp_path, cpu_stat="usage_usec 2500000\n"))
    sampler.watch(CONTAINER, TAGS, None, None)
    (line,) = [line for line in exposed(sampler) if line.startswith("lab_cpu_seconds_total")]
    assert 'mode="all"' in line
    assert line.endswith(" 2.5")


def test_two_containers_of_the_same_labels_are_one_series(tmp_path: Path) -> None:
    write_v2(tmp_path, f"docker/{7:064x}", memory_current="7\n")
    sampler = Sampler(write_v2(tmp_path))
    sampler.watch(CONTAINER, TAGS, None, None)
    sampler.watch(f"{7:064x}", TAGS, None, None)
    assert next(line for line in exposed(sampler) if "memory_current" in line).endswith(" 7.0")
    assert len(exposed(sampler)) == len(set(exposed(sampler)))
    sampler.watch(CONTAINER, replace(TAGS, trial="t8"), None, None)
    assert len([line for line in exposed(sampler) if "memory_current" in line]) == 2


def test_an_ended_container_lingers_and_then_has_no_series(tmp_path: Path) -> None:
    sampler = Sampler(write_v2(tmp_path))
    watch = sampler.watch(CONTAINER, TAGS, None, None)
    watch.gone_since = time.monotonic()
    assert exposed(sampler)
    watch.gone_since -= 10
    assert exposed(sampler) == []


def test_names_are_escaped(tmp_path: Path) -> None:
    sampler = Sampler(write_v2(tmp_path))
    sampler.watch(CONTAINER, replace(TAGS, server='a"b\\c'), None, None)
    assert all('server="a\\"b\\\\c"' in line for line in exposed(sampler))
