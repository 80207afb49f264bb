"""Variants keep the contract, and say of themselves what they are."""

import json

import pytest
from server_files import server_files
from server_under_test import ServerUnderTest
from test_workloads import wrong_answers
from variants import MEMORY_BYTES, told, variants

from orchestrator.domain.limits import Limits
from orchestrator.domain.server import Server
from orchestrator.domain.variant import environment_of

pytestmark = pytest.mark.engine
LIMITS = Limits((0,), 100_000, 100_000, MEMORY_BYTES, 0, 128)
FILES = {server.name: server for server in server_files()}


@pytest.mark.parametrize("variant", variants(), ids=lambda variant: variant.name)
def test_a_variant_answers_its_workloads_and_says_what_it_is(variant: Server, engine: object) -> None:
    under_test = ServerUnderTest(engine, FILES[variant.name.partition(":")[0]], image=variant.name)
    environment = environment_of(variant, LIMITS)
    with (
        under_test.ready(environment=environment) as server,
        under_test.client(server, "workloads", *variant.workloads) as client,
    ):
        evidence = under_test.evidence(client)
    assert wrong_answers(evidence, variant.workloads) == []
    info = json.loads(evidence["info"]["body"])
    assert {name: info[name] for name in told(variant)} == told(variant)
    if ":slim=" in variant.name:
        assert set(evidence["others"].values()) == {404}
