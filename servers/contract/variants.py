"""The variants of every server that the contract suite runs, and what `/lab/info` must say of each."""

import os
from typing import Any

from orchestrator.adapters.files.catalog import FileCatalog
from orchestrator.domain.server import Server
from orchestrator.domain.variant import Factor, variant_of

#: Samples of factors that take any number.
NUMBERS = {"workers": "3", "gogc": "50", "pool": "2"}
#: A build for each value on each server would be hours; so the servers of a language share them out. All: CONTRACT=all.
EVERY = os.environ.get("CONTRACT") == "all"
#: Builds of its own kind, which no other server stands for: what a slim one links of the library in Rust.
ALWAYS = {"go-cgo-rust": ("slim=prime", "slim=parse")}
LIBRARIES = {
    "v2": "encoding/json/v2",
    "jsoniter": "jsoniter",
    "borrowed": "serde_json-borrowed",
}
SONIC = {"go": "sonic", "rust": "sonic-rs"}
MEMORY_BYTES = 64 << 20


def variants() -> list[Server]:
    """One factor changed at a time: settings of the container on every server, builds shared out or all."""
    servers = FileCatalog().servers()
    found = []
    for language in dict.fromkeys(_first(server) for server in servers):
        peers = [server for server in servers if _first(server) == language]
        turn = 0
        for factor in peers[0].factors:
            for value in values(factor):
                builds = bool(factor.level(value).build)
                turn += builds
                takers = peers
                if builds and not EVERY:
                    always = [one for one in peers if f"{factor.name}={value}" in ALWAYS.get(one.name, ())]
                    mine = peers[turn % len(peers)]
                    takers = [mine, *(one for one in always if one is not mine)]
                found += [variant_of(server, f"{factor.name}={value}") for server in takers]
    return found


def _first(server: Server) -> str:
    """Of two languages the one whose factors it has."""
    return server.language.partition("+")[0]


def values(factor: Factor) -> list[str]:
    numbers = [NUMBERS[factor.name]] if factor.numbers else []
    return [level.name for level in factor.levels[1:]] + numbers


def told(variant: Server) -> dict[str, Any]:
    """Fields of `/lab/info` that this variant must have."""
    factor, _, value = variant.name.partition(":")[2].partition("=")
    if factor == "json":
        library = SONIC[_first(variant)] if value == "sonic" else LIBRARIES[value]
        both = "+serde_json" if "+" in variant.language else ""
        return {"json": library + both, "json_fallback": None}
    if factor == "workers":
        return {"workers": 1 if value == "equal" else int(value)}
    if factor == "gogc":
        return {"gogc_percent": None if value == "off" else int(value)}
    if factor == "gomemlimit":
        return {"gomemlimit_bytes": MEMORY_BYTES * 9 // 10}
    if factor == "slim":
        return {"workloads": [value]}
    return {} if factor == "pool" else {factor.replace("-", "_"): value}
