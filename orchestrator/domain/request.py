"""One HTTP request as it is sent, and the answer it must get."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

#: Heaviest share of one request in a mix: a lot is kept for each.
WEIGHT_MAX = 100
_NUMBERS = re.compile(r"\{([0-9]{1,9})-([0-9]{1,9})\}")


@dataclass(frozen=True)
class Check:
    """What a good answer is.

    Attributes:
        body: the exact body, or "" where only a part of it can be known.
        contains: text that the body holds.
    """

    status: int = 200
    body: str = ""
    contains: str = ""


@dataclass(frozen=True)
class Numbers:
    """Whole numbers from ``low`` to ``high``, both among them."""

    low: int
    high: int

    @property
    def count(self) -> int:
        """How many there are."""
        return self.high - self.low + 1

    @property
    def decade_digits(self) -> int | None:
        """Digits of each number where the range is all numbers of so many digits (1000-9999); None for any other."""
        digits = len(str(self.low))
        return digits if (self.low, self.high) == (10 ** (digits - 1), 10**digits - 1) else None


@dataclass(frozen=True)
class Request:
    """One request of a Workload.

    Attributes:
        path: with its query; ``/kv/k{1000-9999}`` stands for a number of that range, another in each request.
        weight: how often it is sent, beside the other requests of its Workload.
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    weight: int = 1
    check: Check = Check()

    @property
    def parts(self) -> tuple[str, Numbers | None, str]:
        """The path before its number, the number's range, and what stands behind it."""
        found = _NUMBERS.search(self.path)
        if found is None:
            return self.path, None, ""
        return self.path[: found.start()], Numbers(int(found[1]), int(found[2])), self.path[found.end() :]

    @property
    def example_path(self) -> str:
        """A path as it is sent: with the lowest number."""
        before, numbers, after = self.parts
        return before if numbers is None else f"{before}{numbers.low}{after}"

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def wrong_numbers(path: str) -> str:
    """What is wrong with the ranges of a path; "" when nothing is."""
    ranges = _NUMBERS.findall(path)
    rest = _NUMBERS.sub("", path)
    if "{" in rest or "}" in rest:
        return "braces hold a range of numbers, as in /kv/k{1000-9999}"
    if len(ranges) > 1:
        return "holds two ranges of numbers; one is possible"
    if ranges and int(ranges[0][0]) >= int(ranges[0][1]):
        return "the range must rise, as in /kv/k{1000-9999}"
    return ""
