"""images/engine.sh: processes, descriptors, sockets and locks of the engine it starts and stops."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.engine_machine import SCRIPT, Machine, bare_machine


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """An engine is installed and does not run."""
    with bare_machine(tmp_path) as made:
        made.has("docker", "dockerd", "compose", "buildx")
        yield made


@pytest.fixture
def zombie(tmp_path: Path) -> Iterator[int]:
    """A dead dockerd that nobody has reaped."""
    program = tmp_path / "store" / "ended" / "dockerd"
    program.parent.mkdir(parents=True)
    shutil.copy2(shutil.which("true") or "true", program)
    with subprocess.Popen([str(program)]) as process:
        while "State:\tZ" not in Path(f"/proc/{process.pid}/status").read_text():
            time.sleep(0.01)
        assert Path(f"/proc/{process.pid}/comm").read_text() == "dockerd\n"
        yield process.pid


def test_who_calls_can_end_while_the_engine_runs(machine: Machine) -> None:
    inherited, outer = os.pipe()
    try:
        # Returns only when every copy of standard output and of standard error is closed.
        done = subprocess.run(
            ["bash", str(SCRIPT), "ensure"],
            env=machine.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            pass_fds=(outer,),
            timeout=20,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        os.close(outer)
        os.set_blocking(inherited, False)
        assert os.read(inherited, 1) == b""  # closed; it would raise BlockingIOError while somebody holds it
    finally:
        os.close(inherited)
    assert (machine.root / "up").exists()
    log = machine.root / "var/log/footprint-lab-engine.log"
    held = {line for line in (machine.root / "descriptors").read_text().splitlines() if line.startswith(("/", "pipe"))}
    assert {"/dev/null", str(log)} <= held
    # Beside these two: what the stub itself has open, bash's script and its own list of descriptors.
    assert not {line for line in held if line.startswith("pipe") or line.endswith(".lock")}
    assert "the engine's last words" in log.read_text()


def test_what_was_started_is_stopped(machine: Machine) -> None:
    file = machine.root / "started"
    assert machine.run("ensure", "--started", str(file)).returncode == 0
    done = machine.run("stop", str(file))
    assert done.returncode == 0 and not file.exists() and not (machine.root / "up").exists()


def test_a_zombie_is_a_dead_engine(machine: Machine, zombie: int) -> None:
    pid_file, file = machine.root / "var/run/docker.pid", machine.root / "started"
    pid_file.write_text(str(zombie))
    done = machine.run("ensure", "--started", str(file))
    assert done.returncode == 0 and "removing the stale" in done.stderr, done.stderr
    assert file.read_text() == pid_file.read_text() != str(zombie)
    file.write_text(str(zombie))
    done = machine.run("stop", str(file))
    assert (done.returncode, done.stderr) == (0, "") and (machine.root / "up").exists()


def test_the_pid_file_of_a_dead_containerd_goes(machine: Machine) -> None:
    file = machine.root / "var/run/docker/containerd/containerd.pid"
    file.parent.mkdir(parents=True)
    file.write_text(str(os.getpid()))
    done = machine.run("ensure")
    assert done.returncode == 0 and "is not a living containerd" in done.stderr and not file.exists()


@pytest.mark.parametrize(
    ("listens", "asked", "stays"),
    [(False, "containerd.sock", False), (True, "containerd.sock", True), (False, "x" * 200, True)],
    ids=["nobody listens", "somebody listens", "it cannot be asked"],
)
def test_the_socket_of_a_system_containerd_goes_only_when_nobody_listens(
    machine: Machine, listens: bool, asked: str, stays: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = machine.root / "run/containerd/containerd.sock"
    file.parent.mkdir(parents=True)
    # The path of a socket must be short, and the test's folder is not: both sides go there first.
    monkeypatch.chdir(file.parent)
    machine.root.joinpath("bin/perl").unlink()
    machine.stub("bin/perl", f'#!/bin/bash\ncd {file.parent} && exec /usr/bin/perl "${{@:1:$#-1}}" {asked}\n')
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("containerd.sock")
        if listens:
            server.listen()
        done = machine.run("ensure")
    assert done.returncode == 0, done.stderr
    assert file.exists() == stays and ("nobody listens" in done.stderr) == (not stays)


def test_an_engine_that_others_are_starting_is_waited_for_and_not_ours(machine: Machine) -> None:
    file = machine.root / "started"
    machine.has("broken")  # it lives, and does not answer yet
    theirs = subprocess.Popen(
        [str(machine.root / "usr/sbin/dockerd")], env=machine.environment(), stdout=subprocess.DEVNULL
    )
    try:
        while not (machine.root / "pids").exists():
            time.sleep(0.01)
        with subprocess.Popen(
            ["bash", str(SCRIPT), "ensure", "--started", str(file)],
            env=machine.environment(),
            stderr=subprocess.PIPE,
            text=True,
        ) as call:
            time.sleep(1)
            machine.has("up")
            assert f"an engine is starting (process {theirs.pid})" in call.communicate(timeout=20)[1]
        assert call.returncode == 0 and not file.exists() and len(machine.called("dockerd")) == 1
    finally:
        theirs.kill()
        theirs.wait()


def test_an_engine_that_is_late_shows_its_log_and_can_be_stopped(machine: Machine) -> None:
    machine.has("broken")
    file = machine.root / "started"
    done = machine.run("ensure", "--started", str(file), ENGINE_SECONDS="1")
    assert done.returncode == 3 and "did not answer within 1 s" in done.stderr
    assert "the engine's last words" in done.stderr and file.exists()
    assert machine.run("stop", str(file)).returncode == 0 and not (machine.root / "var/run/docker.pid").exists()


def test_what_the_packages_start_by_themselves_is_ours_and_holds_nothing_of_the_caller(machine: Machine) -> None:
    machine.has("postinst")
    for place in ("usr/sbin/dockerd", "bin/docker"):
        (machine.root / place).unlink()
    file = machine.root / "started"
    done = machine.run("ensure", "--started", str(file))
    assert done.returncode == 0, done.stderr
    assert len(machine.called("dockerd")) == 1 and "starting dockerd" not in done.stderr
    assert file.read_text() == (machine.root / "var/run/docker.pid").read_text()
    assert "footprint-lab-engine.lock" not in (machine.root / "descriptors").read_text()


def test_with_systemd_its_unit_is_started_and_stopped(machine: Machine) -> None:
    (machine.root / "run/systemd/system").mkdir(parents=True)
    file = machine.root / "started"
    done = machine.run("ensure", "--started", str(file))
    assert done.returncode == 0 and file.exists(), done.stderr
    assert "systemctl start docker" in machine.called()
    assert machine.run("stop", str(file)).returncode == 0
    assert "systemctl stop docker.socket docker" in machine.called() and not (machine.root / "up").exists()


def test_with_systemd_another_process_does_not_stop_the_unit(machine: Machine) -> None:
    (machine.root / "run/systemd/system").mkdir(parents=True)
    program = machine.root / "store/other/dockerd"
    program.parent.mkdir()
    shutil.copy2(shutil.which("sleep") or "sleep", program)
    file = machine.root / "started"
    (machine.root / "var/run/docker.pid").write_text("1")
    with subprocess.Popen([str(program), "60"]) as other:
        file.write_text(str(other.pid))
        assert machine.run("stop", str(file)).returncode == 0
        assert other.wait(10) < 0 and not machine.called("systemctl stop")


def test_with_systemd_the_journal_is_quoted(machine: Machine) -> None:
    (machine.root / "run/systemd/system").mkdir(parents=True)
    machine.has("broken")
    done = machine.run("ensure")
    assert done.returncode == 3 and "systemd could not start docker" in done.stderr
    assert "journal of --unit docker" in done.stderr and "journalctl -u docker" in done.stderr


def test_two_calls_at_once_start_one_engine(machine: Machine) -> None:
    calls = [
        subprocess.Popen(
            ["bash", str(SCRIPT), "ensure", "--started", str(machine.root / f"started{number}")],
            env=machine.environment(),
            stderr=subprocess.PIPE,
        )
        for number in range(4)
    ]
    for call in calls:
        call.communicate(timeout=30)
    assert [call.returncode for call in calls] == [0] * 4
    assert len(machine.called("dockerd")) == 1
    assert len(list(machine.root.glob("started?"))) == 1


def test_a_call_waits_while_another_holds_the_lock(machine: Machine) -> None:
    lock = machine.root / "tmp/footprint-lab-engine.lock"
    lock.touch()
    hold = "import fcntl, sys, time; file = open(sys.argv[1]); fcntl.flock(file, 2); print(flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", hold, str(lock)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None and other.stdout.readline()
        with subprocess.Popen(
            ["bash", str(SCRIPT), "ensure"], env=machine.environment(), stderr=subprocess.PIPE, text=True
        ) as call:
            assert call.stderr is not None and "another call is at work" in call.stderr.readline()
            assert not machine.called("dockerd")
            other.kill()
            call.communicate(timeout=20)
        assert call.returncode == 0 and machine.called("dockerd")
