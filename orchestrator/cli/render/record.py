"""What ``show`` tells of one Run, one Trial or one instance type."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields

from orchestrator.cli.render.lists import ending
from orchestrator.cli.render.text import NOTHING, cell, count, metric, spans, stamp, usd_exactly
from orchestrator.cli.screen import Column, Grid, Line, Screen, Span, Tone, advice, line
from orchestrator.domain.capacity import Phase
from orchestrator.domain.instance_type import InstanceType, describe
from orchestrator.domain.limits import EffectiveLimits, Limits
from orchestrator.domain.measurement import Measurement, Missing, value_of
from orchestrator.domain.outcome import Outcome, Status
from orchestrator.domain.plan import Aim
from orchestrator.domain.record import HostFingerprint, RunManifest, StoredRun, TrialRecord
from orchestrator.domain.server import Image
from orchestrator.domain.slo import Checked, Slo, Verdict
from orchestrator.domain.units import show_bytes, show_ratio, show_seconds
from orchestrator.domain.verdict import judge

_TONES = {Verdict.PASS: Tone.GOOD, Verdict.FAIL: Tone.BAD, Verdict.UNKNOWN: Tone.VOID}


#: What the probe says where it has no name for it.
_VIRTUAL = {"yes": "a virtual machine", "no": "bare metal"}


def stored_view(stored: StoredRun, width: int) -> Screen:
    """The Run's facts, then each Trial in the order it was run."""
    manifest = stored.manifest
    facts = (
        ("run", f"{manifest.run}, {manifest.created_at}, version {manifest.version}, {ending(stored)}"),
        ("judged by", str(manifest.slo)),
        ("load", _scenario(manifest)),
        ("emulation", f"{manifest.mode} mode, seed {manifest.plan.seed}"),
        ("host", host_words(manifest.host)),
    )
    left_out = tuple(fact("left out", f"{one.instance_type}: {one.reason}") for one in manifest.plan.left_out)
    rate, unranked = f"orchestrator cost {manifest.run} --rate N", manifest.plan.unranked
    pad = 0 if unranked else len(rate)
    return (
        *stamp(manifest.simulated),
        *(fact(name, text) for name, text in facts),
        *left_out,
        line(),
        images_grid(manifest.images),
        line(),
        _trials(stored.trials, manifest.slo),
        line(),
        *(() if unranked else (advice("Next", rate, "what each size costs", width),)),
        advice("Next" if unranked else "", "orchestrator show TRIAL", "everything one trial measured", width, pad=pad),
    )


def host_words(host: HostFingerprint) -> str:
    """The machine and the engine in a line."""
    return (
        f"{host.cpu_model}, {count(host.cpus, 'CPU')}, {show_bytes(host.memory_bytes)}, {host.kernel}, "
        f"cgroup v{host.cgroup_version}, Docker {host.engine_version}, {_VIRTUAL.get(host.virtual, host.virtual)}"
    )


def images_grid(images: tuple[Image, ...]) -> Grid:
    """What was measured with, by its digest."""
    return Grid(
        (Column("image"), Column("size", right=True), Column("toolchain", drop=2), Column("digest", drop=1)),
        tuple(spans((one.name, show_bytes(one.bytes), one.toolchain, one.digest[:19])) for one in images),
    )


def trial_view(manifest: RunManifest, record: TrialRecord, _width: int) -> Screen:
    """Outcome, every Measurement with its source and n, limits asked and read back, what the server said."""
    judgement = judge(manifest.slo, record)
    place = record.placement
    shared = ", shared: never ranked" if place.shared else ""
    beside = f", sidecar {_limit(place.sidecar_cpus)}" if place.sidecar_cpus else ""
    facts = (
        ("trial", f"{record.trial} of run {manifest.run}"),
        ("started", f"{record.started_at}, took {show_seconds(record.seconds)}"),
        ("load", f"{_load(manifest, record)} by {record.generator}, block {record.block}, {record.phase}"),
        ("CPUs", f"server {_limit(place.server_cpus)}, generator {_limit(place.generator_cpus)}{beside}{shared}"),
        ("outcome", outcome_words(record.outcome)),
    )
    verdict = Line(
        (Span("verdict".ljust(11)), Span(judgement.verdict, _TONES[judgement.verdict]), Span(f": {judgement.reason}"))
    )
    log: Screen = ()
    if record.log_tail:
        log = (line(), line("last lines of its log"), *(line(f"  | {one}") for one in record.log_tail))
    said: Screen = (line(), *_said(record.server_info))
    return (
        *stamp(manifest.simulated),
        *(fact(name, text) for name, text in facts),
        verdict,
        *(fact("", _checked(one)) for one in judgement.evidence),
        line(),
        measurements_grid(record.measurements),
        line(),
        limits_grid(record.limits, record.effective),
        *said,
        *log,
    )


def _load(manifest: RunManifest, record: TrialRecord) -> str:
    """A rate; of a closed loop who sends, and from when its latency is."""
    if record.phase != Phase.THINK:
        return f"{record.rate_per_second:,} requests/s"
    most = f"at most {record.rate_per_second:,} requests/s; latency from the send"
    return f"closed loop of {manifest.plan.scenario} ({most})"


def _said(info: dict[str, str] | Missing) -> Screen:
    if isinstance(info, Missing):
        return (line(f"the server says nothing of itself: {info.reason}"),)
    return (line("the server says of itself"), *(fact("", f"{key}: {value}") for key, value in sorted(info.items())))


def _checked(one: Checked) -> str:
    """``p99 <= 50 ms: 0.31 % of the requests due broke it, 1 % may``."""
    seen = show_ratio(one.seen_low)
    if one.seen_high - one.seen_low > 1e-9:
        seen = f"{seen} to {show_ratio(one.seen_high)}"
    return f"{one.objective}: {seen} of the requests due broke it, {show_ratio(one.allowed)} may"


def instance_view(size: InstanceType, _width: int) -> Screen:
    """Shape, what the emulation leaves out, and every price row with its source."""
    threads = count(size.threads_per_core, "thread")
    facts = [
        ("instance", describe(size)),
        ("shape", f"{size.vcpus:g} vCPU ({threads} per core), {show_bytes(size.memory_bytes)}"),
        ("kind", f"{size.kind}, {size.arch}; sustained {size.sustained_cpus:g} CPUs"),
    ]
    if size.note:
        facts.append(("note", size.note))
    lines = tuple(fact(name, text) for name, text in facts)
    if not size.prices:
        return (*lines, fact("price", "unknown; nobody wrote one down"))
    rows = tuple(
        spans(
            (
                usd_exactly(one.usd_per_hour),
                one.region,
                one.purchase.replace("_", " "),
                one.tax,
                one.as_of.isoformat(),
                one.status,
                one.source,
            )
        )
        for one in size.prices
    )
    names = ("USD/\nhour", "region", "purchase", "tax", "as of", "status", "source")
    return (*lines, line(), Grid(tuple(Column(name) for name in names), rows))


def outcome_words(outcome: Outcome) -> str:
    """``completed``; ``void (limits): ...``."""
    if outcome.status == Status.COMPLETED:
        return str(outcome.status)
    return (
        f"{outcome.status} ({outcome.kind}): {outcome.reason}"
        if outcome.kind
        else f"{outcome.status}: {outcome.reason}"
    )


def _scenario(manifest: RunManifest) -> str:
    plan = manifest.plan
    one = plan.scenario
    offered = "rates searched for" if plan.aim == Aim.CAPACITY else str(one)
    aim = "not ranked" if one.unranked else plan.aim
    return (
        f"scenario {one.name}, {aim}: {offered}, {show_seconds(one.duration_seconds)} each after "
        f"{show_seconds(one.warmup_seconds)} of warm-up, by {plan.generator}"
    )


def _trials(trials: tuple[TrialRecord, ...], slo: Slo) -> Grid:
    columns = (
        Column("trial"),
        Column("verdict"),
        Column("p99", right=True),
        Column("n", right=True, drop=1),
        Column("CPU\nof cap", right=True, drop=3),
        Column("throttled", right=True, drop=4),
        Column("memory\npeak", right=True, drop=2),
    )
    return Grid(columns, tuple(_trial(record, slo) for record in trials))


def _trial(record: TrialRecord, slo: Slo) -> tuple[Span, ...]:
    verdict = judge(slo, record).verdict
    word = (
        verdict
        if record.outcome.status == Status.COMPLETED
        else f"{verdict} ({record.outcome.kind or record.outcome.status})"
    )
    requests = next((one.n for one in record.measurements if one.metric == "latency_seconds_p99"), None)

    def of(name: str, show: Callable[[float], str]) -> str:
        return cell(value_of(record.measurements, name), show)

    return (
        Span(record.trial),
        Span(word, _TONES[verdict]),
        *spans(
            (
                of("latency_seconds_p99", show_seconds),
                NOTHING if requests is None else f"{requests:,}",
                of("cpu_cap_ratio", show_ratio),
                of("cpu_throttled_periods_ratio", show_ratio),
                of("memory_bytes_peak", show_bytes),
            )
        ),
    )


def measurements_grid(measurements: tuple[Measurement, ...]) -> Grid:
    """Each with its source and n."""
    columns = (
        Column("metric"),
        Column("value"),
        Column("n", right=True),
        Column("window", right=True, drop=2),
        Column("source", drop=1),
    )
    rows = tuple(
        spans(
            (
                one.metric,
                metric(one.metric, one.value, one.unit),
                f"{one.n:,}",
                show_seconds(one.window_seconds) if one.window_seconds else NOTHING,
                one.source,
            )
        )
        for one in measurements
    )
    return Grid(columns, rows)


def limits_grid(limits: Limits, effective: tuple[EffectiveLimits, ...]) -> Grid:
    """Asked, and read back at each reading."""
    columns = (Column("limit"), Column("asked"), Column("read back"))
    rows = []
    for field in fields(Limits):
        seen = dict.fromkeys(_limit(getattr(one, field.name)) for one in effective)
        read_back = ", then ".join(seen) or "not available (the window never opened)"
        rows.append(spans((field.name, _limit(getattr(limits, field.name)), read_back)))
    return Grid(columns, tuple(rows))


def _limit(value: tuple[int, ...] | int | Missing) -> str:
    if isinstance(value, Missing):
        return f"not available ({value.reason})"
    return ",".join(str(one) for one in value) if isinstance(value, tuple) else f"{value:,}"


def fact(name: str, text: str) -> Line:
    """``run        2026-...``."""
    return Line((Span(name.ljust(11)), Span(text)))
