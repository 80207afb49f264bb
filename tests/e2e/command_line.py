"""The real command line in a process of its own, on the real engine, as a lab that nobody else uses."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker
from docker.errors import NotFound

from orchestrator.adapters.docker.client import EngineClient
from orchestrator.adapters.docker.containers import Containers
from orchestrator.adapters.docker.engine import DockerEngine
from orchestrator.errors import LabHeld

#: No command of these tests takes longer, a cold build of all images included.
COMMAND_SECONDS_MAX = 900
#: Somebody else may measure on this engine; a Run of theirs is waited for that long.
HELD_SECONDS_MAX = 300
HOLDING = ("up", "run")
#: Enough requests for a p99 in the shortest window; the objective is so wide that a busy host does not matter.
BRIEF = """\
servers: [{servers}]
instances: [{instances}]
scenario: {{rates: [{rates}], duration: {seconds}s, warmup: 1s}}
slo: {{p99: 200ms}}
"""


@dataclass(frozen=True)
class Done:
    """What a command answered."""

    exit_code: int
    out: str
    err: str

    @property
    def envelope(self) -> dict[str, Any]:
        """Of ``--json``."""
        parsed: dict[str, Any] = json.loads(self.out)
        assert set(parsed) == {"schema", "command", "ok", "exit_code", "data", "warnings", "errors"}
        assert parsed["exit_code"] == self.exit_code and parsed["ok"] == (self.exit_code == 0)
        return parsed

    def expect(self, exit_code: int) -> Done:
        """Itself; fails with all it printed when it ended otherwise."""
        assert self.exit_code == exit_code, f"exit {self.exit_code}, not {exit_code}\n{self.out}\n{self.err}"
        assert "Traceback" not in self.err
        return self


class Running:
    """A command at work, in a process group of its own."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self.process = process
        self._folder = folder

    @property
    def err(self) -> str:
        """What it said until now."""
        return (self._folder / "err").read_text()

    def wait_for(self, happened: Callable[[], Any], what: str, seconds: float = 120.0) -> Any:
        """The first true answer; fails when the command ended before, or the time is over."""
        deadline = time.monotonic() + seconds
        while not (answer := happened()):
            assert self.process.poll() is None, f"it ended before {what}:\n{self.err}"
            assert time.monotonic() < deadline, f"no {what} within {seconds:g} s:\n{self.err}"
            time.sleep(0.05)
        return answer

    def signal(self, number: int) -> None:
        """To the whole group, as a terminal does it."""
        os.killpg(self.process.pid, number)

    def end(self, seconds: float = COMMAND_SECONDS_MAX) -> Done:
        """Waits for its end."""
        code = self.process.wait(seconds)
        return Done(code, (self._folder / "out").read_text(), self.err)


@dataclass
class CommandLine:
    """``orchestrator`` as one lab, in one folder. Unless ``impatient``, it waits until nobody else measures."""

    lab: str
    folder: Path
    program: tuple[str, ...] = (str(Path(sys.executable).parent / "orchestrator"),)
    environment: dict[str, str] = field(default_factory=dict)
    impatient: bool = False
    _started: list[subprocess.Popen[str]] = field(default_factory=list)

    def __call__(self, *arguments: str, **environment: str) -> Done:
        return self.start(*arguments, **environment).end()

    def start(self, *arguments: str, **environment: str) -> Running:
        if arguments[0] in HOLDING and not self.impatient:
            wait_until_free()
        own = {"ORCHESTRATOR_LAB": self.lab, "ORCHESTRATOR_RUNS": str(self.folder / "runs")}
        said = self.folder / f"said-{len(self._started)}"
        said.mkdir(parents=True)
        with (said / "out").open("w") as out, (said / "err").open("w") as err:
            process = subprocess.Popen(
                [*self.program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd=self.folder,
                env={**os.environ, **own, **self.environment, **environment},
                text=True,
                start_new_session=True,
            )
        self._started.append(process)
        return Running(process, said)

    def measure(
        self, *servers: str, instances: str = "aws/c7a.medium", rates: str = "600", seconds: int = 3, extra: str = ""
    ) -> None:
        """Writes lab.yaml."""
        text = BRIEF.format(servers=", ".join(servers), instances=instances, rates=rates, seconds=seconds)
        (self.folder / "lab.yaml").write_text(text + extra)

    def shown(self, name: str = "latest") -> dict[str, Any]:
        """Everything stored of a Run."""
        data: dict[str, Any] = self("show", name, "--json").expect(0).envelope["data"]
        return data

    def containers(self, role: str) -> list[str]:
        """Ids of its running containers of one role, those of live servers left out."""
        with engine() as client:
            found = client.api.containers(
                filters={"label": [f"orchestrator.lab={self.lab}", f"orchestrator.role={role}"]}
            )
        return [one["Id"] for one in found if "orchestrator.live" not in one["Labels"]]

    def leftovers(self) -> list[str]:
        """All that carries its label, images left out: they are named by their content and shared by all labs."""
        mine = {"label": f"orchestrator.lab={self.lab}"}
        with engine() as client:
            found = [name for one in client.api.containers(all=True, filters=mine) for name in one["Names"]]
            found += [one["Name"] for one in client.api.networks(filters=mine)]
            found += [one["Name"] for one in client.api.volumes(filters=mine)["Volumes"] or []]
        return found

    def close(self) -> None:
        """Ends what still runs, then ``down``."""
        for process in self._started:
            if process.poll() is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait(10)
        self("down").expect(0)
        assert self.leftovers() == []


def wait_until_free() -> None:
    """Returns when nobody measures. Raises LabHeld when that takes too long."""
    client = EngineClient()
    held = DockerEngine(Containers(client, "e2e"), Path())
    deadline = time.monotonic() + HELD_SECONDS_MAX
    while True:
        try:
            with held.hold():
                break
        except LabHeld:
            if time.monotonic() > deadline:
                raise
            time.sleep(1)
    client.close()


@contextmanager
def engine() -> Iterator[docker.DockerClient]:
    """A second opinion on what runs."""
    client = docker.from_env()
    try:
        yield client
    finally:
        client.close()


@contextmanager
def new_lab(folder: Path, **more: Any) -> Iterator[CommandLine]:
    """A lab of its own; nothing of it stays."""
    folder.mkdir(parents=True, exist_ok=True)
    cli = CommandLine(f"e2e-{secrets.token_hex(4)}", folder, **more)
    try:
        yield cli
    finally:
        cli.close()


def inspect(container: str) -> dict[str, Any] | None:
    """None when it is gone."""
    with engine() as client:
        try:
            found: dict[str, Any] = client.api.inspect_container(container)
        except NotFound:
            return None
        return found


def value(trial: dict[str, Any], metric: str) -> Any:
    """Of one stored Trial."""
    return next(one["value"] for one in trial["measurements"] if one["metric"] == metric)
