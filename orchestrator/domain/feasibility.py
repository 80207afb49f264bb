"""Figures of one Trial that cannot all be true: what rate, latency and CPU time imply, beside what there was."""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator.domain.measurement import Measurement, Missing, value_of
from orchestrator.domain.units import show_ratio

#: Two clocks and two counters agree to a few per cent: requests at the edges of the window are counted on one side, and
#: a virtual user may hold its last request beyond the end.
AGREE_RATIO = 0.05


def in_flight(rate_per_second: float, latency_seconds_mean: float) -> float:
    """Requests in the server at once, on average: L = lambda W (Little 1961, Operations Research 9(3)).

    True for any order and any distribution, as long as what comes in also goes out.
    """
    return rate_per_second * latency_seconds_mean


def cores(rate_per_second: float, cpu_seconds_per_request: float) -> float:
    """CPUs kept busy, on average: the utilization law U = X S (Denning and Buzen 1978, ACM Computing Surveys 10(3))."""
    return rate_per_second * cpu_seconds_per_request


def contradictions(
    measurements: Sequence[Measurement], cpus_allowed: float, virtual_users: int | Missing
) -> tuple[str, ...]:
    """What the Measurements of one Trial say against each other, a sentence with both figures each; empty when nothing.

    - CPU time per request at the rate achieved needs more CPUs than the limits allow.
    - It needs other CPUs than ``cpu_cap_ratio`` says were used.
    - Rate and mean latency need more requests in flight than there were virtual users to hold them.

    A figure that is Missing contradicts nothing. All allow 5 % (``AGREE_RATIO``). The counters' window is longer than
    that of the requests: where both lengths are known, CPU seconds are compared, not CPUs.

    Args:
        cpus_allowed: quota in CPUs.
        virtual_users: how many the generator had; Missing where it opens connections as it needs them.
    """
    rate = value_of(measurements, "rate_achieved_per_second")
    per_request = value_of(measurements, "cpu_seconds_per_request")
    latency = value_of(measurements, "latency_seconds_mean")
    found: list[str] = []
    if not isinstance(rate, Missing) and not isinstance(per_request, Missing):
        found += _cpu(measurements, cores(rate, per_request), cpus_allowed)
    if not isinstance(rate, Missing) and not isinstance(latency, Missing) and not isinstance(virtual_users, Missing):
        flying = in_flight(rate, latency)
        if flying > virtual_users * (1 + AGREE_RATIO):
            found.append(
                f"rate and mean latency imply {flying:.3g} requests in flight, but there were {virtual_users:,} users"
            )
    return tuple(found)


def _cpu(measurements: Sequence[Measurement], implied: float, cpus_allowed: float) -> list[str]:
    found = []
    longer = _window_ratio(measurements)
    if implied > cpus_allowed * longer * (1 + AGREE_RATIO):
        found.append(f"rate and CPU time per request imply {implied:.3g} CPUs, but the limits allow {cpus_allowed:.3g}")
    used = value_of(measurements, "cpu_cap_ratio")
    if isinstance(used, Missing):
        return found
    counted = used * cpus_allowed * longer
    if abs(implied - counted) > AGREE_RATIO * max(implied, counted):
        found.append(
            f"rate and CPU time per request imply {implied:.3g} CPUs, but the kernel counted {counted:.3g} "
            f"({show_ratio(used)} of {cpus_allowed:.3g})"
        )
    return found


def _window_ratio(measurements: Sequence[Measurement]) -> float:
    """Length of the counters' window over that of the requests; 1 where either is not known, and where requests went on
    at the same rate in all of it: then CPUs compare as they are."""
    counts = {one.metric: one.n for one in measurements}
    if counts.get("cpu_seconds_per_request", 0) > counts.get("rate_achieved_per_second", 0):
        return 1.0
    lengths = {one.metric: one.window_seconds for one in measurements}
    requests, counters = lengths.get("rate_achieved_per_second", 0.0), lengths.get("cpu_cap_ratio", 0.0)
    return counters / requests if requests > 0 and counters > 0 else 1.0
