"""What oha is told, and what its container may use."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from orchestrator.adapters.oha.generator import memory_bytes
from orchestrator.adapters.oha.options import answered_after_seconds_max, body_file, build_command, process_seconds
from orchestrator.domain.box import LoadSpec, Tags
from orchestrator.domain.request import Check, Request
from orchestrator.domain.workload import Workload

SPEC = LoadSpec(
    workload=Workload("json", "", (Request("POST", "/json", check=Check(body='{"a":1}')),)),
    port=8081,
    rate_per_second=2_000,
    warmup_seconds=2.0,
    duration_seconds=5.5,
    virtual_users=210,
    cpus=(0, 1),
    tags=Tags("run-1", "t1", "go-fasthttp", "acme/small", "json", "generator"),
)


def after(option: str, command: tuple[str, ...]) -> str:
    return command[command.index(option) + 1]


def test_the_address_is_always_loopback_and_comes_last() -> None:
    assert build_command(SPEC, "/lab/rows")[-1] == "http://127.0.0.1:8081/json"


def test_an_open_model_is_paced_and_its_wakings_are_kept() -> None:
    command = build_command(SPEC, "/lab/rows")
    assert after("-q", command) == "2000"
    assert "--latency-correction" in command
    assert (after("-c", command), after("--worker-threads", command), after("-m", command)) == ("210", "2", "POST")
    assert after("--db-url", command) == "/lab/rows/rows.db"


def test_a_closed_loop_has_no_pacer() -> None:
    command = build_command(replace(SPEC, rate_per_second=None), "/lab/rows")
    assert "-q" not in command and "--latency-correction" not in command
    assert "-w" in command, "what is in flight at the end is waited for"


def test_it_sends_a_moment_longer_than_the_window_and_waits_for_what_is_in_flight() -> None:
    command = build_command(SPEC, "/lab/rows")
    assert after("-z", command) == f"{round(process_seconds(SPEC) * 1000)}ms" == "7750ms"
    timeout = float(after("-t", command).removesuffix("s"))
    assert answered_after_seconds_max(SPEC) > process_seconds(SPEC) + timeout


def test_bodies_come_as_they_are_since_their_length_is_judged() -> None:
    assert "--disable-compression" in build_command(SPEC, "/lab/rows")


def test_what_nobody_asks_for_is_not_written_down() -> None:
    assert "--db-url" not in build_command(SPEC, None)


def test_the_request_goes_with_its_headers_and_its_body_in_a_file() -> None:
    request = Request("POST", "/calculate", {"Content-Type": "application/json"}, '{"n":10000}')
    spec = replace(SPEC, workload=Workload("prime", "", (request,)))
    command = build_command(spec, None)
    assert (after("-m", command), after("-D", command)) == ("POST", "/lab/body")
    assert [command[at + 1] for at, part in enumerate(command) if part == "-H"] == [
        "User-Agent: footprint-lab",
        "Content-Type: application/json",
    ]
    assert body_file(spec) == {"body": b'{"n":10000}'}
    assert body_file(SPEC) == {} and "-D" not in build_command(SPEC, None)


def test_a_redirection_is_not_followed() -> None:
    assert after("-r", build_command(SPEC, None)) == "0"


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("/kv/k{1000-9999}", "http://127.0.0.1:8081/kv/k[1-9][0-9]{3}"),
        ("/db/{1-9}", "http://127.0.0.1:8081/db/[1-9]"),
        ("/a.b?x={10-99}&y=(1)", r"http://127.0.0.1:8081/a.b\?x=[1-9][0-9]{1}\&y=\(1\)"),
    ],
)
def test_a_decade_of_numbers_is_a_regular_expression(path: str, url: str) -> None:
    command = build_command(replace(SPEC, workload=Workload("kv", "", (Request("GET", path),))), None)
    assert command[-2:] == ("--rand-regex-url", url)
    # oha itself escapes the dots.
    drawn = re.compile(url.replace(".", r"\."))
    for number in (1, 9, 10, 99, 999, 1000, 5000, 9999, 10000):
        low, high = (int(one) for one in path[path.index("{") + 1 : path.index("}")].split("-"))
        sent = f"http://127.0.0.1:8081{path[: path.index('{')]}{number}{path[path.index('}') + 1 :]}"
        assert bool(drawn.fullmatch(sent)) == (low <= number <= high), sent


def test_memory_grows_with_what_is_kept_until_the_end() -> None:
    longer = replace(SPEC, duration_seconds=60.0)
    assert memory_bytes(longer) - memory_bytes(SPEC) > 100_000 * 600
    assert memory_bytes(replace(SPEC, rate_per_second=None)) > memory_bytes(replace(SPEC, rate_per_second=20_000))
