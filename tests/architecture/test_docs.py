"""What the docs tell a reader to type exists, and what exists is told."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import typer.main

from orchestrator.adapters.files.catalog import FileCatalog

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
#: A command in a text of the package: it ends where the sentence goes on.
IN_TEXT = re.compile(r"\borchestrator ([a-z][^\n;,:()'\"`]*)")
TARGET = re.compile(r"^([a-z][a-z-]*):(?!=)([^#]*)(?:## (.+))?$", re.MULTILINE)


def commands() -> dict[str, Any]:
    from orchestrator.cli.app import app

    found: dict[str, Any] = dict(getattr(typer.main.get_command(app), "commands", {}))
    assert len(found) > 1, "the command line was not found"
    return found


def targets() -> dict[str, str]:
    """Make target -> its help, "" where it has none."""
    return {match[1]: (match[3] or "").strip() for match in TARGET.finditer((ROOT / "Makefile").read_text())}


def typed(page: Path, program: str) -> list[list[str]]:
    """Every use of a program in a code block or between backticks, as words."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"```[a-z]*\n(.*?)```", text, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    lines += re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    found = []
    for line in lines:
        words = line.strip().removeprefix("$ ")
        match = re.match(rf"(?:[A-Z_]+=\S+ )*{program} (.+)", words)
        if match:
            found.append(shlex.split(re.sub(r"\s(#|\||>|&&|;).*| {3,}.*", "", match[1])))
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_commands_in_the_docs_exist(page: Path) -> None:
    known = commands()
    for words in typed(page, "orchestrator"):
        if words[0].startswith("-"):
            continue
        assert words[0] in known, f"{page.name}: orchestrator {' '.join(words)}"
        options = {option for one in known[words[0]].params for option in (*one.opts, *one.secondary_opts)}
        for word in words[1:]:
            if word.startswith("--"):
                assert word.split("=")[0] in {*options, "--help"}, f"{page.name}: orchestrator {' '.join(words)}"


def texts(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and text of what a module may say; what is filled in becomes ``1``, docstrings are for us."""
    quiet = {
        id(node.value)
        for node in ast.walk(module)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(module):
        if isinstance(node, ast.JoinedStr):
            quiet |= {id(part) for part in node.values}
            parts = [part.value if isinstance(part, ast.Constant) else "1" for part in node.values]
            yield node.lineno, "".join(str(part) for part in parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in quiet:
            yield node.lineno, node.value


def refusal(text: str) -> str:
    """What the command line has against a command as it was advised; "" when it would run."""
    words = [word if not word.isupper() else "1" for word in shlex.split(text)]
    command = commands().get(words[0])
    if command is None:
        return f"there is no command {words[0]}"
    try:
        context = command.make_context(words[0], words[1:])
    except typer.BadParameter.__mro__[2] as error:
        return str(getattr(error, "message", error))
    with context:
        servers = {server.name for server in FileCatalog().servers()} | {"1"}
        unknown = set(context.params.get("server") or ()) - servers if words[0] == "build" else set()
    return f"build takes servers, not {', '.join(sorted(unknown))}" if unknown else ""


def test_commands_in_the_hints_would_run(package: dict[Path, ast.Module]) -> None:
    """Every error's next command, and every other one the program tells of."""
    advised = [
        (f"{path.name}:{number}", match[1].split("  ")[0].rstrip(". "))
        for path, module in package.items()
        for number, text in texts(module)
        for match in IN_TEXT.finditer(text)
    ]
    assert len(advised) > 20
    assert not [f"{where} orchestrator {text}: {why}" for where, text in advised if (why := refusal(text))]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("run --resume", "--resume"),
        ("build observer", "takes servers"),
        ("doctor --json shows the facts", "shows"),
        ("watch", "no command"),
    ],
)
def test_a_hint_that_leads_nowhere_is_seen(text: str, why: str) -> None:
    assert why in refusal(text)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_make_targets_in_the_docs_exist(page: Path) -> None:
    for words in typed(page, "make"):
        assert words[0] in targets(), f"{page.name}: make {' '.join(words)}"


def test_the_readme_shows_how_to_begin() -> None:
    shown = {words[0] for words in typed(ROOT / "README.md", "make")}
    assert {"lab", "test"} <= shown


def test_every_make_target_has_help() -> None:
    helped = targets()
    assert helped
    assert not [name for name, text in helped.items() if not text]


def test_every_command_is_told_of() -> None:
    told = {words[0] for page in PAGES for words in typed(page, "orchestrator")}
    assert not set(commands()) - told


def test_links_between_pages_lead_somewhere() -> None:
    broken = [
        f"{page.name}: {link}"
        for page in PAGES
        for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
        if not (page.parent / link).exists()
    ]
    assert not broken


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "docs/adr").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))
    for path in sorted((ROOT / "docs/adr").glob("*.md")):
        text = path.read_text()
        assert text.startswith(f"# {int(path.name[:4])}. "), path.name
        assert all(part in text for part in ("## Context", "## Decision", "## Consequences")), path.name
