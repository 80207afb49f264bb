"""Whatever NAME in ``show NAME`` means: an instance type, a Server, a Run, or a Trial or job of some Run."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.domain.batch_record import JobRecord, StoredBatch
from orchestrator.domain.config import did_you_mean
from orchestrator.domain.instance_type import InstanceType
from orchestrator.domain.measurement import Missing
from orchestrator.domain.record import StoredRun, TrialRecord
from orchestrator.domain.server import Server
from orchestrator.domain.variant import MARK, find_server
from orchestrator.errors import ConfigError, EngineLost, EnvironmentNotFit, Mistake, RecordDamaged
from orchestrator.ports import Catalog, Lab, RunStore

AnyRun = StoredRun | StoredBatch


@dataclass(frozen=True)
class FoundJob:
    """One job, and the batch Run it belongs to."""

    run: StoredBatch
    record: JobRecord


Found = InstanceType | Server | AnyRun | tuple[StoredRun, TrialRecord] | FoundJob


def find(name: str, catalog: Catalog, store: RunStore) -> Found:
    """Instance types have a slash, Trials dots, Servers, their Variants and Runs neither.

    Raises ConfigError, RecordDamaged.
    """
    if "/" in name:
        return _size(name, catalog, store)
    if "." in name:
        return _trial(name, store)
    try:
        server = find_server(name, catalog.servers())
    except ValueError as error:
        raise ConfigError((Mistake(name, str(error), f"orchestrator show {name.partition(MARK)[0]}"),)) from error
    return server or _run(name, catalog, store)


def _run(name: str, catalog: Catalog, store: RunStore) -> AnyRun:
    """A part of a Run's name may be a word that something else is called by: the Run comes first."""
    try:
        return store.read(name)
    except RecordDamaged:
        workloads = {one.name for one in catalog.workloads()} | {one.name for one in catalog.batch_workloads()}
        scenarios = {one.name for one in catalog.scenarios()}
        for kind, names, hint in (
            ("workload", workloads, "orchestrator list workloads"),
            ("scenario", scenarios, "orchestrator list scenarios"),
        ):
            if name in names:
                message = f"{name} is a {kind}, and no run is called so"
                raise ConfigError((Mistake("show", message, hint),)) from None
        raise


def sizes_of(stored: StoredRun, catalog: Catalog) -> dict[str, InstanceType]:
    """Instance types by id: as this Run measured them, the user's own among them, then those of the catalog."""
    return {one.id: one for one in (*catalog.instance_types(), *stored.manifest.instance_types)}


def pages(lab: Lab) -> dict[str, str]:
    """Where the lab can be watched now; empty when it cannot: what was measured is shown all the same."""
    if lab.simulated:
        return {}
    try:
        status = lab.bench.status()
    except (EngineLost, EnvironmentNotFit):
        return {}
    return dict(status.urls) if status else {}


def every_run(store: RunStore) -> tuple[tuple[str, AnyRun | Missing], ...]:
    """All Runs, newest first; Missing where one cannot be read."""
    return tuple((name, _read(name, store)) for name in store.runs())


def _read(name: str, store: RunStore) -> AnyRun | Missing:
    try:
        return store.read(name)
    except RecordDamaged as error:
        return Missing(error.message)


def _size(name: str, catalog: Catalog, store: RunStore) -> InstanceType:
    """From the catalog, else as the newest Run that knows it has it: sizes of the user's own are written there."""
    known = {one.id: one for one in catalog.instance_types()}
    if name in known:
        return known[name]
    for run in store.runs():
        stored = _read(run, store)
        if not isinstance(stored, Missing):
            known |= {one.id: one for one in stored.manifest.instance_types}
        if name in known:
            return known[name]
    message = f"instance {name[:80]!r} is neither in the catalog nor in a run{did_you_mean(name, known)}"
    raise ConfigError((Mistake("show", message, "orchestrator list instances"),))


def _trial(name: str, store: RunStore) -> tuple[StoredRun, TrialRecord] | FoundJob:
    """``RUN.TRIAL``, or TRIAL alone: then of the newest Run that has it. A batch Run has jobs in their place."""
    for run in store.runs():
        stored = _read(run, store)
        if isinstance(stored, Missing):
            continue
        if isinstance(stored, StoredBatch):
            for job in stored.jobs:
                if name in (job.job, f"{run}.{job.job}"):
                    return FoundJob(stored, job)
            continue
        for record in stored.trials:
            if name in (record.trial, f"{run}.{record.trial}"):
                return stored, record
    message = f"no run has a trial {name[:120]!r}"
    raise ConfigError((Mistake("show", message, "the trials of the newest run: orchestrator show latest"),))
