"""A watched container through its life."""

from __future__ import annotations

import errno
import shutil
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from orchestrator.adapters.cgroup import files
from orchestrator.domain.limits import EffectiveLimits
from orchestrator.domain.measurement import Missing
from orchestrator.observer import sampler as sampling
from orchestrator.observer import watch as watching
from orchestrator.observer.sampler import INTERVAL_SECONDS, Sampler, TooManyWatches
from orchestrator.observer.watch import GAP_INTERVALS, OVERDUE_SECONDS, SETTLE_SECONDS, Watch, cores_allowed
from tests.unit.adapters.cgroup.trees import CONTAINER, write_v2
from tests.unit.observer.conftest import TAGS


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    return Watch(write_v2(tmp_path), CONTAINER, TAGS, None, None)


def _removed(*_: object) -> bytes:
    raise OSError(errno.ENODEV, "No such device")


def test_a_change_of_limits_is_counted_once(watch: Watch, tmp_path: Path) -> None:
    assert watch.sample().limits_changes == 0
    (tmp_path / "docker" / CONTAINER / "cpu.max").write_text("50000 100000\n")
    changed = watch.sample()
    assert (changed.limits_changes, changed.limits.quota_microseconds) == (1, 50_000)
    assert watch.sample().limits_changes == 1
    (tmp_path / "docker" / CONTAINER / "cpu.max").write_text("25000 100000\n")
    assert watch.sample().limits_changes == 2


def test_the_last_reading_survives_the_container(watch: Watch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    last = watch.sample()
    monkeypatch.setattr(files.os, "pread", _removed)
    shutil.rmtree(tmp_path / "docker" / CONTAINER)
    assert watch.sample() == last
    assert watch.sample() == last
    assert watch.gone_since is not None


def test_a_vanishing_limit_file_is_no_change_of_limits(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    before = watch.sample()
    removed_between_two_reads, real = watch._reader._pids._fd, files.os.pread

    def partly(fd: int, count: int, at: int) -> bytes:
        return _removed() if fd == removed_between_two_reads else real(fd, count, at)

    monkeypatch.setattr(files.os, "pread", partly)
    assert watch.sample() == before


def test_limits_written_while_the_container_starts_are_no_change(tmp_path: Path) -> None:
    (tmp_path / "docker").mkdir()
    (tmp_path / "cgroup.controllers").write_text("cpu\n")
    watch = Watch(tmp_path, CONTAINER, TAGS, None, None)
    assert watch.sample() is None
    write_v2(tmp_path, cpu_max="max 100000\n")
    assert isinstance(watch.sample().limits.quota_microseconds, Missing)
    (tmp_path / "docker" / CONTAINER / "cpu.max").write_text("25000 100000\n")
    settled = watch.sample()
    assert (settled.limits.quota_microseconds, settled.limits_changes) == (25_000, 0)
    time.sleep(SETTLE_SECONDS)
    watch.sample()
    (tmp_path / "docker" / CONTAINER / "cpu.max").write_text("26000 100000\n")
    assert watch.sample().limits_changes == 1


def test_a_second_of_history_is_one_point(watch: Watch, tmp_path: Path) -> None:
    watch.sample()
    time.sleep(1.01)
    (tmp_path / "docker" / CONTAINER / "cpu.stat").write_text(
        "usage_usec 3000000\nuser_usec 1\nsystem_usec 1\nnr_periods 111\nnr_throttled 102\nthrottled_usec 8\n"
    )
    watch.sample()
    (point,) = watch.tail()
    assert 0.4 < point.cpu_cores <= 0.5
    assert point.throttled_ratio == 0.5
    assert point.memory_bytes == 1015808


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The watch's own monotonic clock: ``clock.now`` is set by hand."""
    made = SimpleNamespace(now=time.monotonic())
    monkeypatch.setattr(watching, "time", SimpleNamespace(monotonic=lambda: made.now))
    return made


def covered(watch: Watch) -> float:
    return watch.sample().sampled_seconds


def test_a_sampler_that_keeps_its_interval_covers_all_time(watch: Watch, clock: SimpleNamespace) -> None:
    watch.tick(INTERVAL_SECONDS)
    opening = covered(watch)
    for _ in range(50):
        clock.now += INTERVAL_SECONDS
        watch.tick(INTERVAL_SECONDS)
    clock.now += INTERVAL_SECONDS / 2
    assert covered(watch) - opening == pytest.approx(50.5 * INTERVAL_SECONDS)


def test_a_sampler_that_stood_still_has_left_a_gap(watch: Watch, clock: SimpleNamespace) -> None:
    watch.tick(INTERVAL_SECONDS)
    opening = covered(watch)
    clock.now += 5
    watch.tick(INTERVAL_SECONDS)
    assert covered(watch) - opening == pytest.approx(GAP_INTERVALS * INTERVAL_SECONDS)


def test_readings_that_are_asked_for_hide_no_stopped_sampler(watch: Watch, clock: SimpleNamespace) -> None:
    watch.tick(INTERVAL_SECONDS)
    opening = covered(watch)
    for _ in range(25):
        clock.now += INTERVAL_SECONDS
        covered(watch)
    assert covered(watch) - opening == pytest.approx(OVERDUE_SECONDS)


def test_an_overdue_sample_covers_as_much_before_it_comes_as_after() -> None:
    assert pytest.approx(GAP_INTERVALS * INTERVAL_SECONDS) == OVERDUE_SECONDS


def test_what_others_used_is_asked_of_the_host_at_a_reading_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sampler = Sampler(write_v2(tmp_path))
    asked: list[tuple[int, ...]] = []

    def read(cpus: tuple[int, ...]) -> tuple[float, float]:
        asked.append(cpus)
        return 10.0, 0.5

    monkeypatch.setattr(sampler, "_host", SimpleNamespace(read=read))
    watch = sampler.watch(CONTAINER, TAGS, None, None)
    watch.tick(INTERVAL_SECONDS)
    assert asked == []
    reading = sampler.reading(CONTAINER)
    assert asked == [(2, 3, 6)]
    assert (reading.others_cpu_seconds, reading.steal_seconds) == (10.0 - 2.5, 0.5)


def test_without_a_cpuset_nobody_can_tell_what_others_used(tmp_path: Path) -> None:
    sampler = Sampler(write_v2(tmp_path, without=("cpuset.cpus.effective",)))
    sampler.watch(CONTAINER, TAGS, None, None)
    reading = sampler.reading(CONTAINER)
    assert isinstance(reading.others_cpu_seconds, Missing)
    assert reading.others_cpu_seconds == reading.steal_seconds == reading.limits.cpuset


def test_a_closed_watch_opens_nothing_again(watch: Watch) -> None:
    last = watch.sample()
    watch.close()
    assert watch.sample() == last
    assert watch._reader is None


@pytest.mark.parametrize(
    ("quota", "cpuset", "cores"),
    [(25_000, (0, 1), 0.25), (Missing("no"), (0, 1), 2), (150_000, (3,), 1), (50_000, Missing("no"), 0.5)],
)
def test_cores_allowed_is_the_tighter_cap(
    quota: int | Missing, cpuset: tuple[int, ...] | Missing, cores: float
) -> None:
    none = Missing("no")
    assert cores_allowed(EffectiveLimits(cpuset, quota, 100_000, none, none, none)) == cores


def test_cores_allowed_without_caps_is_missing() -> None:
    none = Missing("no")
    assert isinstance(cores_allowed(EffectiveLimits(none, none, 100_000, none, none, none)), Missing)


def test_places_are_bounded_and_freed_by_the_dead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "WATCHES_MAX", 2)
    for number in (1, 2, 3):
        write_v2(tmp_path, f"docker/{number:064x}")
    sampler = Sampler(tmp_path)
    sampler.watch(f"{1:064x}", TAGS, None, None)
    sampler.watch(f"{2:064x}", TAGS, None, None)
    sampler.watch(f"{2:064x}", TAGS, None, 1.0)
    with pytest.raises(TooManyWatches):
        sampler.watch(f"{3:064x}", TAGS, None, None)
    sampler.watches()[0].gone_since = time.monotonic() - 1
    sampler.watch(f"{3:064x}", TAGS, None, None)
    assert [one.container for one in sampler.watches()] == [f"{3:064x}", f"{1:064x}"]
