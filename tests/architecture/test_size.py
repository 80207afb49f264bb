"""Small things: files, functions and classes stay readable in one go, and nothing hides in a utils.py."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

FILE_LINES_MAX = 300
FUNCTION_LINES_MAX = 70
PUBLIC_METHODS_MAX = 7
FOLDERS = ("orchestrator", "servers", "benchmarks", "grafana", "images")
NOT_OURS = {"target", "node_modules", "__pycache__"}
DUMPS = {"utils", "util", "helpers", "misc", "common"}


def oversized(name: str, text: str) -> Iterator[str]:
    """What is too large in one Python file, in words."""
    count = text.count("\n")
    if count > FILE_LINES_MAX:
        yield f"{name}: {count} lines, at most {FILE_LINES_MAX}"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                yield f"{name}:{node.lineno} {node.name}: {lines} lines, at most {FUNCTION_LINES_MAX}"
        if isinstance(node, ast.ClassDef):
            methods = [
                one.name
                for one in node.body
                if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and not one.name.startswith("_")
            ]
            if len(methods) > PUBLIC_METHODS_MAX:
                yield f"{name}:{node.lineno} {node.name}: {len(methods)} public methods, at most {PUBLIC_METHODS_MAX}"


def python_files(root: Path) -> list[Path]:
    found = [path for folder in FOLDERS for path in sorted((root / folder).rglob("*.py"))]
    return [path for path in found if not NOT_OURS & set(path.parts)]


def test_everything_is_small(root: Path) -> None:
    files = python_files(root)
    assert len(files) > 40, "the project was not found"
    too_large = [
        line for path in files for line in oversized(str(path.relative_to(root)), path.read_text(encoding="utf-8"))
    ]
    assert not too_large, "\n".join(too_large)


def test_tests_are_no_novels(root: Path) -> None:
    long = {
        str(path.relative_to(root)): lines
        for path in sorted((root / "tests").rglob("*.py"))
        if (lines := path.read_text(encoding="utf-8").count("\n")) > FILE_LINES_MAX
    }
    assert not long


def test_nothing_is_a_dump(root: Path) -> None:
    dumps = [str(path.relative_to(root)) for path in python_files(root) if path.stem in DUMPS]
    assert not dumps


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("\n" * 301, "x.py: 301 lines"),
        ("def long():\n" + "    a = 1\n" * 70, "x.py:1 long: 71 lines"),
        ("class Wide:\n" + "".join(f"    def m{i}(self): ...\n" for i in range(8)), "x.py:1 Wide: 8 public methods"),
    ],
)
def test_the_measure_sees_what_is_too_large(text: str, complaint: str) -> None:
    assert [line for line in oversized("x.py", text) if line.startswith(complaint)]
