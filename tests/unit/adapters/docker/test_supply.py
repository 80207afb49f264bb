"""What the supplies answer and leave behind when they cannot work or are interrupted; scripts play the programs."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, SimpleNamespace
from typing import Any, cast

import pytest

from orchestrator.adapters.docker import supply_build, supply_host, supply_leash
from orchestrator.adapters.docker.client import EngineClient
from orchestrator.adapters.docker.images import DockerImages, toolchain_with_digest
from orchestrator.adapters.docker.recipes import Recipe, Rootfs, load_recipes, pull_hash
from orchestrator.adapters.docker.supply import Resolved
from orchestrator.adapters.docker.supply_build import Builder
from orchestrator.adapters.docker.supply_leash import leash
from orchestrator.domain.measurement import Missing
from orchestrator.domain.server import ImageNeed, Server
from orchestrator.errors import BuildFailed, EnvironmentNotFit, ImageUnavailable, Interrupted

ROOT = Path(__file__).resolve().parents[4]
GO = Server("go-fasthttp", "go", "fasthttp", "", 8080, ())
CONTEXT = """[{"Name": "default", "Metadata": {}, "Endpoints": {}, "TLSMaterial": {}, "Storage": {}}]"""
#: Its child ignores SIGTERM, as a plugin may that is busy.
SLEEPER = """#!/bin/sh
if [ "$1" = context ]; then echo '{context}'; exit; fi
trap 'touch {folder}/tidied; exit 143' TERM
sh -c 'trap "" TERM; echo $$ >{folder}/child; exec sleep 60' &
echo $$ >{folder}/leader
wait
"""


class FakeEngine:
    """An engine with these images that reaches no registry; ``asked`` counts how often one was asked for."""

    def __init__(self, *references: str) -> None:
        self.references = references
        self.asked = 0

    @contextmanager
    def calls(self, doing: str) -> Iterator[Any]:
        if "registry" in doing:
            self.asked += 1
            raise EnvironmentNotFit("connection refused")
        yield SimpleNamespace(images=lambda: [{"RepoTags": [one]} for one in self.references])


def images(engine: FakeEngine, supply: str = "auto") -> DockerImages:
    return DockerImages(cast(EngineClient, engine), ROOT, (GO,), supply=supply)


@pytest.fixture
def bare_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A host without Go, Rust and mmdebstrap."""
    monkeypatch.setenv("PATH", str(tmp_path))
    supply_host.toolchain.cache_clear()
    yield
    supply_host.toolchain.cache_clear()


def test_where_no_supply_works_what_is_there_is_found_and_nobody_asked(bare_host: None) -> None:
    recipes = load_recipes(ROOT)
    pulled = [name for name, recipe in recipes.items() if recipe.pull]
    engine = FakeEngine(*(f"footprint-lab/{name}:{pull_hash(str(recipes[name].pull))}" for name in pulled))
    assert [(need.name, need.present) for need in images(engine).needs(pulled)] == [(name, True) for name in pulled]
    assert engine.asked == 0


def test_where_no_supply_works_what_is_not_there_has_no_reference(bare_host: None) -> None:
    supply = images(FakeEngine())
    names = ("observer", "server/go-fasthttp", "grafana")
    assert supply.needs(names) == tuple(ImageNeed(name, "", False) for name in names)
    kind = supply.kind()
    assert isinstance(kind, Missing) and "sudo apt-get install --yes mmdebstrap" in kind.reason
    with pytest.raises(EnvironmentNotFit, match=r"no registry answers, and .* no mmdebstrap") as caught:
        supply.provide("observer")
    assert "apt-get install" in caught.value.hint and "ORCHESTRATOR_REGISTRY" in caught.value.hint
    assert "doctor" not in caught.value.hint, "doctor itself may have asked"


def test_a_build_that_was_asked_for_and_cannot_be_says_what_lacks(bare_host: None) -> None:
    supply = images(FakeEngine(), "build")
    assert supply.needs(["server/go-fasthttp"]) == (ImageNeed("server/go-fasthttp", "", False),)
    assert isinstance(supply.kind(), Missing)
    with pytest.raises(EnvironmentNotFit, match="no go on PATH"):
        supply.provide("server/go-fasthttp")


def test_a_name_without_recipe_is_no_need() -> None:
    with pytest.raises(ImageUnavailable, match="'k7'"):
        images(FakeEngine()).needs(["k7"])


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (f"mirror:5000/library/golang@sha256:{'ab' * 32}", "golang:1.26.8@sha256:abababababab"),
        (f"sha256:{'ab' * 32}", "golang:1.26.8"),
        (f"a@sha256:{'ab' * 32} b@sha256:{'cd' * 32}", "golang:1.26.8"),
        ("", "golang:1.26.8"),
    ],
)
def test_a_record_says_which_image_a_tag_was(source: str, told: str) -> None:
    assert toolchain_with_digest("golang:1.26.8", source) == told


@pytest.fixture
def sleeper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts a program first on PATH that never ends by itself."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setattr(supply_build, "debian_source", lambda suite: f"deb http://127.0.0.1:9 {suite} main")

    def play(name: str) -> None:
        (folder / name).write_text(SLEEPER.format(folder=tmp_path, context=CONTEXT))
        (folder / name).chmod(0o755)

    return play


RECIPES = {
    "docker": Recipe("server/x", dockerfile="images/go.Dockerfile"),
    "mmdebstrap": Recipe("base", rootfs=Rootfs("trixie", ("ca-certificates",))),
}


def build(program: str) -> None:
    image = Resolved(RECIPES[program], "build", "footprint-lab/unit-test:1", {}, "none")
    Builder(EngineClient(), ROOT, {}).build(image)


def lives(mark: Path) -> bool:
    try:
        state = Path("/proc", mark.read_text().strip(), "stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def still_alive(folder: Path) -> list[str]:
    """Who lives of leader and child; a killed process takes the kernel a moment."""
    until = time.monotonic() + 2
    while (alive := [name for name in ("leader", "child") if lives(folder / name)]) and time.monotonic() < until:
        time.sleep(0.01)
    return alive


@contextmanager
def interrupted_when(marks: tuple[Path, ...]) -> Iterator[None]:
    """A signal's handler raises Interrupted here, in the main thread, once all these files are there."""

    def stop(number: int, _frame: FrameType | None) -> None:
        if all(mark.is_file() and mark.read_text() for mark in marks):
            signal.setitimer(signal.ITIMER_REAL, 0)
            raise Interrupted(number)

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


#: The library's own Popen is dropped without being waited for: Python reaps it, and says so.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("program", ["docker", "mmdebstrap"])
def test_an_interrupted_build_ends_with_all_it_started(
    program: str, sleeper: Callable[[str], None], tmp_path: Path
) -> None:
    sleeper(program)
    marks = tmp_path / "leader", tmp_path / "child"
    started = time.monotonic()
    with pytest.raises(Interrupted), interrupted_when(marks):
        build(program)
    assert still_alive(tmp_path) == []
    assert (tmp_path / "tidied").is_file(), "it was asked to end before it was made to"
    assert time.monotonic() - started < supply_leash.GRACE_SECONDS


@pytest.mark.parametrize("program", ["docker", "mmdebstrap"])
def test_a_build_that_takes_too_long_ends_with_all_it_started(
    program: str, sleeper: Callable[[str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleeper(program)
    monkeypatch.setattr(supply_build, "BUILD_SECONDS", 1)
    with pytest.raises(BuildFailed, match="took longer than 1 s") as caught:
        build(program)
    assert still_alive(tmp_path) == []
    assert caught.value.hint.endswith("orchestrator build x" if program == "docker" else "orchestrator build")


def test_a_program_that_ends_by_itself_is_left_alone() -> None:
    with leash(60) as words:
        done = subprocess.run(
            [*words, "sh", "-c", "ps -o sid= -p $$; echo $$; exit 3"], check=False, capture_output=True, text=True
        )
    session, itself = done.stdout.split()
    assert done.returncode == 3
    assert session == itself, "the terminal's Ctrl-C reaches us alone"


def test_a_program_whose_leash_was_dropped_never_starts(tmp_path: Path) -> None:
    with leash(60) as words:
        late = [*words, "touch", str(tmp_path / "started")]
    assert subprocess.run(late, check=False, capture_output=True).returncode != 0
    assert not (tmp_path / "started").exists()
