"""``python -m benchmarks [ID]...``: a table on stdout, benchmarks/latest.json, progress and notes on stderr."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import honesty, search, stored
from benchmarks.efficiency import efficiency
from benchmarks.generators import generators
from benchmarks.network import network
from benchmarks.noise import noise
from benchmarks.row import BenchmarkError, Finding, Row, merged, on_machine, table, to_json
from benchmarks.sizes import sizes
from benchmarks.startup import startup
from benchmarks.trial import memory, overhead
from benchmarks.up import up
from benchmarks.watching import observer
from orchestrator.adapters.docker.labels import LAB_VARIABLE
from orchestrator.adapters.simulated.progress import RecordedProgress
from orchestrator.domain.record import HostFingerprint
from orchestrator.domain.units import show_bytes
from orchestrator.errors import LabError
from orchestrator.wiring import RUNS_VARIABLE, lab

BENCHMARKS: dict[str, Callable[[], list[Finding]]] = {
    "R1": search.wrong,
    "R1w": search.windows,
    "R1b": search.bursty,
    "R2": generators,
    "R3": honesty.oha,
    "R3k6": honesty.k6,
    "R4": noise,
    "R5": efficiency,
    "R6": up,
    "R7": sizes,
    "R8": network,
    "R12": startup,
    "R12m": memory,
    "R13": overhead,
    "R14": stored.seconds,
    "R14m": stored.memory,
    "R-observer": observer,
}
LATEST = Path(__file__).with_name("latest.json")


def main(arguments: Sequence[str]) -> int:
    """0 when all that was asked for was measured, whether or not a goal was met; 1 when something was not."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("only", nargs="*", metavar="ID", help=f"one of {', '.join(BENCHMARKS)}; all when left out")
    asked = parser.parse_args(arguments).only or list(BENCHMARKS)
    unknown = [name for name in asked if name not in BENCHMARKS]
    if unknown:
        parser.error(f"there is no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    # A lab of its own: nothing that runs here already is touched.
    os.environ[LAB_VARIABLE] = f"bench-{secrets.token_hex(3)}"
    with tempfile.TemporaryDirectory() as runs:
        os.environ[RUNS_VARIABLE] = runs
        machine = describe(lab(RecordedProgress()).engine.fingerprint())
        rows, failed = _measure(asked, machine)
    print(table(rows))
    return 1 if failed else 0


def describe(host: HostFingerprint) -> str:
    """``AMD EPYC, 2 CPUs, 23.5 GiB, Linux 6.18, Docker 26.1.5, cgroup v1``."""
    return (
        f"{host.cpu_model}, {host.cpus} CPUs, {show_bytes(host.memory_bytes)}, Linux {host.kernel}, "
        f"Docker {host.engine_version}, cgroup v{host.cgroup_version}"
    )


def _measure(asked: Sequence[str], machine: str) -> tuple[list[Row], bool]:
    """Each on disk the moment it is known: a later one may fail."""
    rows: list[Row] = []
    failed = False
    for name in asked:
        print(f"{name} ...", file=sys.stderr, flush=True)
        try:
            found = BENCHMARKS[name]()
        except (BenchmarkError, LabError) as error:
            failed = True
            print(f"{name} was not measured: {error}", file=sys.stderr, flush=True)
            continue
        rows += [on_machine(one.row, machine) for one in found]
        for note in (note for one in found for note in one.notes):
            print(f"{name}  {note}", file=sys.stderr, flush=True)
        old = json.loads(LATEST.read_text(encoding="utf-8")) if LATEST.exists() else []
        LATEST.write_text(to_json(merged(old, rows, list(BENCHMARKS))), encoding="utf-8")
    return rows, failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
