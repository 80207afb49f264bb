"""A port that somebody takes between our look and Compose's start."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from orchestrator.adapters.docker.bench import COMPONENTS, Component, DockerBench
from orchestrator.adapters.docker.client import EngineClient
from orchestrator.adapters.docker.containers import Containers
from orchestrator.errors import BenchNotReady

TAKEN = "Error response from daemon: failed to bind host port for 127.0.0.1:9464: address already in use"


@pytest.mark.parametrize(
    ("fails", "detail", "tries"), [(0, TAKEN, 1), (1, TAKEN, 2), (9, TAKEN, 2), (9, "no space left on device", 1)]
)
def test_a_lost_port_is_tried_once_more(monkeypatch: pytest.MonkeyPatch, fails: int, detail: str, tries: int) -> None:
    tried: list[Mapping[str, str]] = []

    def compose(_self: DockerBench, _wanted: list[Component], values: Mapping[str, str]) -> None:
        tried.append(values)
        if len(tried) <= fails:
            raise BenchNotReady("Compose could not start the bench", detail=("Creating", detail))

    monkeypatch.setattr(DockerBench, "_compose", compose)
    bench = DockerBench(Containers(EngineClient({}), "unit"), Path("bench.yaml"), lambda: (0,))
    if fails >= tries:
        with pytest.raises(BenchNotReady):
            bench._compose_up(list(COMPONENTS), {})
    else:
        bench._compose_up(list(COMPONENTS), {})
    assert len(tried) == tries
