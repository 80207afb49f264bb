"""The same stack for `docker compose up --wait`, made from what `orchestrator up` has running. Pure.

The bench is compose/bench.yaml itself, as Compose resolves it; live servers and their load are written from what the
engine says of ours: image, command, environment, limits, rights. So both sides do the same work, whatever it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from orchestrator.adapters.docker.labels import LAB, ROLE, ROLE_GENERATOR, SERVER

#: How soon Compose sees that a server answers; ours asks at least as often.
HEALTH = {
    "test": ["CMD", "/server", "--healthcheck"],
    "start_period": "20s",
    "start_interval": "100ms",
    "interval": "5m",
}
FILES_FOLDER = "/lab"


def bench_values(bench: Sequence[Mapping[str, Any]], lab: str, project: str) -> dict[str, str]:
    """The environment that compose/bench.yaml asks for, as ours was started with, for another lab.

    Args:
        bench: ``docker inspect`` of the bench's containers.
    """
    values = {"BENCH_PROJECT": project, "BENCH_NETWORK": project, "BENCH_LAB": lab}
    for one in bench:
        labels = one["Config"]["Labels"]
        component = labels["orchestrator.component"].upper()
        values["BENCH_RECIPE"] = labels["orchestrator.recipe"]
        values["BENCH_CPUS"] = one["HostConfig"]["CpusetCpus"]
        values[f"BENCH_{component}_IMAGE"] = one["Config"]["Image"]
        for published in one["HostConfig"]["PortBindings"].values():
            values[f"BENCH_{component}_PORT"] = published[0]["HostPort"]
    return values


def stack(
    bench: Mapping[str, Any], live: Sequence[Mapping[str, Any]], folders: Mapping[str, str], lab: str, project: str
) -> dict[str, Any]:
    """The whole stack as one Compose file.

    Args:
        bench: compose/bench.yaml as ``docker compose config`` resolves it.
        live: ``docker inspect`` of the live servers and their generators.
        folders: generator's id -> folder with its files.
    """
    services = {name: without(one, "profiles") for name, one in bench["services"].items()}
    names = {one["Id"]: _service_name(one) for one in live}
    for one in live:
        services[names[one["Id"]]] = service(one, names, folders.get(one["Id"]), lab)
    network = {"name": project, "driver": "bridge", "labels": {LAB: lab, ROLE: "bench"}}
    return {**bench, "services": services, "networks": {"lab": network}}


def service(found: Mapping[str, Any], names: Mapping[str, str], folder: str | None, lab: str) -> dict[str, Any]:
    """One container of ours as a Compose service."""
    config, host = found["Config"], found["HostConfig"]
    made: dict[str, Any] = {
        "image": config["Image"],
        "pull_policy": "never",
        # Compose would read a dollar sign as a variable.
        "environment": [one.replace("$", "$$") for one in config["Env"] or []],
        "labels": {**config["Labels"], LAB: lab},
        "cpuset": host["CpusetCpus"],
        "mem_limit": host["Memory"],
        "memswap_limit": host["MemorySwap"],
        "pids_limit": host["PidsLimit"],
        "read_only": host["ReadonlyRootfs"],
        "cap_drop": host["CapDrop"],
        "security_opt": host["SecurityOpt"],
        "logging": {"driver": host["LogConfig"]["Type"], "options": host["LogConfig"]["Config"]},
        "restart": "no",
        "stop_grace_period": "1s",
    }
    if host["CpuQuota"]:
        made |= {"cpu_quota": host["CpuQuota"], "cpu_period": host["CpuPeriod"]}
    if config["Cmd"]:
        made["command"] = config["Cmd"]
    if host["NetworkMode"].startswith("container:"):
        server = names[host["NetworkMode"].partition(":")[2]]
        made |= {"network_mode": f"service:{server}", "depends_on": {server: {"condition": "service_healthy"}}}
    else:
        made |= {"networks": ["lab"], "healthcheck": HEALTH}
    if folder is not None:
        made["volumes"] = [f"{folder}:{FILES_FOLDER}:ro"]
    return made


def written(made: Mapping[str, Any]) -> str:
    """As Compose reads it: JSON is YAML."""
    return json.dumps(made, indent=1)


def without(one: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in one.items() if name != key}


def _service_name(found: Mapping[str, Any]) -> str:
    labels = found["Config"]["Labels"]
    return f"load-{labels[SERVER]}" if labels[ROLE] == ROLE_GENERATOR else str(labels[SERVER])
