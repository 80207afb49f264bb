from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from orchestrator.domain.instance_type import InstanceType, Price, describe

PRICE = Price(Decimal("0.0104"), "eastus", "on_demand", "excluded", date(2026, 6, 18), "a price list", "verified")
B1S = InstanceType("azure/b1s", "azure", "amd64", 1.0, 1, "burstable", 0.1, 2**30, (PRICE,))


@pytest.mark.parametrize(("vcpus", "visible"), [(0.25, 1), (0.5, 1), (1.0, 1), (1.5, 2), (2.0, 2), (4.0, 4)])
def test_a_part_of_a_cpu_is_seen_as_a_whole_one(vcpus: float, visible: int) -> None:
    assert replace(B1S, vcpus=vcpus).cpus_visible == visible


def test_the_first_price_counts_and_none_is_not_zero() -> None:
    dear = replace(PRICE, usd_per_hour=Decimal(9))
    assert replace(B1S, prices=(PRICE, dear)).price is PRICE
    assert replace(B1S, prices=()).price is None


def test_a_burstable_size_says_what_it_sustains() -> None:
    assert describe(B1S) == "azure/b1s (sustained 10 %)"
    micro = replace(B1S, id="gcp/e2-micro", vcpus=2.0, sustained_cpus=0.25)
    assert describe(micro) == "gcp/e2-micro (sustained 12.5 %)"
    assert describe(replace(B1S, kind="fixed", sustained_cpus=1.0)) == "azure/b1s"
