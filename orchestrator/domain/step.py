"""A stored window as a search takes it."""

from __future__ import annotations

from orchestrator.domain.capacity import Step
from orchestrator.domain.gates import rig_limited
from orchestrator.domain.outcome import Failure, Status
from orchestrator.domain.record import TrialRecord
from orchestrator.domain.slo import Slo
from orchestrator.domain.verdict import judge, slowness


def step_of(slo: Slo, record: TrialRecord) -> Step:
    """Judged, with how slow it was, and whether the generator was at its end."""
    return Step(
        record.rate_per_second,
        judge(slo, record),
        slowness(slo, record),
        record.phase,
        rig_limited(record.outcome),
        void=record.outcome.status == Status.VOID,
        started=record.outcome.kind != Failure.NOT_READY,
    )
