"""From a batch Run to an Answer: apart from those of windows, since nothing of it is a rate."""

from __future__ import annotations

from collections.abc import Mapping

from orchestrator.cli.render.batch import batch_data, batch_view, batch_warnings
from orchestrator.cli.render.batch_record import job_view, stored_batch_view
from orchestrator.cli.render.json import plain, stored_run_facts
from orchestrator.cli.screen import Answer
from orchestrator.cli.verdicts import batch_exit_code
from orchestrator.domain.batch_record import BatchManifest, JobRecord, StoredBatch
from orchestrator.domain.batch_summary import job_pairs, job_rows


def batch_answer(stored: StoredBatch, urls: Mapping[str, str]) -> Answer:
    """A batch Run that just ended: rows, ratios, and what to doubt."""
    rows, pairs = job_rows(stored), job_pairs(stored)
    return Answer(
        lambda width: batch_view(stored, rows, pairs, urls, width),
        batch_data(stored, rows, pairs) | {"urls": dict(urls)},
        batch_exit_code(rows, pairs),
        batch_warnings(stored, rows, pairs),
    )


def stored_batch_answer(stored: StoredBatch) -> Answer:
    """A batch Run from disk: its facts, the same rows and ratios, then each job."""
    rows, pairs = job_rows(stored), job_pairs(stored)
    data = {
        **batch_data(stored, rows, pairs),
        "finished": plain(stored.finished),
        "manifest": plain(stored.manifest),
        "jobs": plain(stored.jobs),
        "events": plain(stored.events),
    }
    warnings = batch_warnings(stored, rows, pairs)
    return Answer(lambda width: stored_batch_view(stored, rows, pairs, width), data, warnings=warnings)


def job_answer(manifest: BatchManifest, record: JobRecord) -> Answer:
    """Everything one job said and what was counted of it."""
    data = {**stored_run_facts(manifest), "job": plain(record)}
    return Answer(lambda width: job_view(manifest, record, width), data)
