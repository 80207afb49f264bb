"""What the containers of all generators have in common: where they stand, what they may use, how they are called."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from orchestrator.adapters.docker.containers import Containers, Order
from orchestrator.adapters.docker.labels import network_name, trial_labels
from orchestrator.domain.box import LoadSpec
from orchestrator.domain.limits import PERIOD_MICROSECONDS, Limits
from orchestrator.domain.needs import open_files_for
from orchestrator.errors import EnvironmentNotFit, LoadFailed
from orchestrator.ports import Box

PIDS = 1024
#: On a small host it stands on one CPU with the bench, which gives way (compose/bench.yaml): a late generator is a
#: void Trial.
CPU_SHARES = 8192


def load_order(containers: Containers, box: Box, spec: LoadSpec, image: str, memory_bytes: int, *, live: bool) -> Order:
    """A generator in the Box's network namespace, on whole CPUs, named after the Box. It has no command yet."""
    name = f"{box.name}.load"
    return Order(
        image=image,
        # The live servers of two labs on one engine have the same names.
        name=f"{network_name(containers.lab)}.{name}" if live else name,
        labels=trial_labels(containers.lab, spec.tags, live=live),
        limits=Limits(
            cpuset=spec.cpus,
            quota_microseconds=len(spec.cpus) * PERIOD_MICROSECONDS,
            period_microseconds=PERIOD_MICROSECONDS,
            memory_bytes=memory_bytes,
            swap_bytes=0,
            pids=PIDS,
        ),
        quota=False,
        cpu_shares=CPU_SHARES,
        network=f"container:{box.id}",
        open_files=open_files_for(spec.virtual_users),
    )


@contextmanager
def joining(containers: Containers, server: str) -> Iterator[None]:
    """For the start of a container in the network of another: a server that died is what was measured, no unfit
    engine. Raises LoadFailed for it, and whatever else the start raises."""
    try:
        yield
    except EnvironmentNotFit as error:
        state = containers.inspect(server)
        if state is not None and state["State"]["Running"]:
            raise
        raise LoadFailed(f"the server ended before the generator began: {error.message}", where=server[:12]) from error
