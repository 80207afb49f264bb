"""What an image cannot tell of itself once it is there: how long its build took, how big its program is."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from orchestrator.domain.measurement import Missing

_FILE = "images.json"
_UNKNOWN = "not built by this user on this host"


def cache_folder() -> Path:
    """The user's cache folder of the lab (XDG base directories)."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "footprint-lab"


@dataclass(frozen=True)
class Facts:
    """Remembered of one image."""

    build_seconds: float | Missing
    binary_bytes: int | Missing


class FactsFile:
    """Facts by image id, in one JSON file. It is a cache: lost or unreadable means Missing, never a failure."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _FILE

    def recall(self, image_id: str) -> Facts:
        """What is known of an image."""
        row = self._read().get(image_id, {})
        seconds, size = row.get("build_seconds"), row.get("binary_bytes")
        return Facts(
            build_seconds=float(seconds) if isinstance(seconds, int | float) else Missing(str(seconds or _UNKNOWN)),
            binary_bytes=size if isinstance(size, int) else Missing(str(size or _UNKNOWN)),
        )

    def remember(self, image_id: str, facts: Facts) -> None:
        """Replaces what is known of an image."""
        rows = self._read()
        rows[image_id] = {
            "build_seconds": _plain(facts.build_seconds),
            "binary_bytes": _plain(facts.binary_bytes),
        }
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            part = self._path.with_suffix(f".{os.getpid()}")
            part.write_text(json.dumps(rows, indent=1, sort_keys=True), encoding="utf-8")
            part.replace(self._path)
        except OSError:
            return  # a home that cannot be written costs the figures of a later call, nothing else

    def _read(self) -> dict[str, dict[str, object]]:
        try:
            rows = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return rows if isinstance(rows, dict) else {}


def _plain(value: float | Missing) -> float | str:
    return value.reason if isinstance(value, Missing) else value
