"""What the engine and its machine are: facts for ``doctor``, and the fingerprint that goes into each Run."""

from __future__ import annotations

import os
import time
from collections import Counter
from pathlib import Path
from typing import Any

from orchestrator.adapters.docker.client import EngineClient
from orchestrator.adapters.docker.labels import LAB, ROLE, ROLE_GENERATOR, ROLE_SERVER
from orchestrator.adapters.host import machine
from orchestrator.domain.checks import HostFacts
from orchestrator.domain.measurement import Missing
from orchestrator.domain.record import HostFingerprint

STEAL_WINDOW_SECONDS = 0.3
#: The kernel's names -> those of images and catalogs.
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_ELSEWHERE = "the engine is not on this machine"


def probe_facts(client: EngineClient, lab: str, runs: Path) -> HostFacts:
    """What is known at once: ``steal_ratio``, ``supply`` and ``self_test`` take time. ``runs``: whose disk counts."""
    info, version = _ask(client)
    local = is_local(client, info)
    return HostFacts(
        endpoint=client.endpoint.url,
        engine_version=str(info["ServerVersion"]),
        api_version=str(version["ApiVersion"]),
        storage_driver=str(info["Driver"]),
        kernel=str(info["KernelVersion"]),
        cpu_model=_cpu_model(local),
        virtual=_virtual(local),
        cgroup_version=int(info.get("CgroupVersion") or 1),
        rootless=any("name=rootless" in option for option in info.get("SecurityOptions") or ()),
        arch=_ARCHITECTURES.get(str(info["Architecture"]), str(info["Architecture"])),
        cpus=machine.usable_cpus() if local else tuple(range(int(info["NCPU"]))),
        memory_bytes=int(info["MemTotal"]),
        open_files=machine.open_files() if local else Missing(_ELSEWHERE),
        steal_ratio=Missing("not sampled"),
        disk_free_bytes=machine.disk_free_bytes(runs),
        neighbours=_neighbours(client, lab),
        local=local,
        supply=Missing("not asked"),
        self_test=Missing("not asked"),
    )


def _neighbours(client: EngineClient, lab: str) -> dict[str, int]:
    with client.calls("list other labs") as api:
        labels = [one["Labels"] for one in api.containers(filters={"label": LAB})]
    loaded = (ROLE_SERVER, ROLE_GENERATOR)
    return dict(Counter(one[LAB] for one in labels if one[LAB] != lab and one.get(ROLE) in loaded))


def sample_steal(client: EngineClient) -> float | Missing:
    """Share of CPU time the hypervisor took within a short window."""
    if not is_local(client, _ask(client)[0]):
        return Missing(_ELSEWHERE)
    before = machine.cpu_ticks()
    time.sleep(STEAL_WINDOW_SECONDS)
    return machine.steal_ratio(before, machine.cpu_ticks())


def probe_fingerprint(client: EngineClient) -> HostFingerprint:
    """The machine and engine that numbers belong to."""
    info, _ = _ask(client)
    local = is_local(client, info)
    return HostFingerprint(
        kernel=str(info["KernelVersion"]),
        cpu_model=_cpu_model(local),
        cpus=int(info["NCPU"]),
        memory_bytes=int(info["MemTotal"]),
        cgroup_version=int(info.get("CgroupVersion") or 1),
        engine_version=str(info["ServerVersion"]),
        virtual=_virtual(local),
    )


def is_local(client: EngineClient, info: dict[str, Any]) -> bool:
    """Engine and orchestrator share a kernel. A desktop's engine has a local socket and a kernel of its own."""
    return client.endpoint.is_socket and info["KernelVersion"] == os.uname().release


def _ask(client: EngineClient) -> tuple[dict[str, Any], dict[str, Any]]:
    with client.calls("describe itself") as api:
        return dict(api.info()), dict(api.version())


def _cpu_model(local: bool) -> str:
    return machine.cpu_model() if local else "unknown"


def _virtual(local: bool) -> str:
    return machine.virtualisation() if local else "unknown"
