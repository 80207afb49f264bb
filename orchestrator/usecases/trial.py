"""One Trial, a straight line: fresh container, proven limits, warm-up, window, evidence, Outcome."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.domain.box import BoxSpec, LoadSpec, Tags
from orchestrator.domain.config import LabConfig
from orchestrator.domain.footprint import measure, measure_image
from orchestrator.domain.gates import judge_outcome
from orchestrator.domain.instance_type import InstanceType
from orchestrator.domain.limits import MODES, EffectiveLimits, Limits, limits_for, not_in_force
from orchestrator.domain.measurement import Measurement, Missing
from orchestrator.domain.outcome import Failure, Gate, Outcome, Status
from orchestrator.domain.placement import Placement
from orchestrator.domain.plan import Trial
from orchestrator.domain.reading import Evidence, FirstAnswer
from orchestrator.domain.record import SCHEMA, TrialRecord
from orchestrator.domain.server import Image, Server
from orchestrator.domain.units import show_seconds
from orchestrator.domain.workload import Workload, virtual_users
from orchestrator.errors import LoadFailed, ServerNotReady, TrialFailed
from orchestrator.ports import Box, Lab

#: A server that has not answered by then never will: the largest cold start seen among peers is below a second.
READY_SECONDS = 20.0
INFO_PATH = "/lab/info"
LOG_LINES = 20


@dataclass(frozen=True)
class Setting:
    """What a Trial needs to know beside its own place in the Plan."""

    run: str
    config: LabConfig
    server: Server
    instance_type: InstanceType
    workload: Workload
    placement: Placement
    image: Image


@dataclass(frozen=True)
class _Seen:
    """What came of the container: the Outcome and what was measured until then."""

    outcome: Outcome
    measurements: tuple[Measurement, ...]
    effective: tuple[EffectiveLimits, ...] = ()
    info: dict[str, str] | None = None
    log_tail: tuple[str, ...] = ()


def run_trial(lab: Lab, trial: Trial, setting: Setting) -> TrialRecord:
    """Runs it and returns its record, whatever happened to server or generator. Raises EngineLost, Interrupted."""
    limits = limits_for(setting.instance_type, setting.placement)
    started_at, begin = lab.clock.now(), lab.clock.monotonic()
    seen = _observe(lab, trial, setting, limits)
    return TrialRecord(
        schema=SCHEMA,
        trial=trial.id,
        cell=trial.cell,
        rate_per_second=trial.rate_per_second,
        attempt=trial.attempt,
        started_at=started_at,
        seconds=lab.clock.monotonic() - begin,
        mode=MODES[0],
        placement=setting.placement,
        limits=limits,
        effective=seen.effective,
        image_digest=setting.image.digest,
        outcome=seen.outcome,
        measurements=seen.measurements,
        server_info=seen.info or {},
        log_tail=seen.log_tail,
    )


def box_spec(name: str, setting: Setting, limits: Limits, tags: Tags) -> BoxSpec:
    """The server's container. The machine id is the same in every Trial, so that ids of ``/nextid`` compare."""
    return BoxSpec(
        name=name,
        image=setting.image.reference,
        port=setting.server.port,
        limits=limits,
        env={"LAB_PORT": str(setting.server.port), "LAB_MACHINE_ID": "1"},
        tags=tags,
    )


def load_spec(trial: Trial, setting: Setting) -> LoadSpec:
    """The generator's orders for one Trial."""
    scenario, slo = setting.config.scenario, setting.config.slo
    return LoadSpec(
        workload=setting.workload,
        port=setting.server.port,
        rate_per_second=trial.rate_per_second,
        warmup_seconds=scenario.warmup_seconds,
        duration_seconds=scenario.duration_seconds,
        virtual_users=virtual_users(trial.rate_per_second, slo.latency_seconds_p99),
        cpus=setting.placement.generator_cpus,
        tags=_tags(trial, setting, "generator"),
    )


def _tags(trial: Trial, setting: Setting, role: str) -> Tags:
    return Tags(setting.run, trial.id, setting.server.name, setting.instance_type.id, setting.workload.name, role)


def _observe(lab: Lab, trial: Trial, setting: Setting, limits: Limits) -> _Seen:
    price = setting.instance_type.price
    usd_per_hour = float(price.usd_per_hour) if price else None
    tags = _tags(trial, setting, "server")
    name = f"{setting.run}.{trial.id}"
    ticket = lab.meter.expect_answer(name, setting.server.port, setting.workload, INFO_PATH, READY_SECONDS)
    with lab.stack.start(box_spec(name, setting, limits, tags)) as box:
        try:
            lab.meter.watch(box.id, tags, limits, usd_per_hour)
            answer = wait_answer(lab, box, ticket)
            before_load = lab.meter.reading(box.id).limits
            wrong = not_in_force(limits, before_load)
            if wrong:
                reason = f"limits not in force before load: {wrong[0]}"
                return _Seen(Outcome(Status.VOID, Gate.LIMITS, reason), measure_image(setting.image), (before_load,))
            evidence = _under_load(lab, box, trial, setting, answer)
            outcome = judge_outcome(limits, trial.rate_per_second, evidence)
            return _Seen(
                outcome,
                measure(trial.rate_per_second, limits, evidence, setting.image),
                (evidence.opening.limits, evidence.closing.limits),
                answer.info,
                box.log_tail(LOG_LINES) if outcome.status == Status.FAILED else (),
            )
        except ServerNotReady as error:
            return _failed(Outcome(Status.FAILED, Failure.NOT_READY, error.message), setting, error)
        except LoadFailed as error:
            return _failed(Outcome(Status.VOID, Gate.GENERATOR_DIED, error.message), setting, error)
        except TrialFailed as error:
            return _failed(Outcome(Status.VOID, Gate.OBSERVER, error.message), setting, error)
        finally:
            lab.meter.forget(box.id)


def _failed(outcome: Outcome, setting: Setting, error: TrialFailed) -> _Seen:
    return _Seen(outcome, measure_image(setting.image), log_tail=error.detail)


def _under_load(lab: Lab, box: Box, trial: Trial, setting: Setting, answer: FirstAnswer) -> Evidence:
    spec = load_spec(trial, setting)
    with lab.load.start(box, spec) as load:
        lab.meter.watch(load.box_id, spec.tags, None, None)
        try:
            load.wait_quiet()
            opening, quiet_seconds = lab.meter.reading(box.id), load.seconds_to_window()
            generator_opening = lab.meter.reading(load.box_id)
            before = box.state()
            load.wait_finished()
            closing, generator_closing = lab.meter.reading(box.id), lab.meter.reading(load.box_id)
            result = load.result()
        finally:
            lab.meter.forget(load.box_id)
        return Evidence(
            opening=opening,
            closing=closing,
            generator_opening=generator_opening,
            generator_closing=generator_closing,
            generator_cpus=len(spec.cpus),
            quiet_seconds=quiet_seconds,
            before=before,
            after=box.state(),
            load=result,
            first_answer=answer,
            ordered_unix_seconds=box.ordered_unix_seconds(),
            started_unix_seconds=box.started_unix_seconds(),
        )


def wait_answer(lab: Lab, box: Box, ticket: str) -> FirstAnswer:
    """The first good answer; stops at once when the container died. Raises ServerNotReady with its last log lines."""
    while True:
        answer = lab.meter.first_answer(ticket)
        if isinstance(answer, FirstAnswer):
            return answer
        state = box.state()
        if isinstance(answer, Missing) or not state.running:
            why = (
                f"exited with code {state.exit_code} before it answered"
                if not state.running
                else f"gave no good answer within {show_seconds(READY_SECONDS)}"
                + (f": {answer.reason}" if isinstance(answer, Missing) else "")
            )
            raise ServerNotReady(
                f"{box.name} {why}",
                hint="run its image by hand, and look at its log below",
                where=box.name,
                detail=box.log_tail(LOG_LINES),
            )
        lab.clock.sleep(0.05)
