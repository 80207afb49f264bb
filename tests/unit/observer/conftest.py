"""A served observer over a small cgroup tree of version 2."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from orchestrator.domain.box import Tags
from orchestrator.observer.api import Api
from orchestrator.observer.expect import Tickets
from orchestrator.observer.rates import Rates
from orchestrator.observer.sampler import Sampler
from orchestrator.observer.serve import ObserverServer
from tests.unit.adapters.cgroup.trees import CONTAINER, write_v2

TAGS = Tags("calm-otter", "t7", "go-fasthttp", "azure/b1s", "plaintext", "server")


@dataclass(frozen=True)
class Served:
    """Where it answers, and the tree it reads."""

    url: str
    tree: Path
    sampler: Sampler

    @property
    def cgroup(self) -> Path:
        return self.tree / "docker" / CONTAINER


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    tree = write_v2(tmp_path / "cgroup")
    sampler = Sampler(tree)
    server = ObserverServer(("127.0.0.1", 0), Api(sampler, Tickets(), Rates("")))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield Served(f"http://127.0.0.1:{server.server_port}", tree, sampler)
    server.shutdown()
    server.server_close()
    thread.join()
    for watch in sampler.watches():
        sampler.forget(watch.container)
