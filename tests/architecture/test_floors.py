"""The floors hold, and a broken one is seen. The contracts stand in pyproject.toml, [tool.importlinter]."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

LINTER = Path(sys.executable).with_name("lint-imports")

#: Where it is put, what it says, and what the linter must then complain about.
BREACHES = (
    ("domain", "import orchestrator.ports", "orchestrator.domain.breach0 -> orchestrator.ports"),
    ("domain", "import yaml", "orchestrator.domain.breach1 -> yaml"),
    ("usecases", "import orchestrator.adapters.store", "orchestrator.usecases.breach2 -> orchestrator.adapters.store"),
    ("adapters/store", "import orchestrator.usecases", "orchestrator.adapters.store.breach3 -> orchestrator.usecases"),
    ("adapters/k6", "import orchestrator.wiring", "orchestrator.adapters.k6.breach4 -> orchestrator.wiring"),
    ("cli", "import orchestrator.observer", "orchestrator.cli.breach5 -> orchestrator.observer"),
    (
        "observer",
        "import orchestrator.adapters.docker",
        "orchestrator.observer.breach6 -> orchestrator.adapters.docker",
    ),
    ("adapters/k6", "import docker", "orchestrator.adapters.k6.breach7 -> docker"),
    ("usecases", "import requests", "orchestrator.usecases.breach8 -> requests"),
    ("adapters/store", "import yaml", "orchestrator.adapters.store.breach9 -> yaml"),
    ("cli", "import pydantic", "orchestrator.cli.breach10 -> pydantic"),
    ("adapters/host", "import prometheus_client", "orchestrator.adapters.host.breach11 -> prometheus_client"),
    ("usecases", "import rich", "orchestrator.usecases.breach12 -> rich"),
    ("usecases", "import numpy", "orchestrator.usecases.breach13 -> numpy"),
    (".", "", "orchestrator.breach14"),
)


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINTER, "--no-cache", "--no-logo", "--config", "pyproject.toml"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_every_contract_is_kept(root: Path) -> None:
    done = lint(root)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "10 kept, 0 broken" in done.stdout


def test_every_contract_can_be_broken(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root / "orchestrator", tmp_path / "orchestrator", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "pyproject.toml", tmp_path)
    for number, (floor, text, _) in enumerate(BREACHES):
        (tmp_path / "orchestrator" / floor / f"breach{number}.py").write_text(f"{text}\n")
    done = lint(tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    unseen = [complaint for _, _, complaint in BREACHES if complaint not in done.stdout]
    assert not unseen, done.stdout
    assert "0 kept, 10 broken" in done.stdout
