"""RunStore and Journal: in memory."""

from __future__ import annotations

from dataclasses import dataclass, field

from orchestrator.domain.batch_record import BatchManifest, JobRecord, StoredBatch
from orchestrator.domain.record import Event, RunManifest, StoredRun, TrialRecord
from orchestrator.errors import RecordDamaged


@dataclass
class _Run:
    manifest: RunManifest | BatchManifest
    trials: list[TrialRecord] = field(default_factory=list)
    jobs: list[JobRecord] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)


class SimulatedJournal:
    """Appends to one Run."""

    def __init__(self, run: _Run) -> None:
        self._run = run

    def event(self, event: Event) -> None:
        self._run.events.append(event)

    def trial(self, record: TrialRecord) -> None:
        self._run.trials.append(record)

    def job(self, record: JobRecord) -> None:
        self._run.jobs.append(record)

    def close(self) -> None:
        """Nothing to close."""


class SimulatedStore:
    """Forgets everything with the process."""

    def __init__(self) -> None:
        self._runs: dict[str, _Run] = {}

    def open(self, manifest: RunManifest | BatchManifest) -> SimulatedJournal:
        self._runs[manifest.run] = _Run(manifest)
        return SimulatedJournal(self._runs[manifest.run])

    def read(self, run: str) -> StoredRun | StoredBatch:
        names = self.runs()[:1] if run == "latest" else tuple(name for name in self.runs() if run in name)
        if len(names) != 1:
            raise RecordDamaged(f"no run {run!r} is stored", hint="orchestrator list runs", where=run)
        found = self._runs[names[0]]
        if isinstance(found.manifest, BatchManifest):
            return StoredBatch(found.manifest, tuple(found.jobs), tuple(found.events))
        return StoredRun(found.manifest, tuple(found.trials), tuple(found.events))

    def runs(self) -> tuple[str, ...]:
        return tuple(sorted(self._runs, reverse=True))
