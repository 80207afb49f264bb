"""RunStore and Journal: Runs are read back as they were written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.adapters.simulated.store import SimulatedStore
from orchestrator.adapters.store.journal import FileRunStore
from orchestrator.domain.measurement import Missing
from orchestrator.domain.record import StoredRun
from orchestrator.errors import RecordDamaged
from orchestrator.ports import Journal, RunStore
from tests.unit import batch_samples
from tests.unit.adapters.store.samples import EVENT, MANIFEST, RUN, TRIAL

PORTS = (RunStore, Journal)
LATER = "2026-11-22-0900-brave-fox"


@pytest.fixture(params=["simulated", "files"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> RunStore:
    return SimulatedStore() if request.param == "simulated" else FileRunStore(tmp_path)


def test_what_was_written_is_read_back_in_order(store: RunStore) -> None:
    journal = store.open(MANIFEST)
    journal.event(EVENT)
    journal.trial(TRIAL)
    journal.trial(replace(TRIAL, attempt=2))
    journal.event(replace(EVENT, event="run_finished"))
    journal.close()
    stored = store.read(RUN)
    assert stored == StoredRun(
        MANIFEST, (TRIAL, replace(TRIAL, attempt=2)), (EVENT, replace(EVENT, event="run_finished"))
    )
    assert stored.finished is True


def test_a_batch_run_is_read_back_as_it_was_written(store: RunStore) -> None:
    record = batch_samples.record(batch_samples.CELL, 1, 2.0)
    failed = replace(record, said=Missing("it printed nothing"), effective=Missing("not seen"), log_tail=("a line",))
    batch = batch_samples.stored(record, failed)
    journal = store.open(batch.manifest)
    for one in batch.jobs:
        journal.job(one)
    journal.event(EVENT)
    journal.close()
    assert store.read(batch.manifest.run) == replace(batch, events=(EVENT,))


def test_every_line_is_there_before_the_run_is_closed(store: RunStore) -> None:
    journal = store.open(MANIFEST)
    assert store.read(RUN).trials == ()
    journal.trial(TRIAL)
    assert store.read(RUN).trials == (TRIAL,)
    assert isinstance(store.read(RUN).finished, Missing)
    journal.close()
    journal.close()


def test_a_run_is_found_by_a_part_of_its_id_and_as_the_latest(store: RunStore) -> None:
    for run in (RUN, LATER):
        store.open(replace(MANIFEST, run=run)).close()
    assert store.runs() == (LATER, RUN)
    assert store.read("latest").manifest.run == LATER
    assert store.read("calm-otter").manifest.run == RUN


@pytest.mark.parametrize("name", ["latest", "nobody", "", "../x"])
def test_a_run_that_is_not_there_is_told(store: RunStore, name: str) -> None:
    assert store.runs() == ()
    with pytest.raises(RecordDamaged):
        store.read(name)


def test_a_part_that_fits_two_runs_is_refused(store: RunStore) -> None:
    for run in (RUN, LATER):
        store.open(replace(MANIFEST, run=run)).close()
    with pytest.raises(RecordDamaged):
        store.read("2026-11")
