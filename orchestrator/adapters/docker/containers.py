"""One container of ours at a time: made under limits, given files, watched, removed. Servers, generators and checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from orchestrator.adapters.docker.archive import packed
from orchestrator.adapters.docker.client import EngineClient
from orchestrator.adapters.docker.labels import COMPONENT, LAB, ROLE, ROLE_BENCH, lab_labels, network_name, owned
from orchestrator.domain.limits import Limits
from orchestrator.errors import EnvironmentNotFit, ImageUnavailable

#: Where ``Order.files`` are found inside the container.
FILES_FOLDER = "/lab"
#: What the entry points of official images need to hand their files and themselves to another user.
ENTRY_POINT_RIGHTS = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID")
#: A server that logs each request must not fill the host's disk.
LOG_BYTES_MAX = "4m"


@dataclass(frozen=True)
class Order:
    """A container to make.

    Attributes:
        network: name of a network, ``none``, or ``container:<id>`` to join that one's.
        alias: a host name on that network beside ``name``, which no two containers of an engine can share.
        quota: whether the CPU quota of the limits is set; a generator has its CPUs whole.
        cpu_shares: weight against others on the same CPUs; the engine's default (1024) when None.
        files: name -> bytes, read-only to the program, below FILES_FOLDER.
        folders: names of empty folders that the program may write to, below FILES_FOLDER.
        open_files: file descriptors a process may have; the engine's own limit (often 1,024) when None.
        foreign: somebody else's program, such as a database. It writes where it likes in its own root file system, and
            its entry point may give up root for a user of its own.
        user: "" for the image's own.
        tmpfs: folders in memory that every user of the container may write to.
        read_only: the root file system.
    """

    image: str
    labels: Mapping[str, str]
    limits: Limits
    network: str
    name: str | None = None
    alias: str | None = None
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    quota: bool = True
    cpu_shares: int | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    folders: tuple[str, ...] = ()
    open_files: int | None = None
    foreign: bool = False
    user: str = ""
    tmpfs: tuple[str, ...] = ()
    read_only: bool = True


class Containers:
    """The containers of one lab."""

    def __init__(self, client: EngineClient, lab: str) -> None:
        self.client = client
        self.lab = lab

    def start(self, order: Order) -> str:
        """The id of a container that was made and started; nothing is left when that fails.

        Raises ImageUnavailable, EnvironmentNotFit, EngineUnavailable, EngineLost.
        """
        made = self.make(order)
        try:
            begin(self.client, made, order.name or order.image)
        except BaseException:
            self.remove(made)
            raise
        return made

    def make(self, order: Order) -> str:
        """The id of a container that has its files and was not started; nothing is left when that fails.

        Raises ImageUnavailable, EnvironmentNotFit, EngineUnavailable, EngineLost.
        """
        called = order.name or order.image
        made = self._make(order, called)
        if not (order.files or order.folders):
            return made
        try:
            with self.client.calls(f"give container {called} its files") as api:
                api.put_archive(made, FILES_FOLDER, packed(order.files, order.folders))
        except BaseException:
            self.remove(made)
            raise
        return made

    def inspect(self, container: str) -> dict[str, Any] | None:
        """What the engine says of it; None when it is gone."""
        from docker.errors import NotFound

        with self.client.calls("inspect a container") as api:
            try:
                return dict(api.inspect_container(container))
            except NotFound:
                return None

    def log_tail(self, container: str, lines: int) -> tuple[str, ...]:
        """Its last log lines, both streams; empty when it is gone."""
        from docker.errors import NotFound

        with self.client.calls("read a container's log") as api:
            try:
                raw = api.logs(container, stdout=True, stderr=True, tail=lines)
            except NotFound:
                return ()
        return tuple(bytes(raw).decode("utf-8", "replace").splitlines())

    def output(self, container: str) -> str:
        """All of its standard output, and nothing of its log."""
        with self.client.calls("read a container's output") as api:
            return bytes(api.logs(container, stdout=True, stderr=False)).decode("utf-8", "replace")

    def wait(self, container: str, seconds: float) -> int | None:
        """Its exit code once it ended; None when it still runs after so long, or is gone."""
        from docker.errors import NotFound
        from requests import exceptions

        with self.client.calls("wait for a container") as api:
            try:
                return int(api.wait(container, timeout=ceil(seconds))["StatusCode"])
            except NotFound:
                return None
            except (exceptions.ReadTimeout, exceptions.ConnectionError):
                # The SDK reports its time limit as either; an engine that is gone fails the next call.
                api.ping()
                return None

    def remove(self, container: str) -> None:
        """Killed and removed with its anonymous volumes, in one call. Gone already is success."""
        from docker.errors import APIError

        with self.client.calls("remove a container") as api:
            try:
                api.remove_container(container, force=True, v=True)
            except APIError as error:
                # 409: another removal of it is under way.
                if error.status_code not in (404, 409):
                    raise

    def _make(self, order: Order, called: str) -> str:
        from docker.errors import ImageNotFound
        from docker.types import Healthcheck

        with self.client.calls(f"create container {called}") as api:
            networking = None
            if order.alias:
                endpoint = api.create_endpoint_config(aliases=[order.alias])
                # Its stubs want a single endpoint; the API and its documentation, endpoints by network.
                networking = api.create_networking_config({order.network: endpoint})  # type: ignore[arg-type]
            try:
                made = api.create_container(
                    order.image,
                    list(order.command) or None,
                    name=order.name,
                    labels=dict(order.labels),
                    environment=dict(order.environment),
                    user=order.user or None,
                    # A check of the image's own would run beside the load, on the same CPUs.
                    healthcheck=Healthcheck(test=["NONE"]),
                    host_config=self._host_config(api, order),
                    networking_config=networking,
                )
            except ImageNotFound as error:
                raise ImageUnavailable(
                    f"image {order.image} is not on the engine", hint="orchestrator build", where=order.image
                ) from error
        return str(made["Id"])

    def _host_config(self, api: Any, order: Order) -> dict[str, Any]:
        """Limits exactly as asked, and no more rights than a program needs that listens on a port.

        A ``vm`` mode gives the container a parent cgroup of its own here (``cgroup_parent=``) and leaves out the quota.
        """
        from docker.types import LogConfig, Mount, Ulimit

        limits = order.limits
        cpu = {"cpu_quota": limits.quota_microseconds, "cpu_period": limits.period_microseconds} if order.quota else {}
        # The root file system is read-only; an anonymous volume goes with its container.
        folders = [FILES_FOLDER] if order.files or order.folders else []
        if order.foreign:
            # The volumes its image asks for would be made without our label, and a `down` would not know them.
            folders += (api.inspect_image(order.image)["Config"] or {}).get("Volumes") or ()
        labels = lab_labels(self.lab, order.labels[ROLE])
        mounts = [Mount(folder, None, type="volume", labels=labels) for folder in folders]
        files = order.open_files
        config: dict[str, Any] = api.create_host_config(
            **cpu,
            ulimits=[Ulimit(name="nofile", soft=files, hard=files)] if files else None,
            cpuset_cpus=",".join(str(cpu) for cpu in limits.cpuset),
            mem_limit=limits.memory_bytes,
            # The engine counts memory and swap together.
            memswap_limit=limits.memory_bytes + limits.swap_bytes,
            pids_limit=limits.pids,
            read_only=order.read_only and not order.foreign,
            tmpfs=dict.fromkeys(order.tmpfs, "rw,nosuid,nodev,mode=1777"),
            cap_drop=["ALL"],
            cap_add=list(ENTRY_POINT_RIGHTS) if order.foreign else None,
            security_opt=["no-new-privileges"],
            network_mode=order.network,
            mounts=mounts,
            log_config=LogConfig(type="json-file", config={"max-size": LOG_BYTES_MAX, "max-file": "1"}),
            cpu_shares=order.cpu_shares,
            restart_policy={"Name": "no"},
            init=False,
        )
        return config


def begin(client: EngineClient, container: str, called: str) -> None:
    """Starts a container that was made. Raises EnvironmentNotFit, EngineLost."""
    with client.calls(f"start container {called}") as api:
        api.start(container)


def succeeds(client: EngineClient, container: str, command: tuple[str, ...]) -> bool:
    """Whether a program that is run inside it ends with 0; False when it has no such program or does not run."""
    from docker.errors import APIError

    with client.calls(f"run {command[0]} in a container") as api:
        try:
            made = api.exec_create(container, list(command))["Id"]
            api.exec_start(made)
            return bool(api.exec_inspect(made)["ExitCode"] == 0)
        except APIError as error:
            # 404: gone; 409: not running; 400: some engines' word for a program that is not there.
            if error.status_code not in (400, 404, 409):
                raise
            return False


def runs_in_bench(containers: Containers, component: str) -> bool:
    """Whether a component of the bench (``prometheus``) runs."""
    wanted = owned(containers.lab, ROLE_BENCH)
    wanted["label"].append(f"{COMPONENT}={component}")
    with containers.client.calls(f"look for {component}") as api:
        return bool(api.containers(filters=wanted))


def ensure_network(client: EngineClient, lab: str) -> str:
    """The name of the lab's network, made when it is not there. Bench and servers meet in it."""
    name = network_name(lab)
    with client.calls(f"make network {name}") as api:
        found = [one for one in api.networks(names=[name]) if one["Name"] == name]
        if not found:
            api.create_network(name, driver="bridge", labels=lab_labels(lab, ROLE_BENCH), check_duplicate=True)
            return name
    labels = found[0].get("Labels") or {}
    if labels.get(LAB) == lab:
        return name
    raise EnvironmentNotFit(
        f"a network named {name} is there already and is not this lab's",
        where=name,
        hint="rename or remove it, or choose another lab: ORCHESTRATOR_LAB=other",
    )
