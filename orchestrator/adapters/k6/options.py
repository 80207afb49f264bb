"""LoadSpec -> the JSON that script.js reads: one model, open or closed with think time, in two phases.

    0            warm-up              +1 s pause      window
    |-- rate/s, discarded --|----- quiet -----|-- rate/s, judged --|

In the pause nothing is in flight, so counters read there open the window exactly. Both phases use one pool of virtual
users, made before the start and never enlarged: a user made under load would cost the generator CPU. Since the pool
is the same, its connections are warm when the window opens.
"""

from __future__ import annotations

from typing import Any

from orchestrator.domain.box import LoadSpec
from orchestrator.domain.generator import REQUEST_SECONDS_MAX, Generator, slots_of
from orchestrator.domain.latency import QUANTILES
from orchestrator.domain.request import Request

GAP_SECONDS = 1.0
#: A warm-up request older than this when the warm-up ends is cut off, or it would reach into the pause's reading.
WARMUP_GRACE_SECONDS = 0.4
#: Longer than a request may take, so that what is in flight at the window's end is answered or has failed, not lost.
WINDOW_GRACE_SECONDS = 6

REQUESTS = "http_reqs{scenario:window}"
DROPPED = "dropped_iterations{scenario:window}"
ITERATION = "iteration_duration{scenario:window}"
#: From a request's first byte to the last of an answer with the status of a good one.
EXCHANGE = "http_req_duration{scenario:window,expected_response:true}"
WRONG = "lab_wrong_answers"
LAG = "lab_start_lag"
LATENCY = "lab_latency"
SLOWER = "lab_slower_"


def build_options(spec: LoadSpec) -> dict[str, Any]:
    """Everything script.js needs. The address is always loopback: the server's own, in its network namespace."""
    rate = spec.rate_per_second
    tags = spec.tags
    slots = slots_of(spec.duration_seconds, Generator.K6)
    reported = _reported(spec)
    return {
        "requests": [_request(spec.port, one) for one in spec.workload.requests],
        "name": spec.workload.name,
        "timeout": f"{REQUEST_SECONDS_MAX}s",
        # k6 rounds the time between two requests down to whole nanoseconds. A closed loop has no such time.
        "period_milliseconds": None if rate is None else 10**9 // rate / 10**6,
        "think_seconds": spec.think_seconds,
        "users": spec.virtual_users,
        "window_milliseconds": spec.duration_seconds * 1000,
        "slot_milliseconds": slots[0][1] * 1000,
        "slots": len(slots),
        "limits_milliseconds": [limit * 1000 for limit in spec.limits_seconds],
        "reported": list(reported),
        "options": {
            "scenarios": _scenarios(spec),
            "thresholds": {metric: [rule] for metric, rule in reported.items()},
            "summaryTrendStats": ["count", "avg", *map(statistic, QUANTILES)],
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


def _request(port: int, request: Request) -> dict[str, Any]:
    """One request of the mix; ``numbers`` is null where its address is always the same."""
    before, numbers, after = request.parts
    return {
        "method": request.method,
        "url": f"http://127.0.0.1:{port}{before}",
        "numbers": None if numbers is None else {"low": numbers.low, "count": numbers.count, "after": after},
        "headers": dict(request.headers),
        "body": request.body or None,
        "weight": request.weight,
        "check": {
            "status": request.check.status,
            "body": request.check.body or None,
            "contains": request.check.contains or None,
        },
    }


def statistic(quantile: float) -> str:
    """k6's name of it. k6 takes a percentile between the two nearest answers, where we take the slower one."""
    return "max" if quantile == 1 else f"p({quantile * 100:g})"


def in_slot(metric: str, number: int) -> str:
    """A metric of the script within one slot of the window."""
    return f"{metric}{{slot:{number}}}"


def _reported(spec: LoadSpec) -> dict[str, str]:
    """k6 reports a part of a metric, and a counter that never counted, only when a threshold names it: these always
    hold."""
    counters = [REQUESTS, DROPPED, WRONG, *(f"{SLOWER}{number}" for number in range(len(spec.limits_seconds)))]
    trends = [ITERATION, EXCHANGE, LAG, LATENCY]
    for number in range(len(slots_of(spec.duration_seconds, Generator.K6))):
        counters.append(in_slot(WRONG, number))
        trends.append(in_slot(LATENCY, number))
    return dict.fromkeys(counters, "count>=0") | dict.fromkeys(trends, "max>=0")


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
    begin, length = spec.warmup_seconds + GAP_SECONDS, spec.duration_seconds
    loop = "Loop" if spec.rate_per_second is None else ""
    window = _model(spec) | _phase(f"measure{loop}", begin, length, WINDOW_GRACE_SECONDS)
    if not spec.warmup_seconds:
        return {"window": window}
    warmup = _model(spec) | _phase(f"warmup{loop}", 0.0, spec.warmup_seconds, WARMUP_GRACE_SECONDS)
    return {"warmup": warmup, "window": window}


def _model(spec: LoadSpec) -> dict[str, Any]:
    if spec.rate_per_second is None:
        return {"executor": "constant-vus", "vus": spec.virtual_users}
    return {
        "executor": "constant-arrival-rate",
        "rate": spec.rate_per_second,
        "timeUnit": "1s",
        "preAllocatedVUs": spec.virtual_users,
        "maxVUs": spec.virtual_users,
    }


def _phase(function: str, start: float, duration: float, grace: float) -> dict[str, Any]:
    return {
        "exec": function,
        "startTime": _milliseconds(start),
        "duration": _milliseconds(duration),
        "gracefulStop": _milliseconds(grace),
    }


def _milliseconds(seconds: float) -> str:
    return f"{round(seconds * 1000)}ms"
