"""A duet: two servers at once on the same CPUs, so that what the host does to the one it does to the other (ADR 17)."""

from __future__ import annotations

from dataclasses import replace

from orchestrator.domain.footprint import measure_image
from orchestrator.domain.outcome import COMPLETED, Gate, Outcome, Status
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
        seen: tuple[Seen, ...]
        if isinstance(one, Seen) or isinstance(other, Seen):
            boxes = zip((one, other), halves, strict=True)
            seen = tuple(box if isinstance(box, Seen) else _nothing(setting) for box, (_, setting) in boxes)
        else:
            parties = tuple(
                Party(box, load_spec(trial, setting), setting)
                for box, (trial, setting) in zip((one, other), halves, strict=True)
            )
            seen = warm_and_windows(lab, parties)
        seconds = lab.clock.monotonic() - begin
        mine, others = seen
        return (
            record_of(*first, _beside(mine, others), started_at, seconds),
            record_of(*second, _beside(others, mine), started_at, seconds),
        )


def _nothing(setting: Setting) -> Seen:
    """Its container stood, and no window was opened in it."""
    return Seen(COMPLETED, measure_image(setting.image))


def _beside(mine: Seen, other: Seen) -> Seen:
    """Without its partner there is no duet: a window beside one that failed, or never opened, is of one alone."""
    if mine.outcome != COMPLETED or other.outcome == COMPLETED:
        return mine
    return replace(mine, outcome=Outcome(Status.VOID, Gate.PARTNER, f"its partner: {other.outcome.reason}"))
