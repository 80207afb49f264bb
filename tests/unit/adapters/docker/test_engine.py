"""What the engine's adapters make of what they read."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from orchestrator.adapters.docker.bench import COMPONENTS, NO_GRAFANA, _free_port, _published, _status
from orchestrator.adapters.docker.engine import read_self_test
from orchestrator.adapters.docker.stack import parse_engine_time
from orchestrator.domain.limits import Limits
from orchestrator.errors import EnvironmentNotFit

ROOT = Path(__file__).resolve().parents[4]
LIMITS = Limits((1,), 50_000, 100_000, 64 * 2**20, 0, 512)
EFFECTIVE = {
    "cpuset": [1],
    "quota_microseconds": 50_000,
    "period_microseconds": 100_000,
    "memory_bytes": 64 * 2**20,
    "swap_bytes": 0,
    "pids": 512,
}
PROMETHEUS = COMPONENTS[0]


def test_engine_times_keep_their_fraction() -> None:
    assert parse_engine_time("1970-01-01T00:01:00.250000123Z") == pytest.approx(60.250000123, abs=1e-9)
    assert parse_engine_time("1970-01-01T00:01:00Z") == 60.0


def test_a_self_test_is_judged_against_what_was_asked() -> None:
    said = {"limits": EFFECTIVE, "cpus_used": 0.5, "periods": 30, "throttled_periods": 29}
    test = read_self_test(json.dumps(said), LIMITS)
    assert (test.wrong, test.throttled_periods, test.periods) == ((), 29, 30)
    said["limits"] = EFFECTIVE | {"memory_bytes": 2**30}
    assert read_self_test(json.dumps(said), LIMITS).wrong == ("memory_bytes: asked 67108864, in force 1073741824",)


@pytest.mark.parametrize(
    "output",
    [
        "",
        "Traceback",
        "{}",
        json.dumps({"limits": EFFECTIVE, "cpus_used": 0.5, "periods": {"missing": "x"}, "throttled_periods": 1}),
    ],
)
def test_a_self_test_without_counters_is_no_self_test(output: str) -> None:
    with pytest.raises(EnvironmentNotFit):
        read_self_test(output, LIMITS)


def test_a_taken_port_gives_way_to_a_free_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        component = type(PROMETHEUS)("x", "x", 1, port, "/")
        other = _free_port(component)
        assert other != port
    assert _free_port(component) == port


def test_a_port_that_is_not_published_is_not_there() -> None:
    assert _published(PROMETHEUS, None) is None
    assert _published(PROMETHEUS, {"Ports": [{"PrivatePort": 9090, "Type": "tcp"}]}) is None


def test_status_tells_of_ports_that_were_taken_and_of_what_is_missing() -> None:
    found = {"prometheus": {"Ports": [{"PrivatePort": 9090, "PublicPort": 40001}]}}
    status = _status(found, {"grafana": NO_GRAFANA})
    assert status.components == ("prometheus",)
    assert status.urls == {"prometheus": "http://127.0.0.1:40001/"}
    assert status.notes == ("port 9090 was taken: prometheus is on 40001",)


def test_the_compose_file_mounts_nothing_of_the_project_and_publishes_on_loopback() -> None:
    import yaml

    bench = yaml.safe_load((ROOT / "compose" / "bench.yaml").read_text(encoding="utf-8"))
    services = bench["services"]
    assert set(services) == {component.name for component in COMPONENTS}
    for name, service in services.items():
        assert "build" not in service
        assert service["labels"]["orchestrator.component"] == name
        assert service["labels"]["orchestrator.lab"] == "${BENCH_LAB:?}"
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
        assert "mem_limit" in service and service["cpuset"] == "${BENCH_CPUS:?}"
        for mount in service.get("volumes", ()):
            assert mount.startswith("prometheus:") or (mount.startswith("/") and mount.endswith(":ro")), mount
