"""Completeness: a server is one folder, and it says what it is."""

import pytest
from server_files import ServerFile, program_folders, read, server_files


def test_every_server_folder_has_its_server_yaml() -> None:
    folders = program_folders()
    assert folders, "no server at all"
    assert [str(folder) for folder in folders if not (folder / "server.yaml").is_file()] == []


def test_names_are_unique() -> None:
    names = [server.name for server in server_files()]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("server", server_files(), ids=lambda server: server.name)
def test_language_names_a_dockerfile(server: ServerFile) -> None:
    assert (server.path.parents[3] / "images" / f"{server.language}.Dockerfile").is_file()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name: x", "wants exactly the keys"),
        ("{name: ../x, language: go, program: p, summary: s, port: 1, workloads: [json]}", "name '../x'"),
        ("{name: x, language: rust, program: p, summary: s, port: 1, workloads: [json]}", "language 'rust'"),
        ("{name: x, language: go, program: q, summary: s, port: 1, workloads: [json]}", "program 'q'"),
        ("{name: x, language: go, program: p, summary: s, port: true, workloads: [json]}", "port True"),
        ("{name: x, language: go, program: p, summary: s, port: 0, workloads: [json]}", "port 0"),
        ("{name: x, language: go, program: p, summary: s, port: 1, workloads: [json, nope]}", "workloads ("),
    ],
)
def test_a_wrong_server_yaml_is_refused(tmp_path_factory: pytest.TempPathFactory, text: str, told: str) -> None:
    folder = tmp_path_factory.mktemp("servers") / "go" / "p"
    folder.mkdir(parents=True)
    (folder / "server.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError) as refused:
        read(folder / "server.yaml")
    assert told in str(refused.value)
