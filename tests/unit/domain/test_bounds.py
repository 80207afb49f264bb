"""What no size can serve, by what a request was seen to cost, and of a server that was how busy."""

from __future__ import annotations

from dataclasses import replace

from orchestrator.domain.bounds import bounds
from orchestrator.domain.measurement import measured
from orchestrator.domain.outcome import Gate, Outcome, Status
from orchestrator.domain.record import TrialRecord
from tests.unit.adapters.store.samples import TRIAL
from tests.unit.samples import SMALL


def seen(rate: int, cost: float, share: float) -> TrialRecord:
    """One window; ``share``: of the CPU the server may use."""
    values = {"cpu_seconds_per_request": cost, "rate_achieved_per_second": float(rate), "cpu_cap_ratio": share}
    rows = tuple(measured(name, one, source="kernel", window_seconds=5, n=1) for name, one in values.items())
    return replace(TRIAL, measurements=rows)


def test_a_bound_from_a_server_that_was_not_busy_says_so() -> None:
    (bound,) = bounds((seen(100, 0.001, 0.2),), (SMALL,), 1_000)
    assert bound.cpus_needed == 1.0
    assert "as measured at 100/s; a busier server may spend less" in str(bound)


def test_a_server_at_its_limit_tells_more_than_an_idle_one() -> None:
    (bound,) = bounds((seen(100, 0.0008, 0.2), seen(300, 0.0009, 0.99)), (SMALL,), 1_000)
    assert bound.cpu_seconds_per_request == 0.0009
    assert str(bound).startswith("1,000 requests/s of plaintext need 0.9 CPUs of go-fasthttp (900 us of CPU each, as")
    assert "may spend less" not in str(bound)


def test_a_rate_that_the_size_has_cpus_for_has_no_bound_and_void_windows_tell_nothing() -> None:
    assert bounds((seen(100, 0.001, 0.2),), (SMALL,), 200) == ()
    void = replace(seen(100, 0.001, 0.99), outcome=Outcome(Status.VOID, Gate.NEIGHBOUR, "a neighbour"))
    assert bounds((void,), (SMALL,), 1_000) == ()
