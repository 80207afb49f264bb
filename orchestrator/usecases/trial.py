"""One Trial, a straight line: container, proven limits, warm-up, window, evidence, Outcome, record. Or two at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from orchestrator.domain.box import LoadSpec, Tags
from orchestrator.domain.footprint import measure, measure_image
from orchestrator.domain.gates import Asked, fallback_of, judge_outcome
from orchestrator.domain.generator import Generator
from orchestrator.domain.latency import Latencies
from orchestrator.domain.limits import MODES, EffectiveLimits, not_in_force
from orchestrator.domain.measurement import Measurement, Missing
from orchestrator.domain.outcome import COMPLETED, Failure, Gate, Outcome, Status
from orchestrator.domain.plan import LEAD_IN_SECONDS, PROBE_SECONDS_MAX, Cell, Trial
from orchestrator.domain.reading import Evidence
from orchestrator.domain.record import SCHEMA, Second, TrialRecord
from orchestrator.domain.seconds import drift, seconds_of
from orchestrator.domain.verdict import requests_needed
from orchestrator.errors import LoadFailed, ServerNotReady, SidecarNotReady, TrialFailed
from orchestrator.ports import Box, Lab
from orchestrator.usecases.ready import LOG_LINES, expect_answer, wait_answer
from orchestrator.usecases.setting import Setting, box_spec, load_spec, tags_of
from orchestrator.usecases.sidecars import Standing, fallen, start_sidecars
from orchestrator.usecases.under_load import Opened, Party, under_load

#: A window of a search gets so many times the requests without which its quantiles say nothing.
REQUESTS_SPARE = 2
NO_WINDOW = Missing("the window never opened")
NO_ANSWER = Missing("it was not asked: no window was opened")


@dataclass(frozen=True)
class Seen:
    """What came of a container or of a window in it: the Outcome and what was measured until then."""

    outcome: Outcome
    measurements: tuple[Measurement, ...]
    latencies: Latencies | Missing = NO_WINDOW
    seconds: tuple[Second, ...] = ()
    effective: tuple[EffectiveLimits, ...] = ()
    info: dict[str, str] | Missing = NO_ANSWER
    log_tail: tuple[str, ...] = ()


def run_trial(lab: Lab, trial: Trial, setting: Setting) -> TrialRecord:
    """One window in a container of its own; returns its record, whatever happened to server or generator.

    Raises EngineLost, Interrupted.
    """
    started_at, begin = lab.clock.now(), lab.clock.monotonic()
    with opened(lab, trial.id, trial.cell, setting) as box:
        if isinstance(box, Seen):
            seen = box
        else:
            (seen,) = warm_and_windows(lab, (Party(box, load_spec(trial, setting), setting),))
        return record_of(trial, setting, seen, started_at, lab.clock.monotonic() - begin)


def warm_and_windows(lab: Lab, parties: tuple[Party, ...]) -> tuple[Seen, ...]:
    """oha starts after the opening reading, so that its warm-up is a process of its own, before it: nothing cold is in
    the counters, but for connections that the scenario wants open. k6 falls silent between the two by itself."""
    specs = [party.spec for party in parties]
    if parties[0].setting.generator == Generator.OHA:
        if specs[0].warmup_seconds > LEAD_IN_SECONDS:
            warming = [replace(spec, warmup_seconds=0.0, duration_seconds=spec.warmup_seconds) for spec in specs]
            warm = windows(lab, _with(parties, warming))
            if any(one.outcome.status == Status.FAILED for one in warm):
                return warm
        specs = [
            replace(spec, warmup_seconds=min(spec.warmup_seconds, LEAD_IN_SECONDS) + _connecting(party))
            for party, spec in zip(parties, specs, strict=True)
        ]
    return windows(lab, _with(parties, specs))


def _with(parties: tuple[Party, ...], specs: list[LoadSpec]) -> tuple[Party, ...]:
    return tuple(replace(party, spec=spec) for party, spec in zip(parties, specs, strict=True))


def _connecting(party: Party) -> float:
    rate = party.spec.rate_per_second
    return 0.0 if rate is None else party.setting.scenario.connecting_seconds(rate)


def run_probe(lab: Lab, box: Opened, trial: Trial, setting: Setting, windows: int) -> TrialRecord:
    """One window in a container that runs already and is warm: ``windows`` times the scenario's duration, longer at
    rates at which the SLO's quantiles need it; of a ladder as long as it says, for what it asks is memory and CPU."""
    started_at, begin = lab.clock.now(), lab.clock.monotonic()
    needed = 0.0 if setting.scenario.ladder else REQUESTS_SPARE * requests_needed(setting.slo) / trial.rate_per_second
    seconds = max(setting.scenario.duration_seconds * windows, min(needed, PROBE_SECONDS_MAX))
    spec = load_spec(trial, setting, LEAD_IN_SECONDS, seconds)
    seen = window(lab, box, spec, setting)
    return record_of(trial, setting, seen, started_at, lab.clock.monotonic() - begin)


@contextmanager
def opened(lab: Lab, name: str, cell: Cell, setting: Setting) -> Iterator[Opened | Seen]:
    """A fresh container, removed when the block ends; Seen with the reason when no window can be opened in it."""
    tags = tags_of(name, cell, setting, "server")
    called = f"{setting.run}.{name}"
    # With a sidecar its time begins when that is ready.
    ticket = None if setting.sidecars else expect_answer(lab, called, setting.server, setting.workload)
    users = setting.scenario.users
    spec = box_spec(called, setting.server, setting.image, setting.limits, tags, setting.sidecars, users)
    with lab.stack.start(spec) as box, ExitStack() as until:
        try:
            yield _prove(lab, box, until, ticket, tags, setting)
        finally:
            lab.meter.forget(box.id)


def record_of(trial: Trial, setting: Setting, seen: Seen, started_at: str, seconds: float) -> TrialRecord:
    """What is written down."""
    return TrialRecord(
        schema=SCHEMA,
        trial=trial.id,
        cell=trial.cell,
        block=trial.block,
        phase=trial.phase,
        rate_per_second=trial.rate_per_second,
        attempt=trial.attempt,
        generator=setting.generator,
        started_at=started_at,
        seconds=seconds,
        mode=MODES[0],
        placement=setting.placement,
        limits=setting.limits,
        effective=seen.effective,
        image_digest=setting.image.digest,
        outcome=seen.outcome,
        measurements=seen.measurements,
        latencies=seen.latencies,
        seconds_of_window=seen.seconds,
        server_info=seen.info,
        log_tail=seen.log_tail,
    )


def window(lab: Lab, opened: Opened, spec: LoadSpec, setting: Setting) -> Seen:
    """Load on a container that is there; what was seen, whatever happened. Raises EngineLost, Interrupted."""
    return windows(lab, (Party(opened, spec, setting),))[0]


def windows(lab: Lab, parties: tuple[Party, ...]) -> tuple[Seen, ...]:
    """The same of each Party; of two both at once. Raises EngineLost, Interrupted."""
    try:
        every = under_load(lab, parties)
    except LoadFailed as error:
        return tuple(_without_load(party, error) for party in parties)
    except TrialFailed as error:
        lost = Outcome(Status.VOID, Gate.OBSERVER, error.message)
        return tuple(_failed(lost, party.setting, error) for party in parties)
    return tuple(_seen(party, evidence) for party, evidence in zip(parties, every, strict=True))


def _without_load(party: Party, error: LoadFailed) -> Seen:
    state, setting = party.opened.box.state(), party.setting
    if gone := fallen(party.opened.sidecars):
        return _failed(Outcome(Status.VOID, Gate.SIDECAR, gone), setting, error)
    if not state.running:
        why = f"the server exited with code {state.exit_code}, and no load could be counted"
        return _failed(Outcome(Status.FAILED, Failure.EXITED, why), setting, error)
    return _failed(Outcome(Status.VOID, Gate.GENERATOR_DIED, error.message), setting, error)


def _seen(party: Party, evidence: Evidence) -> Seen:
    setting, rate = party.setting, party.spec.rate_per_second
    limits, shared = setting.limits, setting.placement.shared
    outcome = judge_outcome(Asked(limits, rate, setting.slo.latency_seconds_max, shared), evidence)
    seconds = seconds_of(evidence)
    moved = drift(seconds) if outcome == COMPLETED else ""
    if moved:
        outcome = Outcome(Status.VOID, Gate.NOT_STEADY, f"no steady state: {moved}")
    return Seen(
        outcome,
        measure(rate, limits, evidence, setting.image, shared=shared),
        evidence.load.latencies,
        seconds,
        (evidence.opening.limits, evidence.closing.limits),
        party.opened.answer.info,
        party.opened.box.log_tail(LOG_LINES) if outcome.status == Status.FAILED else (),
    )


def _prove(lab: Lab, box: Box, until: ExitStack, ticket: str | None, tags: Tags, setting: Setting) -> Opened | Seen:
    """What it needs is ready, it answers, and its limits are in force."""
    limits = setting.limits
    sidecars: tuple[Standing, ...] = ()
    try:
        lab.meter.watch(box.id, tags, limits, setting.instance_type.usd_per_hour)
        sidecars = start_sidecars(lab, until, box, setting.sidecars, setting.placement, tags)
        answer = wait_answer(lab, box, ticket or expect_answer(lab, box.name, setting.server, setting.workload))
        before_load = lab.meter.reading(box.id).limits
    except SidecarNotReady as error:
        return _failed(Outcome(Status.VOID, Gate.SIDECAR, error.message), setting, error)
    except ServerNotReady as error:
        if gone := fallen(sidecars):
            return _failed(Outcome(Status.VOID, Gate.SIDECAR, gone), setting, error)
        return _failed(Outcome(Status.FAILED, Failure.NOT_READY, error.message), setting, error)
    except TrialFailed as error:
        return _failed(Outcome(Status.VOID, Gate.OBSERVER, error.message), setting, error)
    wrong = not_in_force(limits, before_load)
    if wrong:
        reason = f"limits not in force before load: {wrong[0]}"
        return Seen(Outcome(Status.VOID, Gate.LIMITS, reason), measure_image(setting.image), effective=(before_load,))
    fell_back = fallback_of(answer)
    if fell_back:
        return Seen(Outcome(Status.VOID, Gate.FALLBACK, fell_back), measure_image(setting.image), info=answer.info)
    return Opened(box, answer, sidecars)


def _failed(outcome: Outcome, setting: Setting, error: TrialFailed) -> Seen:
    return Seen(outcome, measure_image(setting.image), log_tail=error.detail)
