"""What the user asks for in lab.yaml, every name in it known to the catalog."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from orchestrator.domain.instance_type import InstanceType
from orchestrator.domain.slo import Slo
from orchestrator.domain.workload import Scenario

SEED_DEFAULT = 4711


@dataclass(frozen=True)
class LabConfig:
    """What to measure and how it is judged.

    Attributes:
        servers, instance_types, workloads: names, in the order they were written.
        own_instance_types: sizes described in the file itself; their ids are among ``instance_types``.
    """

    servers: tuple[str, ...]
    instance_types: tuple[str, ...]
    workloads: tuple[str, ...]
    scenario: Scenario
    slo: Slo
    seed: int = SEED_DEFAULT
    own_instance_types: tuple[InstanceType, ...] = ()


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``; did you mean 'memory'?`` for the known word that is nearest, or nothing when none is near."""
    near = difflib.get_close_matches(word[:80], list(known), n=1, cutoff=0.6)
    return f"; did you mean '{near[0]}'?" if near else ""


def not_in_catalog(kind: str, name: str, known: Iterable[str]) -> str:
    """``instance 'aws/t3.mirco' is not in the catalog; did you mean 'aws/t3.micro'?``"""
    shown = name if len(name) <= 80 else f"{name[:77]}..."
    return f"{kind} {shown!r} is not in the catalog{did_you_mean(name, known)}"
