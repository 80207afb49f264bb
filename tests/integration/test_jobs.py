"""Batch jobs on the real engine: limits, counters, ends; and the kernels of both languages against each other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from orchestrator.adapters.docker.containers import Containers
from orchestrator.adapters.docker.jobs import DockerJobs
from orchestrator.adapters.docker.labels import ROLE_JOB
from orchestrator.adapters.docker.stack import EXIT_CODE_UNKNOWN
from orchestrator.adapters.host.machine import usable_cpus
from orchestrator.domain.box import Tags
from orchestrator.domain.job import JobEnd, JobSpec, Said, read_said
from orchestrator.domain.limits import Limits
from orchestrator.domain.server import Image
from orchestrator.ports import JobBox

pytestmark = pytest.mark.engine

Provide = Callable[[str], Image]
LIMITS = Limits(usable_cpus()[-1:], 100_000, 100_000, 256 * 2**20, 0, 512)
TAGS = Tags("a-run", "j1", "go", "acme/small", "prime-sweep", ROLE_JOB)
SMALL = ("fannkuch", "--n", "9")


@contextmanager
def job(
    containers: Containers, provide: Provide, command: tuple[str, ...], language: str = "go", limits: Limits = LIMITS
) -> Iterator[JobBox]:
    image = provide(f"kernels/{language}").reference
    spec = JobSpec(f"{containers.lab}.job", image, command, limits, TAGS)
    with DockerJobs(containers).make(spec) as box:
        yield box


def ended(box: JobBox, seconds: float = 60.0) -> JobEnd:
    deadline = time.monotonic() + seconds
    while (end := box.end()) is None:
        assert time.monotonic() < deadline, f"it did not end within {seconds:g} s"
        time.sleep(0.05)
    return end


@pytest.mark.parametrize("language", ["go", "rust"])
@pytest.mark.parametrize("algorithm", ["same", "best"])
def test_both_languages_give_the_contracts_checksum(
    containers: Containers, provide: Provide, language: str, algorithm: str
) -> None:
    with job(containers, provide, (*SMALL, "--algorithm", algorithm), language) as box:
        box.begin()
        assert ended(box).exit_code == 0
        said = read_said(box.output())
    assert isinstance(said, Said), said
    assert (said.checksum, said.language, said.variant) == ("8629,30", language, algorithm)


def test_a_job_has_exactly_its_limits_no_network_and_no_rights(containers: Containers, provide: Provide) -> None:
    with job(containers, provide, SMALL) as box:
        found = containers.inspect(box.id)
    assert found is not None
    host = found["HostConfig"]
    assert (host["CpuQuota"], host["CpusetCpus"], host["Memory"]) == (100_000, str(LIMITS.cpuset[0]), 256 * 2**20)
    assert host["NetworkMode"] == "none" and host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"]
    assert found["Config"]["Labels"]["orchestrator.role"] == "job"
    assert containers.inspect(box.id) is None


def test_bad_arguments_end_with_their_code_and_a_word_why(containers: Containers, provide: Provide) -> None:
    with job(containers, provide, ("nothing",)) as box:
        box.begin()
        end = ended(box)
        assert (end.exit_code, box.output()) == (2, "")
        assert "nothing" in " ".join(box.log_tail(5))


def test_too_little_memory_kills_it(containers: Containers, provide: Provide) -> None:
    tight = Limits(LIMITS.cpuset, 100_000, 100_000, 16 * 2**20, 0, 512)
    with job(containers, provide, ("sieve", "--n", "200000000"), limits=tight) as box:
        box.begin()
        end = ended(box)
    assert end.exit_code in (2, 137), "killed by the kernel, or the runtime gave up"


def test_a_job_that_somebody_removed_has_ended(containers: Containers, provide: Provide) -> None:
    with job(containers, provide, ("fannkuch",)) as box:
        box.begin()
        containers.remove(box.id)
        assert ended(box).exit_code == EXIT_CODE_UNKNOWN
