"""Recipes, content hashes, supplies and the build log: all that needs no engine."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from orchestrator.adapters.docker import supply_host
from orchestrator.adapters.docker.recipes import (
    Recipe,
    assemble,
    build_hash,
    context_files,
    folder_contexts,
    load_recipes,
    pull_hash,
    server_recipe,
)
from orchestrator.adapters.docker.supply import Resolved, Resolver, mirrored
from orchestrator.adapters.docker.supply_build import from_cache, image_contexts
from orchestrator.adapters.docker.supply_facts import Facts, FactsFile
from orchestrator.domain.measurement import Missing
from orchestrator.domain.server import Server
from orchestrator.errors import EnvironmentNotFit, ImageUnavailable

ROOT = Path(__file__).resolve().parents[4]
GO = Server("go-x", "go", "x", "one line", 8080, ("json",))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "go.Dockerfile").write_text("FROM toolchain\n")
    (tmp_path / "servers" / "go" / "x").mkdir(parents=True)
    (tmp_path / "servers" / "go" / "x" / "main.go").write_text("package main\n")
    (tmp_path / "servers" / "go" / "go.mod").write_text("module m\n")
    return tmp_path


def digest(project: Path, recipe: Recipe | None = None, toolchain: str = "go1") -> str:
    return build_hash(recipe or server_recipe(GO), project, {"toolchain": toolchain})


def test_every_recipe_of_the_project_is_whole() -> None:
    recipes = load_recipes(ROOT)
    assert {"base", "toolchain-go", "toolchain-rust", "python", "k6", "prometheus", "cadvisor", "grafana"} <= set(
        recipes
    )
    for recipe in recipes.values():
        assert recipe.pull or recipe.buildable, recipe.name
        if recipe.dockerfile:
            text = (ROOT / recipe.dockerfile).read_text()
            assert "# syntax=" not in text, "a syntax line would be pulled"
            for context in recipe.contexts:
                assert f"FROM {context}" in text or f"--from={context}" in text, (recipe.name, context)
        for source in recipe.contexts.values():
            assert source in ("host:go", "host:rust", "host:tinygo") or source in recipes, (recipe.name, source)


def test_pulled_tags_name_one_version() -> None:
    for recipe in load_recipes(ROOT).values():
        if recipe.pull:
            tag = recipe.pull.rpartition(":")[2]
            # Of PostgreSQL two numbers are the whole version.
            whole = r"^\d+\.\d+-" if recipe.name == "postgres" else r"\d+\.\d+\.\d+|-\d{8}-"
            assert re.search(whole, tag), f"{recipe.pull} follows its publisher's releases"


def test_versions_of_both_supplies_agree() -> None:
    recipes = load_recipes(ROOT)

    def required(folder: str, module: str) -> str:
        lines = (ROOT / "images" / folder / "go.mod").read_text().split("\n")
        return next(line.split()[-1] for line in lines if f"{module} v" in line and "// indirect" not in line)

    assert recipes["k6"].pull == f"grafana/k6:{required('k6', 'go.k6.io/k6/v2').removeprefix('v')}"
    release = str(recipes["postgres"].pull).partition(":")[2].partition(".")[0]
    assert f"postgresql-{release} " in (ROOT / "images" / "postgres.Dockerfile").read_text()
    assert recipes["cadvisor"].pull == (
        f"ghcr.io/google/cadvisor:{required('cadvisor', 'github.com/google/cadvisor').removeprefix('v')}"
    )
    _, minor, patch = required("prometheus", "github.com/prometheus/prometheus").split(".")
    version = f"{minor[0]}.{int(minor[1:])}.{patch}"  # module v0.315.0 is release 3.15.0
    assert recipes["prometheus"].pull == f"prom/prometheus:v{version}"
    assert recipes["prometheus"].args == {"VERSION": version}


def test_the_kernels_are_programs_of_the_languages_folders() -> None:
    recipes = load_recipes(ROOT)
    for name, language in (("kernels/go", "go"), ("kernels/rust", "rust"), ("kernels/tinygo", "go")):
        recipe = recipes[name]
        assert (recipe.context, recipe.args["PROGRAM"]) == (f"servers/{language}", "kernels")
        assert recipe.optional == (name == "kernels/tinygo")


def test_unknown_keys_are_refused(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "images.toml").write_text('[a]\npul = "x:1"\n')
    with pytest.raises(ValueError, match="pul"):
        load_recipes(tmp_path)


def test_the_same_content_gives_the_same_hash_whatever_the_times(project: Path) -> None:
    before = digest(project)
    os.utime(project / "servers" / "go" / "go.mod", (1, 1))
    assert digest(project) == before
    assert len(before) == 12


@pytest.mark.parametrize("change", ["bytes", "name", "new", "mode", "dockerfile", "ignore"])
def test_any_change_of_content_changes_the_hash(project: Path, change: str) -> None:
    before = digest(project)
    folder = project / "servers" / "go"
    match change:
        case "bytes":
            (folder / "x" / "main.go").write_text("package mian\n")
        case "name":
            (folder / "x" / "main.go").rename(folder / "x" / "other.go")
        case "new":
            (folder / "x" / "more.go").touch()
        case "mode":
            (folder / "x" / "main.go").chmod(0o755)
        case "dockerfile":
            (project / "images" / "go.Dockerfile").write_text("FROM toolchain \n")
        case "ignore":
            (project / "images" / "go.Dockerfile.dockerignore").write_text("x\n")
    assert digest(project) != before


def test_inputs_and_arguments_are_part_of_the_hash(project: Path) -> None:
    other = Server("go-x", "go", "y", "", 8080, ())
    assert digest(project, toolchain="go2") != digest(project)
    assert digest(project, server_recipe(other)) != digest(project)


def test_a_library_of_another_language_brings_its_toolchain_and_its_folder(project: Path) -> None:
    (project / "images" / "go+rust.Dockerfile").write_text("FROM toolchain\n")
    source = project / "servers" / "rust" / "ffi" / "lib.rs"
    source.parent.mkdir(parents=True)
    source.write_text("fn a() {}\n")
    recipe = server_recipe(Server("go-cgo", "go+rust", "x", "one line", 8080, ("json",)))
    assert (recipe.context, recipe.dockerfile) == ("servers/go", "images/go+rust.Dockerfile")
    assert folder_contexts(recipe, project) == {"rust": project / "servers" / "rust"}
    below = {name: Recipe(name, pull=f"{name}:1") for name in ("toolchain-go", "toolchain-rust")}
    image = Resolver(project, {recipe.name: recipe, **below}).resolve(recipe.name, "pull")
    assert image.toolchain == "toolchain-go:1, toolchain-rust:1"
    assert image_contexts(image, project) == {
        "toolchain": f"docker-image://footprint-lab/toolchain-go:{pull_hash('toolchain-go:1')}",
        "toolchain-rust": f"docker-image://footprint-lab/toolchain-rust:{pull_hash('toolchain-rust:1')}",
        "rust": str(project / "servers" / "rust"),
    }
    before = digest(project, recipe)
    source.write_text("fn b() {}\n")
    assert digest(project, recipe) != before


def test_what_compilers_leave_behind_is_no_content(project: Path) -> None:
    before = digest(project)
    for debris in ("target/release", "__pycache__"):
        (project / "servers" / "go" / debris).mkdir(parents=True)
        (project / "servers" / "go" / debris / "x").write_text("x")
    assert digest(project) == before


def test_moving_a_byte_from_one_file_to_the_next_is_seen(tmp_path: Path) -> None:
    def with_files(a: str, b: str) -> str:
        (tmp_path / "context").mkdir(exist_ok=True)
        (tmp_path / "context" / "a").write_text(a)
        (tmp_path / "context" / "b").write_text(b)
        return build_hash(Recipe("n", context="context"), tmp_path, {})

    assert with_files("12", "3") != with_files("1", "23")


def test_the_observer_carries_its_packages_and_no_others(tmp_path: Path) -> None:
    recipe = load_recipes(ROOT)["observer"]
    names = {name for name, _ in context_files(recipe, ROOT)}
    assert {"orchestrator/errors.py", "prometheus_client/exposition.py"} <= names
    assert not any(name.startswith(("orchestrator/adapters/docker", "orchestrator/cli")) for name in names)
    assert not any("__pycache__" in name for name in names)
    assemble(recipe, ROOT, tmp_path)
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()} == names


def test_a_missing_part_of_a_package_is_told() -> None:
    with pytest.raises(EnvironmentNotFit, match="nowhere"):
        context_files(Recipe("n", packages={"orchestrator": ("nowhere",)}), ROOT)


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("debian:trixie-slim", "mirror:5000/library/debian:trixie-slim"),
        ("grafana/k6:2.2.0", "mirror:5000/grafana/k6:2.2.0"),
        ("ghcr.io/google/cadvisor:0.60.6", "mirror:5000/google/cadvisor:0.60.6"),
        ("localhost/a/b:1", "mirror:5000/a/b:1"),
    ],
)
def test_a_mirror_stands_before_the_repository(reference: str, expected: str) -> None:
    assert mirrored(reference, "mirror:5000") == expected
    assert mirrored(reference, "mirror:5000/") == expected
    assert mirrored(reference, None) == reference


def test_pull_and_build_of_one_image_never_share_a_tag() -> None:
    recipes = {
        "base": Recipe("base", pull="debian:1", context=None, dockerfile=None),
        "tool": Recipe("tool", pull="golang:1"),
        "ours": Recipe("ours", contexts={"tool": "tool"}, dockerfile="images/python.Dockerfile"),
    }
    pulled = Resolver(ROOT, recipes).resolve("ours", "pull")
    assert pulled.supply == "build", "an image of our own is built, on pulled ones"
    assert isinstance(pulled.inputs["tool"], Resolved)
    assert pulled.inputs["tool"].reference == f"footprint-lab/tool:{pull_hash('golang:1')}"
    assert pulled.toolchain == "golang:1"
    with pytest.raises(ImageUnavailable, match="tool not available: no registry reached"):
        Resolver(ROOT, recipes).resolve("ours", "build")


def test_a_name_without_recipe_is_told_with_the_known_ones() -> None:
    with pytest.raises(ImageUnavailable, match="'k7'") as caught:
        Resolver(ROOT, load_recipes(ROOT)).resolve("k7", "pull")
    assert "k6" in caught.value.hint


def test_a_build_from_cache_is_no_timing() -> None:
    compiled = ["#7 [build 2/3] COPY . .", "#7 CACHED", "#8 [build 3/3] RUN go build", "#8 DONE 9.1s"]
    cached = [*compiled[:3], "#8 CACHED"]
    assert not from_cache(compiled)
    assert from_cache(cached)
    assert not from_cache(["#5 [1/1] COPY --from=goroot bin /usr/local/go/bin", "#5 CACHED"])


def test_facts_are_remembered_and_never_invented(tmp_path: Path) -> None:
    file = FactsFile(tmp_path / "cache")
    assert isinstance(file.recall("sha256:1").build_seconds, Missing)
    file.remember("sha256:1", Facts(12.5, 4096))
    file.remember("sha256:2", Facts(Missing("pulled, not built"), Missing("not one program")))
    assert FactsFile(tmp_path / "cache").recall("sha256:1") == Facts(12.5, 4096)
    assert file.recall("sha256:2") == Facts(Missing("pulled, not built"), Missing("not one program"))


def test_a_broken_facts_file_is_missing_figures_not_a_failure(tmp_path: Path) -> None:
    (tmp_path / "images.json").write_text("{")
    file = FactsFile(tmp_path)
    assert isinstance(file.recall("sha256:1").binary_bytes, Missing)
    file.remember("sha256:1", Facts(1.0, 1))
    assert file.recall("sha256:1") == Facts(1.0, 1)


def test_proxies_reach_the_build_and_not_the_hash(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    before = digest(project)
    assert supply_host.proxies() == {}
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    assert supply_host.proxies() == {"HTTPS_PROXY": "http://proxy.example:3128"}
    assert digest(project) == before
