"""Where a container's cgroup is: by version, by driver, below which parent.

driver     v1                                              v2
cgroupfs   <controller>/docker/<id>                        docker/<id>
systemd    <controller>/system.slice/docker-<id>.scope     system.slice/docker-<id>.scope
parent     <controller>/<parent>/<id> and the like; found by a bounded search
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

from orchestrator.adapters.cgroup.v1 import CONTROLLERS, ReaderV1
from orchestrator.adapters.cgroup.v2 import ReaderV2
from orchestrator.domain.limits import EffectiveLimits
from orchestrator.domain.reading import Reading
from orchestrator.errors import EnvironmentNotFit

_DEPTH = 6
_DIRECTORIES = 5_000


class Reader(Protocol):
    """One container's cgroup."""

    def read(self, limits_changes: int = 0, limits: EffectiveLimits | None = None) -> Reading: ...
    def limits(self) -> EffectiveLimits: ...
    def close(self) -> None: ...


def version(root: Path) -> int:
    """1 or 2. Raises EnvironmentNotFit when ``root`` is no cgroup tree."""
    if (root / "cgroup.controllers").exists():
        return 2
    if (root / "cpuacct").is_dir() and (root / "memory").is_dir():
        return 1
    raise EnvironmentNotFit(
        "no cgroup tree is mounted here", where=str(root), hint="mount the host's /sys/fs/cgroup read-only at this path"
    )


def find(root: Path, container: str, *, search: bool) -> Reader | None:
    """The reader of a container that runs, or None when it has no cgroup (not started yet, or ended).

    Args:
        container: its full id.
        search: also look below parents we do not know; dear, so not for every sample.
    """
    if version(root) == 2:
        directory = _below(root, container, search=search)
        return None if directory is None else ReaderV2(directory)
    accounting = _below(root / "cpuacct", container, search=search)
    if accounting is None:
        return None
    inside = accounting.relative_to(root / "cpuacct")
    # The unified tree is not managed by every runtime, and the one directory all share may differ there.
    found = {name: root / name / inside for name in CONTROLLERS if (root / name / inside).is_dir()}
    return ReaderV1(found)


def own(root: Path, proc_self_cgroup: str) -> Reader:
    """The reader of the caller's own cgroup.

    In a private namespace (v2's default) and under Docker on v1 it is mounted at the root; else below the path that
    ``/proc/self/cgroup`` tells.
    """
    paths: dict[str, str] = {}
    for line in proc_self_cgroup.splitlines():
        _, controllers, path = line.split(":", 2)
        paths.update(dict.fromkeys(controllers.split(",") if controllers else ["unified"], path.strip("/")))
    if version(root) == 2:
        below = root / paths.get("unified", "")
        return ReaderV2(below if (below / "cpu.stat").exists() else root)
    found = {}
    for name in CONTROLLERS:
        below = root / name / paths.get(name, "")
        if below.is_dir():
            found[name] = below
        elif (root / name).is_dir():
            found[name] = root / name
    return ReaderV1(found)


def _below(root: Path, container: str, *, search: bool) -> Path | None:
    scope = f"docker-{container}.scope"
    for known in (root / "docker" / container, root / "system.slice" / scope):
        if known.is_dir():
            return known
    return _search(root, {container, scope}) if search else None


def _search(root: Path, names: set[str]) -> Path | None:
    """Breadth first, bounded in depth and number: a host may have thousands of cgroups."""
    level, seen = [str(root)], 0
    for _ in range(_DEPTH):
        following: list[str] = []
        for directory in level:
            try:
                with os.scandir(directory) as entries:
                    children = [entry for entry in entries if entry.is_dir(follow_symlinks=False)]
            except OSError:  # removed while we look
                continue
            for child in children:
                if child.name in names:
                    return Path(child.path)
                following.append(child.path)
            seen += len(children)
            if seen > _DIRECTORIES:
                return None
        level = following
    return None
