"""R6: `orchestrator up` with everything built beside `docker compose up --wait` of the same stack, each from none."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.command import ROOT, Ran, orchestrator, parts, run
from benchmarks.engine import docker, files_of, inspected, listed
from benchmarks.peer import FILES_FOLDER, bench_values, stack, written
from benchmarks.row import BenchmarkError, Finding, Row, against_peer, middle, spread
from orchestrator.adapters.docker.labels import COMPONENT, LIVE, ROLE, ROLE_GENERATOR, lab_id, network_name

ROUNDS = 5
GOAL = 1.15
BENCH_FILE = ROOT / "compose" / "bench.yaml"


def up() -> list[Finding]:
    """In turns, the order changing from round to round. The first of each side only warms what is cached."""
    with tempfile.TemporaryDirectory() as folder:
        peer = _prepare(Path(folder))
        ours: list[Ran] = []
        theirs: list[float] = []
        for number in range(ROUNDS + 1):
            for mine in (True, False) if number % 2 == 0 else (False, True):
                if mine:
                    ours.append(_ours())
                else:
                    theirs.append(_theirs(peer))
    took = [one.seconds for one in ours[1:]]
    notes = (spread("ours", took), spread("docker compose", theirs[1:]), breakdown(ours[1:]))
    return [Finding(judged(took, theirs[1:]), notes)]


def judged(ours: Sequence[float], theirs: Sequence[float]) -> Row:
    what = "seconds from nothing to a bench and live servers that answer, all built"
    return against_peer("R6", what, ours, "docker compose up --wait", theirs, goal=GOAL)


def breakdown(ran: Sequence[Ran]) -> str:
    """Medians of the time between what ``up`` reports: each step's own line closes it."""
    split = [parts(one.said, one.seconds) for one in ran]
    steps = {name: middle([one.get(name, 0.0) for one in split]) for name in split[0]}
    return "ours by step, seconds: " + ", ".join(f"{name} {seconds:.2f}" for name, seconds in steps.items())


def _ours() -> Ran:
    try:
        ran = orchestrator("up", "--json")
        fresh = [one["name"] for one in ran.data["images"] if one["fresh"]]
        if fresh:
            raise BenchmarkError(f"{', '.join(fresh)} was built meanwhile: sources changed; run it again")
        return ran
    finally:
        orchestrator("down")


def _theirs(peer: tuple[str, ...]) -> float:
    try:
        return run((*peer, "up", "--detach", "--wait", "--quiet-pull")).seconds
    finally:
        run((*peer, "down", "--volumes", "--timeout", "1"))


def _prepare(folder: Path) -> tuple[str, ...]:
    """Ours once, so that all is built; its stack written down for Compose. Returns the command in front of ``up``."""
    try:
        orchestrator("up", "--json")
        bench, live = inspected(listed(COMPONENT)), inspected(listed(LIVE))
        folders: dict[str, str] = {}
        for one in live:
            if one["Config"]["Labels"][ROLE] == ROLE_GENERATOR:
                place = folder / one["Id"][:12]
                place.mkdir()
                # k6's user in the container is not ours.
                folder.chmod(0o755)
                for name, content in files_of(one["Id"], FILES_FOLDER).items():
                    (place / name).write_bytes(content)
                folders[one["Id"]] = str(place)
    finally:
        orchestrator("down")
    lab = f"{lab_id()}-peer"
    project = network_name(lab)
    values = bench_values(bench, lab, project)
    profiles = ("--profile", "grafana") if "BENCH_GRAFANA_IMAGE" in values else ()
    resolved = docker("compose", "--file", str(BENCH_FILE), *profiles, "config", "--format", "json", environment=values)
    file = folder / "compose.json"
    file.write_text(written(stack(json.loads(resolved), live, folders, lab, project)), encoding="utf-8")
    return ("docker", "compose", "--file", str(file), "--project-name", project)
