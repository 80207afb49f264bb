"""What the live page shows, as one JSON value."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

from orchestrator.adapters.cgroup.wire import to_json
from orchestrator.domain.measurement import Missing
from orchestrator.observer.rates import Rates
from orchestrator.observer.sampler import Sampler
from orchestrator.observer.watch import Watch, cores_allowed

#: How far back the page draws.
SHOWN_SECONDS = 120


def state(sampler: Sampler, rates: Rates) -> dict[str, Any]:
    """The announcement and each watched container, servers first, each with its last two minutes."""
    watches = sorted(sampler.watches(), key=lambda one: (one.tags.role != "server", one.tags.server, one.container))
    return {
        "at_unix_seconds": time.time(),
        "announcement": sampler.announcement,
        "own_cpu_seconds": time.process_time(),
        "watched": [_watched(one, rates) for one in watches],
    }


def _watched(watch: Watch, rates: Rates) -> dict[str, Any]:
    reading, points, now = watch.last, watch.tail(), time.monotonic()
    never = Missing("the container has no cgroup yet")
    young = Missing("the first second is not over")
    latest = points[-1] if points else None
    load = rates.of(watch.tags) if watch.tags.role == "server" else {}
    price = Missing("no price is known") if watch.usd_per_hour is None else watch.usd_per_hour
    return {
        "id": watch.container,
        "tags": asdict(watch.tags),
        "gone_seconds": None if watch.gone_since is None else now - watch.gone_since,
        "cpu_cores": to_json(latest.cpu_cores if latest else young if reading else never),
        "cpu_cores_allowed": to_json(cores_allowed(reading.limits) if reading else never),
        "throttled_ratio": to_json(latest.throttled_ratio if latest else young if reading else never),
        "memory_bytes": to_json(reading.memory_bytes_current if reading else never),
        "memory_bytes_peak": to_json(reading.memory_bytes_peak if reading else never),
        "memory_bytes_allowed": to_json(reading.limits.memory_bytes if reading else never),
        "oom_kills": to_json(reading.oom_kills if reading else never),
        "limits_changes": to_json(reading.limits_changes if reading else never),
        "usd_per_hour": to_json(price),
        **{name: to_json(value) for name, value in load.items()},
        "history": [
            {
                "seconds_ago": now - point.at_seconds,
                "cpu_cores": point.cpu_cores,
                "throttled_ratio": to_json(point.throttled_ratio),
                "memory_bytes": to_json(point.memory_bytes),
            }
            for point in points[-SHOWN_SECONDS:]
        ],
    }
