"""What callers may send, checked: every mistake is one sentence."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from orchestrator.adapters.cgroup.wire import limits_from_json
from orchestrator.domain.box import ANNOUNCED_MOST, Ended, Tags
from orchestrator.domain.limits import Limits
from orchestrator.domain.request import Check, Request
from orchestrator.observer.expect import Expectation

HEADER_MAX = 8_000
#: What a request may have for a body (adapters.files.fields).
BODY_MAX = 64 * 2**10
TIMEOUT_SECONDS_MAX = 600.0
_CONTAINER = re.compile(r"[0-9a-f]{64}")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9])?")
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")


class Refused(Exception):
    """What was sent cannot be used, and why."""


def container(text: str) -> str:
    """A full container id."""
    if not _CONTAINER.fullmatch(text):
        raise Refused("a container is named by its full id: 64 hexadecimal digits")
    return text


def tags(data: Mapping[str, Any]) -> Tags:
    """All six, each a text."""
    given = _object(data, "tags")
    made = Tags(**{name: _text(given, name, most=200) for name in Tags.__dataclass_fields__})
    if made.role not in ("server", "generator", "sidecar", "job"):
        raise Refused("tags.role is 'server', 'generator', 'sidecar' or 'job'")
    return made


def limits(data: Mapping[str, Any]) -> Limits | None:
    """What was asked of the kernel; null where nothing was."""
    if data.get("limits") is None:
        return None
    try:
        return limits_from_json(_object(data, "limits"))
    except (KeyError, TypeError, ValueError) as error:
        raise Refused(f"limits: {type(error).__name__} {error}") from error


def usd_per_hour(data: Mapping[str, Any]) -> float | None:
    """null where no price is known."""
    return None if data.get("usd_per_hour") is None else _number(data, "usd_per_hour", 0, 10_000)


def announcement(data: Mapping[str, Any]) -> str:
    """One line of text."""
    return _text(data, "text", most=ANNOUNCED_MOST)


def ended(data: Mapping[str, Any]) -> Ended | None:
    """The window that has just ended; null where none did."""
    if data.get("ended") is None:
        return None
    given = _object(data, "ended")
    numbers = ("rate_per_second", "latency_seconds_p99")
    texts: dict[str, Any] = {
        name: _text(given, name, most=ANNOUNCED_MOST) for name in Ended.__dataclass_fields__ if name not in numbers
    }
    known: dict[str, Any] = {
        name: None if given.get(name) is None else _number(given, name, 0, 1e12) for name in numbers
    }
    return Ended(**texts, **known)


def expectation(data: Mapping[str, Any]) -> Expectation:
    """Whom to ask for what."""
    host = _text(data, "host", most=253)
    if not _HOST.fullmatch(host) or not all(0 < len(label) < 64 for label in host.split(".")):
        raise Refused(f"host is no host name: {host[:60]!r}")
    return Expectation(
        host=host,
        port=int(_number(data, "port", 1, 65_535)),
        request=_request(_object(data, "request")),
        info_path=_path(data, "info_path"),
        timeout_seconds=_number(data, "timeout_seconds", 0.001, TIMEOUT_SECONDS_MAX),
        ready_path=_path(data, "ready_path") if data.get("ready_path") else "",
    )


def _request(data: Mapping[str, Any]) -> Request:
    method = _text(data, "method", most=10)
    if method not in _METHODS:
        raise Refused(f"method is one of {', '.join(_METHODS)}")
    headers, check = _object(data, "headers"), _object(data, "check")
    if not all(_HEADER.fullmatch(name) for name in headers):
        raise Refused("a name among headers is no token")
    return Request(
        method=method,
        path=_path(data, "path"),
        headers={name: _text(headers, name, most=HEADER_MAX) for name in headers},
        body=_text(data, "body", most=BODY_MAX, lines=True),
        check=Check(
            int(_number(check, "status", 100, 599)),
            _text(check, "body", most=BODY_MAX, lines=True),
            _text(check, "contains", most=BODY_MAX, lines=True),
        ),
    )


def _object(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = data.get(name)
    if not isinstance(value, dict):
        raise Refused(f"{name} is an object")
    return value


def _text(data: Mapping[str, Any], name: str, *, most: int, lines: bool = False) -> str:
    value = data.get(name)
    if not isinstance(value, str):
        raise Refused(f"{name} is a text")
    if len(value) > most:
        raise Refused(f"{name} is longer than {most} characters")
    if not lines and not value.isprintable():
        raise Refused(f"{name} holds characters that cannot be printed")
    return value


def _path(data: Mapping[str, Any], name: str) -> str:
    path = _text(data, name, most=2_000)
    if not path.startswith("/") or " " in path or not path.isascii():
        raise Refused(f"{name} starts with / and holds no blanks")
    return path


def _number(data: Mapping[str, Any], name: str, least: float, most: float) -> float:
    value = data.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Refused(f"{name} is a number")
    if not least <= value <= most:
        raise Refused(f"{name} is from {least:g} to {most:g}")
    return float(value)
