"""What a container says in its log while it works, and when: how a generator tells which phase it is in."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

from orchestrator.adapters.docker.client import EngineClient
from orchestrator.errors import LabError


class Listener:
    """Follows one container's standard error in a thread of its own. The log's end is the container's end.

    Args:
        word: the word that a line says, None for a line that says none. The first time of each is kept.
    """

    def __init__(self, client: EngineClient, container: str, word: Callable[[bytes], str | None]) -> None:
        self._client = client
        self._container = container
        self._word = word
        self._said: dict[str, float] = {}
        self._ended = False
        self._lost: LabError | None = None
        self._news = threading.Condition()
        threading.Thread(target=self._listen, name="log-listener", daemon=True).start()

    @property
    def ended(self) -> bool:
        """Whether the container has ended."""
        with self._news:
            return self._ended

    def said(self, word: str) -> float | None:
        """When it was heard, by the monotonic clock; None when it was not."""
        with self._news:
            return self._said.get(word)

    def wait_for(self, word: str, deadline: float) -> float | None:
        """When it was heard, waiting for it; None when the container ended without or the deadline passed.

        Raises EngineLost when the log was cut off by the engine: that is no end of the container.
        """
        with self._news:
            while word not in self._said and not self._ended:
                if (left := deadline - time.monotonic()) <= 0:
                    break
                self._news.wait(left)
            said = self._said.get(word)
        self.raise_lost()
        return said

    def wait_end(self, deadline: float) -> bool:
        """Whether the container ended before the deadline."""
        with self._news:
            while not self._ended and (left := deadline - time.monotonic()) > 0:
                self._news.wait(left)
            return self._ended

    def raise_lost(self) -> None:
        """Raises EngineLost when the log was cut off by the engine."""
        if self._lost is not None:
            raise self._lost

    def _listen(self) -> None:
        rest = b""
        try:
            for piece in self._pieces():
                *lines, rest = (rest + piece).split(b"\n")
                for line in lines:
                    self._hear(line)
        except LabError as error:
            self._lost = error
        finally:
            with self._news:
                self._ended = True
                self._news.notify_all()

    def _pieces(self) -> Iterator[bytes]:
        with self._client.calls("follow a container's log") as api:
            yield from api.logs(self._container, stdout=False, stderr=True, stream=True, follow=True)

    def _hear(self, line: bytes) -> None:
        at = time.monotonic()
        word = self._word(line)
        if word is not None:
            with self._news:
                self._said.setdefault(word, at)
                self._news.notify_all()
