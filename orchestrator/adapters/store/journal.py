"""Runs on disk: one folder each, the manifest written before the first Trial, one line as each Trial ends.

runs/2026-11-21-1432-calm-otter/manifest.json    there whole or not at all
runs/2026-11-21-1432-calm-otter/journal.jsonl    every line on disk before the work goes on
"""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from orchestrator.adapters.store.names import RUN_ID
from orchestrator.domain.batch_record import BatchManifest, JobRecord, StoredBatch
from orchestrator.domain.record import Event, RunManifest, StoredRun, TrialRecord
from orchestrator.errors import EnvironmentNotFit, RecordDamaged

if TYPE_CHECKING:
    from orchestrator.adapters.store.codec import Unreadable

MANIFEST = "manifest.json"
JOURNAL = "journal.jsonl"


class FileRunStore:
    """ports.RunStore below one folder, which is made when the first Run is opened."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def open(self, manifest: RunManifest | BatchManifest) -> FileJournal:
        """A new Run's folder with its manifest. Raises EnvironmentNotFit; RecordDamaged when it is there already."""
        from orchestrator.adapters.store.codec import write_manifest

        if not RUN_ID.fullmatch(manifest.run):
            raise ValueError(f"{manifest.run!r} is not a run id")
        folder = self._root / manifest.run
        content = write_manifest(manifest)
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            if folder.exists():
                raise RecordDamaged(f"run {manifest.run} is there already", where=str(folder))
            folder.mkdir()
            _write_whole(folder / MANIFEST, content)
            _sync_folder(self._root)
            return FileJournal(folder / JOURNAL)
        except OSError as error:
            raise _cannot_write(folder, error) from error

    def read(self, run: str) -> StoredRun | StoredBatch:
        """A Run by its id, a unique part of it, or ``latest``. Raises RecordDamaged."""
        folder = self._root / self._find(run)
        manifest = _read_manifest(folder / MANIFEST)
        if manifest.run != folder.name:
            raise RecordDamaged(
                f"the manifest is of run {manifest.run}, not of its folder",
                hint=f"name the folder {manifest.run} again",
                where=str(folder / MANIFEST),
            )
        lines = _read_journal(folder / JOURNAL)
        events = tuple(line for line in lines if isinstance(line, Event))
        if isinstance(manifest, BatchManifest):
            return StoredBatch(manifest, tuple(line for line in lines if isinstance(line, JobRecord)), events)
        return StoredRun(manifest, tuple(line for line in lines if isinstance(line, TrialRecord)), events)

    def runs(self) -> tuple[str, ...]:
        """All ids, newest first: by the minute in the id, within it by when the manifest was written."""
        found: list[tuple[str, int, str]] = []
        try:
            for folder in self._root.iterdir():
                if RUN_ID.fullmatch(folder.name) and (folder / MANIFEST).is_file():
                    found.append((folder.name[:15], (folder / MANIFEST).stat().st_mtime_ns, folder.name))
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise RecordDamaged(f"runs cannot be read: {error.strerror}", where=str(self._root)) from error
        return tuple(name for _, _, name in sorted(found, reverse=True))

    def _find(self, run: str) -> str:
        known = self.runs()
        if not known:
            raise RecordDamaged("there is no run yet", hint="orchestrator run --quick", where=str(self._root))
        if run == "latest":
            return known[0]
        if run in known:
            return run
        found = [name for name in known if run and run in name]
        if len(found) == 1:
            return found[0]
        if found:
            raise RecordDamaged(
                f"{run[:80]!r} fits {len(found)} runs: {', '.join(found[:4])}{', ...' if len(found) > 4 else ''}",
                hint="write more of the id",
                where=str(self._root),
            )
        near = difflib.get_close_matches(run[:80], [*known, *(name[16:] for name in known)], n=1)
        raise RecordDamaged(
            f"there is no run {run[:80]!r}{f'; did you mean {near[0]!r}?' if near else ''}",
            hint="orchestrator list runs",
            where=str(self._root),
        )


class FileJournal:
    """ports.Journal: appends, and returns when the line is on disk. Raises EnvironmentNotFit when it cannot be."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO = path.open("xb", buffering=0)
        self._size = 0
        _sync_folder(path.parent)

    def event(self, event: Event) -> None:
        self._append(event)

    def trial(self, record: TrialRecord) -> None:
        self._append(record)

    def job(self, record: JobRecord) -> None:
        self._append(record)

    def close(self) -> None:
        """Safe to call twice."""
        self._file.close()

    def _append(self, record: Event | TrialRecord | JobRecord) -> None:
        from orchestrator.adapters.store.codec import write_line

        line = write_line(record)
        try:
            written = 0
            while written < len(line):
                written += self._file.write(line[written:])
            os.fsync(self._file.fileno())
        except OSError as error:
            # Half a line must not stand in the way of the next one.
            os.ftruncate(self._file.fileno(), self._size)
            os.lseek(self._file.fileno(), self._size, os.SEEK_SET)
            raise _cannot_write(self._path, error) from error
        self._size += len(line)


def _read_manifest(path: Path) -> RunManifest | BatchManifest:
    from orchestrator.adapters.store.codec import Unreadable, read_manifest

    try:
        return read_manifest(path.read_bytes())
    except OSError as error:
        raise RecordDamaged(f"the manifest cannot be read: {error.strerror}", where=str(path)) from error
    except Unreadable as error:
        raise _damaged("the manifest", error, str(path)) from None


def _read_journal(path: Path) -> list[Event | TrialRecord | JobRecord]:
    """Every whole line. What follows the last line end was being written when the Run was killed: it never counted."""
    from orchestrator.adapters.store.codec import Unreadable, read_line

    try:
        whole = path.read_bytes().split(b"\n")[:-1]
    except FileNotFoundError:
        return []  # killed between manifest and journal
    except OSError as error:
        raise RecordDamaged(f"the journal cannot be read: {error.strerror}", where=str(path)) from error
    records: list[Event | TrialRecord | JobRecord] = []
    for number, raw in enumerate(whole, start=1):
        try:
            records.append(read_line(raw))
        except Unreadable as error:
            raise _damaged("this line of the journal", error, f"{path}:{number}") from None
    return records


def _damaged(what: str, error: Unreadable, where: str) -> RecordDamaged:
    if error.newer:
        hint = "pip install --upgrade footprint-lab"
        return RecordDamaged(f"{what} was written by a newer version ({error.reason})", hint=hint, where=where)
    if error.older:
        hint = "measure again: what this version judges by was not stored then"
        return RecordDamaged(f"{what} was written by an older version ({error.reason})", hint=hint, where=where)
    return RecordDamaged(f"{what} is damaged ({error.reason})", hint="restore the file, or measure again", where=where)


def _cannot_write(path: Path, error: OSError) -> EnvironmentNotFit:
    return EnvironmentNotFit(
        f"the run cannot be written: {error.strerror}",
        hint="free some space, or choose a folder you may write to; what was finished is kept",
        where=str(path),
    )


def _write_whole(path: Path, content: bytes) -> None:
    """The file is there with all its content, or not at all, also after a power cut."""
    part = path.with_name(f"{path.name}.part")
    with part.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
