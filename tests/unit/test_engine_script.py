"""images/engine.sh: what it installs, for whom, and what it says instead."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.engine_machine import DEBIAN_SOURCES, Machine, bare_machine


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with bare_machine(tmp_path) as made:
        yield made


def install_line(machine: Machine) -> list[str]:
    (line,) = machine.called("apt-get install")
    assert "--no-remove" in line
    return line.split("Timeout=120 ")[1].split()


DEBIAN_13 = "docker.io docker-cli containerd iptables mmdebstrap uidmap docker-compose docker-buildx"
DEBIAN_12 = (
    "docker.io/trixie docker-cli/trixie containerd/trixie iptables mmdebstrap uidmap "
    "docker-compose/trixie docker-buildx/trixie"
)
UBUNTU = "docker.io iptables mmdebstrap uidmap debian-archive-keyring docker-compose-v2 docker-buildx"
SYSTEMS = [
    ("debian", "13", DEBIAN_13),
    ("debian", "12", DEBIAN_12),
    ("ubuntu", "24.04", UBUNTU),
]


@pytest.mark.parametrize(("name", "version", "packages"), SYSTEMS)
def test_where_there_is_nothing_the_distributions_packages_are_installed_and_started(
    machine: Machine, name: str, version: str, packages: str
) -> None:
    machine.system(ID=name, VERSION_ID=version, PRETTY_NAME="This System")
    (machine.root / "etc/apt/sources.list.d/debian.sources").write_text(DEBIAN_SOURCES)
    file = machine.root / "started"
    done = machine.run("ensure", "--started", str(file))
    assert done.returncode == 0, done.stderr
    assert f"no Docker Engine here: installing This System's own packages: {packages}\n" in done.stderr
    assert install_line(machine) == packages.split()
    assert file.read_text() == (machine.root / "var/run/docker.pid").read_text()
    source = machine.root / "etc/apt/sources.list.d/footprint-lab-trixie.sources"
    assert source.exists() == (packages == DEBIAN_12)
    if source.exists():
        assert "URIs: http://mirror.test/debian\nSuites: trixie\n" in source.read_text()
        assert "Signed-By: /usr/share/keyrings/k.gpg" in source.read_text()
        assert "Pin-Priority: 100" in (machine.root / "etc/apt/preferences.d/footprint-lab-trixie").read_text()


@pytest.mark.parametrize(("name", "version", "packages"), SYSTEMS)
def test_what_no_install_prints_can_be_pasted(machine: Machine, name: str, version: str, packages: str) -> None:
    machine.user()
    machine.system(ID=name, VERSION_ID=version, PRETTY_NAME="This System")
    machine.root.joinpath("etc/apt/sources.list").write_text(
        "# old\ndeb [trusted=yes] http://mirror.test/100%25 x main\n"
    )
    done = machine.run("ensure", NO_INSTALL="1")
    assert done.returncode == 3 and "nothing was installed" in done.stderr and not machine.called()
    lines = [line.strip() for line in done.stderr.splitlines() if line.startswith("  ")]
    assert lines and all(line.startswith(("printf ", "sudo ")) for line in lines)
    # With a standard input that never ends: nothing may wait for it.
    shell = [shutil.which("bash") or "bash", "-e", "-c", "\n".join(lines)]
    waiting, never = os.pipe()
    subprocess.run(shell, stdin=waiting, env=machine.environment(), timeout=10, check=True)
    os.close(waiting)
    os.close(never)
    (line,) = machine.called("apt-get install")
    assert line.endswith(f"--no-install-recommends {packages}")
    if packages == DEBIAN_12:
        source = machine.root / "etc/apt/sources.list.d/footprint-lab-trixie.sources"
        assert source.read_text().splitlines()[:2] == ["Types: deb", "URIs: http://mirror.test/100%25"]
        assert len((machine.root / "etc/apt/preferences.d/footprint-lab-trixie").read_text().splitlines()) == 3


def test_debian_12_without_a_mirror_stops_before_anything_is_written(machine: Machine) -> None:
    machine.system(ID="debian", VERSION_ID="12", PRETTY_NAME="Debian 12")
    for leave in ("0", "1"):
        done = machine.run("ensure", NO_INSTALL=leave)
        assert done.returncode == 3 and "no Debian mirror found" in done.stderr
    assert not machine.called() and not list((machine.root / "etc/apt/preferences.d").iterdir())


def test_another_distribution_is_told_what_to_do(machine: Machine) -> None:
    machine.system(ID="fedora", VERSION_ID="42", PRETTY_NAME="Fedora Linux 42")
    done = machine.run("ensure")
    assert done.returncode == 3 and "Fedora Linux 42 is neither Debian nor Ubuntu" in done.stderr
    assert not machine.called()


def test_without_root_and_sudo_nothing_is_tried(machine: Machine) -> None:
    machine.user(sudo=False)
    done = machine.run("ensure")
    assert done.returncode == 3 and "password-less sudo" in done.stderr and "NO_INSTALL=1" in done.stderr
    machine.has("docker", "dockerd", "compose", "buildx")
    done = machine.run("ensure")
    assert done.returncode == 3 and "starting it needs root" in done.stderr
    assert not machine.called()


def test_a_working_engine_is_used_as_it_is(machine: Machine) -> None:
    machine.has("docker", "up", "compose", "buildx")
    done = machine.run("ensure", "--started", str(machine.root / "started"), NO_INSTALL="1")
    assert (done.returncode, done.stderr) == (0, "engine     Docker 26.1.5 answers\n")
    assert not machine.called() and not (machine.root / "started").exists()


@pytest.mark.parametrize(
    ("name", "version", "present", "packages"),
    [
        ("debian", "13", "compose", "docker-buildx"),
        ("debian", "12", "buildx", "docker-compose/trixie"),
        ("ubuntu", "22.04", "nothing", "docker-compose-v2 docker-buildx"),
    ],
)
@pytest.mark.parametrize("state", ["up", "dockerd"])
def test_an_engine_without_plugins_gets_the_missing_ones_only(
    machine: Machine, name: str, version: str, present: str, packages: str, state: str
) -> None:
    machine.system(ID=name, VERSION_ID=version, PRETTY_NAME="This System")
    (machine.root / "etc/apt/sources.list.d/debian.sources").write_text(DEBIAN_SOURCES)
    machine.has("docker", state, present)
    done = machine.run("ensure")
    assert done.returncode == 0, done.stderr
    assert "the engine is here, but not 'docker " in done.stderr
    assert install_line(machine) == packages.split()
    assert bool(machine.called("dockerd")) == (state == "dockerd")


def test_a_conflict_removes_nothing_and_shows_what_apt_says(machine: Machine) -> None:
    machine.has("docker", "up", "conflict")
    done = machine.run("ensure")
    assert done.returncode == 3
    assert "remove is disabled" in done.stderr and "nothing was removed" in done.stderr
    assert (machine.root / "up").exists()


@pytest.mark.parametrize("state", ["runs", "stopped", "absent"])
def test_a_user_outside_the_group_is_told_so_at_once(machine: Machine, state: str) -> None:
    machine.user()
    if state != "absent":
        # The one that runs has no plugins: nothing is installed for a user who could not use it.
        machine.has("docker", "dockerd", *(["up"] if state == "runs" else ["compose", "buildx"]))
    file = machine.root / "started"
    begun = time.monotonic()
    done = machine.run("ensure", "--started", str(file), ENGINE_SECONDS="30")
    assert time.monotonic() - begun < 15
    assert done.returncode == 3 and "sudo usermod -aG docker ann" in done.stderr, done.stderr
    assert bool(machine.called("apt-get")) == (state == "absent")
    # What was started for this user can be stopped all the same.
    assert file.exists() == (state != "runs")
    assert machine.run("stop", str(file)).returncode == 0 and not file.exists()
    assert (machine.root / "up").exists() == (state == "runs")


def test_a_user_of_the_group_gets_an_engine_by_sudo(machine: Machine) -> None:
    machine.user()
    machine.has("group")
    done = machine.run("ensure")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("told", "named"),
    [
        ({"DOCKER_HOST": "tcp://far.test:2375"}, "DOCKER_HOST=tcp://far.test:2375"),
        ({"DOCKER_CONTEXT": "far"}, "the docker context 'far'"),
    ],
)
def test_an_engine_elsewhere_is_named_and_none_is_installed_here(
    machine: Machine, told: dict[str, str], named: str
) -> None:
    for names, reason in ((), f"no docker client here to reach {named}"), (("docker",), f"{named} does not answer"):
        machine.has(*names)
        done = machine.run("ensure", **told)
        assert done.returncode == 3 and reason in done.stderr
    assert not machine.called()


def test_a_client_that_hangs_is_no_answer(machine: Machine) -> None:
    machine.has("docker", "hangs")
    (machine.root / "bin/timeout").unlink()  # the script's own ten seconds, made one
    machine.stub("bin/timeout", '#!/bin/bash\nexec /usr/bin/timeout "$1" "${2/10/1}" "${@:3}"\n')
    begun = time.monotonic()
    done = machine.run("ensure", DOCKER_HOST="tcp://far.test:2375")
    assert done.returncode == 3 and "does not answer" in done.stderr
    assert time.monotonic() - begun < 10
