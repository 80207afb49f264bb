"""The wheel in an empty environment outside the checkout: everything it needs travels in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.command_line import CommandLine, new_lab
from tests.e2e.conftest import ROOT
from tests.e2e.project import copy_project

pytestmark = pytest.mark.engine

DEBRIS = {"target", ".venv", "__pycache__", ".git", ".pytest_cache", ".mypy_cache", ".ruff_cache", "runs"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy of the checkout in which compilers and interpreters left their debris."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    copy_project(ROOT, source)
    for name in ("pyproject.toml", "README.md", ".gitignore"):
        shutil.copy2(ROOT / name, source / name)
    for left in (
        "servers/rust/target/debug/server",
        "grafana/__pycache__/charts.pyc",
        "orchestrator/__pycache__/a.pyc",
    ):
        (source / left).parent.mkdir(parents=True, exist_ok=True)
        (source / left).write_bytes(b"debris")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(source)]
    done = subprocess.run(build, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = out.glob("footprint_lab-*.whl")
    return made


@pytest.fixture(scope="module")
def cli(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    """The installed command. The dependencies are this environment's; the package is the wheel's."""
    place = tmp_path_factory.mktemp("installed")
    venv.create(place / "venv", with_pip=True)
    python = place / "venv" / "bin" / "python"
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index"]
    subprocess.run([*pip, str(wheel)], check=True, timeout=120)
    packages = Path(ask(python, "import sysconfig as s; print(s.get_path('purelib'))"))
    # A line in a .pth file adds a folder without the .pth files in it: not the checkout, which is installed that way.
    (packages / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    where = ask(python, "import orchestrator; print(orchestrator.__file__)")
    assert where.startswith(str(packages)), f"the checkout is what runs: {where}"
    program = (str(place / "venv" / "bin" / "orchestrator"),)
    with new_lab(place / "lab", program=program, environment={"PYTHONPATH": ""}) as made:
        yield made


def ask(python: Path, question: str) -> str:
    """What this interpreter says, from outside the checkout."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    answer = subprocess.check_output([str(python), "-c", question], text=True, cwd=python.parent, env=environment)
    return answer.strip()


def test_it_holds_what_is_needed_and_no_debris(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for needed in (
        "orchestrator/_data/servers/go/fasthttp/main.go",
        "orchestrator/_data/servers/rust/Cargo.lock",
        "orchestrator/_data/images/images.toml",
        "orchestrator/_data/images/engine.sh",
        "orchestrator/_data/compose/bench.yaml",
        "orchestrator/_data/prometheus/prometheus.yml",
        "orchestrator/_data/grafana/dashboards/lab.json",
        "orchestrator/_data/lab.yaml",
        "orchestrator/catalog/workloads.yaml",
        "orchestrator/observer/page.html",
        "orchestrator/adapters/k6/script.js",
    ):
        assert needed in names
    assert [name for name in names if DEBRIS & set(name.split("/"))] == []
    assert wheel.stat().st_size < 5 * 2**20


def test_it_lists_what_can_be_measured(cli: CommandLine) -> None:
    servers = cli("list", "servers", "--json").expect(0).envelope["data"]["servers"]
    assert {"go-fasthttp", "rust-axum"} <= {one["name"] for one in servers}
    assert len(cli("list", "instances", "--json").expect(0).envelope["data"]["instances"]) >= 8
    assert cli("list", "workloads").expect(0).out and cli("list", "scenarios").expect(0).out
    assert "footprint-lab" in cli("--version").expect(0).out


def test_the_lab_goes_up_is_measured_and_comes_down(cli: CommandLine) -> None:
    up = cli("up", "--json").expect(0).envelope["data"]
    assert {"go-fasthttp", "rust-axum"} == set(up["live"])
    assert cli("doctor").expect(0).out.rstrip().splitlines()[-1].startswith("Fit")
    run = ("run", "--quick", "--rate", "250", "--server", "go-fasthttp", "--instance", "aws/fargate-0.25vcpu-0.5gb")
    (cell,) = cli(*run, "--slo", "p99=200ms", "--json").expect(0).envelope["data"]["cells"]
    assert cell["capacity"]["holds"] == 250
    assert float(cli("cost", "--rate", "500", "--json").expect(0).envelope["data"]["estimates"][0]["usd_per_month"]) > 0
    assert cli("down", "--json").expect(0).envelope["data"]["removed"]["containers"] >= 3


def test_its_images_are_those_of_the_checkout(cli: CommandLine, tmp_path: Path) -> None:
    cli("build", "go-fasthttp", "rust-axum").expect(0)
    with new_lab(tmp_path) as checkout:
        images = [
            {one["name"]: one["reference"] for one in lab("build", "--json").expect(0).envelope["data"]["images"]}
            for lab in (cli, checkout)
        ]
    assert images[0] == images[1] and len(images[0]) >= 5
