"""The small parts: what is printed is harmless, widths, money, progress."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import pytest

from orchestrator.cli.console import clean, show
from orchestrator.cli.progress import ERASE_LINE, SILENCE_SECONDS, TextProgress
from orchestrator.cli.render.json import plain
from orchestrator.cli.render.text import metric, usd, usd_exactly
from orchestrator.cli.screen import Column, Grid, Line, Span, fit, line, natural_width
from orchestrator.cli.signals import HEARTBEAT_SECONDS
from orchestrator.domain.measurement import Missing
from orchestrator.domain.outcome import Status
from tests.unit.cli.conftest import Terminal


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("rust-axum", "rust-axum"),
        ("Zürich", "Zürich"),
        ("\x1b[2J", "\\x1b[2J"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\u202etxt.exe", "\\u202etxt.exe"),
        ("\x9b31m", "\\x9b31m"),
        ("\ud800", "\\ud800"),
    ],
)
def test_what_could_steer_a_terminal_is_shown_escaped(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_markup_in_names_stays_text() -> None:
    stream = io.StringIO()
    grid = Grid((Column("[red]server[/]"),), ((Span("[bold]x[/bold] :smile: [link=http://e]y[/link]"),),))
    show((line("[blink]hello[/blink]"), Line((Span("\x1b]0;title\x07"),)), grid), stream, 100)
    assert stream.getvalue() == (
        "[blink]hello[/blink]\n\\x1b]0;title\\x07\n[red]server[/]\n[bold]x[/bold] :smile: [link=http://e]y[/link]\n"
    )


def test_a_grid_gives_up_columns_last_to_first() -> None:
    grid = Grid(
        (Column("name"), Column("much", drop=1), Column("more", drop=2)),
        ((Span("a" * 10), Span("b" * 10), Span("c" * 10)),),
    )
    assert natural_width(grid) == 34
    assert fit(grid, 34).gap == 2
    assert fit(grid, 32).gap == 1
    assert fit(grid, 31).dropped == ("more",)
    assert fit(grid, 12).dropped == ("more", "much")
    assert fit(grid, 5).dropped == ("more", "much"), "what may not go stays, folded"


def test_a_grid_too_wide_says_what_is_missing() -> None:
    stream = io.StringIO()
    show((Grid((Column("name"), Column("CPU/\nrequest", drop=1)), ((Span("a" * 30), Span("b" * 30)),)),), stream, 60)
    assert "left out at 60 columns: CPU/request; --json has all" in stream.getvalue()


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("7.592", "7.59"),
        ("1234.5", "1,234.50"),
        ("0.00144", "0.0014"),
        ("0.5", "0.50"),
        ("0.000000123", "0.00000012"),
        ("0", "0.00"),
    ],
)
def test_money(amount: str, shown: str) -> None:
    assert usd(Decimal(amount)) == shown


def test_a_price_row_is_shown_as_written() -> None:
    assert usd_exactly(Decimal("0.01040")) == "0.0104"
    assert usd_exactly(Decimal("100")) == "100"


def test_missing_is_never_a_number() -> None:
    missing = Missing("cgroup v1")
    assert metric("cpu_pressure_seconds", missing, "s") == "not available (cgroup v1)"
    assert plain({"a": (missing, Decimal("1E-7"), date(2026, 7, 20), Status.VOID, None, float("nan"))}) == {
        "a": [{"missing": "cgroup v1"}, "0.0000001", "2026-07-20", "void", None, {"missing": "not a number: nan"}]
    }


def test_what_has_no_plain_form_is_refused() -> None:
    with pytest.raises(TypeError, match="object has no plain form"):
        plain(object())


def test_progress_without_a_terminal_is_one_line_each() -> None:
    stream = io.StringIO()
    progress = TextProgress(stream)
    progress.status("looking")
    progress.say("images", "2 up to date")
    progress.say("images", "k6\x1b[2J")
    progress.trial(1, 12, "rust-axum  pass", 240.0)
    progress.trial(12, 12, "rust-axum  pass", 0.0)
    progress.close()
    assert stream.getvalue() == (
        "images     2 up to date\n           k6\\x1b[2J\n  1/12  rust-axum  pass  ETA 4 min\n 12/12  rust-axum  pass\n"
    )


def test_a_long_step_says_that_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("orchestrator.cli.progress.time.monotonic", lambda: now[0])
    stream = io.StringIO()
    progress = TextProgress(stream)
    progress.say("images", "2 up to date")
    for now[0] in (105.0, 120.0, 128.0, 133.0, 155.0):
        progress.beat()
    progress.say("", "a line of its log")
    now[0] = 190.0
    progress.beat()
    assert stream.getvalue() == (
        "images     2 up to date\n           still at it, 28 s so far\n           still at it, 55 s so far\n"
        "           a line of its log\nimages     still at it, 35 s so far\n"
    )
    assert SILENCE_SECONDS + HEARTBEAT_SECONDS <= 30


def test_the_heartbeat_leaves_a_terminal_and_a_half_written_line_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("orchestrator.cli.progress.time.monotonic", lambda: now)

    class Interrupting(io.StringIO):
        def write(self, text: str) -> int:
            nonlocal now
            now = 200.0
            progress.beat()
            return super().write(text)

    stream = Interrupting()
    progress = TextProgress(stream)
    progress.say("run", "one")
    assert stream.getvalue() == "run        one\n"
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    progress = TextProgress(terminal)
    now = 300.0
    progress.beat()
    assert terminal.getvalue() == ""


def test_progress_on_a_terminal_keeps_one_status_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    progress = TextProgress(stream)
    progress.status("looking")
    assert stream.getvalue() == f"{ERASE_LINE}looking"
    progress.trial(1, 2, "rust-axum  pass", 30.0)
    assert stream.getvalue().endswith(f"{ERASE_LINE}measuring; 1 of about 2 trials done  ETA 30 s")
    progress.close()
    assert stream.getvalue().endswith(f"{ERASE_LINE}\n")


class _Closed(io.StringIO):
    def write(self, _text: str) -> int:
        raise BrokenPipeError


def test_progress_nobody_reads_does_not_stop_the_work() -> None:
    progress = TextProgress(_Closed())
    progress.say("run", "one")
    progress.say("run", "two")
