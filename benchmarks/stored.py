"""R14: what a stored Run of a thousand trials costs to judge anew and to price, from disk alone."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from benchmarks.command import Ran, orchestrator
from benchmarks.row import BenchmarkError, Finding, against_limit, middle, spread
from orchestrator.adapters.simulated.progress import RecordedProgress
from orchestrator.domain.config import Overrides
from orchestrator.domain.record import StoredRun
from orchestrator.usecases.run import RunRequest, run
from orchestrator.wiring import config, run_id, simulated, store

TRIALS = 1_000
ROUNDS = 5
SECONDS_GOAL, BYTES_GOAL = 2.0, 200e6
RATES = (250, 500, 1_000, 2_000)
SERVERS = ("go-fasthttp", "rust-axum")
SIZES = ("aws/fargate-0.25vcpu-0.5gb", "aws/c7a.medium", "azure/b1s")


def seconds() -> list[Finding]:
    """R14: the slower of the two commands."""
    return _finding("R14", "seconds", [one.seconds for one in _slower("seconds")], SECONDS_GOAL)


def memory() -> list[Finding]:
    """R14m: the larger of the two."""
    return _finding(
        "R14m", "bytes resident", [one.memory_bytes_peak for one in _slower("memory_bytes_peak")], BYTES_GOAL
    )


@cache
def _ran() -> tuple[int, dict[str, list[Ran]]]:
    """Both commands on one Run of the simulated lab, written by the real journal."""
    name, count = write_run()
    verbs = (("judge", ("--slo", "p99=20ms")), ("cost", ("--rate", "2000")))
    return count, {
        verb: [orchestrator(verb, name, *arguments, "--json", sample=True) for _ in range(ROUNDS + 1)][1:]
        for verb, arguments in verbs
    }


def _slower(field: str) -> list[Ran]:
    return max(_ran()[1].values(), key=lambda ran: middle([getattr(one, field) for one in ran]))


def _finding(name: str, unit: str, ours: list[float], goal: float) -> list[Finding]:
    count, _ = _ran()
    what = f"{unit} of `orchestrator judge` or `cost`, whichever takes more, over a stored run of {count:,} trials"
    return [Finding(against_limit(name, what, ours, goal=goal), (spread(unit, ours),))]


def write_run() -> tuple[str, int]:
    """A Run of at least TRIALS trials in the folder of runs; its id and how many there are."""
    blocks = -(-TRIALS // (len(RATES) * len(SERVERS) * len(SIZES)))
    asked = Overrides(servers=SERVERS, instance_types=SIZES, workloads=("plaintext",), rates=RATES, repeat=blocks)
    lab = replace(simulated(RecordedProgress()), store=store())
    made: StoredRun = run(lab, RunRequest(run_id(), config(None, asked), named=False, allow_shared=False, version="0"))
    if len(made.trials) < TRIALS:
        raise BenchmarkError(f"the simulated run has {len(made.trials)} trials, not {TRIALS}")
    return made.manifest.run, len(made.trials)
