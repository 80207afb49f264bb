"""The server.yaml files of this checkout, and what each must say."""

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

SERVERS = Path(__file__).resolve().parent.parent
LANGUAGES = ("go", "rust")
# Folders of a language that are no servers: shared code and what compilers leave behind.
NOT_SERVERS = ("lab", "ffi", "kernels", "target")
WORKLOADS = ("plaintext", "json", "nextid", "prime", "parse", "kv", "db", "wait")


@dataclass(frozen=True)
class ServerFile:
    """One server.yaml. language: that of its folder, or with another that is linked in, go+rust; port: TCP, inside the
    container; workloads: names of those in README.md."""

    path: Path
    name: str
    language: str
    program: str
    summary: str
    port: int
    workloads: tuple[str, ...]


def program_folders() -> list[Path]:
    """Every folder that is a server, with or without its server.yaml."""
    folders = (folder for language in LANGUAGES for folder in (SERVERS / language).iterdir() if folder.is_dir())
    return sorted(folder for folder in folders if folder.name not in NOT_SERVERS and not folder.name.startswith("."))


def server_files() -> list[ServerFile]:
    return [read(path) for path in sorted(SERVERS.glob("*/*/server.yaml"))]


def read(path: Path) -> ServerFile:
    """Raises ValueError that names the file when it is not a whole server.yaml of this folder."""
    row = yaml.safe_load(path.read_text(encoding="utf-8"))
    expected = {"name", "language", "program", "summary", "port", "workloads"}
    unmoved = row.pop("unmoved", {}) if isinstance(row, dict) else {}
    if not isinstance(row, dict) or set(row) != expected:
        raise ValueError(f"{path}: wants exactly the keys {', '.join(sorted(expected))}, and unmoved where it has any")
    folder, program = path.parent.parent.name, path.parent.name
    server = ServerFile(path=path, **{**row, "workloads": tuple(row["workloads"])})
    problems = [
        f"name {server.name!r}: a-z, 0-9 and -, at most 39"
        * (not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,38}", server.name)),
        f"language {server.language!r} is not the folder's" * (server.language.partition("+")[0] != folder),
        f"program {server.program!r} is not the folder's" * (server.program != program),
        "summary: one line of text" * (not server.summary.strip() or "\n" in server.summary),
        f"port {server.port!r}: 1 to 65535" * (type(server.port) is not int or not 1 <= server.port <= 65535),
        f"unmoved {unmoved!r}: some of its workloads, by factor"
        * (not all(set(names) < set(server.workloads) for names in unmoved.values())),
        f"workloads {server.workloads}: some of {WORKLOADS}"
        * (not 0 < len(set(server.workloads) & set(WORKLOADS)) == len(server.workloads)),
    ]
    if any(problems):
        raise ValueError(f"{path}: " + "; ".join(filter(None, problems)))
    return server
