"""The labels that say what is ours. Everything we make carries them; everything we remove is found by them alone."""

from __future__ import annotations

import os
from collections.abc import Mapping

from orchestrator.domain.box import Tags
from orchestrator.domain.server import NAME
from orchestrator.errors import ConfigError, Mistake

LAB = "orchestrator.lab"
RUN = "orchestrator.run"
TRIAL = "orchestrator.trial"
ROLE = "orchestrator.role"
SERVER = "orchestrator.server"
INSTANCE_TYPE = "orchestrator.instance_type"
WORKLOAD = "orchestrator.workload"
#: On servers and load that ``up`` started to be watched: they outlive a sweep and end with ``stop_live``.
LIVE = "orchestrator.live"
#: On the bench's containers: which one it is (``prometheus``).
COMPONENT = "orchestrator.component"
#: On the bench's containers: what they were started from, so that a second ``up`` can tell that nothing changed.
RECIPE = "orchestrator.recipe"

ROLE_BENCH = "bench"
ROLE_SERVER = "server"
ROLE_GENERATOR = "generator"
ROLE_SIDECAR = "sidecar"
ROLE_JOB = "job"
ROLE_IMAGE = "image"
ROLE_SELF_TEST = "selftest"
#: A container that never runs: an image's files are read through it.
ROLE_PROBE = "probe"
#: Roles that belong to one Trial or check: what a dead Run leaves behind.
ROLES_OF_RUNS = (ROLE_SERVER, ROLE_GENERATOR, ROLE_SIDECAR, ROLE_JOB, ROLE_SELF_TEST, ROLE_PROBE)

LAB_VARIABLE = "ORCHESTRATOR_LAB"
LAB_DEFAULT = "default"


def lab_id(environment: Mapping[str, str] = os.environ) -> str:
    """This lab's id on the engine: ``ORCHESTRATOR_LAB``, or ``default``. Raises ConfigError for a bad name."""
    lab = environment.get(LAB_VARIABLE) or LAB_DEFAULT
    if NAME.fullmatch(lab) is None:
        message = f"{lab!r} is not a name for a lab; use lower-case letters, digits and dashes, at most 39"
        raise ConfigError((Mistake(LAB_VARIABLE, message, f"unset {LAB_VARIABLE}, or set it to a name like ci-1"),))
    return lab


def network_name(lab: str) -> str:
    """The network that bench and servers share; also the name of the bench's Compose project."""
    return f"footprint-{lab}"


def lab_labels(lab: str, role: str) -> dict[str, str]:
    """What every object carries at least."""
    return {LAB: lab, ROLE: role}


def image_labels(lab: str) -> dict[str, str]:
    """For images that are built."""
    return lab_labels(lab, ROLE_IMAGE)


def trial_labels(lab: str, tags: Tags, *, live: bool) -> dict[str, str]:
    """For servers, generators, sidecars and jobs; ``tags.role`` says which."""
    labels = lab_labels(lab, tags.role) | {
        RUN: tags.run,
        TRIAL: tags.trial,
        SERVER: tags.server,
        INSTANCE_TYPE: tags.instance_type,
        WORKLOAD: tags.workload,
    }
    return labels | {LIVE: "true"} if live else labels


def tags_from(labels: Mapping[str, str]) -> Tags:
    """What ``trial_labels`` put there."""
    return Tags(*(labels.get(key, "") for key in (RUN, TRIAL, SERVER, INSTANCE_TYPE, WORKLOAD, ROLE)))


def owned(lab: str, role: str | None = None) -> dict[str, list[str]]:
    """The engine's filter for objects of this lab, of one role or of all."""
    wanted = [f"{LAB}={lab}"]
    if role is not None:
        wanted.append(f"{ROLE}={role}")
    return {"label": wanted}
