"""What every server of the lab promises, one test for each promise, on the real image. The words are in README.md."""

import json
import re
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from server_under_test import MACHINE_ID, ServerUnderTest

pytestmark = pytest.mark.engine

TEXT = "text/plain; charset=utf-8"
JSON = "application/json"
EPOCH_UNIX_SECONDS = 1_735_689_600
BODIES = {"/plaintext": "Hello, World!", "/json": '{"message":"Hello, World!"}', "/healthz": "ok"}
TYPES = {"/plaintext": TEXT, "/json": JSON, "/nextid": JSON, "/healthz": TEXT, "/lab/info": JSON}
OF_GO = {"allocator": "go", "gogc_percent": 100, "json": "encoding/json", "profile": "stripped"}
INFO = {
    "go": OF_GO,
    "rust": {"allocator": "glibc", "gogc_percent": None, "json": "serde_json", "profile": "tuned"},
    "go+rust": {**OF_GO, "allocator": "go+glibc", "json": "encoding/json+serde_json"},
}
ID_BODY = re.compile(r'\{"id":"([1-9][0-9]*)"\}')


def headers(answer: Any) -> dict[str, str]:
    """The headers by name; no name may come twice."""
    names = [name for name, _ in answer["headers"]]
    assert len(names) == len(set(names)), names
    return dict(answer["headers"])


def number(body: str) -> int:
    matched = ID_BODY.fullmatch(body)
    assert matched, body
    return int(matched[1])


def tick(identifier: int) -> int:
    """10 ms since the epoch, the upper 39 of 63 bits."""
    return identifier >> 24


@pytest.mark.parametrize("path", TYPES)
def test_get_answers_200_with_exact_headers(cases: Any, path: str) -> None:
    answer = cases["routes"][path]["GET"]
    assert (answer["version"], answer["status"]) == ("HTTP/1.1", 200)
    got = headers(answer)
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", got.pop("date"))
    assert got == {"content-type": TYPES[path], "content-length": str(len(answer["body"]))}


@pytest.mark.parametrize("path", BODIES)
def test_bodies_are_exact(cases: Any, path: str) -> None:
    assert cases["routes"][path]["GET"]["body"] == BODIES[path]


@pytest.mark.parametrize("path", TYPES)
def test_head_is_get_without_the_body(cases: Any, path: str) -> None:
    evidence = cases["routes"][path]
    assert evidence["HEAD"]["status"] == 200
    of_get, of_head = headers(evidence["GET"]), headers(evidence["HEAD"])
    assert of_get | {"date": ""} == of_head | {"date": ""}
    assert evidence["after_head"]["body"] == "ok"


@pytest.mark.parametrize("path", TYPES)
def test_query_and_long_header_change_nothing(cases: Any, path: str) -> None:
    assert cases["routes"][path]["query"]["status"] == 200
    assert cases["routes"][path]["header_of_2_kib"]["status"] == 200


def test_unknown_paths_are_404(cases: Any) -> None:
    evidence = cases["unknown_paths"]
    assert "//plaintext" in evidence
    for path, answer in evidence.items():
        told = (answer["status"], answer["body"], headers(answer)["content-type"])
        assert told == (404, "not found", TEXT), path


def test_wrong_methods_are_405_with_allow(cases: Any) -> None:
    evidence = cases["wrong_methods"]
    assert len(evidence) == 25
    for case, answers in evidence.items():
        refused = answers["refused"]
        told = (refused["status"], headers(refused)["allow"], refused["body"])
        assert told == (405, "GET, HEAD", "method not allowed"), case
        assert answers["after"]["status"] == 200, f"{case}: the connection is out of step"


def test_one_connection_serves_many_requests(cases: Any) -> None:
    assert cases["keep_alive"]["statuses"] == [200] * 100


def test_pipelined_requests_are_answered_in_order(cases: Any) -> None:
    bodies = [answer["body"] for answer in cases["keep_alive"]["pipelined"]]
    assert bodies == [BODIES["/plaintext"], BODIES["/json"]]


def test_connection_close_is_honoured(cases: Any) -> None:
    evidence = cases["keep_alive"]["close"]
    assert evidence["answer"]["body"] == BODIES["/plaintext"]
    assert headers(evidence["answer"])["connection"] == "close"
    assert evidence["ended"]


def test_http_1_0_is_answered_and_closed(cases: Any) -> None:
    evidence = cases["keep_alive"]["http_1_0"]
    assert (evidence["answer"]["status"], evidence["answer"]["body"]) == (200, BODIES["/plaintext"])
    assert evidence["ended"]


def test_malformed_requests_are_refused_and_survived(cases: Any) -> None:
    evidence = {name: case for name, case in cases["malformed"].items() if not case["odd"]}
    assert len(evidence) == 12
    for name, case in evidence.items():
        wanted = 431 if "1 MiB" in name else 400
        assert (case["status"], case["ended"], case["health"]) == (wanted, True, 200), (name, case)


def test_odd_requests_are_survived(cases: Any) -> None:
    evidence = {name: case for name, case in cases["malformed"].items() if case["odd"]}
    assert len(evidence) == 6
    for name, case in evidence.items():
        allowed = case["status"] is None or case["status"] < 500 or (name, case["status"]) == ("unknown version", 505)
        assert allowed, (name, case)
        assert case["health"] == 200, (name, case)


def test_clients_that_leave_early_are_survived(cases: Any) -> None:
    assert len(cases["early_ends"]) == 5
    assert set(cases["early_ends"].values()) == {200}


def test_ten_thousand_ids_are_unique(cases: Any) -> None:
    one_by_one = [number(body) for body in cases["ids"]["body"]]
    bursts = [number(body) for burst in cases["ids"]["bursts"] for body in burst]
    assert (len(one_by_one), len(bursts)) == (10_000, 20 * 256)
    assert len({*one_by_one, *bursts}) == 15_120


def test_ids_carry_the_machine_id_of_the_environment(cases: Any) -> None:
    machines = {number(body) & 0xFFFF for body in cases["ids"]["body"]}
    assert machines == {MACHINE_ID}


def test_an_id_asked_for_after_another_came_is_greater(cases: Any) -> None:
    """Exact, across connections: ids are made one at a time under one lock, so real time order is id order."""
    evidence = cases["ids"]
    made = [number(body) for body in evidence["body"]]
    asked = [(sent, 1, made[row]) for row, sent in enumerate(evidence["sent_nanoseconds"])]
    came = [(received, 0, made[row]) for row, received in enumerate(evidence["received_nanoseconds"])]
    greatest, wrong, compared = 0, 0, 0
    for _, is_asked, identifier in sorted(asked + came):
        if is_asked:
            wrong += identifier <= greatest
            compared += greatest > 0
        else:
            greatest = max(greatest, identifier)
    assert compared > 9_000
    assert wrong == 0


def test_pipelined_ids_rise_on_each_connection(cases: Any) -> None:
    for burst in cases["ids"]["bursts"]:
        assert all(earlier < later for earlier, later in pairwise(map(number, burst)))


def test_ids_tell_when_they_were_made(cases: Any) -> None:
    """The decoded 10 ms lie between asking and answer, by the clock both containers share.

    One tick to either side is allowed for: the two clocks readings bracket the run, and the clock may be slewed in it.
    """
    evidence = cases["ids"]
    offset = evidence["clock_offset_nanoseconds"]
    assert abs(offset[1] - offset[0]) < 10_000_000, "the clock was stepped while the client ran: run it again"
    epoch = EPOCH_UNIX_SECONDS * 1_000_000_000
    times = zip(evidence["sent_nanoseconds"], evidence["body"], evidence["received_nanoseconds"], strict=True)
    for sent, body, received in times:
        first, last = ((moment + offset[0] - epoch) // 10_000_000 for moment in (sent, received))
        assert first - 1 <= tick(number(body)) <= last + 1


def test_ids_stop_at_256_in_a_tick(cases: Any) -> None:
    """The bursts ask for more than a tick holds, so full ticks must appear, and none beyond."""
    bursts = [number(body) for burst in cases["ids"]["bursts"] for body in burst]
    everyone = bursts + [number(body) for body in cases["ids"]["body"]]
    assert max(Counter(map(tick, everyone)).values()) == 256


def test_info_is_whole(cases: Any, under_test: ServerUnderTest) -> None:
    info = json.loads(cases["routes"]["/lab/info"]["GET"]["body"])
    assert info.pop("server") == under_test.server.name
    assert info.pop("language") == under_test.server.language
    assert info.pop("framework") == under_test.server.program
    for name in ("language_version", "framework_version"):
        assert re.fullmatch(r"\d+\.\d+\.\d+\S*", info.pop(name)), name
    for name in ("parallelism", "workers"):
        assert type(info[name]) is int
        assert info.pop(name) >= 1
    expected = INFO[under_test.server.language]
    assert {name: info.pop(name) for name in expected} == expected
    assert info.pop("workloads") == list(under_test.server.workloads)
    assert info == {
        "gomemlimit_bytes": None,
        "json_fallback": None,
        "prime": "each",
        "prime_on": "inline",
        "kv": "rwlock",
        "sonyflake": "blocking",
    }
