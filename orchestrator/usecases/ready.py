"""Waiting for a server: until its first good answer, and no longer than it lives."""

from __future__ import annotations

from orchestrator.domain.measurement import Missing
from orchestrator.domain.reading import FirstAnswer
from orchestrator.domain.request import Request
from orchestrator.domain.runtime import RUNTIME_PATH
from orchestrator.domain.server import Server
from orchestrator.domain.units import show_seconds
from orchestrator.domain.workload import Workload
from orchestrator.errors import ServerNotReady
from orchestrator.ports import Box, Lab

#: A server that has not answered by then never will: the largest cold start seen among peers is below a second.
READY_SECONDS = 20.0
INFO_PATH = "/lab/info"
#: To begin asking; an answer that is slow byte by byte takes up to 0.3 s more. k6 is silent for 1 s between warm-up and
#: window, and the opening reading must still fit in.
RUNTIME_SECONDS = 0.2
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


def runtime_page(lab: Lab, box: Box, server: Server, info: dict[str, str] | Missing) -> dict[str, str] | Missing:
    """What its runtime says of itself now, flat; Missing where it has no such page or is too busy to answer at once.

    Args:
        info: what it said of itself at its start: who has no such page is not asked for this one.

    Raises TrialFailed, BenchNotReady.
    """
    if isinstance(info, Missing):
        return Missing(f"not asked for: it has no {INFO_PATH} either")
    asked = Request("GET", RUNTIME_PATH)
    ticket = lab.meter.expect_answer(box.name, server.port, asked, RUNTIME_PATH, RUNTIME_SECONDS)
    while (answer := lab.meter.first_answer(ticket)) is None:
        lab.clock.sleep(0.005)
    return answer if isinstance(answer, Missing) else answer.info


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
