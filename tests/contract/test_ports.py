"""Each port has a suite here."""

from __future__ import annotations

from pathlib import Path

from orchestrator import ports
from tests.contract import (
    test_bench,
    test_catalog,
    test_clock,
    test_engine,
    test_images,
    test_jobs,
    test_load,
    test_meter,
    test_progress,
    test_stack,
    test_store,
)

SUITES = (
    test_bench,
    test_catalog,
    test_clock,
    test_engine,
    test_images,
    test_jobs,
    test_load,
    test_meter,
    test_progress,
    test_stack,
    test_store,
)


def test_each_port_has_a_suite() -> None:
    protocols = {
        one for one in vars(ports).values() if getattr(one, "_is_protocol", False) and one.__module__ == ports.__name__
    }
    assert len(protocols) >= 13
    assert {one for suite in SUITES for one in suite.PORTS} == protocols


def test_each_suite_is_counted() -> None:
    files = {path.stem for path in Path(__file__).parent.glob("test_*.py")} - {"test_ports"}
    assert files == {suite.__name__.rpartition(".")[2] for suite in SUITES}
