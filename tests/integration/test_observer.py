"""The observer as a process, on real containers: what it says is what the kernel enforces."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
import requests
from docker.models.containers import Container

from orchestrator.adapters.cgroup.locate import version
from orchestrator.adapters.observer.client import ObserverMeter
from orchestrator.domain.box import Tags
from orchestrator.domain.limits import EffectiveLimits, Limits, not_in_force
from orchestrator.domain.measurement import Missing
from orchestrator.domain.request import Check, Request
from orchestrator.errors import TrialFailed

pytestmark = pytest.mark.engine

LABEL = {"orchestrator.lab": "observer-test"}
IMAGE = "footprint-lab-observer-test:shell"
ROOT = Path("/sys/fs/cgroup")
CPU = max(os.sched_getaffinity(0))
LIMITS = Limits((CPU,), 25_000, 100_000, 64 * 2**20, 0, 64)
TAGS = Tags("r", "t1", "shell", "quarter", "burn", "server")
BURN = "while :; do :; done"

Start = Callable[..., Container]


@pytest.fixture(scope="module")
def engine() -> Iterator[docker.DockerClient]:
    client = docker.from_env()
    yield client
    client.close()


@pytest.fixture(scope="module")
def image(engine: docker.DockerClient) -> Iterator[str]:
    """The host's own shell, dd and sleep with the libraries they name: no registry, no build."""
    files = {f"bin/{name}": Path(str(shutil.which(name))).resolve() for name in ("sh", "dd", "sleep")}
    for program in set(files.values()):
        for word in subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout.split():
            if word.startswith("/"):
                files[word.lstrip("/")] = Path(word).resolve()
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, path in files.items():
            tar.add(path, arcname=name)
    name, tag = IMAGE.split(":")
    engine.api.import_image_from_data(packed.getvalue(), repository=name, tag=tag)
    yield IMAGE
    engine.images.remove(IMAGE, force=True)


@pytest.fixture
def start(engine: docker.DockerClient, image: str) -> Iterator[Start]:
    """Starts a container under LIMITS that runs a line of shell."""
    started: list[Container] = []

    def make(script: str, **changed: Any) -> Container:
        options = {
            "cpuset_cpus": str(CPU),
            "cpu_quota": LIMITS.quota_microseconds,
            "cpu_period": LIMITS.period_microseconds,
            "mem_limit": LIMITS.memory_bytes,
            "memswap_limit": LIMITS.memory_bytes,
            "pids_limit": LIMITS.pids,
            "network_mode": "none",
        }
        started.append(
            engine.containers.run(image, ["/bin/sh", "-c", script], detach=True, labels=LABEL, **{**options, **changed})
        )
        return started[-1]

    yield make
    for container in started:
        container.remove(force=True)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "orchestrator.observer", "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert f"port {port}" in process.stderr.readline()
        yield f"http://127.0.0.1:{port}"
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0


@pytest.fixture
def meter(url: str) -> ObserverMeter:
    return ObserverMeter(lambda: url)


def test_limits_are_read_back_as_asked(meter: ObserverMeter, start: Start) -> None:
    box = start("sleep 60")
    meter.watch(box.id, TAGS, LIMITS, None)
    assert not_in_force(LIMITS, meter.reading(box.id).limits) == ()


def test_counters_bracket_a_window(meter: ObserverMeter, start: Start) -> None:
    box = start(BURN)
    meter.watch(box.id, TAGS, LIMITS, None)
    time.sleep(0.5)
    opening = meter.reading(box.id)
    time.sleep(3)
    closing = meter.reading(box.id)
    seconds = closing.at_seconds - opening.at_seconds
    assert 3 <= seconds < 4
    used = closing.cpu_seconds - opening.cpu_seconds
    # A quarter of a CPU; less when the host is busy, and one period's quota more at the edges.
    assert 0.05 < used / seconds < 0.30
    parts = [closing.cpu_seconds_user, closing.cpu_seconds_system, opening.cpu_seconds_user, opening.cpu_seconds_system]
    user, system, user_before, system_before = (float(part) for part in parts if not isinstance(part, Missing))
    assert user + system - user_before - system_before == pytest.approx(used, abs=0.05 + 0.2 * used)
    for field in ("cpu_periods", "cpu_throttled_periods", "cpu_throttled_seconds", "memory_bytes_current"):
        assert not isinstance(getattr(closing, field), Missing), field
    assert 25 <= closing.cpu_periods - opening.cpu_periods <= 40
    assert closing.cpu_throttled_periods > opening.cpu_throttled_periods
    assert 0 < closing.memory_bytes_anon <= closing.memory_bytes_current <= closing.memory_bytes_peak < 64 * 2**20


def test_a_change_by_hand_is_seen(meter: ObserverMeter, start: Start) -> None:
    box = start("sleep 60")
    meter.watch(box.id, TAGS, LIMITS, None)
    before = meter.reading(box.id)
    box.update(cpu_quota=50_000)
    after = meter.reading(box.id)
    assert (before.limits_changes, after.limits_changes) == (0, 1)
    assert after.limits.quota_microseconds == 50_000
    assert not_in_force(LIMITS, after.limits) == ("quota_microseconds: asked 25000, in force 50000",)
    box.update(cpu_quota=25_000)
    assert meter.reading(box.id).limits_changes == 2


def test_memory_that_was_used_is_in_the_peak(meter: ObserverMeter, start: Start) -> None:
    box = start("dd if=/dev/zero of=/dev/null bs=32M count=1; sleep 60")
    meter.watch(box.id, TAGS, LIMITS, None)
    deadline = time.monotonic() + 20
    while (reading := meter.reading(box.id)).memory_bytes_peak < 32 * 2**20 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert 32 * 2**20 <= reading.memory_bytes_peak < 64 * 2**20
    assert reading.oom_kills == 0


def test_a_kill_for_memory_is_counted(meter: ObserverMeter, start: Start) -> None:
    box = start("sleep 0.5; dd if=/dev/zero of=/dev/null bs=256M count=1; sleep 60")
    meter.watch(box.id, TAGS, LIMITS, None)
    deadline = time.monotonic() + 20
    while (reading := meter.reading(box.id)).oom_kills == 0 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert reading.oom_kills == 1


def test_the_last_reading_outlives_the_container(meter: ObserverMeter, start: Start) -> None:
    box = start(BURN)
    meter.watch(box.id, TAGS, LIMITS, None)
    time.sleep(1)
    last = meter.reading(box.id)
    box.kill()
    box.wait()
    after = meter.reading(box.id)
    assert after.cpu_seconds >= last.cpu_seconds
    assert after.limits == last.limits
    assert after.limits_changes == 0
    assert meter.reading(box.id).cpu_seconds == after.cpu_seconds
    meter.forget(box.id)
    with pytest.raises(TrialFailed, match="not watched"):
        meter.reading(box.id)


def test_watched_before_it_starts(meter: ObserverMeter, engine: docker.DockerClient, image: str) -> None:
    box = engine.containers.create(
        image,
        ["/bin/sh", "-c", "sleep 60"],
        labels=LABEL,
        cpuset_cpus=str(CPU),
        cpu_quota=25_000,
        cpu_period=100_000,
        mem_limit=2**26,
        memswap_limit=2**26,
        pids_limit=64,
        network_mode="none",
    )
    try:
        meter.watch(box.id, TAGS, LIMITS, None)
        box.start()
        time.sleep(1.2)
        reading = meter.reading(box.id)
        assert (not_in_force(LIMITS, reading.limits), reading.limits_changes) == ((), 0)
    finally:
        box.remove(force=True)


def test_below_a_parent_cgroup(meter: ObserverMeter, engine: docker.DockerClient, start: Start) -> None:
    systemd = engine.info()["CgroupDriver"] == "systemd"
    box = start(BURN, cgroup_parent="labobservertest.slice" if systemd else "/lab-observer-test")
    meter.watch(box.id, TAGS, LIMITS, None)
    try:
        assert not_in_force(LIMITS, meter.reading(box.id).limits) == ()
    finally:
        meter.forget(box.id)
        box.kill()
        box.wait()
        for left in [*ROOT.glob("*/lab-observer-test"), *ROOT.glob("labobservertest.slice")]:
            with contextlib.suppress(PermissionError):  # not ours to remove without root; it is empty
                left.rmdir()


def test_without_limits_nothing_looks_like_one(meter: ObserverMeter, engine: docker.DockerClient, image: str) -> None:
    box = engine.containers.run(image, ["/bin/sh", "-c", "sleep 60"], detach=True, labels=LABEL, network_mode="none")
    try:
        meter.watch(box.id, TAGS, None, None)
        limits = meter.reading(box.id).limits
        for field in ("quota_microseconds", "memory_bytes", "pids"):
            assert isinstance(getattr(limits, field), Missing), field
        assert limits.cpuset == tuple(sorted(os.sched_getaffinity(0)))
    finally:
        box.remove(force=True)


def test_first_answer_is_stamped_when_it_comes_up(meter: ObserverMeter, tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    plaintext = Request("GET", "/", check=Check(contains="Directory listing"))
    ticket = meter.expect_answer("127.0.0.1", port, plaintext, "/lab/info", 20)
    program = (
        "import http.server as h, sys, time\n"
        f"s = h.ThreadingHTTPServer(('127.0.0.1', {port}), h.SimpleHTTPRequestHandler)\n"
        "print(time.time(), flush=True)\n"
        "s.serve_forever()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=tmp_path
    ) as process:
        assert process.stdout is not None
        listening = float(process.stdout.readline())
        while (answer := meter.first_answer(ticket)) is None:
            time.sleep(0.01)
        process.terminate()
    assert not isinstance(answer, Missing)
    assert -0.05 < answer.at_unix_seconds - listening < 0.25


def test_selftest_reads_and_meets_its_own_limits(engine: docker.DockerClient) -> None:
    """In this process's cgroup: the container's own view is tested where the observer's image is."""
    said = subprocess.run(
        [sys.executable, "-m", "orchestrator.observer", "selftest", "0.2"],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert said.returncode == 0, said.stderr
    data = json.loads(said.stdout)
    assert set(data) == {"limits", "cpus_used", "periods", "throttled_periods"}
    assert set(data["limits"]) == set(EffectiveLimits.__dataclass_fields__)


def test_sampling_ten_containers_costs_little(url: str, meter: ObserverMeter, start: Start) -> None:
    """At most 1 % of a core is the goal (benchmarks/ measures it); three times that is a mistake in the code."""
    boxes = [start("while :; do sleep 0.05; done", cpu_quota=5_000) for _ in range(10)]
    for number, box in enumerate(boxes):
        meter.watch(box.id, Tags("r", f"t{number}", "s", "i", "w", "server"), None, None)

    def spent() -> float:
        state = requests.get(f"{url}/v1/state", timeout=5).json()
        return float(state["own_cpu_seconds"])

    before, begun = spent(), time.monotonic()
    time.sleep(6)
    assert (spent() - before) / (time.monotonic() - begun) < 0.03
    for box in boxes:
        meter.forget(box.id)


def test_the_kernel_s_version_is_one_we_read() -> None:
    assert version(ROOT) in (1, 2)
