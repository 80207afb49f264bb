"""R3 and R3k6: what a generator reports of a server that stalls, beside what its users waited by its own record."""

from __future__ import annotations

import json
from dataclasses import dataclass

from benchmarks.row import BenchmarkError, Finding, against_limit, middle
from benchmarks.stalls import BODY, PORT, answered_at, quantile, stalling_server, true_latencies
from orchestrator.adapters.docker.archive import read_file
from orchestrator.adapters.docker.client import EngineClient
from orchestrator.adapters.docker.containers import FILES_FOLDER, Containers
from orchestrator.adapters.docker.labels import lab_id
from orchestrator.adapters.host.machine import usable_cpus
from orchestrator.adapters.oha.generator import FOLDER
from orchestrator.adapters.oha.options import DATABASE
from orchestrator.adapters.oha.rows import Rows, read_rows
from orchestrator.adapters.simulated.progress import RecordedProgress
from orchestrator.domain.box import LoadSpec, Tags
from orchestrator.domain.generator import Generator
from orchestrator.domain.request import Check, Request
from orchestrator.domain.workload import Workload, virtual_users
from orchestrator.ports import Lab
from orchestrator.wiring import lab as real_lab

ROUNDS = 3
GOAL = 0.05
#: k6 needs a CPU nearly to itself for 1,000/s.
RATES = {Generator.K6: 500, Generator.OHA: 1_000}
SECONDS = 20.0
#: Connections are as many as a trial with an SLO of 50 ms at p99 would have.
SLO_SECONDS = 0.05
K6_USERS = 400


@dataclass(frozen=True)
class Seen:
    """p99 in seconds: reported, true, and what oha reports without the intended send time (None for k6)."""

    reported: float
    true: float
    uncorrected: float | None


def oha() -> list[Finding]:
    """R3."""
    return [judged("R3", Generator.OHA, _rounds(Generator.OHA))]


def k6() -> list[Finding]:
    """R3k6."""
    return [judged("R3k6", Generator.K6, _rounds(Generator.K6))]


def judged(name: str, kind: Generator, rounds: list[Seen]) -> Finding:
    """How far reported p99 is from the true one, either way."""
    ratios = [one.reported / one.true for one in rounds]
    what = (
        f"p99 that {kind} reports of a server that stalls 200 ms every 5 s, distance of its ratio to the truth from 1"
    )
    notes = [f"{kind}: reported by true p99 " + ", ".join(f"{ratio:.3f}" for ratio in ratios)]
    blind = [one.uncorrected / one.true for one in rounds if one.uncorrected is not None]
    if blind:
        notes.append(f"{kind} from each request's own begin, same rows: {middle(blind):.3f} of the true p99")
    row = against_limit(name, what, [abs(ratio - 1) for ratio in ratios], goal=GOAL)
    return Finding(row, tuple(notes))


def uncorrected(rows: Rows, requests: int) -> float:
    """p99 of the requests' own durations, connection waited for or not: what a tool says that never knew a schedule."""
    held = sorted((rows.ended - rows.began)[:requests].tolist())
    return quantile(held, 0.99)


def _rounds(kind: Generator) -> list[Seen]:
    """Each with a fresh server."""
    lab, client = real_lab(RecordedProgress()), EngineClient()
    containers = Containers(client, lab_id())
    try:
        return [_one(lab, containers, kind) for _ in range(ROUNDS)]
    finally:
        lab.engine.remove_owned(images=False)
        client.close()


def _one(lab: Lab, containers: Containers, kind: Generator) -> Seen:
    cpus, rate = usable_cpus(), RATES[kind]
    users = K6_USERS if kind is Generator.K6 else virtual_users(rate, SLO_SECONDS, kind)
    spec = LoadSpec(
        workload=Workload("plaintext", "", (Request("GET", "/plaintext", check=Check(body=BODY)),)),
        port=PORT,
        rate_per_second=rate,
        # Without a lead-in the server's first answer is the window's first.
        warmup_seconds=0.0,
        duration_seconds=SECONDS,
        virtual_users=users,
        cpus=cpus[:1],
        tags=Tags("benchmark", "benchmark", "stalling", "none", "plaintext", "generator"),
    )
    python, count = lab.images.provide("python").reference, int(rate * SECONDS)
    with stalling_server(containers, python, cpus[-1:]) as box, lab.generators[kind].start(box, spec) as run:
        run.wait_quiet()
        run.wait_finished()
        result = run.result()
        true = quantile(true_latencies(answered_at(containers, box), rate, count), 0.99)
        blind = None
        if kind is Generator.OHA:
            kept = read_file(containers.client, run.box_id, f"{FILES_FOLDER}/{FOLDER}/{DATABASE}")
            blind = uncorrected(read_rows(kept or b""), count)
    if result.dropped or result.failed or result.exit_code:
        what = json.dumps({"dropped": result.dropped, "failed": result.failed, "exit code": result.exit_code})
        raise BenchmarkError(f"R3: {kind} did not carry the load, the machine is too busy to tell: {what}")
    return Seen(result.latency_seconds["p99"], true, blind)
