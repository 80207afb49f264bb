"""A duet: two servers at once on the same CPUs, so that what the host does to the one it does to the other (ADR 17)."""

from __future__ import annotations

from orchestrator.domain.outcome import Gate, Outcome, Status
from orchestrator.domain.plan import Trial
from orchestrator.domain.record import TrialRecord
from orchestrator.ports import Lab
from orchestrator.usecases.setting import Setting, load_spec
from orchestrator.usecases.trial import Seen, opened, record_of, warm_and_windows
from orchestrator.usecases.under_load import Party

Half = tuple[Trial, Setting]


def run_duet(lab: Lab, first: Half, second: Half) -> tuple[TrialRecord, TrialRecord]:
    """One window of each, at the same time, in containers of their own. Raises EngineLost, Interrupted."""
    started_at, begin = lab.clock.now(), lab.clock.monotonic()
    halves = (first, second)
    with (
        opened(lab, first[0].id, first[0].cell, first[1]) as one,
        opened(lab, second[0].id, second[0].cell, second[1]) as other,
    ):
        if isinstance(one, Seen) or isinstance(other, Seen):
            seen: tuple[Seen, ...] = (_alone(one, other), _alone(other, one))
        else:
            parties = tuple(
                Party(box, load_spec(trial, setting), setting)
                for box, (trial, setting) in zip((one, other), halves, strict=True)
            )
            seen = warm_and_windows(lab, parties)
        seconds = lab.clock.monotonic() - begin
        made = [record_of(*half, what, started_at, seconds) for half, what in zip(halves, seen, strict=True)]
        return made[0], made[1]


def _alone(mine: object, other: object) -> Seen:
    """Without its partner there is no duet."""
    if isinstance(mine, Seen):
        return mine
    why = other.outcome.reason if isinstance(other, Seen) else ""
    return Seen(Outcome(Status.VOID, Gate.PARTNER, f"its partner never stood: {why}"), ())
