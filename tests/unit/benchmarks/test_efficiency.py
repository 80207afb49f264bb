"""What R5 compares, and what it makes of what it measured."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from benchmarks import efficiency
from benchmarks.__main__ import BENCHMARKS
from benchmarks.row import benchmark_of
from orchestrator.wiring import catalog

ROOT = Path(__file__).parents[3]
PEERS = ROOT / "benchmarks" / "peers"


def crates(folder: Path) -> dict[str, set[str]]:
    """Locked versions by crate."""
    found: dict[str, set[str]] = {}
    for one in tomllib.loads((folder / "Cargo.lock").read_text(encoding="utf-8"))["package"]:
        found.setdefault(one["name"], set()).add(one["version"])
    return found


def modules(folder: Path) -> set[str]:
    """``module version`` of what a Go module asks for itself."""
    lines = (folder / "go.mod").read_text(encoding="utf-8").splitlines()
    return {line.strip() for line in lines if line.startswith("\t") and "// indirect" not in line}


def test_every_server_of_one_language_has_a_peer_with_its_framework() -> None:
    servers = {one.name: one for one in catalog().servers() if one.language in ("go", "rust")}
    assert set(efficiency.PEERS) == set(servers)
    images = tomllib.loads((ROOT / "images" / "images.toml").read_text(encoding="utf-8"))
    for name, peer in efficiency.PEERS.items():
        assert images[peer]["args"] == {"PROGRAM": servers[name].program}
        assert images[peer]["context"] == f"benchmarks/peers/{servers[name].language}"
    assert efficiency.RAW in images


def test_peers_have_the_versions_of_the_servers() -> None:
    assert modules(PEERS / "go") <= modules(ROOT / "servers" / "go")
    ours = crates(ROOT / "servers" / "rust")
    for name, versions in crates(PEERS / "rust").items():
        assert name not in ours or versions <= ours[name], name


def test_sides_take_turns_and_each_server_is_next_to_its_peer() -> None:
    first, second = efficiency.in_turn(0), efficiency.in_turn(1)
    assert first == second[::-1]
    assert len(first) == len(set(first)) == 1 + 2 * len(efficiency.PEERS)
    assert all(abs(first.index(server) - first.index(peer)) == 1 for server, peer in efficiency.PEERS.items())


def test_a_server_may_cost_a_twentieth_more_than_as_documented() -> None:
    finding = efficiency.judged("go-gin", [20e-6], [19e-6], [5e-6])
    assert finding.row.met and finding.row.ratio == pytest.approx(1 / 0.95)
    assert finding.row.peers == {"as documented": 19e-6, "epoll": 5e-6}
    assert benchmark_of(finding.row.id, BENCHMARKS) == "R5"
    assert (
        "go-gin 50,000" in finding.notes[-1]
        and "0.95 of its framework as documented, 0.25 of epoll" in finding.notes[-1]
    )
    assert not efficiency.judged("go-gin", [20e-6], [18.9e-6], [5e-6]).row.met
