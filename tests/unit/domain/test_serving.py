"""Which server is measured under which workload."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.domain.request import Check, Request
from orchestrator.domain.server import Server
from orchestrator.domain.service import Service
from orchestrator.domain.serving import as_served, idle, other_shape, refusing, with_own
from tests.unit.samples import PLAINTEXT, SERVERS

GO, RUST = (replace(one, workloads=("plaintext", "json")) for one in SERVERS)
PLAIN = replace(RUST, name="plain", workloads=("plaintext",))
API = replace(GO, name="api", workloads=("api",), service=Service("me/api:1"))
ASKED = Request("GET", "/hello", check=Check(body="Hello, World!"))
HELLO = replace(API, name="hello", workloads=("plaintext",), requests=(ASKED,))


@pytest.mark.parametrize(
    ("workload", "servers", "refused"),
    [
        ("plaintext", (GO, RUST), ()),
        ("json", (GO, PLAIN), ("plain",)),
        ("plaintext", (GO, API), ()),
        ("api", (GO, API), ()),
        ("json", (API, HELLO), ("api", "hello")),
        ("api", (GO,), ("go-fasthttp",)),
        ("plaintext", (GO, HELLO), ()),
    ],
)
def test_what_a_service_is_named_for_is_its_own_affair(
    workload: str, servers: tuple[Server, ...], refused: tuple[str, ...]
) -> None:
    assert refusing(workload, servers) == refused


def test_a_service_that_serves_nothing_of_it_brings_its_own_workload() -> None:
    assert with_own(("plaintext",), (GO, API)) == ("plaintext", "api")
    assert with_own(("plaintext", "api"), (GO, API)) == ("plaintext", "api")
    assert with_own(("plaintext",), (GO, HELLO)) == ("plaintext",)
    assert with_own(("plaintext",), (GO,)) == ("plaintext",)


def test_what_no_chosen_service_serves_is_left_out() -> None:
    assert with_own(("plaintext",), (API,)) == ("api",)


def test_a_server_of_the_lab_that_has_nothing_to_do_is_seen() -> None:
    assert idle(("api",), (GO, API)) == (GO,)


def test_a_server_is_asked_at_its_own_paths() -> None:
    assert as_served(PLAINTEXT, GO) is PLAINTEXT
    assert as_served(PLAINTEXT, HELLO).requests == HELLO.requests
    assert as_served(PLAINTEXT, HELLO).name == "plaintext"


@pytest.mark.parametrize(
    ("request_of", "words"),
    [
        (Request("GET", "/hello", check=Check(body="Hello, World!")), ""),
        (Request("POST", "/hello", check=Check(body="Hello, World!")), "the method of POST /hello"),
        (Request("GET", "/hello"), "the check of GET /hello is not that of plaintext, GET /plaintext"),
        (Request("GET", "/hello", {"A": "b"}, check=Check(body="Hello, World!")), "the headers of"),
    ],
)
def test_only_the_path_may_be_another(request_of: Request, words: str) -> None:
    told = other_shape((request_of,), PLAINTEXT)
    assert told.startswith(words) if words else told == ""
    assert other_shape((request_of, request_of), PLAINTEXT) == "plaintext has 1 of them, not 2"
