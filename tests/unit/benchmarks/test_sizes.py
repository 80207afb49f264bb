"""What R7 has built, and what it makes of the sizes."""

from __future__ import annotations

import pytest

from benchmarks.__main__ import BENCHMARKS
from benchmarks.row import BenchmarkError, benchmark_of
from benchmarks.sizes import SIZES, Size, built_for, judged
from orchestrator.domain.measurement import Missing
from orchestrator.domain.server import Image
from orchestrator.wiring import catalog

BY_ID = {one.id: one for one in SIZES}
SERVERS = catalog().servers()


def image(bytes_: int, program: int | Missing = 5) -> Image:
    return Image("server/x", "footprint-lab/server/x:1", "sha256:0", bytes_, program, 1.0, "build", "go1.26")


def test_every_row_is_of_r7() -> None:
    assert len(BY_ID) == len(SIZES)
    assert {benchmark_of(name, BENCHMARKS) for name in BY_ID} == {"R7"}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: size.id)
def test_all_servers_of_its_language_can_be_built_so(size: Size) -> None:
    made = built_for(size, SERVERS)
    assert {one.language for one in made} == {size.language}
    assert len(made) == sum(one.language == size.language for one in SERVERS) >= 3
    assert len({one.name for one in made}) == len(made)


def test_a_slim_server_serves_ids_alone() -> None:
    assert {one.workloads for one in built_for(BY_ID["R7-slim-rust"], SERVERS)} == {("nextid",)}


def test_only_the_published_program_is_linked_dynamically() -> None:
    linked = {size.id for size in SIZES for one in built_for(size, SERVERS) if one.build.get("LINK") == "dynamic"}
    assert linked == {"R7-program-rust"}
    names = {one.name for one in built_for(BY_ID["R7-program-rust"], SERVERS)}
    assert "rust-hyper:slim=nextid-dynamic" in names


def test_the_smallest_counts_and_all_are_listed() -> None:
    found = {"rust-axum:slim=nextid": image(2_100_000), "rust-hyper:slim=nextid": image(1_900_000)}
    finding = judged(BY_ID["R7-slim-rust"], found)
    assert (finding.row.ours, finding.row.goal, finding.row.met) == (1_900_000, 2_000_000, True)
    assert finding.row.what.endswith(": rust-hyper")
    assert finding.notes == ("image in Rust, /nextid alone: rust-hyper 1,900,000, rust-axum 2,100,000",)
    assert not judged(BY_ID["R7-slim-rust"], {"rust-axum": image(2_000_001)}).row.met


def test_a_program_is_weighed_without_its_image() -> None:
    row = judged(BY_ID["R7-program-go"], {"go-fasthttp": image(9_000_000, 7_600_000)}).row
    assert (row.ours, row.met) == (7_600_000, True)
    with pytest.raises(BenchmarkError, match="no program"):
        judged(BY_ID["R7-program-go"], {"go-fasthttp": image(1, Missing("gone"))})


def test_no_server_is_no_size() -> None:
    with pytest.raises(BenchmarkError, match="no server in go"):
        judged(BY_ID["R7-full-go"], {})
