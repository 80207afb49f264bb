"""Containers of the contract: a server under test, and the client inside its network namespace."""

import io
import json
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from docker import DockerClient
from docker.models.containers import Container
from server_files import ServerFile

from orchestrator import wiring
from orchestrator.adapters.simulated.progress import RecordedProgress

LABELS = {"orchestrator.lab": "contract-test"}
MACHINE_ID = 48879
CLIENT_FILES = ("client.py", "document.py", "wire.py", "workload_cases.py", "workload_client.py", "wrong_requests.py")
CASES_SECONDS_MOST = 120
STOP_PATIENCE = 5  # the contract's two seconds, and what an engine busy with other tests adds


@cache
def image_reference(name: str) -> str:
    """The image of a server, by its name in server.yaml, or of `python`; built or pulled when it is not there."""
    supply = wiring.lab(RecordedProgress()).images
    return supply.provide(name if name == "python" else f"server/{name}").reference


def client_archive() -> bytes:
    """A tar with the client in /contract, readable by anybody."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name in CLIENT_FILES:
            data = (Path(__file__).parent / name).read_bytes()
            entry = tarfile.TarInfo(f"contract/{name}")
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return archive.getvalue()


@contextmanager
def container(
    engine: DockerClient, image: str, command: list[str] | None, files: bytes = b"", **options: Any
) -> Iterator[Container]:
    """A started container with files (a tar) put into its root first; removed at the end, whatever happens."""
    created = engine.containers.create(image, command, labels=LABELS, **options)
    try:
        if files:
            created.put_archive("/", files)
        created.start()
        yield created
    finally:
        created.remove(force=True, v=True)


class ServerUnderTest:
    """Starts one server as the lab does: read-only, no capabilities, its own user, 64 MiB, one CPU of quota."""

    def __init__(self, engine: DockerClient, server: ServerFile, image: str = "") -> None:
        """image: the name of a variant of this server."""
        self.engine = engine
        self.server = server
        self.image = image_reference(image or server.name)

    @contextmanager
    def process(self, command: list[str] | None = None, **changes: Any) -> Iterator[Container]:
        """The container, started, ready or not. changes: options of the Engine API in place of the usual ones."""
        options: dict[str, Any] = {
            "read_only": True,
            "cap_drop": ["ALL"],
            "security_opt": ["no-new-privileges"],
            "mem_limit": "64m",
            "memswap_limit": "64m",
            "pids_limit": 128,
            "nano_cpus": 1_000_000_000,
            "environment": {"LAB_MACHINE_ID": str(MACHINE_ID)},
        }
        with container(self.engine, self.image, command, **{**options, **changes}) as started:
            yield started

    @contextmanager
    def ready(self, **changes: Any) -> Iterator[Container]:
        """The same, once --healthcheck says 0; fails with the server's own words after 10 s."""
        with self.process(**changes) as started:
            until = time.monotonic() + 10
            while self.healthcheck(started) != 0:
                if time.monotonic() > until:
                    pytest.fail(f"{self.server.name} is not ready after 10 s; its log: {started.logs().decode()!r}")
                time.sleep(0.05)
            yield started

    def healthcheck(self, running: Container) -> int:
        """Exit code of --healthcheck inside the container; 1 when the container runs no more."""
        running.reload()
        if running.status != "running":
            return 1
        return 0 if running.exec_run(["/server", "--healthcheck"]).exit_code == 0 else 1

    def await_ready(self, client: Container) -> None:
        """Wait until the client has printed `ready`, 20 s at most."""
        until = time.monotonic() + 20
        while b"ready" not in client.logs(stderr=False):
            client.reload()
            if client.status == "exited" or time.monotonic() > until:
                pytest.fail(f"the contract client never got ready: {client.logs().decode()[-2000:]}")
            time.sleep(0.05)

    @contextmanager
    def client(self, server: Container, *mode: str) -> Iterator[Container]:
        """client.py in the server's network namespace; it comes as an archive, so the engine may be a remote one."""
        command = ["python3", "-B", "/contract/client.py", *mode]
        with container(
            self.engine,
            image_reference("python"),
            command,
            client_archive(),
            entrypoint=[],
            network_mode=f"container:{server.id}",
            mem_limit="256m",
            user="65534:65534",
        ) as started:
            yield started

    def evidence(self, client: Container) -> Any:
        """What the client printed last, once it has ended; fails with its error when it ended badly."""
        code = int(client.wait(timeout=CASES_SECONDS_MOST)["StatusCode"])
        if code != 0:
            pytest.fail(f"the contract client ended with {code}: {client.logs(stdout=False).decode()[-2000:]}")
        return json.loads(client.logs(stderr=False).decode().splitlines()[-1])

    def stop(self, server: Container) -> int:
        """SIGTERM, then the exit code: 137 where the engine had to kill it after `STOP_PATIENCE` seconds."""
        server.stop(timeout=STOP_PATIENCE)
        return int(server.wait(timeout=30)["StatusCode"])
