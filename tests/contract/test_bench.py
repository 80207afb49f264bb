"""Bench: up once, up twice, gone."""

from __future__ import annotations

from orchestrator.ports import Bench, Lab
from tests.contract.conftest import BENCH

PORTS = (Bench,)


def test_it_is_up_once_however_often_it_is_asked_for(lab: Lab) -> None:
    images = {name: lab.images.provide(name) for name in BENCH}
    first = lab.bench.up(images)
    assert lab.bench.up(images) == first == lab.bench.status()
    assert set(first.components) == {"prometheus", "cadvisor", "observer"}
    assert set(first.urls) == {"prometheus", "live"}
    assert all(url.startswith("http://127.0.0.1:") for url in first.urls.values())
    assert set(first.missing) == {"grafana"} and all(first.missing.values())


def test_it_is_not_up_before_and_not_after(fresh_lab: Lab) -> None:
    assert fresh_lab.bench.status() is None
    fresh_lab.bench.up({name: fresh_lab.images.provide(name) for name in BENCH})
    assert fresh_lab.bench.status() is not None
    fresh_lab.engine.remove_owned(images=False)
    assert fresh_lab.bench.status() is None
