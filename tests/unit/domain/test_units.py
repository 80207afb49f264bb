from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.units import parse_bytes, parse_ratio, parse_seconds, show_bytes, show_ratio, show_seconds


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("64MiB", 67_108_864),
        ("1GiB", 2**30),
        ("0.5GiB", 2**29),
        (" 512 MiB ", 2**29),
        ("1kB", 1000),
        ("5 MB", 5_000_000),
        ("2GB", 2_000_000_000),
        ("7B", 7),
        ("0KiB", 0),
    ],
)
def test_sizes(text: str, count: int) -> None:
    assert parse_bytes(text) == count


@pytest.mark.parametrize("text", ["512M", "512", "1gib", "MiB", "-1MiB", "1 MiB B", "1e3MiB", "1,5GiB", "", "٣MiB x"])
def test_not_sizes(text: str) -> None:
    with pytest.raises(ValueError, match="write a"):
        parse_bytes(text)


@pytest.mark.parametrize(
    ("text", "seconds"), [("50ms", 0.05), ("30s", 30.0), ("1.5min", 90.0), ("2h", 7200.0), ("10us", 1e-5), ("0s", 0.0)]
)
def test_times(text: str, seconds: float) -> None:
    assert parse_seconds(text) == pytest.approx(seconds, rel=1e-12)


@pytest.mark.parametrize("text", ["50", "5m", "5 sec", "-1s", "1s2", "s", ""])
def test_not_times(text: str) -> None:
    with pytest.raises(ValueError, match="write a"):
        parse_seconds(text)


@pytest.mark.parametrize(("text", "ratio"), [("0.1%", 0.001), ("0.001", 0.001), ("0", 0.0), ("100%", 1.0), ("1", 1.0)])
def test_ratios(text: str, ratio: float) -> None:
    assert parse_ratio(text) == pytest.approx(ratio)


@pytest.mark.parametrize("text", ["101%", "2", "-1%", "5ms", "%", ""])
def test_not_ratios(text: str) -> None:
    with pytest.raises(ValueError):
        parse_ratio(text)


def test_quantities_are_shown_with_their_unit() -> None:
    assert [show_bytes(value) for value in (0, 1023, 1024, 5_872_026, 2**30, 3 * 2**40)] == [
        "0 B",
        "1023 B",
        "1 KiB",
        "5.6 MiB",
        "1 GiB",
        "3 TiB",
    ]
    assert [show_seconds(value) for value in (0.0000125, 0.0118, 1.25, 60, 119, 3120)] == [
        "12.5 us",
        "11.8 ms",
        "1.25 s",
        "60 s",
        "119 s",
        "52 min",
    ]
    assert [show_ratio(value) for value in (0.0312, 0.5, 0.00123, 0.1, 1)] == [
        "3.1 %",
        "50 %",
        "0.12 %",
        "10 %",
        "100 %",
    ]


@given(st.integers(0, 2**40))
def test_a_size_in_bytes_is_exact(count: int) -> None:
    assert parse_bytes(f"{count}B") == count
    assert parse_bytes(f"{count}MiB") == count * 2**20
