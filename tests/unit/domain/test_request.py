"""Requests, their ranges of numbers, and which generator can offer them."""

from __future__ import annotations

import pytest

from orchestrator.domain.request import Numbers, Request, wrong_numbers
from orchestrator.domain.workload import Workload, k6_alone

PLAIN = Request("GET", "/plaintext")


@pytest.mark.parametrize(
    ("path", "parts", "example"),
    [
        ("/plaintext", ("/plaintext", None, ""), "/plaintext"),
        ("/kv/k{1000-9999}", ("/kv/k", Numbers(1000, 9999), ""), "/kv/k1000"),
        ("/a?x={1-30}&y=2", ("/a?x=", Numbers(1, 30), "&y=2"), "/a?x=1&y=2"),
    ],
)
def test_a_path_comes_apart_at_its_numbers(path: str, parts: object, example: str) -> None:
    request = Request("GET", path)
    assert (request.parts, request.example_path) == (parts, example)


@pytest.mark.parametrize(
    ("low", "high", "digits"),
    [(1000, 9999, 4), (1, 9, 1), (10, 99, 2), (0, 9, None), (1000, 9998, None), (1, 9999, None), (999, 9999, None)],
)
def test_a_decade_is_all_numbers_of_one_length(low: int, high: int, digits: int | None) -> None:
    assert Numbers(low, high).decade_digits == digits
    assert Numbers(low, high).count == high - low + 1


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("/kv/k{1000-9999}", ""),
        ("/plain", ""),
        ("/a/{1-9}/{1-9}", "two ranges"),
        ("/a/{9-1}", "must rise"),
        ("/a/{5-5}", "must rise"),
        ("/a/{id}", "braces"),
        ("/a/{1-9", "braces"),
    ],
)
def test_ranges_that_are_none_are_told(path: str, wrong: str) -> None:
    assert (wrong in wrong_numbers(path)) if wrong else wrong_numbers(path) == ""


@pytest.mark.parametrize(
    ("workload", "reason"),
    [
        (Workload("one", "", (PLAIN,)), ""),
        (Workload("kv", "", (Request("GET", "/k{1000-9999}"),)), ""),
        (Workload("two", "", (PLAIN, PLAIN)), "two is a mix of 2 requests"),
        (Workload("checked", "", (PLAIN,), check_bodies=True), "each body of checked is to be checked"),
        (Workload("odd", "", (Request("GET", "/{1-30}"),)), "the numbers 1-30 of odd are not all those of one length"),
    ],
)
def test_what_oha_cannot_do_is_for_k6_alone(workload: Workload, reason: str) -> None:
    assert k6_alone(workload) == reason
