"""R5: what a request costs each server, beside its framework as TechEmpower's entry has it and beside an epoll loop.

CPU seconds of the server's cgroup by requests answered, plaintext, one CPU, oha in a closed loop on another; all in
turns. Server and peer (benchmarks/peers) have the same version of the framework and send the same body.
"""

from __future__ import annotations

import time
from dataclasses import replace

from benchmarks.engine import reader_of
from benchmarks.generators import CONNECTIONS, PORT, SECONDS, one_cpu
from benchmarks.row import BenchmarkError, Finding, against_peer, middle, spread
from orchestrator.adapters.docker.labels import lab_id
from orchestrator.adapters.host.machine import usable_cpus
from orchestrator.adapters.simulated.progress import RecordedProgress
from orchestrator.domain.box import BoxSpec, LoadSpec, Tags
from orchestrator.domain.generator import Generator
from orchestrator.ports import Lab
from orchestrator.wiring import lab as real_lab

ROUNDS = 3
#: At least 0.95 of the requests by CPU second.
GOAL = 1 / 0.95
WARMUP_SECONDS = 1.0
#: Until a server listens.
SETTLE_SECONDS = 0.5
#: Server -> its framework as documented.
PEERS = {
    "go-echo": "peer-echo",
    "go-fasthttp": "peer-fasthttp",
    "go-fiber": "peer-fiber",
    "go-gin": "peer-gin",
    "go-nethttp": "peer-nethttp",
    "rust-actix": "peer-actix",
    "rust-axum": "peer-axum",
    "rust-hyper": "peer-hyper",
}
RAW = "peer-epoll"


def efficiency() -> list[Finding]:
    """One row for each server. Raises BuildFailed, BenchmarkError."""
    lab, cpus = real_lab(RecordedProgress()), usable_cpus()
    names = [RAW, *PEERS, *PEERS.values()]
    images = {name: lab.images.provide(f"server/{name}" if name in PEERS else name).reference for name in names}
    workload = next(one for one in lab.catalog.workloads() if one.name == "plaintext")
    load = LoadSpec(
        workload, PORT, None, WARMUP_SECONDS, SECONDS - WARMUP_SECONDS, CONNECTIONS, cpus[:1], _tags("generator")
    )
    costs: dict[str, list[float]] = {name: [] for name in names}
    try:
        for number in range(ROUNDS):
            for name in in_turn(number):
                spec = BoxSpec(f"{lab_id()}.{name}", images[name], PORT, one_cpu(cpus), {}, _tags("server"))
                costs[name].append(_cost(lab, spec, load))
    finally:
        lab.engine.remove_owned(images=False)
    return [judged(server, costs[server], costs[peer], costs[RAW]) for server, peer in PEERS.items()]


def in_turn(number: int) -> list[str]:
    """Every side once: a server and its own peer one after the other, so that a slow minute of the host meets both."""
    sides = [RAW, *(name for pair in PEERS.items() for name in pair)]
    return sides[::-1] if number % 2 else sides


def judged(server: str, ours: list[float], documented: list[float], raw: list[float]) -> Finding:
    """The documented entry is what the ratio is to; the epoll loop stands by."""
    what = f"CPU seconds {server} spends on a request, plaintext, {CONNECTIONS} connections in a closed loop"
    row = against_peer(f"R5-{server}", what, ours, "as documented", documented, goal=GOAL)
    sides = {server: ours, "as documented": documented, "epoll": raw}
    rates = ", ".join(f"{name} {1 / middle(seconds):,.0f}" for name, seconds in sides.items())
    of_documented, of_raw = middle(documented) / middle(ours), middle(raw) / middle(ours)
    share = f"{server} has {of_documented:.2f} of its framework as documented, {of_raw:.2f} of epoll"
    return Finding(
        replace(row, peers={**row.peers, "epoll": middle(raw)}),
        (*(spread(*each) for each in sides.items()), f"requests per CPU second: {rates}; {share}"),
    )


def _cost(lab: Lab, spec: BoxSpec, load: LoadSpec) -> float:
    """CPU seconds of a fresh server by requests answered. Raises BenchmarkError when one was answered wrong."""
    oha = lab.generators[Generator.OHA]
    with lab.stack.start(spec) as box, oha.start(box, load) as run, reader_of(box.id) as server:
        time.sleep(SETTLE_SECONDS)
        run.wait_quiet()
        before = server.read().cpu_seconds
        run.wait_finished()
        after = server.read().cpu_seconds
        result = run.result()
    if result.failed or result.exit_code:
        raise BenchmarkError(f"R5: {spec.image} had {result.failed} failures, oha's exit code {result.exit_code}")
    return (after - before) / result.covered_requests


def _tags(role: str) -> Tags:
    return Tags("benchmark", "benchmark", "efficiency", "none", "plaintext", role)
