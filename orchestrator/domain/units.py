"""Quantities as users write them, and as we show them. Inside the lab only base units: bytes, seconds, CPUs."""

from __future__ import annotations

import re

_BYTES = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0}
_QUANTITY = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z%]*)\s*")


def parse_bytes(text: str) -> int:
    """``"64MiB"`` -> 67108864. Raises ValueError for a missing or ambiguous unit (``512M``)."""
    number, unit = _split(text)
    if unit not in _BYTES:
        raise ValueError(f"{text!r} is not a size; write a unit, as in 64MiB or 1GiB")
    return round(number * _BYTES[unit])


def parse_seconds(text: str) -> float:
    """``"50ms"`` -> 0.05. Raises ValueError without a unit."""
    number, unit = _split(text)
    if unit not in _SECONDS:
        raise ValueError(f"{text!r} is not a time; write a unit, as in 50ms or 30s")
    return number * _SECONDS[unit]


def parse_ratio(text: str) -> float:
    """``"0.1%"`` or ``"0.001"`` -> 0.001. Raises ValueError outside 0 to 1."""
    number, unit = _split(text)
    if unit not in ("", "%"):
        raise ValueError(f"{text!r} is not a ratio; write 0.1% or 0.001")
    ratio = number / 100 if unit == "%" else number
    if not 0 <= ratio <= 1:
        raise ValueError(f"{text!r} is out of range; use 0% to 100%")
    return ratio


def show_bytes(count: float) -> str:
    """Three significant figures, always in binary units and named so: 4404019 -> ``4.2 MiB``."""
    value = float(count)
    if abs(value) < 1024:
        return f"{value:.0f} B"
    for unit in ("KiB", "MiB", "GiB"):
        value /= 1024
        # 1023.6 would be rounded to 1.02e+03: the next unit reads better.
        if abs(value) < 999.5:
            return f"{value:.3g} {unit}"
    value /= 1024
    return f"{value:.3g} TiB"


def show_seconds(seconds: float) -> str:
    """Three significant figures in the unit a reader expects: us, ms, s or min."""
    if abs(seconds) < 1e-3:
        return f"{seconds * 1e6:.3g} us"
    if abs(seconds) < 1:
        return f"{seconds * 1e3:.3g} ms"
    if abs(seconds) < 120:
        return f"{seconds:.3g} s"
    return f"{seconds / 60:.0f} min"


def show_ratio(ratio: float) -> str:
    """0.0312 -> ``3.1 %``."""
    percent = ratio * 100
    return f"{percent:.0f} %" if percent >= 10 else f"{percent:.2g} %"


def show_share(ratio: float) -> str:
    """A share as an objective names it, not rounded to a round one: 0.995 -> ``99.5 %``."""
    return f"{ratio * 100:.4g} %"


def _split(text: str) -> tuple[float, str]:
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a quantity; write a number and its unit, as in 64MiB, 30s or 0.5")
    return float(match[1]), match[2]
