"""R2: what a request costs each generator, beside wrk: CPU seconds of its cgroup by requests answered.

oha and wrk in a closed loop with as many connections; k6 knows no cheaper way than its own, an open model at a rate it
can carry. The server has a CPU of its own, so that it is never the generator's.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace

from benchmarks.engine import reader_of
from benchmarks.row import BenchmarkError, Finding, Row, against_peer, middle, spread
from orchestrator.adapters.docker.client import EngineClient
from orchestrator.adapters.docker.containers import Containers, Order
from orchestrator.adapters.docker.labels import lab_id, trial_labels
from orchestrator.adapters.host.machine import usable_cpus
from orchestrator.adapters.simulated.progress import RecordedProgress
from orchestrator.domain.box import BoxSpec, LoadSpec, Tags
from orchestrator.domain.generator import Generator
from orchestrator.domain.limits import PERIOD_MICROSECONDS, PIDS, Limits
from orchestrator.ports import Box, Lab
from orchestrator.wiring import lab as real_lab

ROUNDS = 3
#: At least 0.8 of wrk's requests per CPU second.
GOAL = 1 / 0.8
CONNECTIONS = 64
K6_RATE_PER_SECOND = 1_000
SECONDS = 6.0
PORT = 8080
PATH = "/plaintext"
#: wrk's cgroup goes with its process: the shell around it stays a moment.
LINGER_SECONDS = 30
_COUNTED = re.compile(r"(\d+) requests in ")
_WRONG = re.compile(r"Non-2xx or 3xx responses: (\d+)|Socket errors: .*[1-9]")


@dataclass(frozen=True)
class _Bench:
    lab: Lab
    containers: Containers
    server: str
    wrk: str
    load: LoadSpec


def generators() -> list[Finding]:
    """Rounds of the three in turns, each against a fresh server. BuildFailed where Debian's wrk is not to be had."""
    lab, client = real_lab(RecordedProgress()), EngineClient()
    cpus = usable_cpus()
    workload = next(one for one in lab.catalog.workloads() if one.name == "plaintext")
    bench = _Bench(
        lab,
        Containers(client, lab_id()),
        lab.images.provide("server/go-fasthttp").reference,
        lab.images.provide("wrk").reference,
        LoadSpec(workload, PORT, None, 1.0, SECONDS - 1.0, CONNECTIONS, cpus[:1], _tags("generator")),
    )
    sides: dict[str, Callable[[_Bench, Box], float]] = {"oha": _oha, "wrk": _wrk, "k6": _k6}
    costs: dict[str, list[float]] = {side: [] for side in sides}
    try:
        for number in range(ROUNDS):
            for side in sorted(sides, reverse=bool(number % 2)):
                name = f"{bench.containers.lab}.{side}"
                spec = BoxSpec(name, bench.server, PORT, one_cpu(cpus), {}, _tags("server"))
                with lab.stack.start(spec) as box:
                    time.sleep(0.5)
                    costs[side].append(sides[side](bench, box))
    finally:
        lab.engine.remove_owned(images=False)
        client.close()
    return [judged(costs)]


def one_cpu(cpus: tuple[int, ...]) -> Limits:
    """What the server may use: the last CPU, which the generator does not."""
    return Limits(cpus[-1:], PERIOD_MICROSECONDS, PERIOD_MICROSECONDS, 256 * 2**20, 0, PIDS)


def judged(costs: dict[str, list[float]]) -> Finding:
    """oha beside wrk; k6 stands by for comparison."""
    what = f"CPU seconds oha spends on a request, plaintext, {CONNECTIONS} connections in a closed loop"
    row: Row = against_peer("R2", what, costs["oha"], "wrk", costs["wrk"], goal=GOAL)
    k6 = f"k6 at {K6_RATE_PER_SECOND:,}/s"
    notes = [spread(*each) for each in costs.items()]
    rates = ", ".join(f"{side} {1 / middle(seconds):,.0f}" for side, seconds in costs.items())
    return Finding(
        replace(row, peers={**row.peers, k6: middle(costs["k6"])}),
        (
            *notes,
            f"requests per CPU second: {rates}; oha has {middle(costs['wrk']) / middle(costs['oha']):.2f} of wrk's",
        ),
    )


def _oha(bench: _Bench, box: Box) -> float:
    return _of_port(bench, box, Generator.OHA, bench.load)


def _k6(bench: _Bench, box: Box) -> float:
    return _of_port(
        bench, box, Generator.K6, replace(bench.load, rate_per_second=K6_RATE_PER_SECOND, virtual_users=200)
    )


def _of_port(bench: _Bench, box: Box, kind: Generator, load: LoadSpec) -> float:
    with bench.lab.generators[kind].start(box, load) as run, ExitStack() as closing:
        run.wait_quiet()
        before = 0.0
        if run.running:
            before = closing.enter_context(reader_of(run.box_id)).read().cpu_seconds
        run.wait_finished()
        after = closing.enter_context(reader_of(run.box_id)).read().cpu_seconds
        result = run.result()
    if result.failed or result.exit_code:
        raise BenchmarkError(f"R2: {kind} had {result.failed} failures, exit code {result.exit_code}")
    return (after - before) / result.covered_requests


def _wrk(bench: _Bench, box: Box) -> float:
    command = f"wrk -t1 -c{CONNECTIONS} -d{SECONDS:.0f}s http://127.0.0.1:{PORT}{PATH}; sleep {LINGER_SECONDS}"
    cpus, containers = bench.load.cpus, bench.containers
    order = Order(
        image=bench.wrk,
        command=("sh", "-c", command),
        labels=trial_labels(containers.lab, _tags("generator"), live=False),
        limits=Limits(cpus, PERIOD_MICROSECONDS, PERIOD_MICROSECONDS, 256 * 2**20, 0, PIDS),
        quota=False,
        network=f"container:{box.id}",
    )
    made = containers.start(order)
    try:
        deadline = time.monotonic() + SECONDS + LINGER_SECONDS / 2
        while "Requests/sec" not in (said := containers.output(made)):
            if time.monotonic() > deadline:
                raise BenchmarkError(f"R2: wrk did not end: {said}")
            time.sleep(0.2)
        with reader_of(made) as reader:
            return reader.read().cpu_seconds / counted(said)
    finally:
        containers.remove(made)


def counted(said: str) -> int:
    """Requests that wrk had answered well. Raises BenchmarkError when it tells of others, or of none."""
    found = _COUNTED.search(said)
    if found is None or _WRONG.search(said):
        raise BenchmarkError(f"R2: wrk was not answered well: {said}")
    return int(found[1])


def _tags(role: str) -> Tags:
    return Tags("benchmark", "benchmark", "go-fasthttp", "none", "plaintext", role)
