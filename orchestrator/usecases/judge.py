"""``judge``: a stored Run under another Slo, from its stored latencies alone."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.domain.record import StoredRun
from orchestrator.domain.rejudged import Rejudged, rejudged
from orchestrator.domain.slo import Slo


@dataclass(frozen=True)
class JudgeReport:
    """Every Cell under the new Slo, and the Run it comes from."""

    run: StoredRun
    slo: Slo
    cells: tuple[Rejudged, ...]


def rejudge(stored: StoredRun, slo: Slo) -> JudgeReport:
    """Judges every stored Trial anew. No load, no engine."""
    return JudgeReport(stored, slo, tuple(rejudged(stored, cell, slo) for cell in stored.manifest.plan.cells))
