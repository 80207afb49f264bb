"""The observer's answers, by method and path. Knows nothing of sockets.

PUT    /v1/watch/<container id>    {tags, limits or null, usd_per_hour or null}
DELETE /v1/watch/<container id>
GET    /v1/reading/<container id>  its counters now; the last ones when it is gone
GET    /v1/points/<container id>   {points: its seconds, oldest first, two minutes at most}
POST   /v1/expect                  {host, port, request, ready_path, info_path, timeout_seconds} -> {ticket}; request is
                                   {method, path, headers, body, check: {status, body, contains}}
GET    /v1/answer/<ticket>         {pending: true}, {at_unix_seconds, info or info_missing} or {missing: reason}
PUT    /v1/announce                {text, ended: the window that has just ended, or null}
GET    /v1/state                   everything the live page shows
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from orchestrator.adapters.cgroup.wire import to_json
from orchestrator.domain.measurement import Missing
from orchestrator.observer import asked
from orchestrator.observer.ended import EndedWindows
from orchestrator.observer.expect import TICKETS_MAX, WAITING_MAX, Tickets, TooManyTickets
from orchestrator.observer.rates import Rates
from orchestrator.observer.sampler import WATCHES_MAX, Sampler, TooManyWatches
from orchestrator.observer.state import state

Answer = tuple[int, dict[str, Any]]


@dataclass(frozen=True)
class Api:
    """One call in, status and JSON out."""

    sampler: Sampler
    tickets: Tickets
    rates: Rates
    ended: EndedWindows = field(default_factory=EndedWindows)

    def answer(self, method: str, path: str, data: dict[str, Any]) -> Answer:
        """Never raises for what a caller sent: that is a status of 400, 404, 405 or 409 with a reason."""
        root, name, rest = [*path.strip("/").split("/", 2), "", ""][:3]
        calls = _CALLS.get(name) if root == "v1" else None
        if calls is None:
            return 404, {"error": f"nothing is at {path[:80]}"}
        call = calls.get(method)
        if call is None:
            return 405, {"error": f"{path[:80]} takes {', '.join(calls)}"}
        try:
            return call(self, rest, data)
        except asked.Refused as refused:
            return 400, {"error": str(refused)}


def _watch(api: Api, rest: str, data: dict[str, Any]) -> Answer:
    container = asked.container(rest)
    try:
        watch = api.sampler.watch(container, asked.tags(data), asked.limits(data), asked.usd_per_hour(data))
    except TooManyWatches:
        return 409, {"error": f"{WATCHES_MAX} containers are watched already"}
    return 200, {"seen": watch.last is not None}


def _forget(api: Api, rest: str, _data: dict[str, Any]) -> Answer:
    return 200, {"known": api.sampler.forget(asked.container(rest))}


def _reading(api: Api, rest: str, _data: dict[str, Any]) -> Answer:
    container = asked.container(rest)
    try:
        reading = api.sampler.reading(container)
    except KeyError:
        return 404, {"error": f"container {container[:12]} is not watched"}
    if reading is None:
        return 404, {"error": f"container {container[:12]} has had no cgroup since it is watched: it never ran"}
    values: dict[str, Any] = to_json(reading)
    return 200, values


def _points(api: Api, rest: str, _data: dict[str, Any]) -> Answer:
    container = asked.container(rest)
    try:
        points = api.sampler.points(container)
    except KeyError:
        return 404, {"error": f"container {container[:12]} is not watched"}
    return 200, {"points": [to_json(one) for one in points]}


def _expect(api: Api, _rest: str, data: dict[str, Any]) -> Answer:
    try:
        return 200, {"ticket": api.tickets.open(asked.expectation(data))}
    except TooManyTickets:
        return 409, {"error": f"{WAITING_MAX} servers are waited for already"}


def _answer(api: Api, rest: str, _data: dict[str, Any]) -> Answer:
    try:
        answer = api.tickets.answer(rest)
    except KeyError:
        return 404, {"error": f"ticket {rest[:40]} is not known; only the last {TICKETS_MAX} are kept"}
    if answer is None:
        return 200, {"pending": True}
    if isinstance(answer, Missing):
        return 200, {"missing": answer.reason}
    said = {"info_missing": answer.info.reason} if isinstance(answer.info, Missing) else {"info": answer.info}
    return 200, {"at_unix_seconds": answer.at_unix_seconds, **said}


def _announce(api: Api, _rest: str, data: dict[str, Any]) -> Answer:
    text, ended = asked.announcement(data), asked.ended(data)
    api.sampler.announcement = text
    if ended is not None:
        api.ended.keep(ended)
    return 200, {}


def _state(api: Api, _rest: str, _data: dict[str, Any]) -> Answer:
    return 200, {**state(api.sampler, api.rates), "ended": api.ended.shown()}


_CALLS: dict[str, dict[str, Callable[[Api, str, dict[str, Any]], Answer]]] = {
    "watch": {"PUT": _watch, "DELETE": _forget},
    "reading": {"GET": _reading},
    "points": {"GET": _points},
    "expect": {"POST": _expect},
    "answer": {"GET": _answer},
    "announce": {"PUT": _announce},
    "state": {"GET": _state},
}
