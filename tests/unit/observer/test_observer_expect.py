"""Waiting for a first good answer, on a real socket."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from orchestrator.domain.measurement import Missing
from orchestrator.domain.reading import FirstAnswer
from orchestrator.domain.request import Check, Request
from orchestrator.observer import expect
from orchestrator.observer.expect import Expectation, Tickets, TooManyTickets, first_answer
from orchestrator.observer.resolve import Name, first_address, question

HELLO = Request("GET", "/plaintext", check=Check(body="Hello, World!"))
ASKED = Expectation("127.0.0.1", 0, HELLO, "/lab/info", 5.0)
Say = Callable[[str], tuple[int, bytes]]


@contextmanager
def server(say: Say, port: int = 0) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer(*say(self.path))

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.answer(*say(f"{self.path} {self.headers['X-Asked']} {sent}"))

        def answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """A caller whose time is over hangs up; that is part of the tests."""

    with Server(("127.0.0.1", port), Handler) as served:
        thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield served.server_port
        served.shutdown()
        thread.join()


def hello(path: str) -> tuple[int, bytes]:
    return {
        "/plaintext": (200, b"Hello, World!"),
        "/lab/info": (200, b'{"language": "go", "parallelism": 2, "gc": {"percent": 100, "on": true}}'),
    }.get(path, (404, b""))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_answer_is_stamped_when_the_server_comes_up() -> None:
    port = free_port()
    ticket = Tickets()
    name = ticket.open(replace(ASKED, port=port))
    time.sleep(0.05)
    assert ticket.answer(name) is None
    before = time.time()
    with server(hello, port):
        deadline = time.monotonic() + 5
        while (answer := ticket.answer(name)) is None and time.monotonic() < deadline:
            time.sleep(0.005)
    assert isinstance(answer, FirstAnswer)
    assert before <= answer.at_unix_seconds < before + 0.5
    assert answer.info == {"language": "go", "parallelism": "2", "gc.percent": "100", "gc.on": "true"}


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ((503, b"Hello, World!"), "status 503 on /plaintext"),
        ((200, b"Hello, Moon!"), "another body on /plaintext: 'Hello, Moon!'"),
    ],
)
def test_a_wrong_answer_is_no_answer(said: tuple[int, bytes], reason: str) -> None:
    with server(lambda _: said) as port:
        answer = first_answer(replace(ASKED, port=port, timeout_seconds=0.2))
    assert answer == Missing(f"no good answer within 0.2 s: {reason}")


def test_a_part_of_the_body_is_looked_for() -> None:
    wanted = replace(ASKED, request=Request("GET", "/nextid", check=Check(contains='"id"')), timeout_seconds=0.2)
    with server(lambda _: (200, b'{"id":"1"}')) as port:
        assert isinstance(first_answer(replace(wanted, port=port)), FirstAnswer)
    with server(lambda _: (200, b"{}")) as port:
        assert isinstance(first_answer(replace(wanted, port=port)), Missing)


def test_the_request_is_sent_whole_and_judged_by_its_own_status() -> None:
    request = Request("POST", "/calculate", {"X-Asked": "yes"}, '{"n":1}', check=Check(201, '{"prime":2}'))
    answers = {'/calculate yes {"n":1}': (201, b'{"prime":2}')}
    with server(lambda sent: answers.get(sent, (404, b""))) as port:
        answer = first_answer(replace(ASKED, port=port, request=request))
    assert isinstance(answer, FirstAnswer)
    assert answer.info == Missing("status 404 on /lab/info")


def test_the_readiness_path_is_asked_before_the_request() -> None:
    asked: list[str] = []

    def warming(path: str) -> tuple[int, bytes]:
        asked.append(path)
        return (503 if asked.count("/ready") < 3 else 204, b"") if path == "/ready" else hello(path)

    with server(warming) as port:
        answer = first_answer(replace(ASKED, port=port, ready_path="/ready"))
    assert isinstance(answer, FirstAnswer)
    assert asked == ["/ready", "/ready", "/ready", "/plaintext", "/lab/info"]


def test_a_readiness_path_that_fails_is_named() -> None:
    with server(hello) as port:
        answer = first_answer(replace(ASKED, port=port, ready_path="/nowhere", timeout_seconds=0.2))
    assert answer == Missing("no good answer within 0.2 s: status 404 on /nowhere")


@pytest.mark.parametrize(
    ("info", "reason"),
    [
        ((404, b""), "status 404 on /lab/info"),
        ((200, b"no json"), "no JSON object at /lab/info"),
        ((200, b"[1]"), "no JSON object at /lab/info"),
    ],
)
def test_a_server_without_info_says_so(info: tuple[int, bytes], reason: str) -> None:
    with server(lambda path: info if path == "/lab/info" else hello(path)) as port:
        answer = first_answer(replace(ASKED, port=port))
    assert isinstance(answer, FirstAnswer)
    assert answer.info == Missing(reason)


def test_a_name_that_never_comes() -> None:
    answer = first_answer(replace(ASKED, host="no-such-host.invalid", timeout_seconds=0.2))
    assert answer == Missing("no good answer within 0.2 s: the name no-such-host.invalid was never known")


def test_a_port_where_nobody_listens() -> None:
    answer = first_answer(replace(ASKED, port=free_port(), timeout_seconds=0.1))
    assert isinstance(answer, Missing)
    assert "ConnectionRefusedError" in answer.reason


def test_a_silent_server_does_not_hold_us_beyond_the_time() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        begun = time.monotonic()
        answer = first_answer(replace(ASKED, port=listening.getsockname()[1], timeout_seconds=0.3))
    assert isinstance(answer, Missing)
    assert time.monotonic() - begun < 1.0


def test_waiting_is_bounded_and_old_answers_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expect, "WAITING_MAX", 1)
    monkeypatch.setattr(expect, "TICKETS_MAX", 2)
    tickets, quick = Tickets(), replace(ASKED, port=free_port(), timeout_seconds=0.02)
    names = []
    for _ in range(3):
        names.append(tickets.open(quick))
        with pytest.raises(TooManyTickets):
            tickets.open(quick)
        while tickets.answer(names[-1]) is None:
            time.sleep(0.005)
    with pytest.raises(KeyError):
        tickets.answer(names[0])
    assert isinstance(tickets.answer(names[2]), Missing)


def _answer(query: int, *records: bytes) -> bytes:
    asked = question(query, "go-fasthttp")
    return asked[:2] + struct.pack(">5H", 0x8180, 1, len(records), 0, 0) + asked[12:] + b"".join(records)


A = b"\xc0\x0c" + struct.pack(">2HIH", 1, 1, 600, 4) + bytes([172, 18, 0, 3])
CNAME = b"\x01a\x00" + struct.pack(">2HIH", 5, 1, 600, 2) + b"\xc0\x0c"


def test_dns_question_is_as_the_rfc_has_it() -> None:
    assert (
        question(0xABCD, "a.bc") == b"\xab\xcd\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01a\x02bc\x00\x00\x01\x00\x01"
    )


@pytest.mark.parametrize(
    ("message", "found"),
    [
        (_answer(7, A), "172.18.0.3"),
        (_answer(7, CNAME, A), "172.18.0.3"),
        (_answer(7), None),
        (_answer(8, A), None),
        (_answer(7, A)[:-2], None),
        (b"", None),
    ],
)
def test_dns_answer(message: bytes, found: str | None) -> None:
    assert first_address(7, message) == found


def test_address_without_docker_asks_the_system(tmp_path: Path) -> None:
    assert Name("localhost", tmp_path / "absent").address() == "127.0.0.1"
    assert Name("10.1.2.3").address() == "10.1.2.3"


def test_a_name_server_that_hangs_does_not_hold_us(tmp_path: Path) -> None:
    """Docker passes an unknown name on and may be silent for seconds; once it knows the name, it answers at once."""
    (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.11\noptions ndots:0\n")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as dns:
        dns.bind(("127.0.0.1", 0))
        name = Name("go-fasthttp", tmp_path / "resolv.conf", server=f"127.0.0.1:{dns.getsockname()[1]}")
        begun = time.monotonic()
        assert name.address() is None
        assert time.monotonic() - begun < 0.5
        asked, caller = dns.recvfrom(512)
        number = struct.unpack_from(">H", asked)[0]
        dns.sendto(_answer(number), caller)
        dns.sendto(_answer(number, A), caller)
        assert name.address() == "172.18.0.3"
        name.close()
