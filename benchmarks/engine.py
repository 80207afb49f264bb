"""What the engine says, through the docker command as the peer uses it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.row import BenchmarkError
from orchestrator.adapters.cgroup.locate import Reader, find
from orchestrator.adapters.docker.labels import LAB, lab_id

CALL_SECONDS_MAX = 120
CGROUPS = Path("/sys/fs/cgroup")


def docker(*arguments: str, environment: Mapping[str, str] | None = None) -> bytes:
    """Standard output of one docker command. Raises BenchmarkError."""
    done = subprocess.run(
        ("docker", *arguments),
        capture_output=True,
        check=False,
        timeout=CALL_SECONDS_MAX,
        env={**os.environ, **(environment or {})},
    )
    if done.returncode:
        raise BenchmarkError(f"docker {' '.join(arguments[:4])}: {done.stderr.decode('utf-8', 'replace').strip()}")
    return done.stdout


def listed(label: str) -> list[str]:
    """Full ids of this lab's running containers that carry a label."""
    mine = f"label={LAB}={lab_id()}"
    found = docker("ps", "--quiet", "--no-trunc", "--filter", mine, "--filter", f"label={label}")
    return found.decode().split()


def inspected(containers: Sequence[str]) -> list[dict[str, Any]]:
    """``docker inspect`` of each."""
    if not containers:
        return []
    found: list[dict[str, Any]] = json.loads(docker("inspect", *containers))
    return found


def files_of(container: str, folder: str) -> dict[str, bytes]:
    """Every file of a folder of a container, by its name below it."""
    archive = docker("cp", f"{container}:{folder}", "-")
    files: dict[str, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
        for member in packed.getmembers():
            content = packed.extractfile(member)
            if content is not None:
                files[member.name.partition("/")[2]] = content.read()
    return files


@contextmanager
def reader_of(container: str) -> Iterator[Reader]:
    """The counters of a container that runs, from this machine's own cgroup tree. Raises BenchmarkError."""
    reader = find(CGROUPS, container, search=True)
    if reader is None:
        raise BenchmarkError(f"container {container[:12]} has no cgroup here: the engine must be on this machine")
    try:
        yield reader
    finally:
        reader.close()
