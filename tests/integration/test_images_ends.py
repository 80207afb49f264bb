"""What image work leaves behind on the real engine when it is interrupted, takes too long, or is killed: nothing."""

from __future__ import annotations

import secrets
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import docker
import pytest

from orchestrator.adapters.docker import supply_build
from orchestrator.adapters.docker.client import EngineClient
from orchestrator.adapters.docker.containers import Containers
from orchestrator.adapters.docker.engine import DockerEngine
from orchestrator.adapters.docker.images import DockerImages
from orchestrator.adapters.docker.labels import image_labels
from orchestrator.domain.server import Server
from orchestrator.errors import BuildFailed, Interrupted

pytestmark = pytest.mark.engine

ROOT = Path(__file__).resolve().parents[2]
TINY = Server("tiny", "none", "tiny", "", 8080, ())
RECIPES = """
[base]
dockerfile = "images/base.Dockerfile"
contexts = { real = "real" }
[real]
pull = "x:1"
[toolchain-none]
dockerfile = "images/toolchain.Dockerfile"
context = "servers/none"
"""


class Killed(BaseException):
    """Stands for SIGKILL: what would have come after it is not done."""


@pytest.fixture
def images(tmp_path: Path, containers: Containers) -> DockerImages:
    """Recipes of which ``base`` never ends, and a server whose program has five bytes."""
    for name, text in {
        "images/images.toml": RECIPES,
        "images/base.Dockerfile": f"FROM real\nRUN echo {secrets.token_hex(4)} && exec sleep 60\n",
        "images/toolchain.Dockerfile": "FROM scratch\nCOPY server /server\n",
        "images/none.Dockerfile": 'FROM toolchain\nCMD ["/server"]\n',
        "servers/none/server": "12345",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return DockerImages(
        containers.client,
        tmp_path,
        (TINY,),
        supply="pull",
        labels=image_labels(containers.lab),
        cache=tmp_path / "cache",
    )


@pytest.fixture
def endless(images: DockerImages) -> Iterator[str]:
    """The reference of the image whose build never ends; it stands on the project's own base."""
    client = docker.from_env()
    own = DockerImages(EngineClient(), ROOT, ()).provide("base").reference
    real = images.needs(["real"])[0].reference
    client.images.get(own).tag(*real.split(":"))
    yield images.needs(["base"])[0].reference
    client.images.remove(real)
    client.close()


def clients_of(reference: str) -> list[str]:
    """Programs of this machine, dead ones aside, that have a reference on their command line."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().decode("utf-8", "replace").split("\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if reference in words:
            found.append(" ".join(words))
    return found


#: The library's own Popen is dropped without being waited for: Python reaps it, and says so.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interrupted_build_leaves_no_client_behind(images: DockerImages, endless: str) -> None:
    seen: list[str] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        seen.extend(clients_of(endless))
        raise Interrupted(number)

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 3)
    started = time.monotonic()
    try:
        with pytest.raises(Interrupted):
            images.provide("base")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert seen, "the build was not running when it was interrupted"
    assert clients_of(endless) == []
    assert time.monotonic() - started < 10
    assert not images.needs(["base"])[0].present


def test_a_build_that_hangs_is_ended(images: DockerImages, endless: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supply_build, "BUILD_SECONDS", 2)
    started = time.monotonic()
    with pytest.raises(BuildFailed, match="took longer than 2 s"):
        images.provide("base")
    assert time.monotonic() - started < 10
    assert clients_of(endless) == []


@pytest.mark.parametrize("by", ["sweep", "down"])
def test_a_probe_that_was_killed_is_found(
    by: str, images: DockerImages, containers: Containers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*args: object, **options: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(docker.APIClient, "get_archive", killed)
        patch.setattr(docker.APIClient, "remove_container", killed)
        with pytest.raises(Killed):
            images.provide("server/tiny")
    engine = DockerEngine(containers, Path())
    removed = engine.sweep() if by == "sweep" else engine.remove_owned(images=False)
    assert removed.containers == 1
    assert images.provide("server/tiny").binary_bytes == 5
    assert engine.remove_owned(images=False).containers == 0
