"""A server stalls for 200 ms every 5 s. What each generator reports is what users waited, as the server noted it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from benchmarks.stalls import BODY, PORT, STALL_SECONDS, answered_at, quantile, stalling_server, true_latencies
from orchestrator.adapters.docker.containers import Containers
from orchestrator.adapters.host.machine import usable_cpus
from orchestrator.adapters.k6.generator import K6Generator
from orchestrator.adapters.oha.generator import OhaGenerator
from orchestrator.domain.box import LoadSpec, Tags
from orchestrator.domain.generator import Generator
from orchestrator.domain.measurement import Missing
from orchestrator.domain.reading import LoadResult
from orchestrator.domain.request import Check, Request
from orchestrator.domain.server import Image
from orchestrator.domain.workload import Workload

pytestmark = [pytest.mark.engine, pytest.mark.slow]

Provide = Callable[[str], Image]
CPUS = usable_cpus()
ADAPTERS: dict[Generator, type[K6Generator | OhaGenerator]] = {Generator.K6: K6Generator, Generator.OHA: OhaGenerator}
#: k6 needs a CPU nearly to itself for 1,000/s: the burst after a stall comes on top.
RATES = {Generator.K6: 300, Generator.OHA: 1_000}
SECONDS = 20.0
LOAD = LoadSpec(
    workload=Workload("plaintext", "", (Request("GET", "/plaintext", check=Check(body=BODY)),)),
    port=PORT,
    rate_per_second=RATES[Generator.OHA],
    # Without a lead-in the server's first answer is the window's first.
    warmup_seconds=0.0,
    duration_seconds=SECONDS,
    virtual_users=400,
    cpus=CPUS[:1],
    tags=Tags("a-run", "t1", "stalling", "none", "plaintext", "generator"),
    limits_seconds=(0.1,),
)


#: A host that was too busy to offer the load, or to stall as planned, is asked again, as a void Trial is.
ATTEMPTS = 6
LAG_SECONDS_MAX = STALL_SECONDS / 20
#: 4 % of the requests wait for up to 200 ms, evenly spread: 1 % wait longer than 150 ms.
PLANNED_P99_SECONDS = STALL_SECONDS * 0.75


@pytest.mark.parametrize("kind", list(Generator), ids=str)
def test_p99_is_what_users_waited(containers: Containers, provide: Provide, kind: Generator) -> None:
    generator = ADAPTERS[kind](containers, lambda: provide(kind).reference)
    for _ in range(ATTEMPTS):
        result, truth = measured(generator, containers, provide, RATES[kind])
        lag, p99 = result.start_lag_seconds_p99, quantile(truth, 0.99)
        # A stall of the server is no lag of the generator.
        offered = not result.dropped and not isinstance(lag, Missing) and lag < LAG_SECONDS_MAX
        if offered and p99 == pytest.approx(PLANNED_P99_SECONDS, rel=0.15):
            break
    else:
        pytest.fail(f"this host was too busy {ATTEMPTS} times: {result.dropped} dropped, lag {lag}, true p99 {p99}")
    assert (result.exit_code, result.failed) == (0, 0)
    assert result.latency_seconds["p99"] / p99 == pytest.approx(1.0, abs=0.05)
    # So does the share beyond a limit: 2 % wait longer than 100 ms.
    slower = result.latencies.slower_than(0.1)
    assert slower.low == slower.high == pytest.approx(sum(one > 0.1 for one in truth), rel=0.2)


def measured(
    generator: K6Generator | OhaGenerator, containers: Containers, provide: Provide, rate: int
) -> tuple[LoadResult, list[float]]:
    """What a generator reports of a fresh server, and what its users waited."""
    with (
        stalling_server(containers, provide("python").reference, CPUS[-1:]) as box,
        generator.start(box, replace(LOAD, rate_per_second=rate)) as run,
    ):
        run.wait_quiet()
        run.wait_finished()
        result = run.result()
        return result, true_latencies(answered_at(containers, box), rate, int(rate * SECONDS))
