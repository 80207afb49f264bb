"""A folder of bad lab.yaml files, each with everything that is said about it: place and words."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from orchestrator.adapters.files.catalog import FileCatalog
from orchestrator.adapters.files.config import load_lab
from orchestrator.errors import ConfigError

FOLDER = Path(__file__).parents[3] / "config_bad"

#: File -> "line:column message", all of them, in order.
EXPECTED: dict[str, tuple[str, ...]] = {
    "alias": (
        "1:10 anchor &mine is not allowed; write the value out",
        "3:12 alias *mine is not allowed; write the value out",
    ),
    "bomb": (
        "1:1 key 'instances' is missing",
        "1:4 anchor &a is not allowed; write the value out",
        "2:4 anchor &b is not allowed; write the value out",
        "2:8 alias *a is not allowed; write the value out",
        "2:12 alias *a is not allowed; write the value out",
        "2:16 alias *a is not allowed; write the value out",
        "2:20 alias *a is not allowed; write the value out",
        "2:24 alias *a is not allowed; write the value out",
        "2:28 alias *a is not allowed; write the value out",
        "2:32 alias *a is not allowed; write the value out",
        "2:36 alias *a is not allowed; write the value out",
        "2:40 alias *a is not allowed; write the value out",
        "3:10 alias *b is not allowed; write the value out",
    ),
    "complex_key": ("1:3 a key must be a word",),
    "deep": ("1:29 is nested deeper than 20 levels",),
    "duplicate_items": (
        "1:10 servers: 'go-fasthttp' is there twice",
        "2:12 instances: 'azure/b1s' is there twice",
    ),
    "duplicate_keys": (
        "3:1 key 'servers' is there twice (first on line 1)",
        "6:3 key 'p99' is there twice (first on line 5)",
    ),
    "empty": ("1:1 the file must hold 'key: value' lines, found nothing",),
    "empty_lists": (
        "1:10 servers: the list is empty; write at least one",
        "2:12 instances: the list is empty; write at least one",
    ),
    "list_root": ("1:1 the file must hold 'key: value' lines, found a list",),
    "memory": (
        "3:36 memory: 5MiB is out of range; use 6MiB to 65536GiB",
        "4:36 memory: '512M' is not a size; write a unit, as in 64MiB or 1GiB",
        "5:36 memory: '512' is not a size; write a unit, as in 64MiB or 1GiB",
        "6:25 vcpus: 0.001 is out of range; use 0.01 to 1024",
        "7:36 memory: '9999999TiB' is not a size; write a unit, as in 64MiB or 1GiB",
    ),
    "merge": (
        "1:1 key 'servers' is missing",
        "1:1 unknown key '<<'; known here: instances, scenario, seed, servers, slo, version, workloads",
    ),
    "names": (
        "2:5 server: '../../etc' is not a name; use a-z, 0-9 and dashes, at most 39 characters",
        "3:5 server: 'a\\'b\"c' is not a name; use a-z, 0-9 and dashes, at most 39 characters",
        "4:5 server: '<script>alert(1)</script>' is not a name; use a-z, 0-9 and dashes, at most 39 characters",
        "5:5 server: '🚀' is not a name; use a-z, 0-9 and dashes, at most 39 characters",
        f"6:5 server: '{'a' * 43}' is not a name; use a-z, 0-9 and dashes, at most 39 characters",
        "7:5 server: '\"} or vector(1) #' is not a name; use a-z, 0-9 and dashes, at most 39 characters",
        "8:5 server: 'Go-Fasthttp' is not a name; use a-z, 0-9 and dashes, at most 39 characters",
        '9:5 server: expected text, found a number; write "123" in quotes',
        "11:5 instance: 'aws/../../etc' is not an instance id; write provider/name, as in aws/t3.micro",
        "12:5 instance: 'aws' is not an instance id; write provider/name, as in aws/t3.micro",
        "13:5 instance: 'aws/t3..micro' is not an instance id; write provider/name, as in aws/t3.micro",
        "14:5 instance: 'aws/t3.micro/x' is not an instance id; write provider/name, as in aws/t3.micro",
        "15:13 workload: 'plain text' is not a name; use a-z, 0-9 and dashes, at most 39 characters",
    ),
    "not_finite": (
        "3:25 '.nan' is not a finite number",
        "4:25 '-.inf' is not a finite number",
        "5:25 '1e999' is not a finite number",
    ),
    "not_in_catalog": (
        "1:11 server 'go-fasthtp' is not in the catalog; did you mean 'go-fasthttp'?",
        "1:23 server 'php-laravel' is not in the catalog",
        "2:13 instance 'aws/t3.mirco' is not in the catalog; did you mean 'aws/t3.micro'?",
        "3:13 workload 'plaintxt' is not in the catalog; did you mean 'plaintext'?",
        "4:11 scenario 'quik' is not in the catalog; did you mean 'quick'?",
    ),
    "not_utf8": ("2:21 is not UTF-8 text",),
    "nul": ("2:18 holds the control character U+0000",),
    "prices": (
        "6:11 kind: 'burstabel' is not one of fixed, burstable, share; did you mean 'burstable'?",
        '8:24 usd_per_hour: write the price in quotes, as in "0.0104", so that no digit is lost',
        "9:24 usd_per_hour: 0 is out of range; leave an unknown price out, it is never 0",
        "9:52 as_of: '2026-13-01' is not a date; write it as in 2026-07-20",
        "10:9 key 'source' is missing",
        "10:24 usd_per_hour: 'cheap' is not a price; write USD per hour, as in \"0.0104\"",
        "10:41 region: write one line of text",
        "10:52 as_of: 'yesterday' is not a date; write it as in 2026-07-20",
        "11:5 instance: a burstable size needs sustained_cpus, less than its vcpus",
        "12:5 instance: a share size sustains all its vcpus; leave sustained_cpus out",
    ),
    "load_of_both": ("3:11 scenario: a closed loop is users and think, without rates: they send as soon as they may",),
    "load_of_nobody": (
        "3:11 scenario: a closed loop is users and think, without rates: they send as soon as they may",
    ),
    "load_of_nothing": ("3:11 scenario: write rates, or users and think for a closed loop",),
    "load_of_users": ("3:11 scenario: a ladder has as many users as its rates take; leave users out",),
    "load_too_long": (
        "3:19 users: 0 is out of range; use 1 to 1,000,000",
        "3:29 think: 2min is out of range; use 1ms to 1min",
    ),
    "python_tag": (
        "1:10 tag 'tag:yaml.org,2002:python/object/apply:os.system' is not allowed; write a plain value",
        "3:7 tag 'tag:yaml.org,2002:int' is not allowed; write a plain value",
    ),
    "rates": (
        "4:17 rate: 1,000,000,000 is out of range; use 1 to 1,000,000 requests/s",
        "4:29 rate: 1e+09 is out of range; use 1 to 1,000,000 requests/s",
        "4:34 rate: 2.5 is not a whole number; use 1 to 1,000,000 requests/s",
        "4:39 rate: '500' is not a whole number; use 1 to 1,000,000 requests/s",
        "4:46 rate: -1 is out of range; use 1 to 1,000,000 requests/s",
        "4:50 rate: 'no' is not a whole number; use 1 to 1,000,000 requests/s",
    ),
    "rates_falling": (
        "3:19 rates: must rise; write each once, the lowest first",
        "3:42 duration: 0s is out of range; use 1s to 1h",
        "3:54 warmup: '5' is not a time; write a unit, as in 50ms or 30s",
    ),
    "slo": (
        "3:12 p99: 0s is out of range; use 10us to 5s",
        "3:24 errors: '101%' is out of range; use 0% to 100%",
    ),
    "surface": (
        "8:7 rate: 0 is out of range; use 1 to 1,000,000 requests/s",
        "10:5 instance 'aws/t3.mirco' is not in the catalog; did you mean 'aws/t3.micro'?",
        "14:5 unknown key 'memroy'; did you mean 'memory'?",
    ),
    "tab": ("3:1 a tab is used for indentation; use spaces",),
    "taken_id": (
        "3:10 id: 'aws/t3.micro' is taken; choose another",
        "5:10 id: 'home/a' is taken; choose another",
    ),
    "text_root": ("1:1 the file must hold 'key: value' lines, found text",),
    "two_documents": ("2:1 a second document starts here; write one per file",),
    "unclosed": ("2:10 is not YAML: while parsing a flow sequence did not find expected ',' or ']'",),
    "unknown_keys": (
        "2:1 unknown key 'instnces'; did you mean 'instances'?",
        "6:5 unknown key 'memroy'; did you mean 'memory'?",
        "9:3 unknown objective 'latency_p9x'; write p99=50ms, p99.9=200ms, errors=0.1% or goodput=99%",
        "10:3 unknown objective 'eror'; did you mean 'errors'?",
        "11:1 unknown key 'zzzzzz'; known here: instances, scenario, seed, servers, slo, version, workloads",
    ),
    "wrong_kinds": (
        "1:10 servers: expected a list, found text",
        "3:5 instance: write the name of an instance type or describe one",
        "4:5 instance: write the name of an instance type or describe one",
        "5:12 workloads: expected a list, found a mapping",
        "6:11 scenario: write the name of a scenario or describe one",
        "7:6 slo: expected 'key: value' lines, found text",
        "8:7 seed: -1 is out of range; use 0 to 9,007,199,254,740,992",
        "9:10 version: 2 is not one of 1",
    ),
}


@pytest.fixture(scope="module")
def catalog() -> FileCatalog:
    catalog = FileCatalog()
    catalog.servers()
    return catalog


def test_every_file_has_its_row() -> None:
    assert {path.stem for path in FOLDER.glob("*.yaml")} == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_all_mistakes_are_told_where_they_are(name: str, catalog: FileCatalog) -> None:
    path = FOLDER / f"{name}.yaml"
    started = time.process_time()
    with pytest.raises(ConfigError) as caught:
        load_lab(path, catalog)
    assert time.process_time() - started < 1.0
    told = tuple(f"{one.where.removeprefix(f'{path}:')} {one.message}" for one in caught.value.mistakes)
    assert told == EXPECTED[name]
    assert caught.value.exit_code == 2
    assert caught.value.message.startswith(f"{len(told)} mistake")
