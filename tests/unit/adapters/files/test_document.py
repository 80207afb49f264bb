from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.adapters.files.document import BYTES_MAX, MISTAKES_MAX, Document, parse_document, read_document


def parse(text: str | bytes) -> Document:
    return parse_document(text.encode() if isinstance(text, str) else text, Document("lab.yaml"))


def test_values_know_their_place() -> None:
    document = parse("servers:\n  - one\n  - name: two\nslo: {p99: 50ms}\n")
    assert document.data == {"servers": ["one", {"name": "two"}], "slo": {"p99": "50ms"}}
    assert document.values[("servers", 0)] == (2, 5)
    assert document.values[("servers", 1, "name")] == (3, 11)
    assert document.keys[("servers", 1, "name")] == (3, 5)
    assert document.values[("slo", "p99")] == (4, 12)
    assert not document.mistakes


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("22:22", "22:22"),
        ("2026-07-20", "2026-07-20"),
        ("0o17", "0o17"),
        ("010", 10.0),
        ("1_000", "1_000"),
        ("1e3", 1000.0),
        ("-3", -3),
        (".5", 0.5),
        ("true", True),
        ("~", None),
        ("", None),
        ("'5'", "5"),
        ('"null"', "null"),
        ("50ms", "50ms"),
    ],
)
def test_scalars_are_read_as_yaml_1_2(written: str, value: object) -> None:
    document = parse(f"a: {written}\n")
    assert document.data == {"a": value}
    assert type(document.data["a"]) is type(value)


def test_the_first_of_two_equal_keys_is_kept() -> None:
    document = parse("a: 1\na: {b: 2}\nc: 3\n")
    assert document.data == {"a": 1, "c": 3}
    assert [one.where for one in document.mistakes] == ["lab.yaml:2:1"]


def test_a_byte_order_mark_is_no_mistake() -> None:
    assert parse("\ufeffa: 1\n".encode()).data == {"a": 1}


def test_mistakes_are_counted_out() -> None:
    document = parse("a: 1\n" * 5000)
    assert len(document.mistakes) == MISTAKES_MAX + 1
    assert "more than 100 mistakes" in document.mistakes[-1].message


def test_a_large_file_is_not_parsed(tmp_path: Path) -> None:
    path = tmp_path / "lab.yaml"
    path.write_bytes(b"a: 1\n" * (BYTES_MAX // 5 + 1))
    assert "larger than 256 KiB" in read_document(path).mistakes[0].message
    with path.open("wb") as file:
        file.truncate(2**40)
    assert "larger than 256 KiB" in read_document(path).mistakes[0].message


def test_what_is_not_a_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path, tmp_path / "fifo", Path("/dev/zero")):
        assert read_document(path).mistakes[0].message == "is not a regular file"
    assert "No such file" in read_document(tmp_path / "none").mistakes[0].message
    assert "cannot be read" in read_document(tmp_path / "a\0b").mistakes[0].message


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_data_or_mistakes(raw: bytes) -> None:
    document = parse(raw)
    assert (document.data is not None) or document.mistakes


@settings(deadline=None)
@given(st.text(alphabet="ab:-?[]{},&*!|>'\"#%@` \n\t01.~<", max_size=60))
def test_any_punctuation_gives_data_or_mistakes(text: str) -> None:
    document = parse(text)
    assert isinstance(document.data, dict) or document.mistakes
