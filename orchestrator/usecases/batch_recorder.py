"""Every job of a batch Run on its way to disk: announced, written down the moment it ends, told."""

from __future__ import annotations

from orchestrator.domain.batch import Job
from orchestrator.domain.batch_record import BatchManifest, JobRecord
from orchestrator.domain.outcome import Status
from orchestrator.domain.units import show_bytes, show_seconds
from orchestrator.ports import Journal, Lab
from orchestrator.usecases.recorder import Ledger, figures


class JobRecorder(Ledger):
    """One open batch Run."""

    def __init__(self, lab: Lab, journal: Journal, manifest: BatchManifest, expected: int) -> None:
        super().__init__(lab, journal, manifest.run, expected)
        self.manifest = manifest

    def begin(self, job: Job) -> None:
        """Before a job."""
        self.announce(f"{job.cell.program} on {job.cell.instance_type}, {job.cell.label}")
        self.event("job_started", job.id)

    def end(self, record: JobRecord) -> JobRecord:
        """After it: on disk, then told."""
        self.journal.job(record)
        cell = record.cell
        block = f"  block {record.block}" if self.manifest.plan.blocks.most > 1 else ""
        self.tell(f"{cell.program}  {cell.instance_type}{block}  {cell.label}  {describe_job(record)}")
        return record


def describe_job(record: JobRecord) -> str:
    """One job in a line: wall, CPU, peak memory; or why there are none."""
    if record.outcome.status != Status.COMPLETED:
        return f"{record.outcome.status}: {record.outcome.reason}"
    rows = (
        ("job_wall_seconds", "wall", show_seconds),
        ("job_cpu_seconds", "CPU", show_seconds),
        ("memory_bytes_peak", "memory peak", show_bytes),
    )
    return "  ".join(figures(record.measurements, rows))
