"""What every server answers to every workload, rightly and wrongly asked: one evidence a server, one test a promise."""

import json
from typing import Any

import pytest
from server_files import WORKLOADS, server_files
from server_under_test import ServerUnderTest
from workload_cases import CASES, JSON, PATHS, POSTED, Case, of

ROUNDS = 5


@pytest.fixture(scope="session")
def asked(under_test: ServerUnderTest) -> Any:
    names = under_test.server.workloads
    with under_test.ready() as server, under_test.client(server, "workloads", *names) as client:
        return under_test.evidence(client)


def told_wrongly(case: Case, answer: Any) -> str:
    """What is not as the case wants it; "" when all is."""
    headers = dict(answer["headers"])
    told = (answer["status"], headers.get("content-type"), answer["body"])
    if case.says is not None:
        return "" if told == (case.status, case.type, case.says) else f"{case.name}: {told}"
    try:
        body = json.loads(answer["body"])
    except ValueError:
        body = None
    fine = isinstance(body, dict) and list(body) == ["error"] and isinstance(body["error"], str) and body["error"]
    return "" if fine and told[:2] == (case.status, JSON) else f"{case.name}: {told}"


def wrong_answers(evidence: Any, workloads: tuple[str, ...]) -> list[str]:
    """Every case of these workloads that was not answered as the contract says."""
    return [
        wrong
        for name in workloads
        for case, answer in zip(of(name), evidence[name]["cases"], strict=True)
        if (wrong := told_wrongly(case, answer))
    ]


def test_every_workload_has_its_cases_and_its_path() -> None:
    assert set(WORKLOADS) == set(CASES) == set(PATHS)
    assert [name for name in WORKLOADS if not of(name) and name != "nextid"] == []


@pytest.mark.parametrize("server", server_files(), ids=lambda server: server.name)
def test_every_server_serves_every_workload(server: Any) -> None:
    assert set(server.workloads) == set(WORKLOADS)


@pytest.mark.engine
def test_every_case_is_answered_as_the_contract_says(asked: Any, under_test: ServerUnderTest) -> None:
    assert wrong_answers(asked, under_test.server.workloads) == []


@pytest.mark.engine
def test_the_wrong_method_is_refused_and_head_is_get(asked: Any, under_test: ServerUnderTest) -> None:
    for name in under_test.server.workloads:
        refused, head = asked[name]["refused"], asked[name]["HEAD"]
        allowed = "POST" if name in POSTED else "GET, HEAD"
        assert (refused["status"], dict(refused["headers"])["allow"]) == (405, allowed), name
        wanted = 405 if name in POSTED else 503 if name == "db" else 200
        assert (head["status"], head["body"]) == (wanted, ""), name


@pytest.mark.engine
def test_runtime_counters_are_whole(asked: Any, under_test: ServerUnderTest) -> None:
    runtime = json.loads(asked["runtime"]["body"])
    assert set(runtime) == {
        "gc_cycles",
        "gc_cpu_seconds",
        "gc_pauses",
        "heap_live_bytes",
        "heap_goal_bytes",
        "goroutines",
        "async_workers",
        "blocking_threads",
        "alive_tasks",
    }
    go = under_test.server.language.startswith("go")
    assert (runtime["goroutines"] is not None, runtime["gc_cycles"] is not None) == (go, go)
    assert (runtime["async_workers"] is None) == go


@pytest.mark.engine
def test_slow_long_and_silent_clients_are_survived_in_64_mib(under_test: ServerUnderTest) -> None:
    """Five times: a thousand connections take 20 MB, which would not fit five times if it did not come back."""
    with under_test.ready() as server:
        for _ in range(ROUNDS):
            with under_test.client(server, "slow") as client:
                evidence = under_test.evidence(client)
            assert evidence["byte by byte"]["body"] == '{"n":6,"prime":13}'
            assert [evidence[name]["status"] for name in ("10 MB", "64 KiB and 1")] == [413, 413]
            healths = {name: told for name, told in evidence.items() if name.startswith("health")}
            assert set(healths.values()) == {200}, healths
        server.reload()
        assert server.attrs["State"]["OOMKilled"] is False
