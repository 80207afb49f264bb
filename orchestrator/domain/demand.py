"""Demand: the cheapest size that holds the Slo at a rate, found by trying sizes from the cheapest up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from orchestrator.domain.instance_type import InstanceType
from orchestrator.domain.slo import Verdict
from orchestrator.domain.staircase import believed

#: Sizes nobody wrote a price for are tried last.
_NO_PRICE = Decimal("Infinity")


@dataclass(frozen=True)
class Demand:
    """One server, one workload, one rate. Immutable, so that it replays from a journal.

    Attributes:
        sizes: cheapest first (``cheapest_first``).
        seen: (id of a size, Verdict), in the order they were tried.
    """

    sizes: tuple[InstanceType, ...]
    seen: tuple[tuple[str, Verdict], ...] = ()

    @property
    def next_size(self) -> InstanceType | None:
        """The size to try next; None when one holds, or when none is left.

        A size with neither more CPU nor more memory than one that failed is not tried: it would fail too.
        """
        failed: list[InstanceType] = []
        for size in self.sizes:
            verdict = self._believed(size.id)
            if verdict == Verdict.PASS:
                return None
            if verdict == Verdict.FAIL:
                failed.append(size)
            elif verdict is None and not any(_covers(one, size) for one in failed):
                return size
        return None

    def judged(self, size: str, verdict: Verdict) -> Demand:
        """The search after this Verdict."""
        return replace(self, seen=(*self.seen, (size, verdict)))

    @property
    def answer(self) -> InstanceType | None:
        """The cheapest size that held; None when none did, or not yet."""
        return next((size for size in self.sizes if self._believed(size.id) == Verdict.PASS), None)

    @property
    def finding(self) -> str:
        """The answer in words, before the rate: ``acme/small is the cheapest that holds``."""
        held = self.answer
        if held is None:
            return "none of these sizes is seen to hold"
        if held.price is None:
            return f"{held.id}, whose price is unknown, is the first seen to hold"
        unknown = [size.id for size in self.sizes if self._believed(size.id) == Verdict.UNKNOWN]
        if unknown:
            return f"{' and '.join(unknown)} not known; {held.id} is the cheapest seen to hold"
        return f"{held.id} is the cheapest that holds"

    def _believed(self, size: str) -> Verdict | None:
        return believed([verdict for one, verdict in self.seen if one == size])


def cheapest_first(sizes: tuple[InstanceType, ...]) -> tuple[InstanceType, ...]:
    """By list price, then by CPU and memory."""
    return tuple(
        sorted(
            sizes,
            key=lambda one: (
                one.price.usd_per_hour if one.price else _NO_PRICE,
                one.sustained_cpus,
                one.memory_bytes,
                one.id,
            ),
        )
    )


def _covers(failed: InstanceType, size: InstanceType) -> bool:
    """Whether ``size`` is no larger than one that failed, in anything that bounds it."""
    return (
        size.sustained_cpus <= failed.sustained_cpus
        and size.memory_bytes <= failed.memory_bytes
        and size.cpus_visible <= failed.cpus_visible
    )
