"""catalog/batch.yaml: what is in it, and what is said of mistakes in it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from orchestrator.adapters.files.catalog import FileCatalog
from orchestrator.adapters.files.resources import catalog_folder
from orchestrator.errors import ConfigError

ROW = """\
workloads:
  - name: {name}
    kernel: fannkuch
    summary: s
    sizes: [{sizes}]
    algorithms:
      - {{kind: {kind}, go: {go}, rust: b}}
"""


def catalog(tmp_path: Path, text: str | None = None) -> FileCatalog:
    """The bundled catalog without any server; with this batch.yaml."""
    folder = tmp_path / "catalog"
    shutil.copytree(catalog_folder(), folder)
    if text is not None:
        (folder / "batch.yaml").write_text(text)
    return FileCatalog(tmp_path, folder)


def mistakes(tmp_path: Path, **changes: str) -> list[str]:
    row = {"name": "x", "sizes": "{n: 1}", "kind": "same", "go": "b"} | changes
    with pytest.raises(ConfigError) as caught:
        catalog(tmp_path, ROW.format(**row)).batch_workloads()
    return [one.message for one in caught.value.mistakes]


def test_eleven_kernels_are_there_with_the_sizes_of_the_published_figures(tmp_path: Path) -> None:
    workloads = {one.name: one for one in catalog(tmp_path).batch_workloads()}
    assert len({one.kernel for one in workloads.values()}) == 11
    sizes = {name: one.sizes[0].n for name, one in workloads.items()}
    assert sizes | {"binarytrees": 18, "fannkuch": 11, "mandelbrot": 5_000, "k-nucleotide": 2_500_000} == sizes
    assert sizes | {"spawn-tasks": 100_000, "json-parse": 100_000} == sizes
    assert [size.n for size in workloads["prime-sweep"].sizes] == [10, 100, 1_000, 10_000, 100_000]
    assert all(size.checksum for one in workloads.values() for size in one.sizes), "each was computed by two programs"


def test_checksums_are_those_of_the_contract(tmp_path: Path) -> None:
    contract = (Path(__file__).parents[4] / "servers/contract/kernels.md").read_text()
    known = [
        *("556355,51", "7f048ec8708a6db6006ace9f8afbf2f13d033bc1473995114d068e52064decc0", "7919"),
        "18/139882,18/138127,949/4096,8930/256,29433/64,97564/16,493884/4",
    ]
    here = {size.checksum for one in catalog(tmp_path).batch_workloads() for size in one.sizes}
    assert all(one in contract and one in here for one in known)


def test_a_catalog_without_batch_workloads_has_none(tmp_path: Path) -> None:
    made = catalog(tmp_path)
    (tmp_path / "catalog" / "batch.yaml").unlink()
    assert made.batch_workloads() == () and made.workloads()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"go": "a"}, "the same algorithm has the same tag in all languages"),
        ({"kind": "other"}, "same"),
        ({"sizes": "{n: 1}, {n: 1}"}, "two sizes have the same n"),
        ({"sizes": "{n: 0}"}, "n: 0 is out of range"),
        ({"name": "plaintext"}, "workload 'plaintext' is there twice"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, changes: dict[str, str], words: str) -> None:
    assert words in " ".join(mistakes(tmp_path, **changes))


def test_a_batch_workload_in_lab_yaml_says_how_to_run_it(tmp_path: Path) -> None:
    from orchestrator.adapters.files.config import load_lab

    file = tmp_path / "lab.yaml"
    file.write_text("servers: [a]\ninstances: [aws/t3.micro]\nworkloads: [mandelbrot]\n")
    with pytest.raises(ConfigError) as caught:
        load_lab(file, catalog(tmp_path))
    assert any(
        one.message == "mandelbrot is a batch job; run it by: orchestrator run --workload mandelbrot"
        for one in caught.value.mistakes
    )
