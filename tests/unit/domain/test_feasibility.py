"""Figures of one Trial against each other."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.domain.feasibility import contradictions, cores, in_flight
from orchestrator.domain.measurement import Measurement, Missing, measured


def trial(
    rate: float | Missing = 4_000.0,
    per_request: float | Missing = 50e-6,
    cap: float | Missing = 0.4,
    latency: float | Missing = 0.002,
    window: float = 10.0,
    counters: float = 10.0,
) -> tuple[Measurement, ...]:
    """At 4,000 requests/s of 50 us: 0.2 CPUs, of 0.5 allowed; 8 requests in flight."""
    rows = (
        ("rate_achieved_per_second", rate, window),
        ("cpu_seconds_per_request", per_request, counters),
        ("cpu_cap_ratio", cap, counters),
        ("latency_seconds_mean", latency, window),
    )
    return tuple(measured(name, value, source="kernel", window_seconds=length, n=1) for name, value, length in rows)


def test_the_two_laws() -> None:
    assert in_flight(4_000, 0.002) == pytest.approx(8)
    assert cores(4_000, 50e-6) == pytest.approx(0.2)


def test_a_plausible_trial_contradicts_nothing() -> None:
    assert contradictions(trial(), 0.5, 20) == ()


def test_more_cpu_than_allowed() -> None:
    found = contradictions(trial(per_request=150e-6, cap=1.0), 0.5, 20)
    assert found == (
        "rate and CPU time per request imply 0.6 CPUs, but the limits allow 0.5",
        "rate and CPU time per request imply 0.6 CPUs, but the kernel counted 0.5 (100 % of 0.5)",
    )


def test_other_cpu_than_counted() -> None:
    found = contradictions(trial(cap=0.2), 0.5, 20)
    assert found == ("rate and CPU time per request imply 0.2 CPUs, but the kernel counted 0.1 (20 % of 0.5)",)


def test_five_percent_are_allowed() -> None:
    assert contradictions(trial(cap=0.4 * 1.045), 0.5, 20) == ()
    assert contradictions(trial(cap=0.4 * 0.955), 0.5, 20) == ()
    assert contradictions(trial(cap=0.4 * 1.06), 0.5, 20) != ()
    assert contradictions(trial(per_request=130e-6, cap=1.0), 0.5, 20) == ()


def test_a_longer_window_of_the_counters_is_allowed_for() -> None:
    """The same CPU seconds: 0.2 CPUs for 5 s are 0.167 for 6 s."""
    assert contradictions(trial(cap=0.4 * 5 / 6, window=5.0, counters=6.0), 0.5, 20) == ()
    assert contradictions(trial(cap=0.4, window=5.0, counters=6.0), 0.5, 20) != ()
    assert contradictions(trial(per_request=148e-6, cap=0.98, window=5.0, counters=6.0), 0.5, 20) == ()


def test_more_in_flight_than_users() -> None:
    found = contradictions(trial(latency=0.01), 0.5, 20)
    assert found == ("rate and mean latency imply 40 requests in flight, but there were 20 users",)
    assert contradictions(trial(latency=0.01), 0.5, Missing("connections as needed")) == ()
    assert contradictions(trial(latency=0.00524), 0.5, 20) == ()


@pytest.mark.parametrize("name", ["rate", "per_request", "cap", "latency"])
def test_what_is_missing_contradicts_nothing(name: str) -> None:
    wrong = {"rate": 4_000.0, "per_request": 500e-6, "cap": 0.01, "latency": 1.0}
    everything = contradictions(trial(**wrong), 0.5, 20)
    found = contradictions(trial(**{**wrong, name: Missing("not measured")}), 0.5, 20)
    assert len(everything) == 3
    assert set(found) < set(everything)
    assert contradictions((), 0.5, 20) == ()


@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    st.floats(min_value=1, max_value=1e5),
    st.floats(min_value=1e-6, max_value=1e-2),
    st.floats(min_value=0.1, max_value=64),
    st.floats(min_value=1.0, max_value=1.5),
)
def test_one_counter_never_contradicts_itself(rate: float, per_request: float, cpus: float, longer: float) -> None:
    cap = cores(rate, per_request) / longer / cpus
    found = contradictions(trial(rate, per_request, cap, Missing("none"), 10.0, 10.0 * longer), cpus, 20)
    assert bool(found) == (cap > 1.05 * (1 + 1e-12))
