"""Waiting for a server: until its first good answer, and no longer than it lives."""

from __future__ import annotations

from orchestrator.domain.measurement import Missing
from orchestrator.domain.reading import FirstAnswer
from orchestrator.domain.server import Server
from orchestrator.domain.units import show_seconds
from orchestrator.domain.workload import Workload
from orchestrator.errors import ServerNotReady
from orchestrator.ports import Box, Lab

#: A server that has not answered by then never will: the largest cold start seen among peers is below a second.
READY_SECONDS = 20.0
INFO_PATH = "/lab/info"
LOG_LINES = 20


def expect_answer(lab: Lab, host: str, server: Server, workload: Workload) -> str:
    """A ticket for the first good answer of a server."""
    ready = server.service.ready_path if server.service else ""
    return lab.meter.expect_answer(host, server.port, workload.first, INFO_PATH, READY_SECONDS, ready)


def wait_answer(lab: Lab, box: Box, ticket: str) -> FirstAnswer:
    """The first good answer; stops at once when the container died. Raises ServerNotReady with its last log lines."""
    while True:
        answer = lab.meter.first_answer(ticket)
        if isinstance(answer, FirstAnswer):
            return answer
        raise_exited(box)
        if isinstance(answer, Missing):
            raise _not_ready(box, f"gave no good answer within {show_seconds(READY_SECONDS)}: {answer.reason}")
        lab.clock.sleep(0.05)


def raise_exited(box: Box) -> None:
    """Raises ServerNotReady with its last log lines when the server runs no more."""
    state = box.state()
    if not state.running:
        raise _not_ready(box, f"exited with code {state.exit_code} before it answered")


def _not_ready(box: Box, why: str) -> ServerNotReady:
    return ServerNotReady(
        f"{box.name} {why}",
        hint="run its image by hand, and look at its log below",
        where=box.name,
        detail=box.log_tail(LOG_LINES),
    )
