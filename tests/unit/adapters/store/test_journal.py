from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.adapters.store.journal import FileRunStore
from orchestrator.domain.measurement import Missing
from orchestrator.domain.record import SCHEMA, Event, TrialRecord
from orchestrator.errors import EnvironmentNotFit, RecordDamaged
from tests.unit.adapters.store.samples import EVENT, MANIFEST, RUN, TRIAL


@pytest.fixture
def store(tmp_path: Path) -> FileRunStore:
    return FileRunStore(tmp_path / "runs")


def written(store: FileRunStore, *records: Event | TrialRecord, run: str = RUN) -> None:
    journal = store.open(replace(MANIFEST, run=run))
    for record in records:
        if isinstance(record, Event):
            journal.event(record)
        else:
            journal.trial(record)
    journal.close()


def test_what_was_written_is_read_back(store: FileRunStore) -> None:
    written(store, EVENT, TRIAL, Event("later", "run_finished"))
    found = store.read(RUN)
    assert found.manifest == MANIFEST
    assert found.trials == (TRIAL,)
    assert found.events == (EVENT, Event("later", "run_finished"))
    assert found.finished is True


def test_each_line_is_on_disk_before_the_work_goes_on(store: FileRunStore, tmp_path: Path) -> None:
    journal = store.open(MANIFEST)
    assert store.read(RUN).manifest == MANIFEST, "the manifest is there before the first Trial"
    path = tmp_path / "runs" / RUN / "journal.jsonl"
    for count in (1, 2, 3):
        journal.event(EVENT)
        lines = path.read_bytes().splitlines()
        assert len(lines) == count
        assert json.loads(lines[-1])["schema"] == SCHEMA
        assert json.loads(lines[-1])["type"] == "event"
    journal.close()
    journal.close()


def test_every_write_is_synced(store: FileRunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.fsync
    synced: list[int] = []

    def counted(descriptor: int) -> None:
        synced.append(descriptor)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", counted)
    journal = store.open(MANIFEST)
    at_start = len(synced)
    assert at_start >= 3, "manifest, its folder, the folder of runs"
    journal.trial(TRIAL)
    assert len(synced) == at_start + 1
    journal.close()


def test_a_full_disk_says_so_and_leaves_whole_lines(store: FileRunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = store.open(MANIFEST)
    journal.event(EVENT)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(EnvironmentNotFit, match="No space left on device"):
            journal.trial(TRIAL)
    journal.event(EVENT)
    assert store.read(RUN).events == (EVENT, EVENT)
    assert store.read(RUN).trials == ()
    journal.close()


def test_a_number_that_json_cannot_hold_is_refused(store: FileRunStore) -> None:
    journal = store.open(MANIFEST)
    with pytest.raises(ValueError, match="not JSON compliant"):
        journal.trial(replace(TRIAL, seconds=float("nan")))
    journal.event(EVENT)
    assert store.read(RUN).events == (EVENT,)
    journal.close()


@pytest.mark.parametrize("kept", [0, 1, 10, -1])
def test_a_line_that_was_being_written_never_counted(store: FileRunStore, tmp_path: Path, kept: int) -> None:
    written(store, EVENT, TRIAL)
    path = tmp_path / "runs" / RUN / "journal.jsonl"
    first, second = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + second[:kept])
    found = store.read(RUN)
    assert (found.events, found.trials) == ((EVENT,), ())
    assert isinstance(found.finished, Missing)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"{", "not JSON"),
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "no schema number"),
        (b'{"schema":true,"type":"event"}', "no schema number"),
        (b'{"schema":3,"type":"other"}', "type 'other' is not known"),
        (b'{"schema":3,"type":"event","at":5,"event":"x"}', "at:"),
        (b'{"schema":4,"type":"event","at":"","event":"x"}', "newer version"),
        (b'{"schema":1,"type":"event","at":"","event":"x"}', "older version"),
    ],
)
def test_a_broken_line_is_named(store: FileRunStore, tmp_path: Path, line: bytes, words: str) -> None:
    written(store, EVENT, EVENT)
    path = tmp_path / "runs" / RUN / "journal.jsonl"
    first, last = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + line + b"\n" + last)
    with pytest.raises(RecordDamaged, match="line of the journal") as caught:
        store.read(RUN)
    assert caught.value.where == f"{path}:2"
    assert words in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("content", [b"", b"{}", b"null", b'{"schema":1}', b'{"schema":99}', b"\x00" * 50])
def test_a_broken_manifest(store: FileRunStore, tmp_path: Path, content: bytes) -> None:
    written(store, EVENT)
    path = tmp_path / "runs" / RUN / "manifest.json"
    path.write_bytes(content)
    with pytest.raises(RecordDamaged, match="the manifest") as caught:
        store.read(RUN)
    assert caught.value.where == str(path)
    assert ("newer" in caught.value.message) == (b"99" in content)


def test_a_folder_under_another_name(store: FileRunStore, tmp_path: Path) -> None:
    written(store, EVENT)
    (tmp_path / "runs" / RUN).rename(tmp_path / "runs" / "2026-11-21-1432-bold-fox")
    with pytest.raises(RecordDamaged, match=f"is of run {RUN}"):
        store.read("latest")


def test_killed_between_manifest_and_journal(store: FileRunStore, tmp_path: Path) -> None:
    written(store)
    (tmp_path / "runs" / RUN / "journal.jsonl").unlink()
    assert store.read("latest").trials == ()


def test_killed_before_the_manifest_is_no_run(store: FileRunStore, tmp_path: Path) -> None:
    (tmp_path / "runs" / RUN).mkdir(parents=True)
    (tmp_path / "runs" / RUN / "manifest.json.part").write_text("{")
    assert store.runs() == ()


def test_runs_are_found(store: FileRunStore, tmp_path: Path) -> None:
    assert store.runs() == ()
    with pytest.raises(RecordDamaged, match="there is no run yet"):
        store.read("latest")
    ids = ("2026-11-20-0900-warm-wolf", "2026-11-21-1432-swift-owl", RUN, "2026-11-21-1433-bold-fox")
    for name in ids:
        written(store, run=name)
    (tmp_path / "runs" / "notes").mkdir()
    (tmp_path / "runs" / "README.md").write_text("mine")
    assert store.runs() == tuple(reversed(ids)), "newest first, also within a minute"
    assert store.read("latest").manifest.run == "2026-11-21-1433-bold-fox"
    assert store.read("calm-otter").manifest.run == RUN
    assert store.read("0900").manifest.run == "2026-11-20-0900-warm-wolf"
    assert store.read(RUN).manifest.run == RUN


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("2026-11-21", "fits 2 runs: 2026-11-21-1432-calm-otter"),
        ("calm-oter", "did you mean 'calm-otter'"),
        ("", "there is no run ''"),
        ("../../etc", "there is no run '../../etc'"),
        ("nothing\x00at-all", "there is no run"),
        ("*", "there is no run '*'"),
    ],
)
def test_runs_that_are_not_found(store: FileRunStore, asked: str, words: str) -> None:
    written(store, run="2026-11-21-1431-bold-fox")
    written(store)
    with pytest.raises(RecordDamaged) as caught:
        store.read(asked)
    assert words in caught.value.message
    assert caught.value.exit_code == 2


def test_a_run_is_never_overwritten(store: FileRunStore) -> None:
    written(store, EVENT)
    with pytest.raises(RecordDamaged, match="is there already"):
        store.open(MANIFEST)
    assert store.read(RUN).events == (EVENT,)


@pytest.mark.parametrize("name", ["../escape", "/tmp/x", "", "2026-11-21-1432-calm-otter/..", f"{RUN}\n"])
def test_a_run_id_is_not_a_path(store: FileRunStore, name: str) -> None:
    with pytest.raises(ValueError, match="is not a run id"):
        store.open(replace(MANIFEST, run=name))


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file")
    with pytest.raises(EnvironmentNotFit, match="cannot be written"):
        FileRunStore(tmp_path / "runs").open(MANIFEST)
