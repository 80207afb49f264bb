from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from orchestrator.adapters.files.catalog import FileCatalog
from orchestrator.adapters.files.fields import INSTANCE_ID
from orchestrator.adapters.files.resources import catalog_folder, project_root, resource
from orchestrator.domain.variant import variant_of
from orchestrator.errors import ConfigError, EnvironmentNotFit

SERVER = "name: {name}\nlanguage: go\nprogram: {program}\nsummary: s\nport: {port}\nworkloads: [{workload}]\n"


def write(root: Path, folder: str, **changes: object) -> None:
    place = root / "servers" / "go" / folder
    place.mkdir(parents=True)
    row = {"name": folder, "program": folder, "port": 8080, "workload": "plaintext"} | changes
    (place / "server.yaml").write_text(SERVER.format(**row))


def mistakes(root: Path) -> list[tuple[str, str]]:
    with pytest.raises(ConfigError) as caught:
        FileCatalog(root).servers()
    return [(one.where, one.message) for one in caught.value.mistakes]


def test_servers_are_folders(tmp_path: Path) -> None:
    write(tmp_path, "two")
    write(tmp_path, "one")
    (tmp_path / "servers" / "go" / "lab").mkdir()
    assert [one.name for one in FileCatalog(tmp_path).servers()] == ["one", "two"]


def test_a_server_of_two_languages_is_in_the_folder_of_the_first(tmp_path: Path) -> None:
    for language in ("go", "rust"):
        place = tmp_path / "servers" / language / "two"
        place.mkdir(parents=True)
        text = SERVER.format(name=f"{language}-two", program="two", port=8080, workload="plaintext")
        (place / "server.yaml").write_text(text.replace("language: go", "language: go+rust"))
    assert mistakes(tmp_path) == [
        ("servers/rust/two/server.yaml:2:11", "language: 'go+rust' does not match its folder 'rust'")
    ]


FACTORS = """\
factors:
  - {name: json, summary: s, values: [{name: std}, {name: fast}, {name: slim, workloads: [json, parse]}]}
  - {name: workers, summary: s, values: [{name: all}], numbers: {variable: W, least: 1, most: 9}}
"""


def unmoved(root: Path, text: str) -> None:
    place = root / "servers" / "go"
    write(root, "one", workload="plaintext, json, parse")
    (place / "factors.yaml").write_text(FACTORS)
    with (place / "one" / "server.yaml").open("a") as file:
        file.write(f"unmoved: {text}\n")


def test_a_variant_serves_nothing_that_its_factor_does_not_change(tmp_path: Path) -> None:
    unmoved(tmp_path, "{json: [parse]}")
    (server,) = FileCatalog(tmp_path).servers()
    assert server.workloads == ("plaintext", "json", "parse")
    assert variant_of(server, "json=fast").workloads == ("plaintext", "json")
    assert variant_of(server, "json=slim").workloads == ("json",)
    assert variant_of(server, "workers=3").workloads == server.workloads


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{jsno: [parse]}", "factor 'jsno' is not in the catalog; did you mean 'json'?"),
        ("{workers: [parse]}", "workers takes no numbers"),
        ("{json: [plaintext, json, parse]}", "leaves some of its workloads"),
        ("{json: [db]}", "leaves some of its workloads"),
    ],
)
def test_what_a_factor_cannot_leave_unmoved(tmp_path: Path, text: str, words: str) -> None:
    unmoved(tmp_path, text)
    ((where, message),) = mistakes(tmp_path)
    assert where.startswith("servers/go/one/server.yaml:7") and words in message


def test_the_library_in_rust_reads_what_no_library_in_go_does() -> None:
    server = next(one for one in FileCatalog().servers() if one.name == "go-cgo-rust")
    assert "parse" in server.workloads and "parse" not in variant_of(server, "json=sonic").workloads
    with pytest.raises(ValueError, match="serves no workload"):
        variant_of(server, "json=sonic,slim=parse")


def test_a_folder_without_servers_is_empty(tmp_path: Path) -> None:
    assert FileCatalog(tmp_path).servers() == ()


def test_mistakes_of_all_servers_at_once(tmp_path: Path) -> None:
    write(tmp_path, "a", port=0)
    write(tmp_path, "b", name="../b")
    write(tmp_path, "c", program="other")
    write(tmp_path, "d", workload="plaintxt")
    assert mistakes(tmp_path) == [
        ("servers/go/a/server.yaml:5:7", "port: 0 is out of range; use 1 to 65,535"),
        (
            "servers/go/b/server.yaml:1:7",
            "name: '../b' is not a name; use a-z, 0-9 and dashes, at most 39 characters",
        ),
        ("servers/go/c/server.yaml:3:10", "program: 'other' does not match its folder 'c'"),
        (
            "servers/go/d/server.yaml:6:13",
            "workload 'plaintxt' is not in the catalog; did you mean 'plaintext'?",
        ),
    ]


def test_two_servers_of_one_name(tmp_path: Path) -> None:
    write(tmp_path, "a", name="same")
    write(tmp_path, "b", name="same")
    assert mistakes(tmp_path) == [("servers/go/b/server.yaml:1:7", "name: 'same' is taken by another server")]


def test_two_rows_of_one_id(tmp_path: Path) -> None:
    folder = tmp_path / "catalog"
    (folder / "instance_types").mkdir(parents=True)
    for name in ("workloads.yaml", "scenarios.yaml", "sidecars.yaml", "order.json"):
        (folder / name).write_text((catalog_folder() / name).read_text())
    for name in ("a.yaml", "b.yaml"):
        row = "instance_types: [{id: home/a, vcpus: 1, memory: 1GiB}]\n"
        (folder / "instance_types" / name).write_text(row)
    with pytest.raises(ConfigError) as caught:
        FileCatalog(tmp_path, folder).instance_types()
    assert [one.message for one in caught.value.mistakes] == ["instance type 'home/a' is there twice"]


@pytest.mark.parametrize("good", ["aws/t3.micro", "aws/fargate-0.25vcpu-0.5gb", "a/b", f"{'a' * 39}/{'b' * 39}"])
def test_instance_ids(good: str) -> None:
    assert INSTANCE_ID.fullmatch(good)


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "a",
        "/b",
        "a/",
        "a/b/c",
        "a/../b",
        "a/.b",
        "a/b.",
        "a/b..c",
        "A/b",
        "a/b\n",
        "a/<b>",
        "a/b'",
        "a/b c",
        "a/é",
        f"a/{'b' * 40}",
        f"{'a' * 40}/b",
    ],
)
def test_not_instance_ids(bad: str) -> None:
    assert INSTANCE_ID.fullmatch(bad) is None


def test_the_projects_data_is_found() -> None:
    assert (project_root() / "servers").is_dir()
    assert resource("servers") == project_root() / "servers"
    with pytest.raises(EnvironmentNotFit, match="nothing-here is not there"):
        resource("nothing-here")


def test_in_a_wheel_the_data_lies_in_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "_data" / "servers").mkdir(parents=True)
    monkeypatch.setattr("orchestrator.adapters.files.resources._PACKAGE", tmp_path)
    assert resource("servers") == tmp_path / "_data" / "servers"


def test_heavy_libraries_wait_until_something_is_read() -> None:
    program = (
        "import sys, orchestrator.adapters.files.catalog, orchestrator.adapters.files.config,"
        "orchestrator.adapters.store.journal; print('pydantic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
