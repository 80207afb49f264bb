"""A registry on loopback, filled with what this machine built under the names the public ones use."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import docker

from orchestrator.adapters.docker.supply import mirrored
from tests.e2e.conftest import ROOT

CONFIG = """\
version: 0.1
log: {{level: warn, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {folder}}}}}
http: {{addr: "{address}", headers: {{X-Content-Type-Options: [nosniff]}}}}
"""


def program(folder: Path) -> str:
    """Debian's docker-registry: the installed one, else unpacked from its package. Nothing is installed.

    An installed package would start a service of its own.
    """
    installed = shutil.which("docker-registry")
    if installed:
        return installed
    folder.chmod(0o755)
    done = subprocess.run(
        ["apt-get", "download", "docker-registry"], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    packages = list(folder.glob("docker-registry_*.deb"))
    assert packages, f"these tests need Debian's docker-registry (apt-get update, then again): {done.stderr}"
    subprocess.run(["dpkg-deb", "--extract", str(packages[0]), str(folder)], check=True, timeout=60)
    return str(folder / "usr" / "bin" / "docker-registry")


@contextmanager
def registry(folder: Path) -> Iterator[str]:
    """Its ``host:port`` while it runs; gone with all it held after."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    config = folder / "config.yml"
    config.write_text(CONFIG.format(folder=folder / "images", address=address))
    log = folder / "log"
    with (
        log.open("w") as out,
        subprocess.Popen(
            [program(folder), "serve", str(config)], stdin=subprocess.DEVNULL, stdout=out, stderr=out
        ) as process,
    ):
        try:
            deadline = time.monotonic() + 20
            while not _answers(address):
                assert process.poll() is None and time.monotonic() < deadline, log.read_text()
                time.sleep(0.05)
            yield address
        finally:
            process.terminate()
            process.wait(10)
            shutil.rmtree(folder / "images", ignore_errors=True)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{address}/v2/", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def official(name: str) -> str:
    """What images.toml pins for an image."""
    recipes = tomllib.loads((ROOT / "images" / "images.toml").read_text())
    return str(recipes[name]["pull"])


def fill(client: docker.DockerClient, address: str, images: Iterable[tuple[str, str]]) -> None:
    """Pushes (name, local reference) under their official names; leaves no tag behind."""
    for name, local in images:
        reference = mirrored(official(name), address)
        repository, _, tag = reference.rpartition(":")
        client.api.tag(local, repository, tag)
        try:
            for event in client.api.push(repository, tag=tag, stream=True, decode=True):
                assert "error" not in event, f"{reference}: {event['error']}"
        finally:
            client.api.remove_image(reference)
