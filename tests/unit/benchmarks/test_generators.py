"""What R2 and R3 make of what they measured."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import generators, honesty
from benchmarks.honesty import Seen
from benchmarks.row import BenchmarkError
from benchmarks.stalls import quantile, true_latencies
from orchestrator.adapters.oha.rows import Rows
from orchestrator.domain.generator import Generator

WRK = """Running 6s test @ http://127.0.0.1:8080/plaintext
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     2.73ms    2.11ms  30.55ms   76.03%
    Req/Sec    25.16k     2.08k   29.18k    65.00%
  150321 requests in 6.00s, 20.93MB read
Requests/sec:  25049.11
Transfer/sec:      3.49MB
"""


def test_oha_may_cost_a_quarter_more_than_wrk() -> None:
    costs = {"oha": [25e-6], "wrk": [20e-6], "k6": [250e-6]}
    finding = generators.judged(costs)
    assert finding.row.met and finding.row.ratio == pytest.approx(1.25)
    assert finding.row.peers == {"wrk": 20e-6, "k6 at 1,000/s": 250e-6}
    assert "oha 40,000, wrk 50,000, k6 4,000; oha has 0.80 of wrk's" in finding.notes[-1]
    assert not generators.judged(costs | {"oha": [26e-6]}).row.met


def test_wrks_count_is_what_was_answered_well() -> None:
    assert generators.counted(WRK) == 150_321
    for wrong in (
        "",
        WRK + "  Non-2xx or 3xx responses: 3\n",
        WRK + "  Socket errors: connect 0, read 1, write 0, timeout 0\n",
    ):
        with pytest.raises(BenchmarkError, match="wrk"):
            generators.counted(wrong)


def test_honesty_is_the_distance_from_one_either_way() -> None:
    rounds = [Seen(0.153, 0.150, 0.01), Seen(0.147, 0.150, 0.02), Seen(0.150, 0.150, 0.03)]
    finding = honesty.judged("R3", Generator.OHA, rounds)
    assert finding.row.met and finding.row.ours == pytest.approx(0.02)
    assert "1.020, 0.980, 1.000" in finding.notes[0] and "0.133 of the true p99" in finding.notes[1]
    assert not honesty.judged("R3", Generator.OHA, [Seen(0.3, 0.15, 0.1)]).row.met
    assert len(honesty.judged("R3k6", Generator.K6, [Seen(0.15, 0.15, None)]).notes) == 1


def test_what_users_waited_follows_from_when_they_were_answered() -> None:
    # 10 a second; the server stops from 0.25 s to 0.95 s.
    answered = [1000.001, 1000.101, 1000.201, *[1000.95] * 7, 1001.001, 1001.101]
    waited = true_latencies(answered, 10, 11)
    assert len(waited) == 11
    assert waited[-1] == pytest.approx(0.65, abs=0.002) and waited[0] == 0.0
    assert quantile(waited, 0.5) == pytest.approx(0.149, abs=0.002)


def test_a_tool_without_a_schedule_sees_its_own_requests_only() -> None:
    began = np.arange(200) / 100
    rows = Rows(began, began, began + 0.001, np.full(200, 200.0), np.full(200, 13.0))
    assert honesty.uncorrected(rows, 100) == pytest.approx(0.001)
