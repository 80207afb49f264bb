"""What a name in ``show`` means."""

from __future__ import annotations

import pytest

from orchestrator.adapters.files.catalog import FileCatalog
from orchestrator.cli.find import find
from orchestrator.domain.server import Server
from orchestrator.errors import ConfigError, RecordDamaged
from tests.unit.samples import lab


def test_a_variant_is_found_by_its_name_and_a_wrong_one_says_what_there_is() -> None:
    store = lab()[0].store
    found = find("go-nethttp:json=sonic", FileCatalog(), store)
    assert isinstance(found, Server) and found.name == "go-nethttp:json=sonic"
    with pytest.raises(ConfigError) as caught:
        find("go-nethttp:json=nope", FileCatalog(), store)
    (mistake,) = caught.value.mistakes
    assert "'nope' is not possible; use std, v2, jsoniter, sonic" in mistake.message
    assert mistake.hint == "orchestrator show go-nethttp"


@pytest.mark.parametrize(
    ("name", "kind"), [("plaintext", "workload"), ("mandelbrot", "workload"), ("quick", "scenario")]
)
def test_what_is_no_run_is_named(name: str, kind: str) -> None:
    with pytest.raises(ConfigError) as caught:
        find(name, FileCatalog(), lab()[0].store)
    (mistake,) = caught.value.mistakes
    assert mistake.message == f"{name} is a {kind}, and no run is called so"
    assert mistake.hint == f"orchestrator list {kind}s"


def test_a_name_that_is_nothing_is_the_stores_to_tell() -> None:
    with pytest.raises(RecordDamaged):
        find("nothing", FileCatalog(), lab()[0].store)
