"""A server that stops for a moment again and again, and what its users really waited, by the server's own record.

All requests that are due while it stops wait for its end. A generator that sends the next one only after the last was
answered sees one slow request for each connection, where its users saw hundreds.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from orchestrator.adapters.docker.containers import Containers, Order, ensure_network
from orchestrator.adapters.docker.labels import lab_labels
from orchestrator.adapters.docker.stack import DockerBox
from orchestrator.domain.limits import PERIOD_MICROSECONDS, Limits

PORT = 8080
BODY = "Hello, World!"
STALL_SECONDS = 0.2
EVERY_SECONDS = 5.0
_READY_SECONDS = 10.0
#: Answers at once, but for its stalls, and keeps when it answered each. Any other path tells them, as JSON.
SERVER = f"""
import asyncio, json, time
answered = []
class Stalling(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.rest = transport, b""
    def data_received(self, data):
        *requests, self.rest = (self.rest + data).split(b"\\r\\n\\r\\n")
        for request in requests:
            load = request.startswith(b"GET /plaintext ")
            body = b"{BODY}" if load else json.dumps(answered).encode()
            self.transport.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(body) + body)
            if load:
                answered.append(time.monotonic())
async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Stalling, "0.0.0.0", {PORT}, backlog=4096)
    while True:
        await asyncio.sleep({EVERY_SECONDS - STALL_SECONDS})
        time.sleep({STALL_SECONDS})
asyncio.run(main())
"""
_ASK = f"import urllib.request as u; print(u.urlopen('http://127.0.0.1:{PORT}/answered').read().decode())"


@contextmanager
def stalling_server(containers: Containers, image: str, cpus: tuple[int, ...]) -> Iterator[DockerBox]:
    """A fresh one that answers, removed when the block ends.

    Args:
        image: Python's.
    """
    name = f"{containers.lab}.stalling"
    order = Order(
        image=image,
        name=name,
        command=("python3", "-c", SERVER),
        labels=lab_labels(containers.lab, "server"),
        limits=Limits(cpus, len(cpus) * PERIOD_MICROSECONDS, PERIOD_MICROSECONDS, 512 * 2**20, 0, 64),
        network=ensure_network(containers.client, containers.lab),
    )
    container = containers.start(order)
    try:
        box = DockerBox(containers, container, name, time.time())
        _wait(containers, box)
        yield box
    finally:
        containers.remove(container)


def answered_at(containers: Containers, box: DockerBox) -> list[float]:
    """When it answered each request, by its own clock, seconds."""
    with containers.client.calls("ask a stalling server") as api:
        said = api.exec_start(api.exec_create(box.id, ["python3", "-c", _ASK])["Id"])
    return [float(at) for at in json.loads(said)]


def true_latencies(answered: Sequence[float], rate_per_second: int, requests: int) -> list[float]:
    """What users waited, in rising order: those whose requests were due at an even pace from the first on.

    The answers come in the order of the requests. The schedule began so that the answer that came soonest after its
    request was due came at once, which is true to a fraction of a millisecond.

    Args:
        answered: when each was answered; what came after the window's requests is left out.
    """
    ends = sorted(answered)[:requests]
    after = [end - number / rate_per_second for number, end in enumerate(ends)]
    begin = min(after)
    return sorted(one - begin for one in after)


def quantile(rising: Sequence[float], share: float) -> float:
    """By nearest rank."""
    return rising[max(0, math.ceil(share * len(rising)) - 1)]


def _wait(containers: Containers, box: DockerBox) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while True:
        try:
            answered_at(containers, box)
        except ValueError:  # what came was a traceback: it does not listen yet
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
