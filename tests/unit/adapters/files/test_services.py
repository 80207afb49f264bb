"""services/<name>.yaml: what it becomes, all that is said of bad ones, and secrets that are written down nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.adapters.files.catalog import FileCatalog
from orchestrator.adapters.files.new_service import name_of, write_service
from orchestrator.adapters.files.services import missing_secrets, read_secret, read_services
from orchestrator.domain.config import Known
from orchestrator.domain.request import Check, Request
from orchestrator.domain.server import Server
from orchestrator.errors import ConfigError
from tests.unit import samples

BAD = Path(__file__).parents[3] / "config_bad" / "services"
WORKLOADS = FileCatalog().workloads()
KNOWN = Known(samples.SERVERS, (), WORKLOADS, ())
WHOLE = """\
image: ghcr.io/me/api:1.2
port: 8000
ready: /healthz
requests:
  - {path: '/items/{1000-9999}', weight: 9, check: {contains: id}}
  - method: POST
    path: /items?dry=1
    headers: {Content-Type: application/json}
    body: {from_file: body.json}
    check: {status: 201}
environment:
  LOG_LEVEL: warn
  TOKEN: {from_env: SIX_TOKEN}
  PASSWORD: {from_file: password.txt}
user: "1000:1000"
tmpfs: [/tmp, /var/cache/api]
read_only: false
sidecars: compose.yaml
"""
COMPOSE = "services: {cache: {image: 'redis:8', environment: {SIZE: '1'}}}\n"
PLAIN = "image: me/hello\nport: 80\nrequests: [{path: /hello, check: {body: 'Hello, World!'}}]\nworkload: plaintext\n"

#: File -> "line:column message", all of them, in order; a file without a place has its message alone.
EXPECTED: dict[str, tuple[str, ...]] = {
    "Upper_Case": ("'Upper_Case' is not a name; rename the file: a-z, 0-9 and dashes, at most 39 characters",),
    "borrowed": (
        "3:11 requests: the check of GET /hello is not that of plaintext, GET /plaintext; only the path may be another",
        "5:15 check_bodies: plaintext says it for all its servers; leave it out",
    ),
    "empty": ("3:11 requests: the list is empty; write at least one",),
    "json": ("'json' is the name of a workload of the lab; rename the file",),
    "keys": (
        "1:1 key 'port' is missing",
        "2:1 unknown key 'prot'; did you mean 'port'?",
        "4:5 key 'path' is missing",
        "4:5 unknown key 'pth'; did you mean 'path'?",
        "5:13 unknown key 'stauts'; did you mean 'status'?",
    ),
    "secrets": (
        "5:11 NUMBER: write text (a number in quotes), {from_env: NAME} or {from_file: PATH}",
        "6:13 bad-name: 'bad-name' is not the name of a variable; use letters, digits and underscores",
        "7:9 BOTH: write from_env: NAME or from_file: PATH",
        "8:12 NEITHER: write from_env: NAME or from_file: PATH",
        "9:10 unknown key 'from_evn'; did you mean 'from_env'?",
    ),
    "unknown-workload": ("4:11 workload 'plaintxt' is not in the catalog; did you mean 'plaintext'?",),
    "values": (
        "1:8 image: 'me/api 1' is not the name of an image; write it as in me/api:1",
        "2:7 port: 0 is out of range; use 1 to 65,535",
        "3:8 ready: '/r{1-9}': a readiness path holds no range of numbers",
        "5:13 method: 'BREW' is not one of GET, HEAD, POST, PUT, PATCH, DELETE",
        "6:11 path: 'no-slash' is not a path; write it as in /plaintext",
        "7:14 headers: 'a b' is not the name of a header",
        "8:13 weight: 0 is out of range; use 1 to 100",
        "9:21 status: 99 is out of range; use 200 to 599",
        "10:11 path: '/x/{9-1}': the range must rise, as in /kv/k{1000-9999}",
        "11:11 body: 'not-there.json' cannot be read: No such file or directory",
        "12:11 path: '/y/{1-9}/{1-9}': holds two ranges of numbers; one is possible",
        "13:12 check: write body or contains: what is the exact body holds every part of it",
        '14:7 user: expected text, found a number; write "1000" in quotes',
        "15:9 tmpfs: '/' is not a folder; write it as in /tmp or /var/cache/nginx",
        "15:12 tmpfs: '../x' is not a folder; write it as in /tmp or /var/cache/nginx",
        "16:11 sidecars: 'not-there.yaml' cannot be read: No such file or directory",
    ),
}


def service(folder: Path, text: str = WHOLE, name: str = "api") -> Server:
    """The one service of a folder, with the files that it names."""
    (folder / f"{name}.yaml").write_text(text)
    (folder / "body.json").write_text('{"n":1}')
    (folder / "password.txt").write_text("hunter2\n")
    if "sidecars" in text:
        (folder / "compose.yaml").write_text(COMPOSE)
    found = FileCatalog(services=folder)
    return next(one for one in found.servers() if one.name == name)


def test_a_service_is_a_server_with_a_workload_of_its_name(tmp_path: Path) -> None:
    one = service(tmp_path)
    assert (one.name, one.language, one.summary, one.port) == ("api", "", "ghcr.io/me/api:1.2", 8000)
    assert (one.workloads, one.requests, dict(one.environment)) == (("api",), (), {"LOG_LEVEL": "warn"})
    about = one.service
    assert about is not None
    assert (about.image, about.ready_path, about.user) == ("ghcr.io/me/api:1.2", "/healthz", "1000:1000")
    assert (about.tmpfs, about.read_only) == (("/tmp", "/var/cache/api"), False)
    cache = one.sidecars[0]
    assert (cache.name, cache.image, cache.environment) == ("cache", "redis:8", {"SIZE": "1"})
    assert cache.recorded.environment == {}
    workload = next(one for one in FileCatalog(services=tmp_path).workloads() if one.name == "api")
    assert workload.requests == (
        Request("GET", "/items/{1000-9999}", weight=9, check=Check(contains="id")),
        Request("POST", "/items?dry=1", {"Content-Type": "application/json"}, '{"n":1}', check=Check(201)),
    )


def test_services_come_behind_the_labs_own(tmp_path: Path) -> None:
    service(tmp_path, name="aaa")
    assert [one.name for one in FileCatalog(services=tmp_path).servers()][-1] == "aaa"
    assert FileCatalog(services=tmp_path / "absent").workloads() == WORKLOADS


def test_under_a_workload_of_the_lab_only_the_path_is_its_own(tmp_path: Path) -> None:
    one = service(tmp_path, PLAIN, "hello")
    assert one.workloads == ("plaintext",)
    assert one.requests == (Request("GET", "/hello", check=Check(body="Hello, World!")),)
    assert "hello" not in {each.name for each in FileCatalog(services=tmp_path).workloads()}


def test_every_bad_file_has_its_row() -> None:
    assert {path.stem for path in BAD.glob("*.yaml")} == set(EXPECTED)


def test_all_mistakes_are_told_where_they_are() -> None:
    mistakes = read_services(BAD, [one.name for one in samples.SERVERS], WORKLOADS).mistakes
    told: dict[str, list[str]] = {}
    for one in mistakes:
        name, _, place = one.where.removeprefix(f"{BAD}/").partition(".yaml")
        told.setdefault(name, []).append(f"{place.removeprefix(':')} {one.message}".strip())
    assert {name: tuple(lines) for name, lines in told.items()} == EXPECTED


def test_secrets_are_found_at_the_start_and_are_in_no_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIX_TOKEN", "very-secret")
    one = service(tmp_path)
    assert one.service is not None
    assert {each.variable: read_secret(each) for each in one.service.secrets} == {
        "TOKEN": "very-secret",
        "PASSWORD": "hunter2",
    }
    assert "very-secret" not in repr(one) and "hunter2" not in repr(one)
    assert missing_secrets([one, *samples.SERVERS]) == ()


def test_secrets_that_are_not_there_are_told_at_their_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIX_TOKEN", raising=False)
    one = service(tmp_path)
    (tmp_path / "password.txt").unlink()
    assert [(each.where, each.message) for each in missing_secrets([one])] == [
        (f"{tmp_path}/api.yaml:13:10", "TOKEN: the environment has no SIX_TOKEN"),
        (f"{tmp_path}/api.yaml:14:13", f"PASSWORD: {tmp_path}/password.txt cannot be read: No such file or directory"),
    ]


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("me/api:1", "api"),
        ("localhost:5000/me/My_Api.v2", "my-api-v2"),
        ("nginx", "nginx"),
        (f"ghcr.io/a/b@sha256:{'0' * 64}", "b"),
    ],
)
def test_a_service_is_named_after_its_image(image: str, name: str) -> None:
    assert name_of(image) == name


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = write_service(tmp_path / "services", "me/api:1", 8000, "api", KNOWN)
    (one,) = read_services(path.parent, [], WORKLOADS).servers
    assert (one.name, one.port, one.summary) == ("api", 8000, "me/api:1")
    assert one.service is not None and one.service.read_only


def test_every_comment_of_the_template_is_a_line_that_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_service(tmp_path, "me/api:1", 8000, "api", KNOWN)
    text = path.read_text()
    for line in text.splitlines():
        words = line.strip().removeprefix("# ")
        if line.strip().startswith("# ") and words.partition(":")[0] in KEYS:
            text = text.replace(line, line.replace("# ", "", 1))
    for wrong in ("      body: Hello, World!     # exactly this, or:\n", "workload: plaintext\n"):
        assert wrong in text
        text = text.replace(wrong, "")
    text = text.replace("#   ", "  ")
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    path.write_text(text)
    found = read_services(tmp_path, [], WORKLOADS)
    assert [one.message for one in found.mistakes if "compose.yaml" not in one.where] == []
    one = next(each for each in found.servers if each.name == "api")
    assert one.service is not None
    assert len(one.service.secrets) == 2 and one.service.user and one.service.tmpfs and one.sidecars


KEYS = (
    *("ready", "headers", "body", "weight", "contains", "check_bodies", "workload", "environment", "user"),
    *("tmpfs", "sidecars"),
)


def test_nothing_is_overwritten_and_all_mistakes_are_told(tmp_path: Path) -> None:
    write_service(tmp_path, "me/api:1", 8000, "api", KNOWN)
    before = (tmp_path / "api.yaml").read_bytes()
    with pytest.raises(ConfigError) as caught:
        write_service(tmp_path, "no image", 70_000, "api", KNOWN)
    assert [one.where for one in caught.value.mistakes] == ["--image", "--port", str(tmp_path / "api.yaml")]
    assert (tmp_path / "api.yaml").read_bytes() == before


@pytest.mark.parametrize(
    ("name", "word"), [("go-fasthttp", "a server already"), ("json", "a workload"), ("A", "not a name")]
)
def test_names_that_are_taken_or_none(tmp_path: Path, name: str, word: str) -> None:
    with pytest.raises(ConfigError) as caught:
        write_service(tmp_path, "me/api:1", 8000, name, KNOWN)
    assert [(one.where, word in one.message) for one in caught.value.mistakes] == [("--name", True)]
