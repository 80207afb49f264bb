"""Doctor's judgement of facts: each check says ok, warn or error for a reason it can show."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.domain.checks import HostFacts, SelfTest, Severity, findings
from orchestrator.domain.measurement import Missing
from tests.unit.samples import SMALL, WIDE

FIT = HostFacts(
    endpoint="unix:///var/run/docker.sock",
    engine_version="29.1",
    api_version="1.52",
    storage_driver="overlay2",
    kernel="6.12",
    cpu_model="a CPU",
    virtual="none",
    cgroup_version=2,
    rootless=False,
    arch="amd64",
    cpus=(0, 1),
    memory_bytes=8 * 2**30,
    open_files=2**20,
    steal_ratio=0.0,
    disk_free_bytes=50 * 2**30,
    neighbours={},
    local=True,
    supply="pull",
    self_test=SelfTest((), 0.5, 29, 30),
)


def severities(**changes: object) -> dict[str, Severity]:
    facts = replace(FIT, **changes)  # type: ignore[arg-type]
    return {finding.check: finding.severity for finding in findings(facts, (SMALL, WIDE))}


def test_a_fit_host_has_nothing_to_say() -> None:
    assert set(severities().values()) == {Severity.OK}


@pytest.mark.parametrize(
    ("check", "severity", "changes"),
    [
        ("engine", Severity.ERROR, {"rootless": True}),
        ("engine", Severity.WARN, {"local": False}),
        ("cgroup", Severity.WARN, {"cgroup_version": 1}),
        ("cpus", Severity.ERROR, {"cpus": (0,)}),
        ("can emulate", Severity.ERROR, {"arch": "arm64"}),
        ("disk", Severity.WARN, {"disk_free_bytes": 2**30}),
        ("noise", Severity.WARN, {"steal_ratio": 0.018}),
        ("noise", Severity.WARN, {"steal_ratio": Missing("elsewhere")}),
        ("neighbours", Severity.WARN, {"neighbours": {"other": 4}}),
        ("supply", Severity.ERROR, {"supply": Missing("no registry answers, and Go is not installed")}),
        ("self-test", Severity.WARN, {"self_test": Missing("not run")}),
        ("self-test", Severity.WARN, {"self_test": SelfTest((), 0.2, 0, 30)}),
        ("self-test", Severity.ERROR, {"self_test": SelfTest((), 1.0, 0, 30)}),
        ("self-test", Severity.ERROR, {"self_test": SelfTest(("memory: asked 1, in force 2",), 0.5, 29, 30)}),
    ],
)
def test_each_fault_is_found(check: str, severity: Severity, changes: dict[str, object]) -> None:
    assert severities(**changes)[check] == severity
