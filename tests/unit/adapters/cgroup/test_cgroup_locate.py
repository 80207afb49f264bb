"""Where a container's cgroup is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.adapters.cgroup.locate import find, own, version
from orchestrator.errors import EnvironmentNotFit
from tests.unit.adapters.cgroup.trees import CONTAINER, Make

PLACES = [f"docker/{CONTAINER}", f"system.slice/docker-{CONTAINER}.scope"]
PARENTS = [
    f"lab-trial7/{CONTAINER}",
    f"lab.slice/lab-x.slice/docker-{CONTAINER}.scope",
    f"docker/outer/docker/{CONTAINER}",
]


@pytest.mark.parametrize("inside", PLACES)
def test_known_places_need_no_search(v1_tree: Make, v2_tree: Make, inside: str) -> None:
    for make in (v1_tree, v2_tree):
        reader = find(make(inside), CONTAINER, search=False)
        assert reader is not None
        assert reader.limits().memory_bytes == 67_108_864


@pytest.mark.parametrize("inside", PARENTS)
def test_v1_below_a_parent_is_searched_for(v1_tree: Make, inside: str) -> None:
    root = v1_tree(inside)
    assert find(root, CONTAINER, search=False) is None
    reader = find(root, CONTAINER, search=True)
    assert reader is not None
    assert reader.read().cpu_pressure_seconds == 0.796214


@pytest.mark.parametrize("inside", PARENTS)
def test_v2_below_a_parent_is_searched_for(v2_tree: Make, inside: str) -> None:
    root = v2_tree(inside)
    assert find(root, CONTAINER, search=False) is None
    reader = find(root, CONTAINER, search=True)
    assert reader is not None
    assert reader.limits().quota_microseconds == 25_000


def test_v1_controllers_mounted_together(v1_tree: Make) -> None:
    root = v1_tree()
    both = root / "cpu,cpuacct"
    (root / "cpu").rename(both)
    for file in (root / "cpuacct" / "docker" / CONTAINER).iterdir():
        file.rename(both / "docker" / CONTAINER / file.name)
    (root / "cpuacct" / "docker" / CONTAINER).rmdir()
    (root / "cpuacct" / "docker").rmdir()
    (root / "cpuacct").rmdir()
    for name in ("cpu", "cpuacct"):
        (root / name).symlink_to("cpu,cpuacct")
    reader = find(root, CONTAINER, search=False)
    assert reader is not None
    assert reader.read().cpu_periods == 12


def test_another_container_is_not_found(v1_tree: Make) -> None:
    assert find(v1_tree(), "f" * 64, search=True) is None


def test_no_tree_is_said_clearly(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentNotFit, match="no cgroup tree") as caught:
        version(tmp_path)
    assert caught.value.where == str(tmp_path)


def test_own_v1_is_mounted_at_the_root(v1_tree: Make) -> None:
    root = v1_tree(inside=".")
    told = (
        f"9:name=systemd:/docker/{CONTAINER}\n4:memory:/docker/{CONTAINER}\n2:cpu,cpuacct:/docker/{CONTAINER}\n0::/\n"
    )
    assert own(root, told).read().limits.quota_microseconds == 25_000


def test_own_v1_below_its_path(v1_tree: Make) -> None:
    lines = [f"{n}:{name}:/user/x" for n, name in enumerate(("cpu", "cpuacct", "cpuset", "memory", "pids"), 1)]
    assert own(v1_tree(inside="user/x"), "\n".join([*lines, "0::/user/x"])).read().cpu_periods == 12


@pytest.mark.parametrize(("inside", "told"), [(".", "0::/\n"), ("user.slice/a.scope", "0::/user.slice/a.scope\n")])
def test_own_v2(v2_tree: Make, inside: str, told: str) -> None:
    assert own(v2_tree(inside=inside), told).limits().cpuset == (2, 3, 6)
