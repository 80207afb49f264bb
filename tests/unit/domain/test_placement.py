from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.instance_type import InstanceType
from orchestrator.domain.placement import RESERVED_BYTES, Placement, Room, Unfit, place
from orchestrator.domain.sidecar import Sidecar


def size(vcpus: float = 1.0, memory_bytes: int = 2**29) -> InstanceType:
    return InstanceType("a/b", "a", "amd64", vcpus, 1, "fixed", vcpus, memory_bytes, ())


@pytest.mark.parametrize(
    ("vcpus", "cpus", "placement"),
    [
        (0.25, (0, 1), Placement((1,), (0,), (0,), shared=False)),
        (1, (0, 1), Placement((1,), (0,), (0,), shared=False)),
        (1, (0, 1, 2), Placement((2,), (1,), (0,), shared=False)),
        (2, (0, 1, 2), Placement((1, 2), (0,), (0,), shared=False)),
        (2, (0, 1, 2, 3, 4, 5, 6, 7), Placement((6, 7), (1, 2, 3, 4, 5), (0,), shared=False)),
        (1, (3, 9), Placement((9,), (3,), (3,), shared=False)),
    ],
)
def test_who_stands_where(vcpus: float, cpus: tuple[int, ...], placement: Placement) -> None:
    assert place(size(vcpus), Room(cpus, 2**34, "amd64")) == placement


def test_too_few_cpus_are_refused_or_shared() -> None:
    unfit = place(size(2), Room((0, 1), 2**34, "amd64"))
    assert unfit == Unfit("a/b", "needs 2 CPUs beside the generator (have 1)")
    shared = place(size(2), Room((0, 1), 2**34, "amd64"), allow_shared=True)
    assert shared == Placement((0, 1), (0, 1), (0, 1), shared=True)
    assert isinstance(place(size(4), Room((0, 1), 2**34, "amd64"), allow_shared=True), Unfit), "never clamped"
    assert place(size(1), Room((0,), 2**34, "amd64")) == Unfit("a/b", "needs 1 CPU beside the generator (have 0)")


def test_too_little_memory_is_refused_also_when_shared() -> None:
    assert isinstance(place(size(memory_bytes=2**30), Room((0, 1), 2**30 + RESERVED_BYTES, "amd64")), Placement)
    for allow_shared in (False, True):
        unfit = place(
            size(memory_bytes=2**30 + 1), Room((0, 1), 2**30 + RESERVED_BYTES, "amd64"), allow_shared=allow_shared
        )
        assert isinstance(unfit, Unfit)
        assert "GiB" in unfit.reason


@given(st.floats(0.01, 16), st.lists(st.integers(0, 255), min_size=1, max_size=32, unique=True), st.booleans())
def test_the_server_stands_alone_or_it_is_said(vcpus: float, cpus: list[int], allow_shared: bool) -> None:
    placed = place(size(vcpus), Room(tuple(sorted(cpus)), 2**40, "amd64"), allow_shared=allow_shared)
    if isinstance(placed, Unfit):
        return
    assert len(placed.server_cpus) == size(vcpus).cpus_visible
    assert set(placed.server_cpus) | set(placed.generator_cpus) | set(placed.bench_cpus) <= set(cpus)
    apart = not set(placed.server_cpus) & {*placed.generator_cpus, *placed.bench_cpus}
    assert apart != placed.shared
    assert placed.generator_cpus
    assert placed.bench_cpus
    assert allow_shared or not placed.shared


POSTGRES = Sidecar("postgres", "sidecar-postgres", 2**29, 100)


@pytest.mark.parametrize(
    ("vcpus", "cpus", "generator", "sidecar", "crowded"),
    [
        (1, (0, 1), (0,), (0,), True),
        (1, (0, 1, 2), (1,), (0,), False),
        (1, (0, 1, 2, 3), (2,), (1,), False),
        (2, (0, 1, 2, 3, 4, 5, 6, 7), (3, 4, 5), (1, 2), False),
        (4, (0, 1, 2, 3, 4, 5, 6, 7), (2, 3), (1,), False),
    ],
)
def test_a_sidecar_never_stands_on_the_servers_cpus(
    vcpus: float, cpus: tuple[int, ...], generator: tuple[int, ...], sidecar: tuple[int, ...], crowded: bool
) -> None:
    placed = place(size(vcpus), Room(cpus, 2**34, "amd64"), (POSTGRES,))
    assert isinstance(placed, Placement)
    assert (placed.generator_cpus, placed.sidecar_cpus, placed.bench_cpus) == (generator, sidecar, cpus[:1])
    assert (placed.crowded, placed.shared) == (crowded, False)
    assert not set(placed.server_cpus) & {*sidecar, *generator}


@pytest.mark.parametrize("allow_shared", [False, True])
def test_a_host_that_would_put_a_sidecar_on_the_servers_cpus_is_refused(allow_shared: bool) -> None:
    placed = place(size(2), Room((0, 1), 2**34, "amd64"), (POSTGRES,), allow_shared=allow_shared)
    assert placed == Unfit("a/b", "needs 2 CPUs beside postgres, which never shares them (have 1)")


def test_the_memory_of_a_sidecar_is_not_the_servers() -> None:
    room = Room((0, 1), 2**29 + RESERVED_BYTES, "amd64")
    assert isinstance(place(size(), room), Placement)
    assert place(size(), room, (POSTGRES,)) == Unfit("a/b", "needs 0.5 GiB beside the bench and postgres (have 0)")


def test_another_architecture_is_refused_also_when_shared() -> None:
    unfit = place(size(), Room((0, 1), 2**34, "arm64"), allow_shared=True)
    assert unfit == Unfit("a/b", "is amd64, this host is arm64")
