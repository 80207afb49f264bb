"""The scrape configuration and the recording rules, judged by promtool from the very image that runs them."""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest

from orchestrator.adapters.docker.client import EngineClient
from orchestrator.adapters.docker.images import DockerImages
from orchestrator.adapters.docker.labels import LAB, image_labels

pytestmark = pytest.mark.engine

ROOT = Path(__file__).resolve().parents[2]
LAB_ID = "rule-tests"
RULES = ROOT / "prometheus" / "rules" / "footprint.yml"
TESTS = ROOT / "prometheus" / "tests" / "footprint_test.yml"


@pytest.fixture
def promtool() -> Iterator[Callable[..., tuple[int, str]]]:
    client = docker.from_env()
    image = DockerImages(EngineClient(), ROOT, (), labels=image_labels("default")).provide("prometheus")

    def run(*arguments: str, replaced: dict[str, str] | None = None) -> tuple[int, str]:
        """promtool with prometheus/ below /p; ``replaced``: path -> text in place of the file's own."""
        container = client.containers.create(
            image.reference, list(arguments), entrypoint=["/bin/promtool"], labels={LAB: LAB_ID}
        )
        try:
            container.put_archive("/", _archive(replaced or {}))
            container.start()
            status = int(container.wait(timeout=60)["StatusCode"])
            return status, container.logs().decode()
        finally:
            container.remove(v=True, force=True)

    yield run
    client.close()


def _archive(replaced: dict[str, str]) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for path in sorted((ROOT / "prometheus").rglob("*.yml")):
            name = path.relative_to(ROOT / "prometheus").as_posix()
            text = replaced.get(name, path.read_text(encoding="utf-8")).encode()
            entry = tarfile.TarInfo(f"p/{name}")
            entry.size, entry.mode = len(text), 0o644
            tar.addfile(entry, io.BytesIO(text))
    return data.getvalue()


def test_the_configuration_is_valid(promtool: Callable[..., tuple[int, str]]) -> None:
    status, said = promtool("check", "config", "--lint=all", "--lint-fatal", "/p/prometheus.yml")
    assert status == 0, said


def test_the_rules_give_the_expected_figures(promtool: Callable[..., tuple[int, str]]) -> None:
    status, said = promtool("test", "rules", "/p/tests/footprint_test.yml")
    assert status == 0, said


def test_a_wrong_rule_is_caught(promtool: Callable[..., tuple[int, str]]) -> None:
    wrong = RULES.read_text().replace("1e6 * (lab:price:usd_per_hour / 3600)", "1e6 * (lab:price:usd_per_hour / 60)")
    assert wrong != RULES.read_text()
    status, said = promtool("test", "rules", "/p/tests/footprint_test.yml", replaced={"rules/footprint.yml": wrong})
    assert status != 0
    assert "lab:good_requests:usd_per_million" in said


def test_every_rule_is_tested_and_named_with_its_unit() -> None:
    rules = re.findall(r"- record: (\S+)", RULES.read_text())
    assert rules
    for rule in rules:
        assert re.fullmatch(r"lab:[a-z0-9_]+:[a-z_]+", rule), rule
        assert rule in TESTS.read_text(), f"{rule} has no promtool test"
