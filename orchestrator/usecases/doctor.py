"""``doctor``: is this machine fit, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from orchestrator.domain.checks import SELF_TEST_CPUS, Finding, HostFacts, SelfTest, findings
from orchestrator.domain.limits import PERIOD_MICROSECONDS, PIDS, Limits
from orchestrator.domain.measurement import Missing
from orchestrator.errors import LabHeld
from orchestrator.ports import Lab

SELF_TEST_MEMORY_BYTES = 64 * 2**20


@dataclass(frozen=True)
class Diagnosis:
    """Facts and what they mean."""

    facts: HostFacts
    findings: tuple[Finding, ...]


def doctor(lab: Lab) -> Diagnosis:
    """Probes engine and host; with the observer's image at hand also proves that limits are enforced."""
    facts = replace(lab.engine.facts(), supply=lab.images.kind(), steal_ratio=lab.engine.steal_ratio())
    (need,) = lab.images.needs(("observer",))
    if need.present:
        quota = round(PERIOD_MICROSECONDS * SELF_TEST_CPUS)
        limits = Limits((facts.cpus[-1],), quota, PERIOD_MICROSECONDS, SELF_TEST_MEMORY_BYTES, 0, PIDS)
        facts = replace(facts, self_test=_self_test(lab, need.reference, limits))
    return Diagnosis(facts, findings(facts, lab.catalog.instance_types()))


def _self_test(lab: Lab, image: str, limits: Limits) -> SelfTest | Missing:
    """Burns CPU only while nobody measures."""
    try:
        with lab.engine.hold():
            return lab.engine.self_test(image, limits)
    except LabHeld as error:
        return Missing(f"not run: {error.message}")
