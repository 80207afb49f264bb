"""Waiting for a server's first good answer, to about a millisecond."""

from __future__ import annotations

import http.client
import json
import secrets
import threading
import time
from dataclasses import dataclass

from orchestrator.domain.measurement import Missing
from orchestrator.domain.reading import FirstAnswer
from orchestrator.domain.request import Request
from orchestrator.observer.resolve import Name

TICKETS_MAX = 256
WAITING_MAX = 32
CONNECT_SECONDS = 0.1
ANSWER_SECONDS = 5.0
ANSWER_BYTES = 64 * 1024
INFO_ENTRIES = 64
#: A name is asked for again while nobody answers at its address.
RESOLVE_SECONDS = 0.5


class TooManyTickets(Exception):
    """Too many servers are waited for at once."""


@dataclass(frozen=True)
class Expectation:
    """Whom to ask for what.

    Attributes:
        request: asked until it is answered well; its path is sent as it is.
        ready_path: must be answered with a 2xx before that; "" where nothing but the request is asked.
    """

    host: str
    port: int
    request: Request
    info_path: str
    timeout_seconds: float
    ready_path: str = ""


@dataclass
class Ticket:
    """``answer`` is None while it is still waited for."""

    answer: FirstAnswer | Missing | None = None


class Tickets:
    """All expectations, bounded in number; the oldest answered ones are dropped first."""

    def __init__(self) -> None:
        self._tickets: dict[str, Ticket] = {}
        self._lock = threading.Lock()

    def open(self, expectation: Expectation) -> str:
        """Starts asking in a thread of its own. Raises TooManyTickets."""
        name = secrets.token_hex(8)
        ticket = Ticket()
        with self._lock:
            waiting = sum(1 for one in self._tickets.values() if one.answer is None)
            if waiting >= WAITING_MAX:
                raise TooManyTickets
            for old in [key for key, one in self._tickets.items() if one.answer is not None]:
                if len(self._tickets) < TICKETS_MAX:
                    break
                del self._tickets[old]
            self._tickets[name] = ticket
        threading.Thread(target=_wait, args=(ticket, expectation), name=f"expect-{name}", daemon=True).start()
        return name

    def answer(self, name: str) -> FirstAnswer | Missing | None:
        """Raises KeyError for a ticket that is not known."""
        with self._lock:
            return self._tickets[name].answer


def _wait(ticket: Ticket, expectation: Expectation) -> None:
    ticket.answer = first_answer(expectation)


def first_answer(expectation: Expectation) -> FirstAnswer | Missing:
    """Asks until a good answer is complete; that instant, by the wall clock, is the answer's time."""
    name = Name(expectation.host)
    try:
        return _first_answer(expectation, name)
    finally:
        name.close()


def _first_answer(expectation: Expectation, name: Name) -> FirstAnswer | Missing:
    deadline = time.monotonic() + expectation.timeout_seconds
    known_since, resolved_at, ip = None, float("-inf"), None
    last: str | None = None
    ready = not expectation.ready_path
    while (at := time.monotonic()) < deadline:
        if ip is None or at - resolved_at > RESOLVE_SECONDS:
            ip, resolved_at = name.address(), at
        if ip is not None:
            known_since = known_since if known_since is not None else at
            asked = expectation.request if ready else Request("GET", expectation.ready_path)
            said = _ask(ip, expectation, asked, deadline - at)
            answered_at = time.time()
            if isinstance(said, str):
                # A request that the end of our time cut short says less than the one before it.
                last = said if last is None or time.monotonic() < deadline else last
            elif not ready:
                ready, last = said[0] // 100 == 2, f"status {said[0]} on {expectation.ready_path}"
                if ready:
                    continue
            elif (wrong := _wrong(asked, *said)) is None:
                path = expectation.info_path
                told = said if path == asked.path else _ask(ip, expectation, Request("GET", path), 2.0)
                return FirstAnswer(answered_at, _page(path, told))
            else:
                last = wrong
        time.sleep(_pause(time.monotonic() - known_since if known_since is not None else None))
    why = last or f"the name {expectation.host} was never known"
    return Missing(f"no good answer within {expectation.timeout_seconds:g} s: {why}")


def _pause(known_seconds: float | None) -> float:
    """Often at first, when a millisecond is much of a cold start; seldom later, when it is little."""
    if known_seconds is None or known_seconds < 0.2:
        return 0.001
    return 0.005 if known_seconds < 2 else 0.02


def _ask(ip: str, to: Expectation, request: Request, left_seconds: float) -> tuple[int, bytes] | str:
    """Status and body of one request, or why there is none."""
    connection = http.client.HTTPConnection(ip, to.port, timeout=min(CONNECT_SECONDS, max(left_seconds, 0.001)))
    own = {} if any(name.lower() == "host" for name in request.headers) else {"Host": f"{to.host}:{to.port}"}
    headers = {**own, **request.headers, "Connection": "close"}
    try:
        connection.connect()
        connection.sock.settimeout(min(ANSWER_SECONDS, max(left_seconds, 0.001)))
        connection.request(request.method, request.path, request.body.encode() or None, headers)
        answer = connection.getresponse()
        return answer.status, answer.read(ANSWER_BYTES)
    except (OSError, http.client.HTTPException) as error:
        return f"{type(error).__name__} {error}".strip()
    finally:
        connection.close()


def _wrong(asked: Request, status: int, body: bytes) -> str | None:
    text, check = body.decode("utf-8", "replace"), asked.check
    if status != check.status:
        return f"status {status} on {asked.path}"
    if check.body and text != check.body:
        return f"another body on {asked.path}: {text[:80]!r}"
    if check.contains not in text:
        return f"{check.contains!r} is not in the answer to {asked.path}: {text[:80]!r}"
    return None


def _page(path: str, said: tuple[int, bytes] | str) -> dict[str, str] | Missing:
    """What the server says of itself, flat; Missing where it has no such page."""
    if isinstance(said, str):
        return Missing(f"no answer to {path}: {said}")
    if said[0] != 200:
        return Missing(f"status {said[0]} on {path}")
    try:
        page = json.loads(said[1])
    except ValueError:
        page = None
    if not isinstance(page, dict):
        return Missing(f"no JSON object at {path}")
    return dict(list(_flat(page).items())[:INFO_ENTRIES])


def _flat(page: dict[str, object], prefix: str = "") -> dict[str, str]:
    """``{"gc": {"percent": 100}}`` -> {"gc.percent": "100"}."""
    flat: dict[str, str] = {}
    for key, value in page.items():
        if isinstance(value, dict):
            flat.update(_flat(value, f"{prefix}{key}."))
        else:
            flat[f"{prefix}{key}"] = value if isinstance(value, str) else json.dumps(value)
    return flat
