"""The stack for Compose says the same as what runs."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.peer import bench_values, stack, written

LABELS = {"orchestrator.lab": "mine", "orchestrator.server": "go-fasthttp"}


def container(name: str, role: str, network: str, quota: int, command: list[str] | None) -> dict[str, Any]:
    """What ``docker inspect`` says of one of ours, as far as it is read."""
    return {
        "Id": name,
        "Config": {
            "Image": f"lab/{name}:1",
            "Env": ["A=1$2"],
            "Cmd": command,
            "Labels": {**LABELS, "orchestrator.role": role},
        },
        "HostConfig": {
            "CpusetCpus": "1",
            "Memory": 512,
            "MemorySwap": 512,
            "PidsLimit": 9,
            "ReadonlyRootfs": True,
            "CapDrop": ["ALL"],
            "SecurityOpt": ["no-new-privileges"],
            "LogConfig": {"Type": "json-file", "Config": {"max-size": "4m"}},
            "CpuQuota": quota,
            "CpuPeriod": 100_000 if quota else 0,
            "NetworkMode": network,
        },
    }


BENCH = {
    "services": {"prometheus": {"image": "p", "profiles": ["grafana"]}},
    "networks": {"lab": {"external": True}},
    "volumes": {"prometheus": {}},
}
SERVER = container("server", "server", "footprint-mine", 25_000, None)
LOAD = container("load", "generator", "container:server", 0, ["run", "script.js"])


def made() -> dict[str, Any]:
    return stack(BENCH, [SERVER, LOAD], {"load": "/here"}, "peer", "footprint-peer")


def test_a_server_keeps_its_limits_and_rights() -> None:
    service = made()["services"]["go-fasthttp"]
    kept = ("image", "cpuset", "mem_limit", "memswap_limit", "pids_limit", "cpu_quota", "cpu_period", "read_only")
    assert [service[key] for key in kept] == ["lab/server:1", "1", 512, 512, 9, 25_000, 100_000, True]
    assert service["healthcheck"]["test"] == ["CMD", "/server", "--healthcheck"]
    assert service["networks"] == ["lab"]
    assert "volumes" not in service


def test_load_joins_its_server_once_that_answers() -> None:
    service = made()["services"]["load-go-fasthttp"]
    assert service["network_mode"] == "service:go-fasthttp"
    assert service["depends_on"] == {"go-fasthttp": {"condition": "service_healthy"}}
    assert service["command"] == ["run", "script.js"]
    assert service["volumes"] == ["/here:/lab:ro"]
    assert "cpu_quota" not in service
    assert "networks" not in service


def test_everything_belongs_to_the_peer_s_lab() -> None:
    whole = made()
    labs = {whole["services"][name]["labels"]["orchestrator.lab"] for name in ("go-fasthttp", "load-go-fasthttp")}
    assert labs == {"peer"}
    assert whole["networks"]["lab"]["name"] == "footprint-peer"
    assert whole["networks"]["lab"]["labels"]["orchestrator.lab"] == "peer"
    assert "external" not in whole["networks"]["lab"]


def test_the_bench_is_as_resolved_without_profiles() -> None:
    assert made()["services"]["prometheus"] == {"image": "p"}
    assert made()["volumes"] == BENCH["volumes"]
    assert BENCH["services"]["prometheus"]["profiles"], "the input was changed"


def test_values_are_not_read_as_variables() -> None:
    assert json.loads(written(made()))["services"]["go-fasthttp"]["environment"] == ["A=1$$2"]


def test_the_bench_s_values_come_from_what_runs() -> None:
    running = {
        "Config": {
            "Image": "lab/prometheus:1",
            "Labels": {"orchestrator.component": "prometheus", "orchestrator.recipe": "abc"},
        },
        "HostConfig": {"CpusetCpus": "0", "PortBindings": {"9090/tcp": [{"HostIp": "127.0.0.1", "HostPort": "9091"}]}},
    }
    assert bench_values([running], "peer", "footprint-peer") == {
        "BENCH_PROJECT": "footprint-peer",
        "BENCH_NETWORK": "footprint-peer",
        "BENCH_LAB": "peer",
        "BENCH_RECIPE": "abc",
        "BENCH_CPUS": "0",
        "BENCH_PROMETHEUS_IMAGE": "lab/prometheus:1",
        "BENCH_PROMETHEUS_PORT": "9091",
    }
