"""What the host itself brings to ``--supply build``: Go, Rust, TinyGo, mmdebstrap, CA bundle, proxies."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from orchestrator.errors import EnvironmentNotFit, ImageUnavailable

_SECONDS = 30
_CA_BUNDLES = (Path("/etc/ssl/certs/ca-certificates.crt"), Path("/etc/pki/tls/certs/ca-bundle.crt"))


@dataclass(frozen=True)
class Toolchain:
    """A compiler of the host: its version in words, and the folder that holds all of it."""

    version: str
    folder: Path


@cache
def toolchain(language: str) -> Toolchain:
    """The host's Go, Rust or TinyGo.

    Raises EnvironmentNotFit when it is missing, or spread over system folders as a distribution's package is;
    ImageUnavailable for TinyGo, which only an image that is optional needs.
    """
    return _TOOLCHAINS[language]()


def _go() -> Toolchain:
    answer = _ask("go", "env", "GOVERSION", "GOROOT", hint="install Go 1.26 from https://go.dev/dl").splitlines()
    version, folder = answer[0], Path(answer[1])
    if not (folder / "VERSION").is_file() or (folder / "src").is_symlink():
        raise EnvironmentNotFit(
            f"the host's Go ({folder}) is spread over system folders and cannot be copied into an image",
            hint="install Go 1.26 from https://go.dev/dl and put its bin folder first on PATH",
        )
    return Toolchain(version, folder)


def _rust() -> Toolchain:
    hint = "install Rust 1.95 with rustup: https://rustup.rs"
    version = _ask("rustc", "--version", hint=hint)
    folder = Path(_ask("rustc", "--print", "sysroot", hint=hint))
    if folder == Path("/usr") or not (folder / "bin" / "cargo").is_file():
        raise EnvironmentNotFit(
            f"the host's Rust ({folder}) is not a folder of its own with rustc and cargo", hint=hint
        )
    return Toolchain(version, folder)


def _tinygo() -> Toolchain:
    hint = "install TinyGo from https://tinygo.org/getting-started/install, or go on without it"
    if shutil.which("tinygo") is None:
        raise ImageUnavailable("no tinygo toolchain", hint=hint, where="PATH")
    folder = Path(_ask("tinygo", "env", "TINYGOROOT", hint=hint))
    if not (folder / "bin" / "tinygo").is_file():
        raise ImageUnavailable(
            f"the host's TinyGo ({folder}) has no bin/tinygo of its own", hint=hint, where=str(folder)
        )
    return Toolchain(_ask("tinygo", "version", hint=hint), folder)


_TOOLCHAINS: dict[str, Callable[[], Toolchain]] = {"go": _go, "rust": _rust, "tinygo": _tinygo}


def _ask(program: str, *arguments: str, hint: str) -> str:
    if shutil.which(program) is None:
        raise EnvironmentNotFit(f"images cannot be built here: there is no {program} on PATH", hint=hint)
    answer = subprocess.run(
        [program, *arguments], capture_output=True, text=True, timeout=_SECONDS, check=False, stdin=subprocess.DEVNULL
    )
    if answer.returncode != 0:
        raise EnvironmentNotFit(
            f"{program} {' '.join(arguments)} failed with exit code {answer.returncode}",
            hint=hint,
            detail=tuple(answer.stderr.splitlines()[-5:]),
        )
    return answer.stdout.strip()


def require_mmdebstrap() -> str:
    """Its path. Raises EnvironmentNotFit with the command that installs it."""
    path = shutil.which("mmdebstrap")
    if path is None:
        raise EnvironmentNotFit(
            "the base image cannot be built here: there is no mmdebstrap on PATH",
            hint="sudo apt-get install --yes mmdebstrap debian-archive-keyring",
        )
    return path


def ca_bundle() -> Path | None:
    """The certificates the host trusts, a private CA included; None when there is no such file."""
    own = ssl.get_default_verify_paths().cafile
    return next((path for path in (Path(own) if own else Path(), *_CA_BUNDLES) if path.is_file()), None)


def proxies() -> dict[str, str]:
    """Proxy settings of this environment, as build arguments that leave no trace in an image."""
    names = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
    found = {name: os.environ.get(name) or os.environ.get(name.lower()) for name in names}
    return {name: value for name, value in found.items() if value}
