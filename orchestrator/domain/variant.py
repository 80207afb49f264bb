"""Variants: a Server with other factors. What can be varied is data beside the server; a value says what it takes."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestrator.domain.limits import Limits
    from orchestrator.domain.server import Server

#: Between a server's name and its factors: ``go-nethttp:json=sonic,workers=equal``.
MARK = ":"
#: What the values of variables may hold: a whole number of CPUs that is the same in every language, and nine tenths of
#: the memory limit, which is what Go's documentation advises to leave GOMEMLIMIT.
EQUAL_WORKERS, MEMORY_90 = "{equal_workers}", "{memory_90_percent}"
_UNSAFE = re.compile(r"[^a-z0-9-]+")


@dataclass(frozen=True)
class Level:
    """One value of a Factor.

    Attributes:
        environment: variables of the container; EQUAL_WORKERS and MEMORY_90 stand for what the limits make of them.
        build: arguments of the image's build; those of one name are joined with commas over all factors.
        workloads: all that is served with this value; empty: what the server serves.
        note: what it means, in words.
    """

    name: str
    environment: Mapping[str, str]
    build: Mapping[str, str]
    workloads: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Numbers:
    """A Factor whose value may be any whole number in a range, put into a variable."""

    variable: str
    least: int
    most: int


@dataclass(frozen=True)
class Factor:
    """One thing about a Server that can be set.

    Attributes:
        levels: its values; the first holds when nothing is said, and needs nothing.
    """

    name: str
    summary: str
    levels: tuple[Level, ...]
    numbers: Numbers | None = None

    @property
    def default(self) -> str:
        """The value when nothing is said."""
        return self.levels[0].name

    def level(self, value: str) -> Level:
        """Raises ValueError with what is possible."""
        for level in self.levels:
            if level.name == value:
                return level
        numbers = self.numbers
        if numbers and value.isascii() and value.isdecimal() and numbers.least <= int(value) <= numbers.most:
            return Level(str(int(value)), {numbers.variable: str(int(value))}, {})
        named = ", ".join(level.name for level in self.levels)
        also = f", or a whole number from {numbers.least:,} to {numbers.most:,}" if numbers else ""
        raise ValueError(f"{self.name}: {value!r} is not possible; use {named}{also}")


def find_server(name: str, servers: Iterable[Server]) -> Server | None:
    """The Server or Variant of this name; None when there is no such server. Raises ValueError for wrong factors."""
    base, mark, text = name.partition(MARK)
    server = next((one for one in servers if one.name == base), None)
    return variant_of(server, text) if server is not None and mark else server


def variant_of(server: Server, text: str) -> Server:
    """The Server with these factors, ``json=sonic,workers=equal``; itself when all are at their defaults.

    Its name carries what differs, in the order of the server's own factors. Raises ValueError for what it has not.
    """
    chosen = _chosen(server, text)
    changed = [(factor, chosen[factor.name]) for factor in server.factors if chosen[factor.name].name != factor.default]
    if not changed:
        return server
    build: dict[str, list[str]] = {}
    workloads = server.workloads
    for _, level in changed:
        for key, value in level.build.items():
            build.setdefault(key, []).append(value)
        workloads = tuple(one for one in workloads if not level.workloads or one in level.workloads)
    if not workloads:
        raise ValueError(f"{server.name}:{text} serves no workload at all")
    return replace(
        server,
        name=server.name + MARK + ",".join(f"{factor.name}={level.name}" for factor, level in changed),
        workloads=workloads,
        environment={key: value for _, level in changed for key, value in level.environment.items()},
        build={key: ",".join(values) for key, values in build.items()},
    )


def _chosen(server: Server, text: str) -> dict[str, Level]:
    factors = {factor.name: factor for factor in server.factors}
    chosen = {name: factor.level(factor.default) for name, factor in factors.items()}
    seen: set[str] = set()
    for part in text.split(","):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or not name or not value:
            raise ValueError(f"{part!r} is no factor=value")
        if name not in factors:
            raise ValueError(f"{server.name} has no factor {name!r}; it has {', '.join(factors) or 'none'}")
        if name in seen:
            raise ValueError(f"{name} is there twice")
        seen.add(name)
        chosen[name] = factors[name].level(value)
    return chosen


def environment_of(server: Server, limits: Limits) -> dict[str, str]:
    """Variables of a server's container under these limits; a service has its own alone, and its secrets beside them.

    The machine id is the same in every Trial, so that ids of ``/nextid`` compare.
    """
    known = {
        EQUAL_WORKERS: str(max(1, math.ceil(limits.cpus))),
        MEMORY_90: str(limits.memory_bytes * 9 // 10),
    }
    if server.service is not None:
        return dict(server.environment)
    varied = {name: known.get(value, value) for name, value in server.environment.items()}
    return {"LAB_PORT": str(server.port), "LAB_MACHINE_ID": "1", **varied}


def slug_of(name: str) -> str:
    """A server's or Variant's name, safe in container names, paths and image names: ``go-nethttp-json-sonic``."""
    return _UNSAFE.sub("-", name.lower()).strip("-")
