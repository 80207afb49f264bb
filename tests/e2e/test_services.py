"""Images that nobody here wrote, described in one YAML file each: measured, refused, and never shown what is secret."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestrator.adapters.docker.client import EngineClient
from orchestrator.adapters.docker.images import DockerImages
from tests.e2e.command_line import CommandLine, engine, new_lab

pytestmark = pytest.mark.engine

RECIPES = """
[strangers-base]
rootfs = { suite = "trixie", include = ["ca-certificates", "nginx", "caddy"] }
[stranger-nginx]
dockerfile = "images/nginx.Dockerfile"
context = "images/nginx"
contexts = { base = "strangers-base" }
[stranger-caddy]
dockerfile = "images/caddy.Dockerfile"
context = "images/caddy"
contexts = { base = "strangers-base" }
"""
NGINX = """\
daemon off; pid /tmp/nginx.pid; error_log /dev/stderr; worker_processes 1;
events {}
http {
  access_log off; client_body_temp_path /tmp/b; proxy_temp_path /tmp/p;
  fastcgi_temp_path /tmp/f; uwsgi_temp_path /tmp/u; scgi_temp_path /tmp/s;
  server {
    listen 8000;
    location = /healthz { return 204; }
    location = /hello { default_type text/plain; return 200 "Hello, World!"; }
    location = /submit { if ($request_method != POST) { return 405; } return 201 "made"; }
  }
}
"""
CADDY = """\
{
  admin off
  auto_https off
}
:8000 {
  respond /hello "Hello, World!" 200
}
"""
FILES = {
    "images/images.toml": RECIPES,
    "images/nginx.Dockerfile": (
        'FROM base\nCOPY nginx.conf /etc/lab/nginx.conf\nCMD ["nginx", "-c", "/etc/lab/nginx.conf"]\n'
    ),
    "images/nginx/nginx.conf": NGINX,
    "images/caddy.Dockerfile": (
        "FROM base\nCOPY Caddyfile /etc/lab/Caddyfile\n"
        'CMD ["caddy", "run", "--adapter", "caddyfile", "--config", "/etc/lab/Caddyfile"]\n'
    ),
    "images/caddy/Caddyfile": CADDY,
}
MIXED = """\
image: {image}
port: 8000
ready: /healthz
requests:
  - {{path: /hello, weight: 3, check: {{body: 'Hello, World!'}}}}
  - {{method: POST, path: /submit, body: '{{}}', check: {{status: 201, contains: made}}}}
user: www-data
tmpfs: [/tmp]
environment:
  LEVEL: plain-to-see
  TOKEN: {{from_env: STRANGER_TOKEN}}
"""
HELLO = """\
image: {image}
port: 8000
requests: [{{path: /hello, check: {{body: 'Hello, World!'}}}}]
workload: plaintext
user: www-data
tmpfs: [/tmp]
environment: {{HOME: /tmp}}
"""
NEVER = """\
image: {image}
port: 8000
ready: /never
requests: [{{path: /hello}}]
user: www-data
tmpfs: [/tmp]
environment: {{TOKEN: {{from_env: STRANGER_TOKEN}}}}
"""
LAB = """\
servers: [{servers}]
instances: [aws/c7a.medium]
scenario: {{rates: [300], duration: 4s, warmup: 1s}}
slo: {{p99: 200ms, errors: 0.1%}}
"""
SECRET = {"STRANGER_TOKEN": "not-for-the-record"}


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """References of both images, made from Debian's packages as anybody else would."""
    root, client = tmp_path_factory.mktemp("strangers"), EngineClient()
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    images = DockerImages(client, root, (), supply="build", labels={"made.by": "a stranger"})
    yield {name: images.provide(f"stranger-{name}").reference for name in ("nginx", "caddy")}
    client.close()
    with engine() as other:
        for name in ("stranger-nginx", "stranger-caddy", "strangers-base"):
            for image in other.images.list(f"footprint-lab/{name}"):
                other.images.remove(image.tags[0])


@pytest.fixture(scope="module")
def cli(tmp_path_factory: pytest.TempPathFactory, strangers: dict[str, str]) -> Iterator[CommandLine]:
    folder = tmp_path_factory.mktemp("lab")
    (folder / "services").mkdir()
    for name, text, image in (("mixed", MIXED, "nginx"), ("hello", HELLO, "caddy"), ("never", NEVER, "nginx")):
        (folder / "services" / f"{name}.yaml").write_text(text.format(image=strangers[image]))
    with new_lab(folder, environment=SECRET) as made:
        yield made


def measured(cli: CommandLine, *servers: str) -> list[dict[str, Any]]:
    (cli.folder / "lab.yaml").write_text(LAB.format(servers=", ".join(servers)))
    cli("run").expect(0)
    trials: list[dict[str, Any]] = cli.shown()["trials"]
    return trials


def test_a_mix_on_nginx_holds_and_its_info_is_missing(cli: CommandLine) -> None:
    for one in measured(cli, "mixed"):
        assert one["outcome"]["status"] == "completed", one["outcome"]
        assert (one["generator"], one["cell"]["workload"]) == ("k6", "mixed")
        assert one["server_info"] == {"missing": "status 404 on /lab/info"}
    stored = b"".join(path.read_bytes() for path in Path(cli.folder / "runs").rglob("*") if path.is_file())
    assert b"plain-to-see" in stored and b"STRANGER_TOKEN" in stored
    assert SECRET["STRANGER_TOKEN"].encode() not in stored


def test_caddy_is_compared_under_plaintext_and_its_path_is_told(cli: CommandLine) -> None:
    trials = measured(cli, "hello", "go-fasthttp")
    assert {one["cell"]["server"] for one in trials} == {"hello", "go-fasthttp"}
    assert {one["outcome"]["status"] for one in trials} == {"completed"}


def test_a_readiness_path_that_fails_is_the_services_failure_with_the_path(cli: CommandLine) -> None:
    (cli.folder / "lab.yaml").write_text(LAB.format(servers="never"))
    done = cli("run", "--rate", "300").expect(1)
    outcomes = [one["outcome"] for one in cli.shown()["trials"]]
    assert outcomes and {one["kind"] for one in outcomes} == {"not_ready"}
    assert all("status 404 on /never" in one["reason"] for one in outcomes)
    assert SECRET["STRANGER_TOKEN"] not in done.out + done.err


def test_the_lab_leaves_an_image_that_is_not_its_own(cli: CommandLine, strangers: dict[str, str]) -> None:
    cli("down").expect(0)
    with engine() as client:
        assert client.images.get(strangers["nginx"]).labels.get("orchestrator.lab") is None


def test_a_secret_that_is_not_there_starts_nothing(cli: CommandLine) -> None:
    (cli.folder / "lab.yaml").write_text(LAB.format(servers="mixed"))
    cli.environment.pop("STRANGER_TOKEN")
    assert "the environment has no STRANGER_TOKEN" in cli("run").expect(2).err
