"""Records <-> JSON. What was written is read back equal: Missing, Decimal, dates and tuples included."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from orchestrator.domain.batch_record import BATCH, BatchManifest, JobRecord
from orchestrator.domain.record import SCHEMA, Event, RunManifest, TrialRecord

RecordT = TypeVar("RecordT", RunManifest, BatchManifest, TrialRecord, JobRecord, Event)

#: How every line begins that this version wrote (write_line).
_BEGINNINGS = {name: f'{{"schema":{SCHEMA},"type":"{name}",'.encode() for name in ("event", "trial", "job")}
_LINES: dict[str, type[Event] | type[TrialRecord] | type[JobRecord]] = {
    "event": Event,
    "trial": TrialRecord,
    "job": JobRecord,
}


class Unreadable(Exception):
    """Why bytes are not a record; ``newer`` or ``older`` when another version of the lab wrote them."""

    def __init__(self, reason: str, *, newer: bool = False, older: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.newer, self.older = newer, older


def write_manifest(manifest: RunManifest | BatchManifest) -> bytes:
    """Indented, since people read it. Raises ValueError for a number that JSON cannot hold."""
    return json.dumps(_plain(manifest), indent=2, allow_nan=False, ensure_ascii=False).encode() + b"\n"


def read_manifest(raw: bytes) -> RunManifest | BatchManifest:
    """Of whichever kind of Run it is. Raises Unreadable."""
    if _header(raw).get("kind") == BATCH:
        return _record(BatchManifest, raw)
    return _record(RunManifest, raw)


def write_line(record: Event | TrialRecord | JobRecord) -> bytes:
    """One line of the journal. Raises ValueError for a number that JSON cannot hold."""
    kind = next(name for name, cls in _LINES.items() if isinstance(record, cls))
    row = {"schema": SCHEMA, "type": kind, **_plain(record)}
    return json.dumps(row, allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def read_line(raw: bytes) -> Event | TrialRecord | JobRecord:
    """Raises Unreadable."""
    kind = next((name for name, begin in _BEGINNINGS.items() if raw.startswith(begin)), None)
    # The header is read apart only where the line is not one of ours: over a thousand trials it is a fifth of the time.
    kind = kind or _header(raw).get("type")
    if kind == "event":
        return _record(Event, raw)
    if kind == "trial":
        return _record(TrialRecord, raw)
    if kind == "job":
        return _record(JobRecord, raw)
    raise Unreadable(f"type {kind!r} is not known")


def _header(raw: bytes) -> dict[str, Any]:
    """The outermost object, its schema checked before anything else: a newer one may mean anything."""
    try:
        data = from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise Unreadable(f"not JSON: {error}") from None
    schema = data.get("schema") if isinstance(data, dict) else None
    if not isinstance(schema, int) or isinstance(schema, bool):
        raise Unreadable("no schema number")
    if schema > SCHEMA:
        raise Unreadable(f"schema {schema}; this version reads {SCHEMA}", newer=True)
    if schema < SCHEMA:
        raise Unreadable(f"schema {schema}; this version reads {SCHEMA}", older=True)
    return dict(data)


def _plain(record: RunManifest | BatchManifest | TrialRecord | JobRecord | Event) -> dict[str, Any]:
    plain: dict[str, Any] = _adapters()[type(record)].dump_python(record, mode="json")
    return plain


def _record(cls: type[RecordT], raw: bytes) -> RecordT:
    try:
        record: RecordT = _adapters()[cls].validate_json(raw, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise Unreadable(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    return record


@cache
def _adapters() -> dict[type[object], TypeAdapter[Any]]:
    """Made once: each takes milliseconds."""
    return {cls: TypeAdapter(cls) for cls in (RunManifest, BatchManifest, TrialRecord, JobRecord, Event)}
