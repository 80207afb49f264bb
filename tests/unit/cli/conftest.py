"""The whole command line over the simulated lab: what a user types, what a user sees."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from orchestrator import wiring
from orchestrator.adapters.simulated.lab import simulated_lab
from orchestrator.adapters.simulated.store import SimulatedStore
from orchestrator.adapters.simulated.world import Faults, World
from orchestrator.cli import answers, version
from orchestrator.cli.main import main
from orchestrator.domain.box import BenchStatus
from orchestrator.domain.server import Image
from orchestrator.errors import LabError
from orchestrator.ports import Bench, Lab, Progress
from tests.unit import samples

GOLDEN = Path(__file__).parents[2] / "golden" / "cli"
LAB = """\
servers: [go-fasthttp, rust-axum]
instances: [acme/small, acme/tiny, acme/unpriced, acme/wide]
workloads: [plaintext]
scenario: quick
"""


@dataclass(frozen=True)
class Shown:
    """What one command printed and how it ended."""

    exit_code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The envelope; fails when stdout holds anything else."""
        parsed = json.loads(self.out)
        assert isinstance(parsed, dict)
        assert set(parsed) == {"schema", "command", "ok", "exit_code", "data", "warnings", "errors"}
        assert parsed["schema"] == 1
        assert parsed["exit_code"] == self.exit_code
        assert parsed["ok"] == (self.exit_code == 0)
        return parsed

    def golden(self, name: str) -> None:
        """Compares the whole screen; ORCHESTRATOR_WRITE_GOLDEN=1 writes it anew, to be read before it is kept."""
        screen = f"{self.out}--- stderr\n{self.err}--- exit {self.exit_code}\n"
        file = GOLDEN / f"{name}.txt"
        if os.environ.get("ORCHESTRATOR_WRITE_GOLDEN"):
            file.write_text(screen, encoding="utf-8")
        assert screen == file.read_text(encoding="utf-8")


class Terminal(io.StringIO):
    """A stream somebody watches."""

    def isatty(self) -> bool:
        return True


class ScriptedBench:
    """A bench that says of itself what it is told to; an error only once it is up."""

    def __init__(self, bench: Bench, status: BenchStatus | LabError) -> None:
        self._bench = bench
        self._status = status

    def up(self, images: dict[str, Image]) -> BenchStatus:
        usual = self._bench.up(images)
        return usual if isinstance(self._status, LabError) else self._status

    def status(self) -> BenchStatus | None:
        if isinstance(self._status, LabError):
            raise self._status
        return self._status


class Cli:
    """Runs commands in this process over one simulated world."""

    def __init__(self, capfd: pytest.CaptureFixture[str]) -> None:
        self.world = World()
        self.store = SimulatedStore()
        self.bench_status: BenchStatus | LabError | None = None
        self._capfd = capfd

    def lab(
        self, progress: Progress, *, supply: str = "auto", lab_file: Path | None = None, services: bool = True
    ) -> Lab:
        made = replace(simulated_lab(self.world, samples.CATALOG, progress), store=self.store, simulated=False)
        return made if self.bench_status is None else replace(made, bench=ScriptedBench(made.bench, self.bench_status))

    def fail(self, **faults: Any) -> None:
        """What shall go wrong from now on."""
        self.world.faults = Faults(**faults)

    def __call__(self, *arguments: str) -> Shown:
        self._capfd.readouterr()
        code = main(arguments)
        out, err = self._capfd.readouterr()
        return Shown(code, out, err)


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Cli:
    made = Cli(capfd)
    (tmp_path / "lab.yaml").write_text(LAB, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    for name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(wiring, "lab", made.lab)
    monkeypatch.setattr(wiring, "catalog", lambda *_: samples.CATALOG)
    monkeypatch.setattr(wiring, "store", lambda: made.store)
    monkeypatch.setattr(wiring, "run_id", lambda: "2026-09-01-1200-calm-otter")
    monkeypatch.setattr(version, "version", lambda: "0.0.0")
    monkeypatch.setattr(answers, "today", lambda: date(2026, 9, 1))
    return made


@pytest.fixture
def raises(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """From now on building the lab ends like this."""

    def arrange(error: BaseException) -> None:
        def lab(
            _progress: Progress, *, supply: str = "auto", lab_file: Path | None = None, services: bool = True
        ) -> Lab:
            raise error

        monkeypatch.setattr(wiring, "lab", lab)

    return arrange
