"""What counts as good enough, as data: latency limits at any quantile, errors, goodput. Judged in domain.verdict."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from orchestrator.domain.gates import ACHIEVED_RATIO_MIN
from orchestrator.domain.units import parse_ratio, parse_seconds, show_seconds, show_share

#: A request is cut off after this time and counted as an error: a latency beyond it could be neither held nor missed.
LATENCY_SECONDS_MAX = 5.0
LATENCY_SECONDS_MIN = 10 * 1e-6  # what "10us" becomes, to the last bit
LATENCY_RANGE = "10us to 5s"
ERRORS, GOODPUT = "errors", "goodput"
#: The words for a quantile: ``p99``, ``p99.9``; ``latency_p99`` is the same.
_QUANTILE = re.compile(r"(?:latency_)?p(\d{1,2}(?:\.\d{1,2})?)")
QUANTILE_MIN, QUANTILE_MAX = 0.01, 0.9999
EXAMPLE = "p99=50ms, p99.9=200ms, errors=0.1% or goodput=99%"


class Verdict(StrEnum):
    """UNKNOWN is an answer of its own: the rig spoiled the Trial, or a figure is missing."""

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Checked:
    """One objective against what was counted.

    Attributes:
        seen_low, seen_high: share of the requests due that broke it; they differ where only quantiles were stored.
        allowed: share that may.
    """

    objective: str
    seen_low: float
    seen_high: float
    allowed: float

    @property
    def verdict(self) -> Verdict:
        """UNKNOWN when the allowed share lies between the two."""
        if self.seen_high <= self.allowed + 1e-12:
            return Verdict.PASS
        return Verdict.FAIL if self.seen_low > self.allowed + 1e-12 else Verdict.UNKNOWN


@dataclass(frozen=True)
class Judgement:
    """A Verdict, why, and the counts it stands on."""

    verdict: Verdict
    reason: str
    evidence: tuple[Checked, ...] = ()


@dataclass(frozen=True)
class LatencyLimit:
    """At least this share of the requests due is answered well within ``seconds`` of its intended send time."""

    quantile: float
    seconds: float

    @property
    def name(self) -> str:
        """``p99``, ``p99.9``."""
        return f"p{self.quantile * 100:.6g}"

    @property
    def allowed(self) -> float:
        """Share that may be slower, failed or never sent."""
        return round(1 - self.quantile, 9)

    def __str__(self) -> str:
        return f"{self.name} <= {show_seconds(self.seconds)}"


@dataclass(frozen=True)
class Slo:
    """All must hold.

    Attributes:
        latency: limits, the lowest quantile first.
        error_ratio: share of the requests due that may be answered wrongly, refused, timed out or never sent.
        goodput_ratio: share of the requests due that must be answered well within the tightest of the latency limits;
            None when it was not asked for.
        achieved_ratio: share of the offered rate that must have been served.
    """

    latency: tuple[LatencyLimit, ...] = (LatencyLimit(0.99, 0.05),)
    error_ratio: float = 0.001
    goodput_ratio: float | None = None
    achieved_ratio: float = ACHIEVED_RATIO_MIN

    @property
    def limits_seconds(self) -> tuple[float, ...]:
        """Every latency that answers are counted against."""
        return tuple(sorted({limit.seconds for limit in self.latency}))

    @property
    def latency_seconds_max(self) -> float:
        """The longest of the limits: requests in flight at the edge of the SLO take as long."""
        return max(self.limits_seconds)

    @property
    def latency_words(self) -> str:
        """``p99 <= 50 ms``."""
        return " and ".join(str(limit) for limit in self.latency)

    def __str__(self) -> str:
        goodput = "" if self.goodput_ratio is None else f" and goodput >= {show_share(self.goodput_ratio)}"
        return f"{self.latency_words} and errors <= {show_share(self.error_ratio)}{goodput}"


def quantile_of(word: str) -> float | None:
    """``p99`` and ``latency_p99`` -> 0.99; None for a word that names no quantile."""
    match = _QUANTILE.fullmatch(word)
    if match is None:
        return None
    quantile = round(float(match[1]) / 100, 6)
    return quantile if QUANTILE_MIN <= quantile <= QUANTILE_MAX else None


def slo_of(latency: Mapping[float, float], errors: float | None = None, goodput: float | None = None) -> Slo:
    """From quantile -> seconds; what is None or empty keeps its default."""
    default = Slo()
    limits = tuple(LatencyLimit(quantile, seconds) for quantile, seconds in sorted(latency.items()))
    return Slo(limits or default.latency, default.error_ratio if errors is None else errors, goodput)


def parse_slo(text: str) -> Slo:
    """``"p99=50ms,errors=0.1%"``; what is left out keeps its default. Raises ValueError."""
    latency: dict[float, float] = {}
    shares: dict[str, float] = {}
    for part in (one.strip() for one in text.split(",")):
        key, sign, value = (one.strip() for one in part.partition("="))
        quantile = quantile_of(key)
        if not sign or (quantile is None and key not in (ERRORS, GOODPUT)):
            raise ValueError(f"{part!r} is not an objective; write {EXAMPLE}")
        if quantile is None:
            shares[key] = parse_ratio(value)
            continue
        seconds = parse_seconds(value)
        if not LATENCY_SECONDS_MIN <= seconds <= LATENCY_SECONDS_MAX:
            raise ValueError(f"{key} in {part!r} is out of range; use {LATENCY_RANGE}")
        latency[quantile] = seconds
    return slo_of(latency, shares.get(ERRORS), shares.get(GOODPUT))
