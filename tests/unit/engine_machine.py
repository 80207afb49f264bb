"""A machine made of stubs for images/engine.sh: no engine is touched, nothing is installed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "images" / "engine.sh"
REAL = """
awk bash cat cp env flock grep head id kill mktemp perl readlink rm sed seq setsid sh sleep tail tee test timeout
touch tr true
"""

# What the stubs know of the machine lies in files below $ENGINE_ROOT: `up` while the engine answers, `compose` and
# `buildx` for the plugins, `group` when the user may use the socket. `called` has one line for each call.
DOCKER = """#!/bin/bash
case "$*" in
    *"compose version"*) [ -f "$ENGINE_ROOT/compose" ] ;;
    *"buildx version"*) [ -f "$ENGINE_ROOT/buildx" ] ;;
    "context show") if [ -n "$DOCKER_HOST" ]; then echo default; else echo "${DOCKER_CONTEXT:-default}"; fi ;;
    *version*)
        if [ -f "$ENGINE_ROOT/hangs" ]; then sleep 60; fi
        [ -z "$DOCKER_HOST" ] && [ -z "$DOCKER_CONTEXT" ] && [ -f "$ENGINE_ROOT/up" ] || exit 1
        [ "$AS_ROOT" = 1 ] || [ "$(id -u)" = 0 ] || [ -f "$ENGINE_ROOT/group" ] || exit 1
        echo 26.1.5 ;;
    *) exit 9 ;;
esac
"""
DOCKERD = """#!/bin/bash
trap 'rm -f "$ENGINE_ROOT/up" "$ENGINE_ROOT/var/run/docker.pid"; exit 0' TERM
echo dockerd >>"$ENGINE_ROOT/called"
readlink /proc/$$/fd/* >"$ENGINE_ROOT/descriptors"
echo $$ >"$ENGINE_ROOT/var/run/docker.pid"
echo $$ >>"$ENGINE_ROOT/pids"
[ -f "$ENGINE_ROOT/broken" ] || touch "$ENGINE_ROOT/up"
echo "the engine's last words"
while :; do sleep 0.1; done
"""
APT = """#!/bin/bash
echo "apt-get $*" >>"$ENGINE_ROOT/called"
[ -f "$ENGINE_ROOT/conflict" ] && echo "E: Packages need to be removed but remove is disabled." && exit 100
[ "$1" = install ] || exit 0
for word in "$@"; do case "$word" in
    docker.io*) cp "$ENGINE_ROOT/store/dockerd" "$ENGINE_ROOT/usr/sbin/"
                cp "$ENGINE_ROOT/store/docker" "$ENGINE_ROOT/bin/" ;;
    docker-compose*) touch "$ENGINE_ROOT/compose" ;;
    docker-buildx*) touch "$ENGINE_ROOT/buildx" ;;
esac; done
[ ! -f "$ENGINE_ROOT/postinst" ] || "$ENGINE_ROOT/usr/sbin/dockerd" &
[ ! -f "$ENGINE_ROOT/postinst" ] || sleep 1
"""
SUDO = """#!/bin/bash
[ "$1" = -n ] && shift
AS_ROOT=1 DOCKER_HOST= exec "$@"
"""
SYSTEMCTL = """#!/bin/bash
echo "systemctl $*" >>"$ENGINE_ROOT/called"
case "$1" in
    start) [ ! -f "$ENGINE_ROOT/broken" ] || exit 1
           "$ENGINE_ROOT/usr/sbin/dockerd" </dev/null >/dev/null 2>&1 & sleep 0.5 ;;
    show) cat "$ENGINE_ROOT/var/run/docker.pid" 2>/dev/null || echo 0 ;;
    stop) kill "$(cat "$ENGINE_ROOT/var/run/docker.pid")" ;;
esac
"""
JOURNALCTL = """#!/bin/bash
echo "journal of $*"
"""
DEBIAN_SOURCES = "Types: deb\nURIs: http://mirror.test/debian\nSuites: bookworm\nSigned-By: /usr/share/keyrings/k.gpg\n"


@dataclass
class Machine:
    root: Path

    def stub(self, place: str, text: str) -> None:
        (self.root / place).write_text(text)
        (self.root / place).chmod(0o755)

    def system(self, **fields: str) -> None:
        (self.root / "etc/os-release").write_text("".join(f'{key}="{value}"\n' for key, value in fields.items()))

    def has(self, *names: str) -> None:
        """Files the stubs look at, and the programs `docker` and `dockerd`."""
        for name in names:
            match name:
                case "docker":
                    self.stub("bin/docker", DOCKER)
                case "dockerd":
                    self.stub("usr/sbin/dockerd", DOCKERD)
                case _:
                    (self.root / name).touch()

    def user(self, sudo: bool = True) -> None:
        """From now on nobody is root."""
        (self.root / "bin/id").unlink()
        self.stub("bin/id", '#!/bin/bash\nif [ "$1" = -un ]; then echo ann; else echo 1000; fi\n')
        self.stub("bin/sudo", SUDO if sudo else "#!/bin/bash\nexit 1\n")

    def environment(self, **more: str) -> dict[str, str]:
        return {"PATH": str(self.root / "bin"), "ENGINE_ROOT": str(self.root), "ENGINE_SECONDS": "5", **more}

    def run(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", str(SCRIPT), *words],
            env=self.environment(**more),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=40,
            check=False,
        )

    def called(self, word: str = "") -> list[str]:
        file = self.root / "called"
        return [line for line in file.read_text().splitlines() if word in line] if file.exists() else []


@contextmanager
def bare_machine(tmp_path: Path) -> Iterator[Machine]:
    """Root on Debian 13 without systemd, and nothing of Docker's."""
    for folder in ("bin", "store", "usr/sbin", "var/run", "var/log", "tmp", "etc/apt/sources.list.d"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "etc/apt/preferences.d").mkdir()
    for name in REAL.split():
        (tmp_path / "bin" / name).symlink_to(shutil.which(name) or f"/usr/bin/{name}")
    made = Machine(tmp_path)
    (tmp_path / "bin/id").unlink()
    made.stub("bin/id", "#!/bin/bash\necho 0\n")
    for place, text in (
        ("bin/apt-get", APT),
        ("bin/systemctl", SYSTEMCTL),
        ("bin/journalctl", JOURNALCTL),
        ("store/docker", DOCKER),
        ("store/dockerd", DOCKERD),
    ):
        made.stub(place, text)
    made.system(ID="debian", VERSION_ID="13", PRETTY_NAME="Debian GNU/Linux 13 (trixie)")
    yield made
    for pid in (tmp_path / "pids").read_text().split() if (tmp_path / "pids").exists() else []:
        if Path(f"/proc/{pid}/comm").exists() and Path(f"/proc/{pid}/comm").read_text() == "dockerd\n":
            os.kill(int(pid), signal.SIGKILL)
