"""Domain nouns as plain data for ``--json``: money as text, what is missing with its reason, nothing rounded."""

from __future__ import annotations

import math
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from orchestrator.domain.batch_record import BATCH, BatchManifest
from orchestrator.domain.measurement import Missing
from orchestrator.domain.record import RunManifest


def plain(value: Any) -> Any:
    """Dataclasses become objects, tuples lists, Decimal text, Missing ``{"missing": reason}``, dates ISO 8601."""
    if isinstance(value, Missing):
        return {"missing": value.reason}
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, Decimal):
        # Never an exponent: 0.0000001, not 1E-7.
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return {"missing": f"not a number: {value}"}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"{type(value).__name__} has no plain form")


def stored_run_facts(manifest: RunManifest | BatchManifest) -> dict[str, Any]:
    """What every result of a Run says of where it comes from; a batch Run is judged by no SLO."""
    facts = {
        "kind": BATCH if isinstance(manifest, BatchManifest) else "http",
        "run": manifest.run,
        "simulated": manifest.simulated,
        "created_at": manifest.created_at,
        "mode": manifest.mode,
    }
    return facts if isinstance(manifest, BatchManifest) else facts | {"slo": plain(manifest.slo)}
