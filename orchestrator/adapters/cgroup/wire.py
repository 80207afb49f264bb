"""Readings and limits as JSON: what the observer sends and its client reads. Missing is ``{"missing": reason}``."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from orchestrator.domain.limits import EffectiveLimits, Limits
from orchestrator.domain.measurement import Missing
from orchestrator.domain.reading import Point, Reading


def to_json(value: Any) -> Any:
    """A Reading, a Point, EffectiveLimits, Limits, or a value of theirs."""
    if isinstance(value, Missing):
        return {"missing": value.reason}
    if isinstance(value, Reading | Point | EffectiveLimits | Limits):
        return {field.name: to_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return list(value)
    return value


def reading_from_json(data: dict[str, Any]) -> Reading:
    """Raises KeyError, TypeError or ValueError where ``data`` is no reading."""
    values = {field.name: _value(data[field.name]) for field in fields(Reading) if field.name != "limits"}
    return Reading(**values, limits=effective_from_json(data["limits"]))


def point_from_json(data: dict[str, Any]) -> Point:
    """Raises KeyError, TypeError or ValueError where ``data`` is no point."""
    return Point(**{field.name: _value(data[field.name]) for field in fields(Point)})


def effective_from_json(data: dict[str, Any]) -> EffectiveLimits:
    """Raises KeyError, TypeError or ValueError where ``data`` holds no limits."""
    return EffectiveLimits(**{field.name: _value(data[field.name]) for field in fields(EffectiveLimits)})


def limits_from_json(data: dict[str, Any]) -> Limits:
    """Raises KeyError, TypeError or ValueError where ``data`` holds no limits."""
    numbers = {field.name: int(data[field.name]) for field in fields(Limits) if field.name != "cpuset"}
    return Limits(cpuset=tuple(int(cpu) for cpu in data["cpuset"]), **numbers)


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        return Missing(str(value["missing"]))
    if isinstance(value, list):
        return tuple(int(item) for item in value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"not a number: {value!r}")
    return value
