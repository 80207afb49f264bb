"""Where the engine is, and what is said when it is not there, not ours, or gone."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingUnixStreamServer

import pytest

from orchestrator.adapters.docker.client import Endpoint, EngineClient, find_endpoint, unavailable
from orchestrator.errors import EngineLost, EngineUnavailable, EnvironmentNotFit


class FakeEngine(BaseHTTPRequestHandler):
    """Answers /version, refuses what is named bad, and hangs up on the rest."""

    def do_GET(self) -> None:
        if self.path.endswith("/version"):
            self._say(200, {"ApiVersion": "1.45", "Version": "1"})
        elif "bad" in self.path:
            self._say(500, {"message": "no space left on device"})
        else:
            self.close_connection = True

    def _say(self, status: int, body: dict[str, str]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def address_string(self) -> str:
        return "unix"

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def fake_engine(tmp_path: Path) -> Iterator[EngineClient]:
    path = tmp_path / "engine.sock"
    with ThreadingUnixStreamServer(str(path), FakeEngine) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        client = EngineClient({"DOCKER_HOST": f"unix://{path}"})
        yield client
        client.close()
        server.shutdown()


def test_docker_host_wins() -> None:
    found = find_endpoint({"DOCKER_HOST": "ssh://far", "DOCKER_CONTEXT": "other"})
    assert found == Endpoint("ssh://far", "from DOCKER_HOST")
    assert not found.is_socket


def test_without_anything_it_is_the_default_socket(tmp_path: Path) -> None:
    found = find_endpoint({"DOCKER_CONFIG": str(tmp_path)})
    assert found == Endpoint("unix:///var/run/docker.sock", "from DOCKER_HOST: not set; context: default")
    assert found.is_socket


@pytest.mark.parametrize("text", ["{", "[]", '{"currentContext": 5}', "{}"])
def test_a_config_that_says_nothing_means_default(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text)
    assert find_endpoint({"DOCKER_CONFIG": str(tmp_path)}).origin.endswith("context: default")


def test_the_configured_context_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    meta = tmp_path / "contexts" / "meta" / hashlib.sha256(b"far").hexdigest()
    meta.mkdir(parents=True)
    endpoints = {"docker": {"Host": "ssh://far.example", "SkipTLSVerify": False}}
    (meta / "meta.json").write_text(json.dumps({"Name": "far", "Metadata": {}, "Endpoints": endpoints}))
    (tmp_path / "config.json").write_text('{"currentContext": "far"}')
    # The SDK finds contexts beside the configuration that the process's own environment names.
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.delenv("DOCKER_CONTEXT", raising=False)
    assert find_endpoint() == Endpoint("ssh://far.example", "from DOCKER_HOST: not set; context: far")


def test_a_context_that_is_not_there_is_named() -> None:
    with pytest.raises(EngineUnavailable, match="no Docker context 'nowhere'") as caught:
        find_endpoint({"DOCKER_CONTEXT": "nowhere"})
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("host", ["unix:///nowhere/docker.sock", "tcp://127.0.0.1:9", "nonsense"])
def test_no_engine_says_where_it_was_looked_for_and_what_to_do(host: str) -> None:
    with pytest.raises(EngineUnavailable) as caught, EngineClient({"DOCKER_HOST": host}).calls("anything"):
        pytest.fail("there is no engine")
    assert caught.value.message == f"No Docker Engine answers at {host} (from DOCKER_HOST)."
    assert [line.split("?")[0] for line in caught.value.hint.splitlines()] == [
        "not installed",
        "not running",
        "not allowed",
    ]


def test_an_engine_that_is_not_ours_to_use_says_so() -> None:
    error = unavailable(Endpoint("unix:///x", "from DOCKER_HOST"), PermissionError(13, os.strerror(13)))
    assert "may not be used by this user" in error.message
    assert "group docker" in error.hint
    assert "make engine" not in error.hint


def test_a_refusal_of_the_engine_carries_its_reason(fake_engine: EngineClient) -> None:
    reason = r"could not look at it: .*no space left"
    with pytest.raises(EnvironmentNotFit, match=reason) as caught, fake_engine.calls("look at it") as api:
        api.inspect_container("bad")
    assert not isinstance(caught.value, EngineUnavailable)


def test_an_engine_that_answered_before_is_lost(fake_engine: EngineClient) -> None:
    reason = r"stopped answering \(to look at it\)"
    with pytest.raises(EngineLost, match=reason) as caught, fake_engine.calls("look at it") as api:
        api.inspect_container("gone")
    assert caught.value.exit_code == 6
