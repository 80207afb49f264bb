"""What every server promises as a process and as an image: settings, health, stop, no rights."""

import re
from typing import Any

import pytest
from server_under_test import ServerUnderTest

pytestmark = pytest.mark.engine


def ask_info(under_test: ServerUnderTest, **changes: Any) -> Any:
    with under_test.ready(**changes) as server, under_test.client(server, "info") as client:
        return under_test.evidence(client)


def test_parallelism_is_that_of_the_cpuset(under_test: ServerUnderTest) -> None:
    info = ask_info(under_test, cpuset_cpus="0", nano_cpus=0)
    assert (info["parallelism"], info["workers"]) == (1, 1)


def test_workers_follow_the_environment(under_test: ServerUnderTest) -> None:
    info = ask_info(under_test, cpuset_cpus="0", nano_cpus=0, environment={"LAB_WORKERS": "3"})
    assert (info["parallelism"], info["workers"]) == (1, 3)


def test_gc_settings_are_those_in_force(under_test: ServerUnderTest) -> None:
    info = ask_info(under_test, environment={"GOGC": "off", "GOMEMLIMIT": "48MiB"})
    limit = None if under_test.server.language == "rust" else 48 << 20
    assert (info["gogc_percent"], info["gomemlimit_bytes"]) == (None, limit)


def test_healthcheck_tells_up_from_down(under_test: ServerUnderTest) -> None:
    for environment in ({}, {"LAB_PORT": "9090"}):
        with under_test.ready(environment=environment) as server:
            assert under_test.healthcheck(server) == 0
            wrong = server.exec_run(["/server", "--healthcheck"], environment={"LAB_PORT": "9999"})
            assert wrong.exit_code == 1
    with under_test.process(["--healthcheck"]) as alone:
        assert alone.wait(timeout=10)["StatusCode"] == 1
        assert b"refused" in alone.logs(stdout=False)


@pytest.mark.parametrize(
    ("variable", "value"),
    [("LAB_PORT", "banana"), ("LAB_PORT", "0"), ("LAB_PORT", ""), ("LAB_MACHINE_ID", "65536"), ("LAB_WORKERS", "0")],
)
def test_bad_environment_is_one_line_and_exit_2(under_test: ServerUnderTest, variable: str, value: str) -> None:
    with under_test.process(environment={variable: value}) as ended:
        assert ended.wait(timeout=10)["StatusCode"] == 2
        told = ended.logs(stdout=False).decode()
    assert re.fullmatch(rf'{under_test.server.name}: {variable}="{value}": want a whole number from \d+ to \d+\n', told)


def test_unknown_flag_is_one_line_and_exit_2(under_test: ServerUnderTest) -> None:
    with under_test.process(["--port=1"]) as ended:
        assert ended.wait(timeout=10)["StatusCode"] == 2
        told = ended.logs(stdout=False).decode()
    assert "--port=1" in told
    assert told.count("\n") == 1


def test_sigterm_ends_idle_connections_and_the_server(under_test: ServerUnderTest) -> None:
    with under_test.ready() as server, under_test.client(server, "idle") as client:
        under_test.await_ready(client)
        code = under_test.stop(server)
        assert under_test.evidence(client)["ended"] == [True] * 100
    assert code == 0


def test_sigterm_does_not_wait_for_half_a_request(under_test: ServerUnderTest) -> None:
    with under_test.ready() as server, under_test.client(server, "idle", "half-sent") as client:
        under_test.await_ready(client)
        code = under_test.stop(server)
        assert under_test.evidence(client)["ended"] == [True] * 101
    assert code == 0


def test_sigterm_cuts_no_answer_off(under_test: ServerUnderTest) -> None:
    with under_test.ready() as server, under_test.client(server, "busy") as client:
        under_test.await_ready(client)
        code = under_test.stop(server)
        evidence = under_test.evidence(client)
    assert min(evidence["answers"]) >= 20
    assert evidence["cut_off_bytes"] == [0] * 50
    assert code == 0


def test_image_is_one_binary_of_nobody(under_test: ServerUnderTest) -> None:
    image = under_test.engine.images.get(under_test.image).attrs
    config = image["Config"]
    assert (config["User"], config["Entrypoint"], config.get("Cmd")) == ("65532:65532", ["/server"], None)
    assert config["ExposedPorts"] == {f"{under_test.server.port}/tcp": {}}
    assert not config.get("Healthcheck")
    assert not config.get("Volumes")
    assert len(image["RootFS"]["Layers"]) == 1


def test_process_is_not_root_and_cannot_gain(under_test: ServerUnderTest) -> None:
    with under_test.ready() as server:
        table = server.top(ps_args="-o pid,uid,gid,args")
        assert [row[1:3] for row in table["Processes"]] == [["65532", "65532"]]
        server.reload()
        host = server.attrs["HostConfig"]
        assert (host["ReadonlyRootfs"], host["CapDrop"], host["Privileged"]) == (True, ["ALL"], False)


def test_a_quiet_server_writes_no_log(under_test: ServerUnderTest) -> None:
    with under_test.ready() as server, under_test.client(server, "malformed") as client:
        assert under_test.evidence(client)["no request line"]["status"] == 400
        assert server.logs() == b""


def test_a_taken_port_is_one_line_and_exit_1(under_test: ServerUnderTest) -> None:
    with under_test.ready() as first, under_test.process(network_mode=f"container:{first.id}") as second:
        assert second.wait(timeout=10)["StatusCode"] == 1
        told = second.logs(stdout=False).decode()
    assert "in use" in told
    assert told.count("\n") == 1
