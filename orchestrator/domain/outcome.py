"""How a Trial ended. Not how it is judged: that is a Verdict."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """completed: it has numbers. failed: the server could not do it, which is a result. void: the rig spoiled it."""

    COMPLETED = "completed"
    FAILED = "failed"
    VOID = "void"


class Failure(StrEnum):
    """Why a server failed a Trial, or a program its job; the last three are a job's alone."""

    NOT_READY = "not_ready"
    OOM = "oom"
    EXITED = "exited"
    TIMED_OUT = "timed_out"
    UNREADABLE = "unreadable_line"
    CHECKSUM = "wrong_checksum"


class Gate(StrEnum):
    """Why a Trial is void: each is a fault of the rig, never blamed on the server."""

    LIMITS = "limits"
    RATE = "rate"
    DROPPED = "dropped_iterations"
    POOL = "pool_too_small"
    GENERATOR_DIED = "generator_died"
    GENERATOR_BUSY = "generator_busy"
    GENERATOR_RESTARTED = "generator_restarted"
    WINDOW = "window_missed"
    OBSERVER = "observer_lost"
    SAMPLER = "sampler_gap"
    CLOCK = "clock_step"
    NEIGHBOUR = "neighbour"
    STEAL = "steal"
    SERVER_RESTARTED = "server_restarted"
    FALLBACK = "codec_fell_back"
    SIDECAR = "sidecar_lost"
    PARTNER = "partner_lost"
    NOT_STEADY = "no_steady_state"


@dataclass(frozen=True)
class Outcome:
    """Status, its kind (a Failure or a Gate; "" when completed) and the reason in words."""

    status: Status
    kind: str = ""
    reason: str = ""


COMPLETED = Outcome(Status.COMPLETED)
