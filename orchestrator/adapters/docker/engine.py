"""The engine as a whole (ports.Engine): what it is, what of ours is on it, and who may measure on it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from orchestrator.adapters.cgroup.wire import effective_from_json
from orchestrator.adapters.docker.containers import Containers, Order
from orchestrator.adapters.docker.labels import LIVE, ROLE, ROLE_IMAGE, ROLE_SELF_TEST, ROLES_OF_RUNS, lab_labels, owned
from orchestrator.adapters.docker.probe import probe_facts, probe_fingerprint, sample_steal
from orchestrator.adapters.host.lock import hold_engine
from orchestrator.adapters.host.machine import stand_on
from orchestrator.domain.box import Owned
from orchestrator.domain.checks import HostFacts, SelfTest
from orchestrator.domain.limits import Limits, not_in_force
from orchestrator.domain.measurement import Missing
from orchestrator.domain.record import HostFingerprint
from orchestrator.errors import EnvironmentNotFit

SELF_TEST_SECONDS = 3
SELF_TEST_SECONDS_MAX = 30
LOG_LINES = 20
#: Gone already, or going: both are what a removal wants.
_GONE = (404,)
_IN_PROGRESS = "already in progress"


class DockerEngine:
    """One lab on one engine.

    Args:
        runs: folder where Runs are stored; its disk is one of the facts.
    """

    def __init__(self, containers: Containers, runs: Path) -> None:
        self._containers = containers
        self._client = containers.client
        self._lab = containers.lab
        self._runs = runs

    def facts(self) -> HostFacts:
        """What was probed; takes 0.3 s, to see how much a hypervisor takes. Raises EngineUnavailable."""
        return probe_facts(self._client, self._lab, self._runs)

    def steal_ratio(self) -> float | Missing:
        """Share of CPU time the hypervisor takes from the host, sampled for a moment."""
        return sample_steal(self._client)

    def fingerprint(self) -> HostFingerprint:
        return probe_fingerprint(self._client)

    def self_test(self, image: str, limits: Limits) -> SelfTest:
        """Burns CPU under these limits for 3 s in the observer's image. Raises EnvironmentNotFit when it cannot run."""
        order = Order(
            image=image,
            command=("selftest", str(SELF_TEST_SECONDS)),
            labels=lab_labels(self._lab, ROLE_SELF_TEST),
            limits=limits,
            network="none",
        )
        container = self._containers.start(order)
        try:
            code = self._containers.wait(container, SELF_TEST_SECONDS_MAX)
            if code == 0:
                return read_self_test(self._containers.output(container), limits)
            raise EnvironmentNotFit(
                f"the self-test's container ended with exit code {code}"
                if code is not None
                else f"the self-test's container did not end within {SELF_TEST_SECONDS_MAX} s",
                where=image,
                hint="orchestrator doctor --json; with other images: orchestrator down --images, then orchestrator up",
                detail=self._containers.log_tail(container, LOG_LINES),
            )
        finally:
            self._containers.remove(container)

    def sweep(self) -> Owned:
        """Removes Trial containers of dead Runs; live servers stay. For the holder of the engine only."""
        removed = 0
        for role in ROLES_OF_RUNS:
            with self._client.calls("list leftovers") as api:
                found = api.containers(all=True, filters=owned(self._lab, role))
            for one in found:
                if LIVE not in one["Labels"]:
                    self._containers.remove(one["Id"])
                    removed += 1
        return Owned(containers=removed, networks=0, volumes=0, images=0)

    def remove_owned(self, *, images: bool) -> Owned:
        """Removes by label: containers, networks, volumes, then images.

        Raises EnvironmentNotFit, after the rest was removed, for what somebody else still uses.
        """
        mine = owned(self._lab)
        kept: list[str] = []
        with self._client.calls("remove what is this lab's") as api:
            counts = [
                _remove_all(
                    (("container", one["Id"]) for one in api.containers(all=True, filters=mine) if _is_ours(one)),
                    lambda name: api.remove_container(name, force=True, v=True),
                    kept,
                ),
                _remove_all((("network", one["Name"]) for one in api.networks(filters=mine)), api.remove_network, kept),
                _remove_all(
                    (("volume", one["Name"]) for one in api.volumes(filters=mine)["Volumes"] or ()),
                    api.remove_volume,
                    kept,
                ),
                self._remove_images(api, kept) if images else 0,
            ]
        if kept:
            raise EnvironmentNotFit(
                "some objects of this lab are in use by others and were left",
                hint="stop what uses them; then: orchestrator down",
                detail=tuple(kept),
            )
        return Owned(*counts)

    @contextmanager
    def hold(self, cpus: tuple[int, ...] = ()) -> Iterator[None]:
        """This lab measures on this engine, from these CPUs. Raises LabHeld when another one does."""
        with self._client.calls("say who it is") as api:
            engine = str(api.info()["ID"])
        aside = stand_on(cpus) if cpus and self._client.endpoint.is_socket else nullcontext()
        with hold_engine(engine, self._lab), aside:
            yield

    def _remove_images(self, api: Any, kept: list[str]) -> int:
        removed = 0
        for one in api.images(filters=owned(self._lab)):
            names = one.get("RepoTags") or [one["Id"]]
            gone = _remove_all((("image", name) for name in names), api.remove_image, kept)
            removed += gone == len(names)
        return removed


def read_self_test(output: str, limits: Limits) -> SelfTest:
    """The observer's JSON line as a judgement. Raises EnvironmentNotFit where it is none, or has no counters."""
    try:
        said = json.loads(output)
        return SelfTest(
            wrong=not_in_force(limits, effective_from_json(said["limits"])),
            cpus_used=float(said["cpus_used"]),
            throttled_periods=int(said["throttled_periods"]),
            periods=int(said["periods"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise EnvironmentNotFit(
            "the self-test could not read its own quota counters", detail=tuple(output.splitlines()[-LOG_LINES:])
        ) from error


def _is_ours(container: Mapping[str, Any]) -> bool:
    """A container that somebody started by hand from an image of ours inherits the image's labels, with its role."""
    return bool(container["Labels"].get(ROLE) != ROLE_IMAGE)


def _remove_all(things: Iterable[tuple[str, str]], remove: Callable[[str], Any], kept: list[str]) -> int:
    """How many were removed. What is in use by others goes to ``kept``; what is gone already is nothing to tell."""
    from docker.errors import APIError

    removed = 0
    for kind, name in list(things):
        try:
            remove(name)
            removed += 1
        except APIError as error:
            explanation = str(error.explanation or error)
            if error.status_code in _GONE or _IN_PROGRESS in explanation:
                continue
            if error.status_code not in (403, 409):
                raise
            kept.append(f"{kind} {name}: {explanation}")
    return removed
