"""From Capacity to money: replicas, USD a month and per million requests, each with the price row behind it.

Money is Decimal. A month is 730 hours, as in the clouds' own calculators. A price nobody wrote down is Missing,
never 0; so is a fleet of a Cell that holds no rate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import groupby

from orchestrator.domain.capacity import End
from orchestrator.domain.instance_type import PRICE_STALE_DAYS, InstanceType, Price
from orchestrator.domain.measurement import Measurement, Missing
from orchestrator.domain.summary import CellSummary

HOURS_PER_MONTH = 730
SECONDS_PER_HOUR = 3600


@dataclass(frozen=True)
class Estimate:
    """What one Cell costs at a target rate.

    Attributes:
        replicas: as many as carry the rate at what each was seen to hold.
        replicas_least: as many as would do if each held all that it was not seen to miss; fewer than ``replicas`` where
            a bracket is too wide, or open.
        use_ratio: target rate of what the fleet holds.
        usd_per_month, usd_per_million: of the fleet; list price, instances only.
        rank: 1 is the cheapest; None when it is not ranked, and then ``status`` says why.
    """

    server: str
    instance_type: str
    workload: str
    rate_per_second: int
    holds: int | None
    replicas: int | Missing
    replicas_least: int | Missing
    use_ratio: float | Missing
    usd_per_month: Decimal | Missing
    usd_per_million: Decimal | Missing
    price: Price | None
    footprint: tuple[Measurement, ...]
    binding: str
    status: str
    rank: int | None = None

    @property
    def usd_per_month_least(self) -> Decimal | Missing:
        """Of the smallest fleet that might do."""
        return _money(self.price, self.replicas_least, self.rate_per_second)[0]


def estimate(summary: CellSummary, instance_type: InstanceType, rate_per_second: int) -> Estimate:
    """The fleet for a rate. ``rate_per_second`` > 0."""
    holds, fails = summary.capacity.holds, summary.capacity.fails
    replicas: int | Missing = Missing(str(summary.capacity))
    least = replicas
    if holds is not None:
        replicas = math.ceil(rate_per_second / holds)
        least = 1 if fails is None else min(replicas, rate_per_second // fails + 1)
    month, million = _money(instance_type.price, replicas, rate_per_second)
    return Estimate(
        server=summary.cell.server,
        instance_type=summary.cell.instance_type,
        workload=summary.cell.workload,
        rate_per_second=rate_per_second,
        holds=holds,
        replicas=replicas,
        replicas_least=least,
        use_ratio=replicas if isinstance(replicas, Missing) else rate_per_second / (replicas * (holds or 1)),
        usd_per_month=month,
        usd_per_million=million,
        price=instance_type.price,
        footprint=summary.footprint,
        binding=summary.binding,
        status=_status(summary, month),
    )


def rank(estimates: tuple[Estimate, ...]) -> tuple[Estimate, ...]:
    """Cheapest first with its rank, each workload for itself; then those that cannot be ranked."""
    able = [one for one in estimates if one.status == ""]
    able.sort(key=lambda one: (one.workload, one.usd_per_month, one.server, one.instance_type))
    ranked = [
        replace(one, rank=place)
        for _, group in groupby(able, key=lambda one: one.workload)
        for place, one in enumerate(group, start=1)
    ]
    return (*ranked, *(one for one in estimates if one.status != ""))


def not_measured(
    server: str, instance_type: InstanceType, workload: str, rate_per_second: int, why: str = ""
) -> Estimate:
    """The row of a size that no Trial has seen: it says so, and why, instead of being left out."""
    status = f"not measured: {why}" if why else "not measured"
    missing = Missing(status)
    return Estimate(
        server=server,
        instance_type=instance_type.id,
        workload=workload,
        rate_per_second=rate_per_second,
        holds=None,
        replicas=missing,
        replicas_least=missing,
        use_ratio=missing,
        usd_per_month=missing,
        usd_per_million=missing,
        price=instance_type.price,
        footprint=(),
        binding="",
        status=status,
    )


def price_age_warning(estimates: tuple[Estimate, ...], today: date) -> str:
    """A sentence when the oldest price row used is stale; "" when none is."""
    dates = [one.price.as_of for one in estimates if one.price is not None and one.rank is not None]
    if not dates:
        return ""
    age = (today - min(dates)).days
    return f"the oldest price row is {age} days old: check it" if age > PRICE_STALE_DAYS else ""


def _money(
    price: Price | None, replicas: int | Missing, rate_per_second: int
) -> tuple[Decimal | Missing, Decimal | Missing]:
    if isinstance(replicas, Missing):
        return replicas, replicas
    if price is None:
        unknown = Missing("no price in the catalog")
        return unknown, unknown
    month = price.usd_per_hour * HOURS_PER_MONTH * replicas
    requests = Decimal(rate_per_second) * SECONDS_PER_HOUR * HOURS_PER_MONTH
    return month, month / requests * 1_000_000


def _status(summary: CellSummary, month: Decimal | Missing) -> str:
    if summary.shared:
        return "shared: not ranked"
    if summary.trials == 0:
        return summary.capacity.note or "not measured"
    if summary.capacity.end == End.NOT_MONOTONE:
        return f"not ranked: {summary.capacity.note}"
    if isinstance(month, Missing):
        return month.reason
    return ""
