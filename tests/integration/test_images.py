"""Both supplies on the real engine: a registry on loopback to pull from, buildx and mmdebstrap to build with."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import docker
import pytest

from orchestrator.adapters.docker.client import EngineClient
from orchestrator.adapters.docker.images import DockerImages
from orchestrator.adapters.docker.labels import LAB, image_labels
from orchestrator.domain.measurement import Missing
from orchestrator.errors import BuildFailed, EnvironmentNotFit, ImageUnavailable

pytestmark = pytest.mark.engine

ROOT = Path(__file__).resolve().parents[2]
LAB_ID = "image-tests"
#: Nothing listens on the discard port: the shortest way to "no registry".
NOWHERE = "127.0.0.1:9"
RECIPES = """
[base]
pull = "test/base:1"
dockerfile = "images/base.Dockerfile"
context = "files"
[ours]
dockerfile = "images/ours.Dockerfile"
contexts = { base = "base" }
[pulled-only]
pull = "test/absent:1"
[broken]
dockerfile = "images/broken.Dockerfile"
contexts = { base = "base" }
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project" / "images"
    folder.mkdir(parents=True)
    (tmp_path / "project" / "files").mkdir()
    (tmp_path / "project" / "files" / "hello").write_text(tmp_path.name)
    (folder / "images.toml").write_text(RECIPES)
    (folder / "base.Dockerfile").write_text("FROM scratch\nCOPY hello /hello\n")
    (folder / "ours.Dockerfile").write_text('FROM base\nCOPY --from=base /hello /again\nCMD ["/hello"]\n')
    (folder / "broken.Dockerfile").write_text('FROM base\nRUN ["/no-such-program", "argument"]\n')
    return tmp_path / "project"


@pytest.fixture
def engine() -> Iterator[docker.DockerClient]:
    client = docker.from_env()
    yield client
    for image in client.images.list(filters={"label": f"{LAB}={LAB_ID}"}):
        client.images.remove(str(image.id), force=True)
    client.close()


def supply(project: Path, kind: str, mirror: str | None = NOWHERE) -> DockerImages:
    return DockerImages(
        EngineClient(),
        project,
        (),
        supply=kind,
        mirror=mirror,
        labels=image_labels(LAB_ID),
        cache=project.parent / "cache",
    )


class Registry(ThreadingHTTPServer):
    """The read half of the OCI distribution protocol, for one small image. ``asked`` holds the paths seen."""

    def __init__(self, failures: int = 0) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.failures = failures
        self.asked: list[str] = []
        layer = io.BytesIO()
        with tarfile.open(fileobj=layer, mode="w") as archive:
            archive.addfile(tarfile.TarInfo("hello"), io.BytesIO())
        kind = "application/vnd.oci.image"
        config = {
            "architecture": "amd64",
            "os": "linux",
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": [_digest(layer.getvalue())]},
        }
        self.blobs = {_digest(data): data for data in (layer.getvalue(), json.dumps(config).encode())}
        rows = [{"digest": digest, "size": len(data)} for digest, data in self.blobs.items()]
        self.manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": f"{kind}.manifest.v1+json",
                "config": {"mediaType": f"{kind}.config.v1+json", **rows[1]},
                "layers": [{"mediaType": f"{kind}.layer.v1.tar", **rows[0]}],
            }
        ).encode()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class _Answer(BaseHTTPRequestHandler):
    server: Registry

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        last = self.path.rpartition("/")[2]
        if self.path == "/v2/":
            self._send(200, b"{}")
        elif self.path.startswith("/v2/test/base/manifests/"):
            if self.server.failures > 0:
                self.server.failures -= 1
                self._send(503, b"{}")
            else:
                self._send(200, self.server.manifest, "application/vnd.oci.image.manifest.v1+json")
        elif last in self.server.blobs:
            self._send(200, self.server.blobs[last], "application/octet-stream")
        else:
            self._send(404, b'{"errors":[{"code":"MANIFEST_UNKNOWN","message":"no such image"}]}')

    do_HEAD = do_GET

    def _send(self, status: int, body: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Docker-Content-Digest", _digest(body))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        return


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


@pytest.fixture
def registry() -> Iterator[Registry]:
    server = Registry()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_second_call_builds_nothing_and_is_quick(project: Path, engine: docker.DockerClient) -> None:
    first = supply(project, "build").provide("ours")
    assert first.fresh
    started = time.monotonic()
    again = supply(project, "build")
    assert all(need.present for need in again.needs(["base", "ours"]))
    second = again.provide("ours")
    assert time.monotonic() - started < 1
    assert not second.fresh
    assert second.digest == first.digest
    assert (first.supply, first.bytes) == ("build", 2 * len(project.parent.name))


def test_changed_content_is_built_anew_and_changed_back_is_found(project: Path, engine: docker.DockerClient) -> None:
    before = supply(project, "build").provide("ours")
    text = (project / "files" / "hello").read_text()
    (project / "files" / "hello").write_text("something else")
    changed = supply(project, "build").provide("ours")
    (project / "files" / "hello").write_text(text)
    back = supply(project, "build").provide("ours")
    assert changed.fresh
    assert changed.reference != before.reference
    assert (back.fresh, back.digest) == (False, before.digest)


def test_images_carry_the_labs_labels(project: Path, engine: docker.DockerClient) -> None:
    labels = engine.images.get(supply(project, "build").provide("ours").reference).labels
    assert labels[LAB] == LAB_ID
    assert labels["orchestrator.image"] == "ours"
    assert labels["orchestrator.supply"] == "build"


def test_pull_takes_the_image_from_the_mirror_under_our_name_and_labels(
    project: Path, engine: docker.DockerClient, registry: Registry
) -> None:
    image = supply(project, "pull", registry.address).provide("base")
    told = f"test/base:1@{_digest(registry.manifest)[:19]}"
    assert (image.supply, image.toolchain, image.fresh) == ("pull", told, True)
    assert image.build_seconds == Missing("pulled, not built")
    found = engine.images.get(image.reference)
    assert found.labels[LAB] == LAB_ID
    assert found.labels["orchestrator.source"] == f"{registry.address}/test/base@{_digest(registry.manifest)}"
    names = {tag for one in engine.images.list() for tag in one.tags}
    assert f"{registry.address}/test/base:1" not in names, "the mirror's name is left behind"
    assert not supply(project, "pull", registry.address).provide("base").fresh


def test_an_image_of_ours_is_built_on_pulled_ones(
    project: Path, engine: docker.DockerClient, registry: Registry
) -> None:
    image = supply(project, "pull", registry.address).provide("ours")
    assert image.supply == "build"
    assert image.toolchain == f"test/base:1@{_digest(registry.manifest)[:19]}", "what the moving tag was"
    source = engine.images.get(image.reference).labels["orchestrator.source"]
    assert source == f"{registry.address}/test/base@{_digest(registry.manifest)}"
    assert image.reference != supply(project, "build").needs(["ours"])[0].reference


def test_a_registry_in_trouble_is_asked_again(project: Path, engine: docker.DockerClient, registry: Registry) -> None:
    registry.failures = 2
    assert supply(project, "pull", registry.address).provide("base").fresh
    assert registry.failures == 0


def test_an_absent_image_is_told_at_once(project: Path, engine: docker.DockerClient, registry: Registry) -> None:
    with pytest.raises(ImageUnavailable, match=f"{registry.address}/test/absent:1"):
        supply(project, "pull", registry.address).provide("pulled-only")
    assert len([path for path in registry.asked if "manifests" in path]) <= 2, "HEAD and GET, no further try"


def test_auto_pulls_where_a_registry_answers(project: Path, engine: docker.DockerClient, registry: Registry) -> None:
    assert supply(project, "auto", registry.address).kind() == "pull"
    assert supply(project, "auto", registry.address).provide("base").supply == "pull"


def test_auto_builds_where_none_answers(project: Path, engine: docker.DockerClient) -> None:
    images = supply(project, "auto")
    started = time.monotonic()
    assert images.kind() == "build"
    assert time.monotonic() - started < 4
    assert images.provide("base").supply == "build"
    with pytest.raises(ImageUnavailable, match="pulled-only not available: no registry reached"):
        images.provide("pulled-only")


def test_auto_asks_nobody_when_everything_is_there(
    project: Path, engine: docker.DockerClient, registry: Registry
) -> None:
    supply(project, "build").provide("ours")
    assert all(need.present for need in supply(project, "auto", registry.address).needs(["base", "ours"]))
    assert registry.asked == []


def test_a_failed_build_shows_its_last_lines_and_the_next_command(
    project: Path, engine: docker.DockerClient, registry: Registry
) -> None:
    with pytest.raises(BuildFailed, match="broken") as caught:
        supply(project, "pull", registry.address).provide("broken")
    assert caught.value.exit_code == 3
    assert 0 < len(caught.value.detail) <= 20
    assert any("no-such-program" in line for line in caught.value.detail)
    assert caught.value.hint.endswith("orchestrator build")


def test_a_host_without_go_says_what_to_install(
    project: Path, engine: docker.DockerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from orchestrator.adapters.docker import supply_host

    monkeypatch.setenv("PATH", str(project))
    supply_host.toolchain.cache_clear()
    try:
        with pytest.raises(EnvironmentNotFit, match="no go on PATH") as caught:
            supply(ROOT, "build").provide("toolchain-go")
        assert "go.dev" in caught.value.hint
        kind = supply(ROOT, "auto").kind()
        assert isinstance(kind, Missing)
        assert "mmdebstrap" in kind.reason
    finally:
        supply_host.toolchain.cache_clear()
