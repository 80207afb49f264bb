"""Words heard in a container's log, and the ways it can end."""

from __future__ import annotations

import queue
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import pytest

from orchestrator.adapters.docker.client import EngineClient
from orchestrator.adapters.docker.listener import Listener
from orchestrator.errors import EngineLost


class Client:
    """An engine whose one log is written by hand; None ends it, an empty piece breaks it off."""

    def __init__(self) -> None:
        self.pieces: queue.Queue[bytes | None] = queue.Queue()

    @contextmanager
    def calls(self, doing: str) -> Iterator[Any]:
        yield self

    def logs(self, container: str, **_: object) -> Iterator[bytes]:
        while (piece := self.pieces.get()) is not None:
            if not piece:
                raise EngineLost("gone")
            yield piece


def listener(client: Client) -> Listener:
    def word(line: bytes) -> str | None:
        return line.decode() if line.startswith(b"lab:") else None

    return Listener(cast(EngineClient, client), "c", word)


def soon() -> float:
    return time.monotonic() + 5.0


def test_a_word_is_heard_when_its_line_is_whole() -> None:
    client = Client()
    heard = listener(client)
    client.pieces.put(b"noise\nlab:st")
    assert heard.wait_for("lab:start", time.monotonic() + 0.05) is None and not heard.ended
    client.pieces.put(b"art\n")
    at = heard.wait_for("lab:start", soon())
    assert at is not None and abs(at - time.monotonic()) < 5.0
    assert heard.said("lab:start") == at and heard.said("lab:end") is None
    client.pieces.put(None)


def test_the_first_time_of_a_word_is_kept() -> None:
    client = Client()
    heard = listener(client)
    client.pieces.put(b"lab:a\n")
    first = heard.wait_for("lab:a", soon())
    client.pieces.put(b"lab:a\nlab:b\n")
    assert heard.wait_for("lab:b", soon()) is not None
    assert heard.said("lab:a") == first
    client.pieces.put(None)


def test_the_logs_end_is_the_containers_end() -> None:
    client = Client()
    heard = listener(client)
    assert not heard.wait_end(time.monotonic() + 0.05)
    client.pieces.put(None)
    assert heard.wait_end(soon()) and heard.ended
    assert heard.wait_for("lab:start", soon()) is None


def test_a_log_that_breaks_off_is_the_engines_loss_and_no_end() -> None:
    client = Client()
    heard = listener(client)
    client.pieces.put(b"")
    with pytest.raises(EngineLost):
        heard.wait_for("lab:start", soon())
    with pytest.raises(EngineLost):
        heard.raise_lost()
