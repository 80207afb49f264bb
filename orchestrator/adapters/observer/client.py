"""The observer over HTTP: ports.Meter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import cached_property
from typing import Any

import requests
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_fixed

from orchestrator.adapters.cgroup.wire import point_from_json, reading_from_json, to_json
from orchestrator.domain.box import Ended, Tags
from orchestrator.domain.limits import Limits
from orchestrator.domain.measurement import Missing
from orchestrator.domain.reading import FirstAnswer, Point, Reading
from orchestrator.domain.request import Request
from orchestrator.errors import BenchNotReady, TrialFailed

TIMEOUT_SECONDS = (2.0, 5.0)


class _Unanswered(Exception):
    """No answer at all; asking again is safe for a GET."""


class ObserverMeter:
    """Every call raises BenchNotReady when the observer does not answer, or not as this version expects.

    Args:
        find: where it listens, such as ``http://127.0.0.1:9464``; asked once, at the first call, since the bench may
            be started after this is built.
    """

    def __init__(self, find: Callable[[], str]) -> None:
        self._find = find
        self._session = requests.Session()
        self._session.trust_env = False  # loopback: never through a proxy

    @cached_property
    def _url(self) -> str:
        return self._find().rstrip("/")

    def watch(self, box_id: str, tags: Tags, limits: Limits | None, usd_per_hour: float | None) -> None:
        body = {"tags": asdict(tags), "limits": to_json(limits), "usd_per_hour": usd_per_hour}
        self._expect_ok("PUT", f"/v1/watch/{box_id}", body)

    def forget(self, box_id: str) -> None:
        self._expect_ok("DELETE", f"/v1/watch/{box_id}", None)

    def announce(self, text: str, ended: Ended | None = None) -> None:
        body = {"text": text, "ended": None if ended is None else asdict(ended)}
        self._expect_ok("PUT", "/v1/announce", body)

    def reading(self, box_id: str) -> Reading:
        """Raises TrialFailed when the container was never seen to run."""
        status, data = self._get(f"/v1/reading/{box_id}")
        if status == 404:
            raise TrialFailed(str(data.get("error")), where=self._url)
        try:
            return reading_from_json(self._checked("/v1/reading", status, data))
        except (KeyError, TypeError, ValueError) as error:
            raise self._stranger("/v1/reading", f"{type(error).__name__} {error}") from error

    def points(self, box_id: str) -> tuple[Point, ...]:
        """Empty when it is not watched."""
        status, data = self._get(f"/v1/points/{box_id}")
        if status == 404:
            return ()
        try:
            return tuple(point_from_json(one) for one in self._checked("/v1/points", status, data)["points"])
        except (KeyError, TypeError, ValueError) as error:
            raise self._stranger("/v1/points", f"{type(error).__name__} {error}") from error

    def expect_answer(
        self, host: str, port: int, request: Request, info_path: str, timeout_seconds: float, ready_path: str = ""
    ) -> str:
        body = {
            "host": host,
            "port": port,
            "request": {**asdict(request), "path": request.example_path},
            "ready_path": ready_path,
            "info_path": info_path,
            "timeout_seconds": timeout_seconds,
        }
        return str(self._expect_ok("POST", "/v1/expect", body)["ticket"])

    def first_answer(self, ticket: str) -> FirstAnswer | Missing | None:
        status, data = self._get(f"/v1/answer/{ticket}")
        if status == 404:  # the observer was started anew and knows nothing of it
            raise TrialFailed(f"the observer was started anew: {data.get('error')}", where=self._url)
        said = self._checked("/v1/answer", status, data)
        if "pending" in said:
            return None
        if "missing" in said:
            return Missing(str(said["missing"]))
        at = float(said["at_unix_seconds"])
        if "info_missing" in said:
            return FirstAnswer(at, Missing(str(said["info_missing"])))
        return FirstAnswer(at, {str(key): str(one) for key, one in said["info"].items()})

    def _expect_ok(self, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        try:
            status, data = self._send(method, path, body)
        except _Unanswered as error:
            raise self._silent(error) from error
        return self._checked(path, status, data)

    def _get(self, path: str) -> tuple[int, dict[str, Any]]:
        again = retry(
            retry=retry_if_exception_type(_Unanswered), stop=stop_after_attempt(3), wait=wait_fixed(0.1), reraise=True
        )
        try:
            return again(self._send)("GET", path, None)
        except _Unanswered as error:
            raise self._silent(error) from error

    def _send(self, method: str, path: str, body: dict[str, Any] | None) -> tuple[int, dict[str, Any]]:
        try:
            answer = self._session.request(method, self._url + path, json=body, timeout=TIMEOUT_SECONDS)
        except requests.RequestException as error:
            raise _Unanswered(str(error)) from error
        try:
            data = answer.json()
        except requests.JSONDecodeError:
            data = None
        if not isinstance(data, dict):
            raise self._stranger(path, f"status {answer.status_code}, no JSON object")
        return answer.status_code, data

    def _checked(self, path: str, status: int, data: dict[str, Any]) -> dict[str, Any]:
        if status != 200:
            raise self._stranger(path, f"status {status}, {data.get('error', 'no reason given')}")
        return data

    def _silent(self, error: _Unanswered) -> BenchNotReady:
        return BenchNotReady(
            "The observer does not answer.", where=self._url, hint="orchestrator up", detail=(str(error),)
        )

    def _stranger(self, path: str, what: str) -> BenchNotReady:
        return BenchNotReady(
            f"The observer's answer to {path} is not one this version understands: {what}.",
            where=self._url,
            hint="orchestrator down, then orchestrator up: it may be of another version",
        )
