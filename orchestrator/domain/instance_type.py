"""A cloud shape and what it costs, each price with its source and date."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

#: A price older than this is worth a warning: vendors were seen to change within weeks.
PRICE_STALE_DAYS = 45


@dataclass(frozen=True)
class Price:
    """One price row. ``usd_per_hour`` is Decimal: money is never a float."""

    usd_per_hour: Decimal
    region: str
    purchase: str
    tax: str
    as_of: date
    source: str
    status: str


@dataclass(frozen=True)
class InstanceType:
    """A size a cloud sells.

    Attributes:
        id: ``provider/name``.
        vcpus: what the price list says; 0.25 for a quarter of one.
        kind: ``fixed``, ``burstable`` (sustained is the credit baseline) or ``share`` (a quota, as in Fargate).
        sustained_cpus: CPUs it may use for ever, summed over its vCPUs.
        memory_bytes: nominal.
        prices: may be empty: then its cost is unknown, never 0.
        note: what the emulation leaves out.
    """

    id: str
    provider: str
    arch: str
    vcpus: float
    threads_per_core: int
    kind: str
    sustained_cpus: float
    memory_bytes: int
    prices: tuple[Price, ...]
    note: str = ""

    @property
    def cpus_visible(self) -> int:
        """How many CPUs a program on it can run on at once."""
        return max(1, math.ceil(self.vcpus))

    @property
    def price(self) -> Price | None:
        """The row used: the first one listed; None when nobody wrote one down."""
        return self.prices[0] if self.prices else None

    @property
    def usd_per_hour(self) -> float | None:
        """Of that row, as a series carries it."""
        return float(self.price.usd_per_hour) if self.price else None


def describe(instance_type: InstanceType) -> str:
    """``aws/fargate-0.25vcpu-0.5gb``; a burstable size says what it sustains: ``azure/b1s (sustained 10 %)``."""
    if instance_type.kind != "burstable":
        return instance_type.id
    percent = 100 * instance_type.sustained_cpus / instance_type.cpus_visible
    return f"{instance_type.id} (sustained {percent:.3g} %)"
