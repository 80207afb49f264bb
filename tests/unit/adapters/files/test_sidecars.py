"""Sidecars of the catalog and of a user's Compose file."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from orchestrator.adapters.files.catalog import FileCatalog
from orchestrator.adapters.files.resources import catalog_folder, project_root
from orchestrator.adapters.files.sidecars import load_sidecars
from orchestrator.domain.sidecar import Sidecar
from orchestrator.errors import ConfigError


def compose(folder: Path, text: str) -> Path:
    path = folder / "compose.yaml"
    path.write_text(text)
    return path


def mistakes(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_sidecars(compose(folder, text))
    return [f"{one.where.rpartition('/')[2]} {one.message}" for one in caught.value.mistakes]


def service(folder: Path, *lines: str) -> Sidecar:
    text = "services:\n  cache:\n    image: redis:8.2.1\n" + "".join(f"    {line}\n" for line in lines)
    (found,) = load_sidecars(compose(folder, text))
    return found


def test_the_catalogs_sidecars_have_images(tmp_path: Path) -> None:
    images = tomllib.loads((project_root() / "images" / "images.toml").read_text())
    found = FileCatalog(tmp_path).sidecars()
    assert [one.name for one in found] == ["postgres"]
    assert all(one.image in images for one in found)
    assert found[0].variables == {"LAB_DB": "postgres://lab:lab@127.0.0.1:5432/lab"}
    assert found[0].ready[-1] == "SELECT 1 / count(*) FROM items WHERE id = 10000"


def test_a_need_that_nobody_has_is_a_mistake(tmp_path: Path) -> None:
    folder = tmp_path / "catalog"
    (folder / "instance_types").mkdir(parents=True)
    for name in ("scenarios.yaml", "sidecars.yaml"):
        (folder / name).write_text((catalog_folder() / name).read_text())
    row = "{name: db, summary: s, needs: [postgre], requests: [{path: /db/1, check: {contains: id}}]}"
    (folder / "workloads.yaml").write_text(f"workloads: [{row}]\n")
    with pytest.raises(ConfigError) as caught:
        FileCatalog(tmp_path, folder).workloads()
    said = [one.message for one in caught.value.mistakes]
    assert said == ["workload 'db': sidecar 'postgre' is not in the catalog; did you mean 'postgres'?"]


def test_a_compose_file_gives_its_services_in_order(tmp_path: Path) -> None:
    text = """\
services:
  db:
    image: postgres:17.12
    environment:
      POSTGRES_PASSWORD: lab
      POSTGRES_PORT: 5432
      FAST: true
    command: postgres -c "shared_buffers=32MB" -c fsync=off
    healthcheck:
      test: [CMD, pg_isready, -U, postgres]
  cache:
    image: redis:8.2.1
    expose: [6379]
"""
    db, cache = load_sidecars(compose(tmp_path, text))
    assert (db.name, db.image, db.port) == ("db", "postgres:17.12", None)
    assert db.environment == {"POSTGRES_PASSWORD": "lab", "POSTGRES_PORT": "5432", "FAST": "true"}
    assert db.command == ("postgres", "-c", "shared_buffers=32MB", "-c", "fsync=off")
    assert db.proof == ("pg_isready", "-U", "postgres")
    assert (cache.name, cache.port, cache.command, cache.environment) == ("cache", 6379, (), {})
    assert cache.proof[0] == "grep" and cache.memory_bytes > 0 and cache.pids > 0


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("command: [redis-server, --port, 7000]", ("redis-server", "--port", "7000")),
        ("command: sh -c 'exec redis-server'", ("sh", "-c", "exec redis-server")),
        ("command: echo $$HOME", ("echo", "$HOME")),
    ],
)
def test_both_forms_of_a_command(line: str, command: tuple[str, ...], tmp_path: Path) -> None:
    assert service(tmp_path, line).command == command


@pytest.mark.parametrize(
    ("line", "ready"),
    [
        ("healthcheck: {test: redis-cli ping}", ("sh", "-c", "redis-cli ping")),
        ("healthcheck: {test: [CMD-SHELL, redis-cli ping]}", ("sh", "-c", "redis-cli ping")),
        ("healthcheck: {test: [CMD, redis-cli, ping]}", ("redis-cli", "ping")),
    ],
)
def test_all_forms_of_a_healthcheck(line: str, ready: tuple[str, ...], tmp_path: Path) -> None:
    assert service(tmp_path, line).ready == ready


def test_an_environment_may_be_a_list(tmp_path: Path) -> None:
    assert service(tmp_path, "environment: [A=1, B=x=y, C=]").environment == {"A": "1", "B": "x=y", "C": ""}


@pytest.mark.parametrize(
    "line",
    [
        "volumes: [data:/data]",
        "ports: ['6379:6379']",
        "depends_on: [db]",
        "restart: always",
        "deploy: {resources: {limits: {memory: 64M}}}",
        "mem_limit: 64m",
        "network_mode: host",
        "privileged: true",
        "user: '999'",
        "entrypoint: [x]",
        "build: .",
        "env_file: .env",
        "tmpfs: /data",
    ],
)
def test_what_would_be_ignored_is_refused_by_name(line: str, tmp_path: Path) -> None:
    (said,) = mistakes(tmp_path, f"services:\n  cache:\n    image: redis:8.2.1\n    {line}\n")
    key = line.partition(":")[0]
    assert said.startswith(f"compose.yaml:4:5 unknown key {key!r}")


def test_all_of_it_at_once(tmp_path: Path) -> None:
    text = """\
version: "3"
services:
  cache:
    image: redis:8.2.1
    healthcheck: {test: [NONE], interval: 5s}
    expose: [1, 2]
  db:
    environment: [FROM_MY_SHELL]
    command: "${WHICH}"
"""
    said = mistakes(tmp_path, text)
    assert sorted(said) == [
        "compose.yaml:1:1 unknown key 'version'; known here: services",
        "compose.yaml:5:25 test: write one line, or [CMD, program, argument]",
        "compose.yaml:5:33 unknown key 'interval'; known here: test",
        "compose.yaml:6:13 expose: write one port from 1 to 65,535: it is waited for until it is open",
        "compose.yaml:8:18 environment: 'FROM_MY_SHELL' would be taken from your shell; write FROM_MY_SHELL=value",
        "compose.yaml:8:5 key 'image' is missing",
        "compose.yaml:9:14 command: '${WHICH}' would be filled in by Compose"
        "; write the value out, and a dollar sign as $$",
    ]


@pytest.mark.parametrize("text", ["services: {}\n", "volumes: {data: }\n", "services: [redis]\n"])
def test_a_file_without_services_is_a_mistake(text: str, tmp_path: Path) -> None:
    assert mistakes(tmp_path, text)
