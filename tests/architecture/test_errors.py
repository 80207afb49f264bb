"""The tree drawn in errors.py is the tree there is: names, parents, exit codes; and each error is built somewhere."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from orchestrator import errors
from orchestrator.errors import Interrupted, LabError

DRAWN = re.compile(r"^    (?P<indent>[│├└─ ]*)(?P<name>[A-Z]\w+) +(?P<code>\d+(/\d+)?|-)(?= )")


def drawn() -> dict[str, tuple[str, str]]:
    """Name -> parent, exit code, as the docstring has them."""
    tree: dict[str, tuple[str, str]] = {}
    above: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        match = DRAWN.match(line)
        if match is None:
            continue
        depth = len(match["indent"]) // 4
        above = [*above[:depth], match["name"]]
        tree[match["name"]] = (above[-2] if depth else "", match["code"])
    return tree


def real() -> dict[str, tuple[str, str]]:
    """The same, as the classes have it. An error that never ends the program has no code of its own: ``-``."""
    tree = {"LabError": ("", "70")}
    waiting = [LabError]
    while waiting:
        parent = waiting.pop()
        for child in parent.__subclasses__():
            if child.__module__ != errors.__name__:
                continue
            waiting.append(child)
            code = "-" if child.exit_code == LabError.exit_code else str(child.exit_code)
            tree[child.__name__] = (parent.__name__, "130/143" if child is Interrupted else code)
    return tree


def test_the_drawing_is_the_tree() -> None:
    assert len(drawn()) > 5
    assert drawn() == real()


def test_interrupted_is_128_and_the_signal() -> None:
    assert [Interrupted(2).exit_code, Interrupted(15).exit_code] == [130, 143]


def test_no_error_stands_outside_the_tree(package: dict[Path, ast.Module]) -> None:
    """A class below LabError belongs into errors.py, where a reader looks for it."""
    known = set(real())
    strays = [
        f"{path.name}: {node.name}"
        for path, tree in package.items()
        if path.name != "errors.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and known & {base.id if isinstance(base, ast.Name) else getattr(base, "attr", "") for base in node.bases}
    ]
    assert not strays


@pytest.mark.parametrize("name", sorted(set(real()) - {parent for parent, _ in real().values()}))
def test_each_error_is_built_somewhere(name: str, package: dict[Path, ast.Module]) -> None:
    built = [
        path
        for path, tree in package.items()
        if path.name != "errors.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")) == name
    ]
    assert built, f"nothing builds {name}: raise it, or take it out of the tree"
