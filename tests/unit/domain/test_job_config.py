"""What the command line may ask of batch jobs, and what it may not ask beside them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.domain.config import Known, Overrides
from orchestrator.domain.job_config import asks_for_jobs, jobs_of
from orchestrator.domain.plan import Aim, Extras
from orchestrator.errors import ConfigError
from tests.unit.samples import CATALOG, config

KNOWN = Known(
    CATALOG.servers(), CATALOG.instance_types(), CATALOG.workloads(), CATALOG.scenarios(), CATALOG.batch_workloads()
)
ASKED = Overrides(workloads=("picture", "picture", "flips"), instance_types=("acme/unpriced",))


def mistakes(asked: Overrides) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        jobs_of(config(), asked, KNOWN)
    return [f"{one.where} {one.message}; {one.hint}" for one in caught.value.mistakes]


def test_batch_workloads_make_a_batch_run() -> None:
    assert asks_for_jobs(ASKED, CATALOG.batch_workloads())
    assert not asks_for_jobs(Overrides(workloads=("plaintext",)), CATALOG.batch_workloads())
    assert not asks_for_jobs(Overrides(), CATALOG.batch_workloads())
    found = jobs_of(config(), replace(ASKED, seed=7, repeat=2), KNOWN)
    assert (found.workloads, found.instance_types) == (("picture", "flips"), ("acme/unpriced",))
    assert (found.seed, found.repeat) == (7, 2)


def test_without_a_size_it_is_the_usual_one_with_one_cpu() -> None:
    (only,) = mistakes(Overrides(workloads=("picture",)))
    assert "instance 'aws/c7a.medium' is not in the catalog" in only, "which the sample catalog does not have"


def test_requests_and_jobs_in_one_run_are_refused_with_the_reason() -> None:
    (only,) = mistakes(replace(ASKED, workloads=("plaintext", "picture")))
    assert only.startswith("--workload plaintext is a request and picture a batch job")
    assert only.endswith("run them one after the other")


@pytest.mark.parametrize(
    ("asked", "option"),
    [
        (replace(ASKED, servers=("go-fasthttp",)), "--server"),
        (replace(ASKED, rates=(100,)), "--rate"),
        (replace(ASKED, slo="p99=1ms"), "--slo"),
        (replace(ASKED, scenario="think"), "--scenario"),
        (replace(ASKED, quick=True), "--quick"),
        (replace(ASKED, aim=Aim.CAPACITY), "--capacity"),
        (replace(ASKED, aim=Aim.DEMAND), "--demand"),
        (replace(ASKED, extras=Extras(curve=True)), "--curve"),
        (replace(ASKED, extras=Extras(near_idle=True)), "--near-idle"),
        (replace(ASKED, extras=Extras(noise_floor=True)), "--aa"),
    ],
)
def test_what_needs_a_rate_or_a_server_is_refused(asked: Overrides, option: str) -> None:
    (only,) = mistakes(asked)
    assert only.startswith(f"{option} ") and f"leave {option} out" in only


def test_all_mistakes_are_told_at_once() -> None:
    asked = replace(ASKED, workloads=("picture", "flipz"), instance_types=("acme/smal",), repeat=0, slo="p99=1ms")
    assert [one.split()[0] for one in mistakes(asked)] == ["--workload", "--slo", "--repeat", "--instance"]
