"""A copy of the project, also with three more servers in Go: one cannot be built, one ends, one hangs."""

from __future__ import annotations

import shutil
from pathlib import Path

#: Settings are read, the port is never opened.
PROGRAMS = {
    "broken": "package main\n\nfunc main() { this is no Go }\n",
    "quitting": (
        'package main\n\nimport (\n\t"fmt"\n\t"os"\n)\n\n'
        'func main() {\n\tfmt.Fprintln(os.Stderr, "quitting: no settings found")\n\tos.Exit(3)\n}\n'
    ),
    "hanging": (
        'package main\n\nimport (\n\t"fmt"\n\t"time"\n)\n\n'
        'func main() {\n\tfmt.Println("hanging: waiting for a database")\n\ttime.Sleep(time.Hour)\n}\n'
    ),
}
PARTS = ("orchestrator", "servers", "images", "compose", "prometheus", "grafana", "lab.yaml")
YAML = "name: {name}\nlanguage: go\nprogram: {name}\nsummary: fails\nport: 8080\nworkloads: [plaintext]\n"


def copy_project(root: Path, into: Path) -> None:
    """Everything the program needs and nothing that compilers left."""
    for part in PARTS:
        if (root / part).is_dir():
            ignored = shutil.ignore_patterns("target", "__pycache__", "*_cache")
            shutil.copytree(root / part, into / part, ignore=ignored)
        else:
            shutil.copy2(root / part, into / part)


def add_servers(project: Path) -> None:
    """The images of the Go servers become others by that; those of Rust and of the bench stay the same."""
    for name, program in PROGRAMS.items():
        folder = project / "servers" / "go" / name
        folder.mkdir()
        (folder / "main.go").write_text(program)
        (folder / "server.yaml").write_text(YAML.format(name=name))
