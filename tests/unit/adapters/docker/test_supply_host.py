"""The host's own compilers as toolchains."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.adapters.docker import supply_host
from orchestrator.adapters.docker.recipes import load_recipes
from orchestrator.adapters.docker.supply import Resolver
from orchestrator.errors import EnvironmentNotFit, ImageUnavailable

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture
def fake_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    goroot = tmp_path / "go"
    (goroot / "src").mkdir(parents=True)
    (goroot / "VERSION").write_text("go1.26.8")
    program = tmp_path / "bin" / "go"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nprintf 'go1.26.8\\n{goroot}\\n'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/bin:/usr/bin")
    supply_host.toolchain.cache_clear()
    yield goroot
    supply_host.toolchain.cache_clear()


def test_the_hosts_go_is_taken_as_a_folder(fake_go: Path) -> None:
    assert supply_host.toolchain("go") == supply_host.Toolchain("go1.26.8", fake_go)


def test_a_distributions_go_is_refused_since_it_cannot_be_copied(fake_go: Path) -> None:
    (fake_go / "src").rmdir()
    (fake_go / "src").symlink_to("/usr/share/go/src")
    with pytest.raises(EnvironmentNotFit, match="spread over system folders"):
        supply_host.toolchain("go")


def test_without_tinygo_its_image_is_unavailable_and_the_others_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    here = supply_host.shutil.which
    monkeypatch.setattr(supply_host.shutil, "which", lambda name: None if name == "tinygo" else here(name))
    supply_host.toolchain.cache_clear()
    resolver = Resolver(ROOT, load_recipes(ROOT))
    for supply in ("pull", "build"):
        with pytest.raises((ImageUnavailable, EnvironmentNotFit)) as caught:
            resolver.resolve("toolchain-tinygo", supply)
        assert supply == "build" or caught.value.message == "no tinygo toolchain"
    supply_host.toolchain.cache_clear()


def test_the_hosts_tinygo_is_a_folder_with_its_own_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"env": str(tmp_path), "version": "tinygo version 0.39.0 linux/amd64 (using go version go1.26)"}
    monkeypatch.setattr(supply_host.shutil, "which", lambda _name: "/usr/bin/tinygo")
    monkeypatch.setattr(supply_host, "_ask", lambda _program, what, *_more, **_hint: said[what])
    with pytest.raises(ImageUnavailable, match="no bin/tinygo"):
        supply_host._tinygo()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "tinygo").write_text("")
    assert supply_host._tinygo() == supply_host.Toolchain(said["version"], tmp_path)
