"""Whatever NAME in ``show NAME`` means: an instance type, a Run, or a Trial of some Run."""

from __future__ import annotations

from orchestrator.domain.config import did_you_mean
from orchestrator.domain.instance_type import InstanceType
from orchestrator.domain.measurement import Missing
from orchestrator.domain.record import StoredRun, TrialRecord
from orchestrator.errors import ConfigError, Mistake, RecordDamaged
from orchestrator.ports import Catalog, RunStore

Found = InstanceType | StoredRun | tuple[StoredRun, TrialRecord]


def find(name: str, catalog: Catalog, store: RunStore) -> Found:
    """Instance types have a slash, Trials dots, Runs neither. Raises ConfigError, RecordDamaged."""
    if "/" in name:
        sizes = {one.id: one for one in catalog.instance_types()}
        if name in sizes:
            return sizes[name]
        message = f"instance {name[:80]!r} is not in the catalog{did_you_mean(name, sizes)}"
        raise ConfigError((Mistake("show", message, "orchestrator list instances"),))
    if "." in name:
        return _trial(name, store)
    return store.read(name)


def every_run(store: RunStore) -> tuple[tuple[str, StoredRun | Missing], ...]:
    """All Runs, newest first; Missing where one cannot be read."""
    return tuple((name, _read(name, store)) for name in store.runs())


def _read(name: str, store: RunStore) -> StoredRun | Missing:
    try:
        return store.read(name)
    except RecordDamaged as error:
        return Missing(error.message)


def _trial(name: str, store: RunStore) -> tuple[StoredRun, TrialRecord]:
    """``RUN.TRIAL``, or TRIAL alone: then of the newest Run that has it."""
    for run in store.runs():
        stored = _read(run, store)
        if isinstance(stored, Missing):
            continue
        for record in stored.trials:
            if name in (record.trial, f"{run}.{record.trial}"):
                return stored, record
    message = f"no run has a trial {name[:120]!r}"
    raise ConfigError((Mistake("show", message, "orchestrator show latest lists the trials of the newest run"),))
