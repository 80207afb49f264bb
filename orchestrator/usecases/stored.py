"""Which kind of Run was read: a question about rates has no answer in a batch Run, and says so."""

from __future__ import annotations

from orchestrator.domain.batch_record import StoredBatch
from orchestrator.domain.record import StoredRun
from orchestrator.errors import ConfigError, Mistake


def windows_of(stored: StoredRun | StoredBatch, asker: str) -> StoredRun:
    """The Run, when it measured windows at rates.

    Args:
        asker: the command that needs them.

    Raises ConfigError for a batch Run.
    """
    if isinstance(stored, StoredRun):
        return stored
    run = stored.manifest.run
    message = f"{run} is a batch run: its jobs ran to their end, and it holds no rate to price or to judge"
    raise ConfigError((Mistake(asker, message, f"its figures: orchestrator show {run}"),))


def jobs_in(stored: StoredRun | StoredBatch) -> StoredBatch:
    """The batch Run that was just written."""
    assert isinstance(stored, StoredBatch), f"{stored.manifest.run} was written as a batch run"
    return stored
