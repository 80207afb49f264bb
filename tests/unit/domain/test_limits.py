from __future__ import annotations

from dataclasses import asdict, fields, replace

import pytest

from orchestrator.domain.instance_type import InstanceType
from orchestrator.domain.limits import EffectiveLimits, Limits, limits_for, not_in_force
from orchestrator.domain.measurement import Missing
from orchestrator.domain.placement import Placement

PLACEMENT = Placement((1,), (0,), (0,), shared=False)
ASKED = Limits((1,), 25_000, 100_000, 2**29, 0, 512)
READ = EffectiveLimits(**asdict(ASKED))


@pytest.mark.parametrize(
    ("kind", "vcpus", "sustained", "quota"),
    [
        ("share", 0.25, 0.25, 25_000),
        ("burstable", 1.0, 0.1, 10_000),
        ("burstable", 2.0, 0.2, 20_000),
        ("fixed", 1, 1, 100_000),
    ],
)
def test_the_quota_is_what_a_size_sustains(kind: str, vcpus: float, sustained: float, quota: int) -> None:
    size = InstanceType("a/b", "a", "amd64", vcpus, 1, kind, sustained, 2**29, ())
    limits = limits_for(size, PLACEMENT)
    assert limits == Limits((1,), quota, 100_000, 2**29, 0, 512)
    assert limits.cpus == pytest.approx(sustained)


def test_limits_as_asked_are_in_force() -> None:
    assert not_in_force(ASKED, READ) == ()


OTHERS = {
    "cpuset": (0, 1),
    "quota_microseconds": -1,
    "period_microseconds": 50_000,
    "memory_bytes": 2**30,
    "swap_bytes": 2**20,
    "pids": 4096,
}


@pytest.mark.parametrize("name", [field.name for field in fields(Limits)])
def test_each_limit_that_differs_is_named(name: str) -> None:
    changed = replace(READ, **{name: OTHERS[name]})  # type: ignore[arg-type]
    assert not_in_force(ASKED, changed) == (f"{name}: asked {getattr(ASKED, name)}, in force {OTHERS[name]}",)


@pytest.mark.parametrize("name", [field.name for field in fields(Limits)])
def test_what_cannot_be_read_back_is_not_in_force(name: str) -> None:
    unread = replace(READ, **{name: Missing("no such file")})
    (wrong,) = not_in_force(ASKED, unread)
    assert wrong == f"{name}: asked {getattr(ASKED, name)}, cannot be read back (no such file)"


def test_all_differences_are_told() -> None:
    assert len(not_in_force(ASKED, EffectiveLimits(**OTHERS))) == 6  # type: ignore[arg-type]
