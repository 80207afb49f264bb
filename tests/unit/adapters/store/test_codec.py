from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.adapters.store.codec import Unreadable, read_line, read_manifest, write_line, write_manifest
from orchestrator.domain.instance_type import InstanceType, Price
from orchestrator.domain.latency import latencies_of
from orchestrator.domain.limits import EffectiveLimits, Limits
from orchestrator.domain.measurement import Measurement, Missing
from orchestrator.domain.outcome import Gate, Outcome, Status
from orchestrator.domain.placement import Placement
from orchestrator.domain.record import SCHEMA, Second, TrialRecord
from orchestrator.domain.server import Image
from tests.unit.adapters.store.samples import MANIFEST

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
TEXT = st.text(max_size=12)


def or_missing(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return values | st.builds(Missing, TEXT)


WHOLE = st.integers(0, 2**63 - 1)
CPUS = st.lists(st.integers(0, 255), max_size=4).map(tuple)
PRICES = st.builds(Price, st.decimals(allow_nan=False, allow_infinity=False), TEXT, TEXT, TEXT, st.dates(), TEXT, TEXT)
TYPES = st.builds(
    InstanceType, TEXT, TEXT, TEXT, NUMBERS, WHOLE, TEXT, NUMBERS, WHOLE, st.lists(PRICES, max_size=2).map(tuple)
)
IMAGES = st.builds(Image, TEXT, TEXT, TEXT, WHOLE, or_missing(WHOLE), or_missing(NUMBERS), TEXT, TEXT, st.booleans())
EFFECTIVE = st.builds(EffectiveLimits, or_missing(CPUS), *(or_missing(WHOLE) for _ in range(5)))
MEASURED = st.builds(Measurement, TEXT, or_missing(NUMBERS | WHOLE.map(float)), TEXT, TEXT, NUMBERS, WHOLE)
OUTCOMES = st.builds(Outcome, st.sampled_from(Status), TEXT | st.sampled_from(Gate), TEXT)
TRIALS = st.builds(
    TrialRecord,
    schema=st.just(SCHEMA),
    effective=st.lists(EFFECTIVE, max_size=2).map(tuple),
    measurements=st.lists(MEASURED, max_size=3).map(tuple),
    placement=st.builds(Placement, CPUS, CPUS, CPUS, st.booleans()),
    outcome=OUTCOMES,
    seconds=NUMBERS,
    server_info=or_missing(st.dictionaries(TEXT, TEXT, max_size=3)),
    log_tail=st.lists(TEXT, max_size=2).map(tuple),
    limits=st.builds(Limits, CPUS, *(WHOLE for _ in range(5))),
    latencies=or_missing(st.lists(st.floats(0, 5), max_size=5).map(lambda one: latencies_of(sorted(one), (0.05,)))),
    seconds_of_window=st.lists(
        st.builds(Second, NUMBERS, NUMBERS, WHOLE, WHOLE, *(or_missing(NUMBERS) for _ in range(3)), or_missing(WHOLE)),
        max_size=2,
    ).map(tuple),
)
QUIET = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@QUIET
@given(TRIALS)
def test_any_trial_comes_back_equal(record: TrialRecord) -> None:
    line = write_line(record)
    back = read_line(line)
    assert back == record
    assert repr(back.outcome.status) == repr(record.outcome.status)
    assert line.count(b"\n") == 1


@QUIET
@given(st.lists(TYPES, max_size=2).map(tuple), st.lists(IMAGES, max_size=2).map(tuple))
def test_any_manifest_comes_back_equal(types: tuple[InstanceType, ...], images: tuple[Image, ...]) -> None:
    manifest = replace(MANIFEST, instance_types=types, images=images)
    back = read_manifest(write_manifest(manifest))
    assert back == manifest
    assert [str(price.usd_per_hour) for one in back.instance_types for price in one.prices] == [
        str(price.usd_per_hour) for one in types for price in one.prices
    ]


@QUIET
@given(st.binary(max_size=60))
def test_any_bytes_are_a_record_or_unreadable(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        read_line(raw)
    with pytest.raises(Unreadable):
        read_manifest(raw)
