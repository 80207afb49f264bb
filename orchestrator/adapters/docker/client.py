"""The only door to the Docker Engine API: where it is, how its errors become ours.

The SDK is imported when the engine is first called: ``--help`` and everything read from disk do without it.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.errors import EngineLost, EngineUnavailable, EnvironmentNotFit

if TYPE_CHECKING:
    from docker import APIClient

#: No call of ours takes longer on an engine that lives; log streams have no such limit.
CALL_SECONDS_MAX = 60
DEFAULT_SOCKET = "unix:///var/run/docker.sock"


@dataclass(frozen=True)
class Endpoint:
    """Where the engine is and who said so (``from DOCKER_HOST: not set; context: default``)."""

    url: str
    origin: str

    @property
    def is_socket(self) -> bool:
        """A socket file of this machine."""
        return self.url.startswith("unix://")


def find_endpoint(environment: Mapping[str, str] = os.environ) -> Endpoint:
    """What the docker command would talk to: DOCKER_HOST, else DOCKER_CONTEXT, else the configured context."""
    host = environment.get("DOCKER_HOST")
    if host:
        return Endpoint(host, "from DOCKER_HOST")
    context = environment.get("DOCKER_CONTEXT") or _configured_context(environment)
    url = DEFAULT_SOCKET if context == "default" else _context_url(context)
    return Endpoint(url, f"from DOCKER_HOST: not set; context: {context}")


def _configured_context(environment: Mapping[str, str]) -> str:
    folder = Path(environment.get("DOCKER_CONFIG") or Path.home() / ".docker")
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "default"
    name = config.get("currentContext") if isinstance(config, dict) else None
    return name if isinstance(name, str) and name else "default"


def _context_url(name: str) -> str:
    from docker.context import ContextAPI
    from docker.errors import DockerException

    try:
        context = ContextAPI.get_context(name)
    except (DockerException, OSError, ValueError) as error:
        message = f"The Docker context {name!r} cannot be read: {error}"
        raise EngineUnavailable(message, hint="docker context ls") from error
    # None when there is no such context, whatever the SDK's types say.
    host = getattr(context, "Host", None)
    if not host:
        raise EngineUnavailable(f"There is no Docker context {name!r}.", hint="docker context ls")
    return str(host)


class EngineClient:
    """A lazy connection, shared by all adapters of one process."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._environment = environment
        self._lock = threading.Lock()
        self._api: APIClient | None = None
        self._endpoint: Endpoint | None = None

    @property
    def endpoint(self) -> Endpoint:
        """Where the engine is. Raises EngineUnavailable when the context does not exist."""
        if self._endpoint is None:
            self._endpoint = find_endpoint(self._environment)
        return self._endpoint

    @contextmanager
    def calls(self, doing: str) -> Iterator[APIClient]:
        """The API for one step, its failures as errors of the lab.

        Args:
            doing: the step in words (``start container x``), for the message.

        Raises EngineUnavailable (never answered), EngineLost (answered before), EnvironmentNotFit (the engine
        answered and refused). Expected refusals (404, 409) are caught by the caller, inside the block.
        """
        api = self._connect()
        from docker.errors import APIError, DockerException
        from requests.exceptions import RequestException
        from urllib3.exceptions import HTTPError

        try:
            yield api
        except APIError as error:
            raise EnvironmentNotFit(
                f"The engine could not {doing}: {error.explanation or error}",
                where=self.endpoint.url,
                hint="orchestrator doctor",
            ) from error
        except (DockerException, RequestException, HTTPError, ConnectionError, TimeoutError) as error:
            raise EngineLost(
                f"The engine at {self.endpoint.url} stopped answering (to {doing}): {_reason(error)}",
                where=self.endpoint.url,
                hint="what was finished is kept: orchestrator show latest; when the engine is back: orchestrator run",
            ) from error

    def close(self) -> None:
        """Closes its connections; the next call opens new ones."""
        with self._lock:
            if self._api is not None:
                self._api.close()
                self._api = None

    def _connect(self) -> APIClient:
        with self._lock:
            if self._api is not None:
                return self._api
            endpoint = self.endpoint
            if endpoint.is_socket and not Path(endpoint.url.removeprefix("unix://")).exists():
                # The commonest case by far, told without loading the SDK.
                raise unavailable(endpoint, FileNotFoundError(2, "there is no such socket"))
            import docker
            from docker.errors import DockerException

            try:
                # from_env also reads the TLS variables; the SDK asks the engine for its API version here.
                self._api = docker.from_env(
                    timeout=CALL_SECONDS_MAX, use_ssh_client=True, environment=dict(self._environment)
                ).api
            except (DockerException, OSError, ValueError) as error:
                raise unavailable(endpoint, error) from error
            return self._api


def unavailable(endpoint: Endpoint, error: BaseException) -> EngineUnavailable:
    """No engine answers: where it was looked for and what to do, by what was seen."""
    reason = _reason(error)
    not_allowed = "your user is not in group docker; see docs/engine.md for what that means"
    if "PermissionError" in reason or "Permission denied" in reason:
        return EngineUnavailable(
            f"The Docker Engine at {endpoint.url} may not be used by this user ({endpoint.origin}).",
            where=endpoint.url,
            hint=f"not allowed?     {not_allowed}",
        )
    return EngineUnavailable(
        f"No Docker Engine answers at {endpoint.url} ({endpoint.origin}).",
        where=endpoint.url,
        hint="\n".join(
            (
                "not installed?   make engine          (installs your distribution's packages, says what first)",
                "not running?     sudo systemctl start docker",
                f"not allowed?     {not_allowed}",
            )
        ),
        detail=(reason,),
    )


def _reason(error: BaseException) -> str:
    """The SDK wraps the cause several times over; the innermost says what happened."""
    seen = error
    while seen.__cause__ is not None or seen.__context__ is not None:
        seen = seen.__cause__ or seen.__context__ or seen
    return f"{type(seen).__name__}: {seen}"
