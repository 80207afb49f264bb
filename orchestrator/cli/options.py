"""The options that several commands share, and what they become."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from orchestrator.errors import ConfigError, Mistake

if TYPE_CHECKING:
    from orchestrator.domain.plan import Aim
    from orchestrator.domain.slo import Slo


class Supply(StrEnum):
    """Where images come from."""

    AUTO = "auto"
    PULL = "pull"
    BUILD = "build"


class Kind(StrEnum):
    """What can be listed."""

    SERVERS = "servers"
    INSTANCES = "instances"
    WORKLOADS = "workloads"
    SCENARIOS = "scenarios"
    RUNS = "runs"


AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
Verbose = Annotated[bool, typer.Option("-v", help="Show the traceback of a bug.")]
LabFile = Annotated[Path | None, typer.Argument(metavar="[LAB.yaml]", help="What to measure; lab.yaml when left out.")]
Supplied = Annotated[Supply, typer.Option("--supply", help="Where images come from; auto asks a registry once.")]
AllowShared = Annotated[
    bool, typer.Option("--allow-shared", help="Let server and generator share CPUs; such numbers are never ranked.")
]
Duet = Annotated[
    bool,
    typer.Option("--duet", help="Two servers, or one with --aa, at once at one --rate: which costs less CPU time."),
]
_SLO = typer.Option("--slo", metavar="SLO", help="Such as p99=50ms,errors=0.1%; also goodput=99%.")
ObjectivesOption = Annotated[str | None, _SLO]
Objectives = Annotated[str, _SLO]
Instances = Annotated[list[str] | None, typer.Option("--instance", metavar="I", help="Instance type; repeatable.")]


def aim_of(*, capacity: bool, demand: bool, duet: bool) -> Aim:
    """What ``run`` looks for. Raises ConfigError when more than one thing was asked for."""
    from orchestrator.domain.plan import Aim

    asked = {Aim.CAPACITY: capacity, Aim.DEMAND: demand, Aim.DUET: duet}
    aims = [aim for aim, on in asked.items() if on]
    if len(aims) > 1:
        first, second = aims[:2]
        message = f"--{first} and --{second} are two questions; ask one at a time"
        raise ConfigError((Mistake(f"--{second}", message),))
    return aims[0] if aims else Aim.STAIRCASE


def objectives(text: str) -> Slo:
    """``--slo`` where it must be given. Raises ConfigError."""
    from orchestrator.domain.slo import parse_slo

    try:
        return parse_slo(text)
    except ValueError as error:
        raise ConfigError((Mistake("--slo", str(error)),)) from None


def check_rate(rate: int) -> None:
    """Raises ConfigError for a rate nobody can offer."""
    from orchestrator.domain.config import check_rate as check

    mistakes = check(rate)
    if mistakes:
        raise ConfigError(mistakes)


Thing = TypeVar("Thing")


def named(kind: str, names: Iterable[str], known: dict[str, Thing]) -> tuple[Thing, ...]:
    """The things of these names. Raises ConfigError for all that are not in the catalog."""
    from orchestrator.domain.config import not_in_catalog

    asked = tuple(dict.fromkeys(names))
    mistakes = tuple(Mistake(f"--{kind}", not_in_catalog(kind, name, known)) for name in asked if name not in known)
    if mistakes:
        raise ConfigError(mistakes)
    return tuple(known[name] for name in asked)
