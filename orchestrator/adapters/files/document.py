"""YAML bytes -> plain values that know their place. Whatever the bytes are, the answer is Mistakes, never a traceback.

The parser's events are read one by one, so that anchors, tags and depth are refused before anything grows. Plain
scalars are read as YAML 1.2 does: ``no`` and ``22:22`` stay text.
"""

from __future__ import annotations

import math
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from orchestrator.errors import Mistake

BYTES_MAX = 256 * 2**10
DEPTH_MAX = 20
MISTAKES_MAX = 100

Path_ = tuple[str | int, ...]

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_NUMBER = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.inf|\.nan", re.IGNORECASE)
_CONSTANTS = {"": None, "~": None, "null": None, "true": True, "false": False}
#: libyaml where PyYAML was built with it: ten times faster, the same events.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass
class Document:
    """One file as read.

    Attributes:
        shown: the file's name as the user knows it.
        folder: where it lies: paths in it are taken from there.
        data: plain dicts, lists and scalars; None when nothing could be read.
        values, keys: path from the root -> line and column of the value, or of the key before it.
        broken: paths whose value is not to be trusted; a Mistake was noted already.
    """

    shown: str
    folder: Path = Path()
    data: Any = None
    values: dict[Path_, tuple[int, int]] = field(default_factory=dict)
    keys: dict[Path_, tuple[int, int]] = field(default_factory=dict)
    broken: set[Path_] = field(default_factory=set)
    mistakes: list[Mistake] = field(default_factory=list)

    def note(self, place: tuple[int, int] | None, message: str) -> None:
        """Adds a Mistake at line and column, or at the file as a whole."""
        where = f"{self.shown}:{place[0]}:{place[1]}" if place else self.shown
        self.mistakes.append(Mistake(where, message))


def read_document(path: Path, shown: str | None = None) -> Document:
    """Reads one file; everything wrong with it is in ``mistakes``."""
    document = Document(shown or str(path), path.parent)
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            document.note(None, "is not a regular file")
            return document
        with path.open("rb") as file:
            raw = file.read(BYTES_MAX + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        document.note(None, f"cannot be read: {reason}")
        return document
    return parse_document(raw, document)


def parse_document(raw: bytes, document: Document) -> Document:
    """Fills the document from bytes."""
    text = _text(raw, document)
    if text is None:
        return document
    try:
        _Builder(document).build(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else None
        document.data = None
        document.note(place, _syntax_message(error, text, mark.line if mark else 0))
        return document
    except _Unusable:
        document.data = None
        return document
    if not isinstance(document.data, dict):
        found = "nothing" if document.data is None else kind_of(document.data)
        document.data = None
        document.note((1, 1), f"the file must hold 'key: value' lines, found {found}")
    return document


def kind_of(value: object) -> str:
    """The YAML kind of a plain value, in words."""
    if isinstance(value, bool):
        return "true or false"
    for kinds, word in (((dict,), "a mapping"), ((list,), "a list"), ((str,), "text"), ((int, float), "a number")):
        if isinstance(value, kinds):
            return word
    return "nothing"


def quote(value: object) -> str:
    """A value as it can stand in a message: control characters escaped, never long."""
    text = repr(value)
    return text if len(text) <= 64 else f"{text[:60]}..."


class _Unusable(Exception):
    """Reading further makes no sense; the Mistake is noted."""


def _text(raw: bytes, document: Document) -> str | None:
    if len(raw) > BYTES_MAX:
        document.note(None, f"is larger than {BYTES_MAX // 1024} KiB; a file of the lab is never that long")
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        document.note((line, error.start - (raw.rfind(b"\n", 0, error.start) + 1) + 1), "is not UTF-8 text")
        return None
    wrong = _UNPRINTABLE.search(text)
    if wrong:
        at = wrong.start()
        place = (text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
        document.note(place, f"holds the control character U+{ord(wrong[0]):04X}")
        return None
    return text


def _syntax_message(error: yaml.MarkedYAMLError, text: str, line_index: int) -> str:
    lines = text.splitlines()
    line = lines[line_index] if line_index < len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "a tab is used for indentation; use spaces"
    problem = str(error.problem or "cannot be read")
    context = f" {error.context}" if error.context else ""
    return f"is not YAML:{context} {problem}" if context else f"is not YAML: {problem}"


@dataclass
class _Frame:
    """A mapping or list that is still open."""

    container: dict[str, Any] | list[Any]
    path: Path_
    key: str | None = None
    duplicate: bool = False


class _Builder:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._open: list[_Frame] = []
        self._documents = 0

    def build(self, text: str) -> None:
        for event in yaml.parse(text, Loader=_LOADER):
            if len(self._document.mistakes) >= MISTAKES_MAX:
                self._document.note(None, f"has more than {MISTAKES_MAX} mistakes; the rest is not shown")
                raise _Unusable
            self._take(event)

    def _take(self, event: Any) -> None:
        place = (event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._stop(place, "a second document starts here; write one per file")
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
        elif isinstance(event, yaml.NodeEvent):
            if self._expects_key():
                self._key(event, place)
            else:
                self._value(event, place)

    def _stop(self, place: tuple[int, int], message: str) -> None:
        self._document.note(place, message)
        raise _Unusable

    def _expects_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].container, dict) and self._open[-1].key is None

    def _key(self, event: Any, place: tuple[int, int]) -> None:
        if not isinstance(event, yaml.ScalarEvent):
            self._stop(place, "a key must be a word")
        if event.anchor or (event.tag and not any(event.implicit)):
            self._document.note(place, "anchors and tags are not allowed; write the key alone")
        frame = self._open[-1]
        frame.key = event.value
        frame.duplicate = event.value in frame.container
        if frame.duplicate:
            first = self._document.keys[(*frame.path, event.value)][0]
            self._document.note(place, f"key {quote(event.value)} is there twice (first on line {first})")
        else:
            self._document.keys[(*frame.path, event.value)] = place

    def _value(self, event: Any, place: tuple[int, int]) -> None:
        path, kept = self._next_path()
        if kept:
            self._document.values[path] = place
        value: Any = None
        if isinstance(event, yaml.AliasEvent):
            self._refuse(path, place, f"alias *{event.anchor} is not allowed; write the value out")
        elif event.anchor:
            self._refuse(path, place, f"anchor &{event.anchor} is not allowed; write the value out")
        elif event.tag and not _implicit(event):
            self._refuse(path, place, f"tag {quote(event.tag)} is not allowed; write a plain value")
        if isinstance(event, yaml.ScalarEvent):
            value = self._scalar(event, path, place)
        elif isinstance(event, yaml.CollectionStartEvent):
            if len(self._open) >= DEPTH_MAX:
                self._stop(place, f"is nested deeper than {DEPTH_MAX} levels")
            value = {} if isinstance(event, yaml.MappingStartEvent) else []
        self._put(value, path)
        if isinstance(event, yaml.CollectionStartEvent):
            self._open.append(_Frame(value, path))

    def _next_path(self) -> tuple[Path_, bool]:
        """Where the next value goes, and whether that place counts (the second of two equal keys does not)."""
        if not self._open:
            return (), True
        frame = self._open[-1]
        if isinstance(frame.container, list):
            return (*frame.path, len(frame.container)), True
        assert frame.key is not None
        if frame.duplicate:
            return (*frame.path, frame.key, "<twice>"), False
        return (*frame.path, frame.key), True

    def _put(self, value: Any, path: Path_) -> None:
        if not self._open:
            self._document.data = value
            return
        frame = self._open[-1]
        if isinstance(frame.container, list):
            frame.container.append(value)
            return
        if not frame.duplicate:
            frame.container[str(path[-1])] = value
        frame.key, frame.duplicate = None, False

    def _refuse(self, path: Path_, place: tuple[int, int], message: str) -> None:
        self._document.broken.add(path)
        self._document.note(place, message)

    def _scalar(self, event: Any, path: Path_, place: tuple[int, int]) -> Any:
        text: str = event.value
        if not event.implicit[0]:
            return text
        if text.lower() in _CONSTANTS:
            return _CONSTANTS[text.lower()]
        if _NOT_FINITE.fullmatch(text) or (_NUMBER.fullmatch(text) and not math.isfinite(float(text))):
            self._refuse(path, place, f"{quote(text)} is not a finite number")
            return None
        if _WHOLE.fullmatch(text):
            return int(text)
        return float(text) if _NUMBER.fullmatch(text) else text


def _implicit(event: Any) -> bool:
    """Whether the parser, not the user, chose the tag."""
    return any(event.implicit) if isinstance(event, yaml.ScalarEvent) else bool(event.implicit)
