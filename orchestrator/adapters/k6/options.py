"""LoadSpec -> the JSON that script.js reads: an open model in two phases.

    0            warm-up              +1 s pause      window
    |-- rate/s, discarded --|----- quiet -----|-- rate/s, judged --|

In the pause nothing is in flight, so counters read there open the window exactly. Both phases use one pool of virtual
users, made before the start and never enlarged: a user made under load would cost the generator CPU. Since the pool
is the same, its connections are warm when the window opens.
"""

from __future__ import annotations

from typing import Any

from orchestrator.domain.box import LoadSpec

GAP_SECONDS = 1.0
#: A warm-up request older than this when the warm-up ends is cut off, or it would reach into the pause's reading.
WARMUP_GRACE_SECONDS = 0.4
#: A request without an answer for so long has failed.
REQUEST_SECONDS_MAX = 5
#: Longer than a request may take, so that what is in flight at the window's end is answered or has failed, not lost.
WINDOW_GRACE_SECONDS = 6

WINDOW = "{scenario:window}"
#: k6 reports a metric per scenario only when a threshold names it; these always hold.
_REPORTED = {
    "http_reqs": "count>=0",
    "http_req_duration": "max>=0",
    "iteration_duration": "max>=0",
    "dropped_iterations": "count>=0",
    "lab_wrong_answers": "count>=0",
    "lab_start_lag": "max>=0",
}


def build_options(spec: LoadSpec) -> dict[str, Any]:
    """Everything script.js needs. The address is always loopback: the server's own, in its network namespace."""
    tags = spec.tags
    return {
        "request": {
            "method": spec.workload.method,
            "url": f"http://127.0.0.1:{spec.port}{spec.workload.path}",
            "name": spec.workload.name,
            "body": spec.workload.body,
            "contains": spec.workload.contains,
            "timeout": f"{REQUEST_SECONDS_MAX}s",
        },
        "rate_per_second": spec.rate_per_second,
        "options": {
            "scenarios": _scenarios(spec),
            "thresholds": {metric + WINDOW: [rule] for metric, rule in _REPORTED.items()},
            "summaryTrendStats": ["count", "avg", "med", "p(90)", "p(99)", "p(99.9)", "max"],
            "systemTags": ["status", "scenario", "expected_response", "name"],
            "discardResponseBodies": True,
            "userAgent": "footprint-lab",
            "tags": {
                "run": tags.run,
                "trial": tags.trial,
                "server": tags.server,
                "instance_type": tags.instance_type,
                "workload": tags.workload,
            },
        },
    }


def quiet_after_seconds(spec: LoadSpec) -> float:
    """From ``lab:start`` to the moment when warm-up is over and the window is not open yet."""
    ended = spec.warmup_seconds + WARMUP_GRACE_SECONDS if spec.warmup_seconds else 0.0
    return (ended + spec.warmup_seconds + GAP_SECONDS) / 2


def window_after_seconds(spec: LoadSpec) -> float:
    """From ``lab:start`` to the first request of the window."""
    return spec.warmup_seconds + GAP_SECONDS


def finished_after_seconds_max(spec: LoadSpec) -> float:
    """From ``lab:start`` to the latest ``lab:end`` of a k6 that is well."""
    return spec.warmup_seconds + GAP_SECONDS + spec.duration_seconds + WINDOW_GRACE_SECONDS


def _scenarios(spec: LoadSpec) -> dict[str, Any]:
    window = _arrivals(spec, "measure", spec.warmup_seconds + GAP_SECONDS, spec.duration_seconds, WINDOW_GRACE_SECONDS)
    if not spec.warmup_seconds:
        return {"window": window}
    warmup = _arrivals(spec, "warmup", 0.0, spec.warmup_seconds, WARMUP_GRACE_SECONDS)
    return {"warmup": warmup, "window": window}


def _arrivals(spec: LoadSpec, function: str, start: float, duration: float, grace: float) -> dict[str, Any]:
    return {
        "executor": "constant-arrival-rate",
        "exec": function,
        "rate": spec.rate_per_second,
        "timeUnit": "1s",
        "startTime": _milliseconds(start),
        "duration": _milliseconds(duration),
        "gracefulStop": _milliseconds(grace),
        "preAllocatedVUs": spec.virtual_users,
        "maxVUs": spec.virtual_users,
    }


def _milliseconds(seconds: float) -> str:
    return f"{round(seconds * 1000)}ms"
