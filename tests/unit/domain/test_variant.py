"""Variants: a name says what differs, and gives environment, build and workloads."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from orchestrator.domain.limits import Limits
from orchestrator.domain.server import Server
from orchestrator.domain.variant import Factor, Level, Numbers, environment_of, find_server, slug_of, variant_of

JSON = Factor(
    "json",
    "codec",
    (
        Level("std", {}, {}),
        Level("sonic", {}, {"TAGS": "json_sonic"}),
        Level("v2", {}, {"TAGS": "v2", "EXPERIMENT": "x"}),
    ),
)
WORKERS = Factor(
    "workers",
    "threads",
    (Level("runtime", {}, {}), Level("equal", {"LAB_WORKERS": "{equal_workers}"}, {})),
    Numbers("LAB_WORKERS", 1, 1024),
)
MEMORY = Factor("gomemlimit", "heap", (Level("off", {}, {}), Level("90%", {"GOMEMLIMIT": "{memory_90_percent}"}, {})))
SLIM = Factor(
    "slim",
    "one workload",
    (
        Level("no", {}, {}),
        Level("json", {}, {"TAGS": "slim,json"}, ("json",)),
        Level("kv", {}, {"TAGS": "slim,kv"}, ("kv",)),
    ),
)
SERVER = Server("go-x", "go", "x", "a server", 8080, ("plaintext", "json"), (JSON, WORKERS, MEMORY, SLIM))
LIMITS = Limits((1, 2), 125_000, 100_000, 1_000, 0, 512)


def test_a_variant_is_named_after_what_differs_in_the_order_of_the_factors() -> None:
    variant = variant_of(SERVER, "workers=3, json=sonic,gomemlimit=off")
    assert variant.name == "go-x:json=sonic,workers=3"
    assert (variant.environment, variant.build) == ({"LAB_WORKERS": "3"}, {"TAGS": "json_sonic"})
    assert variant_of(SERVER, "workers=3,json=sonic").name == variant.name


def test_all_at_their_defaults_is_the_server_itself() -> None:
    assert variant_of(SERVER, "json=std,slim=no") is SERVER


def test_arguments_of_one_name_are_joined_and_only_what_is_compiled_in_is_served() -> None:
    variant = variant_of(SERVER, "slim=json,json=v2")
    assert variant.build == {"TAGS": "v2,slim,json", "EXPERIMENT": "x"}
    assert variant.workloads == ("json",)


def test_words_for_what_the_limits_make_become_numbers() -> None:
    variant = variant_of(SERVER, "workers=equal,gomemlimit=90%")
    environment = environment_of(variant, LIMITS)
    assert (environment["LAB_WORKERS"], environment["GOMEMLIMIT"], environment["LAB_PORT"]) == ("2", "900", "8080")
    assert environment_of(variant, replace(LIMITS, quota_microseconds=25_000))["LAB_WORKERS"] == "1"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "'' is no factor=value"),
        ("json", "'json' is no factor=value"),
        ("json=", "'json=' is no factor=value"),
        ("gc=off", "go-x has no factor 'gc'; it has json, workers, gomemlimit, slim"),
        ("json=fast", "json: 'fast' is not possible; use std, sonic, v2"),
        ("workers=0", "workers: '0' is not possible; use runtime, equal, or a whole number from 1 to 1,024"),
        ("workers=1025", "workers: '1025' is not possible"),
        ("workers=\u0663", "workers: '\u0663' is not possible"),
        ("json=v2,json=sonic", "json is there twice"),
        ("slim=kv", "go-x:slim=kv serves no workload at all"),
    ],
)
def test_what_a_server_has_not_is_told_with_what_is_possible(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        variant_of(SERVER, text)


def test_a_server_is_found_by_name_and_a_variant_by_its_server() -> None:
    assert find_server("go-x", [SERVER]) is SERVER
    assert find_server("go-y:json=sonic", [SERVER]) is None
    found = find_server("go-x:json=sonic", [SERVER])
    assert found is not None and found.name == "go-x:json=sonic"


def test_a_slug_is_safe_in_names_of_containers_and_images_and_tells_variants_apart() -> None:
    names = ["go-x", "go-x:json=sonic", "go-x:gomemlimit=90%", "go-x:json=v2,workers=3", "go-x:workers=3"]
    slugs = [slug_of(name) for name in names]
    assert slugs[:3] == ["go-x", "go-x-json-sonic", "go-x-gomemlimit-90"]
    assert len(set(slugs)) == len(slugs)
