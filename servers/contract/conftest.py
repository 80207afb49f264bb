"""Fixtures of the server contract."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
from docker import DockerClient

# The suite's own modules are found from here in every import mode of pytest.
sys.path.insert(0, str(Path(__file__).parent))

from server_files import server_files
from server_under_test import ServerUnderTest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of one server go to one worker of pytest-xdist, which then gathers the evidence once."""
    for item in items:
        call = getattr(item, "callspec", None)
        server = call.params.get("under_test") if call else None
        if server is not None:
            item.add_marker(pytest.mark.xdist_group(server.name))


@pytest.fixture(scope="session")
def engine() -> Iterator[DockerClient]:
    client = docker.from_env(timeout=60)
    yield client
    client.close()


@pytest.fixture(scope="session", params=server_files(), ids=lambda server: server.name)
def under_test(request: pytest.FixtureRequest, engine: DockerClient) -> ServerUnderTest:
    return ServerUnderTest(engine, request.param)


@pytest.fixture(scope="session")
def cases(under_test: ServerUnderTest) -> Any:
    """The evidence of `client.py cases`, gathered once for each server."""
    with under_test.ready() as server, under_test.client(server, "cases") as client:
        return under_test.evidence(client)
