"""Every window of a Run on its way to disk: announced, written down the moment it ends, judged, told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from orchestrator.domain.box import ANNOUNCED_MOST, Ended
from orchestrator.domain.capacity import Phase, Step
from orchestrator.domain.measurement import Measurement, Missing, value_of
from orchestrator.domain.outcome import Outcome, Status
from orchestrator.domain.plan import Trial
from orchestrator.domain.record import Event, RunManifest, StoredRun, TrialRecord
from orchestrator.domain.step import step_of
from orchestrator.domain.units import show_bytes, show_ratio, show_seconds
from orchestrator.errors import Interrupted, LabError
from orchestrator.ports import Journal, Lab


class Ledger:
    """The journal of an open Run and how far it is: what windows and batch jobs have in common.

    Args:
        expected: windows or jobs it will probably take; only for the estimate of the time left.
    """

    def __init__(self, lab: Lab, journal: Journal, run: str, expected: int) -> None:
        self.lab, self.journal = lab, journal
        self._run = run
        self._done = 0
        self._expected = expected
        self._begin = lab.clock.monotonic()

    @contextmanager
    def written(self, noun: str) -> Iterator[None]:
        """The Run's first and last event, also of one that is aborted: what is measured stands in between.

        Args:
            noun: what is kept of a Run that is stopped, ``trials`` or ``jobs``.
        """
        self.event("run_started")
        self.lab.progress.say("run", self._run)
        try:
            yield
        except LabError as error:
            self.event("run_aborted", note=error.message)
            if isinstance(error, Interrupted):
                text = f"{self._run} stopped; finished {noun} are kept: orchestrator show {self._run}"
                self.lab.progress.say("run", text)
            raise
        self.event("run_finished")
        self.announce("finished")

    def expect(self, more: int) -> None:
        """So many more than was thought."""
        self._expected += more

    def event(self, name: str, trial: str = "", note: str = "") -> None:
        """One step of the Run in the journal."""
        self.journal.event(Event(self.lab.clock.now(), name, trial, note))

    def announce(self, text: str, ended: Ended | None = None) -> None:
        """What is measured now, for the live page, and the window that has just ended."""
        self.lab.meter.announce(_line(f"run {self._run}: {text}"), ended)

    def tell(self, text: str) -> None:
        """One more is done, in words, with how long the others will take."""
        self._done += 1
        done = self._done
        of = max(self._expected, done)
        spent = self.lab.clock.monotonic() - self._begin
        self.lab.progress.trial(done, of, text, max(0.0, spent / done * (of - done)))


class Recorder(Ledger):
    """One open Run of windows."""

    def __init__(self, lab: Lab, journal: Journal, manifest: RunManifest, expected: int) -> None:
        super().__init__(lab, journal, manifest.run, expected)
        self.manifest = manifest
        self._records: list[TrialRecord] = []

    @property
    def stored(self) -> StoredRun:
        """The Run as far as it is."""
        return StoredRun(self.manifest, tuple(self._records), ())

    def begin(self, *trials: Trial) -> None:
        """Before a window; before two at once."""
        trial, labels = trials[0], " and ".join(one.cell.label for one in trials)
        load = f"{_up_to(trial.phase)}{trial.rate_per_second:,} requests/s ({trial.phase})"
        self.announce(f"{labels} on {trial.cell.instance_type}, {load}")
        for one in trials:
            self.event("trial_started", one.id)

    def keep(self, record: TrialRecord) -> None:
        """On disk, without a word: what was seen beside the windows that are asked for."""
        self.journal.trial(record)
        self._records.append(record)

    def end(self, record: TrialRecord) -> Step:
        """After it: on disk, then judged and told."""
        self.keep(record)
        step = step_of(self.manifest.slo, record)
        cell = record.cell
        block = f"  block {record.block}" if self.manifest.plan.blocks.most > 1 else ""
        text = f"{describe(record)}  {step.judgement.verdict}"
        self.announce(f"{cell.label} on {cell.instance_type}, {text}", _ended(self._run, record, step))
        self.tell(f"{cell.label}  {cell.instance_type}{block}  {text}")
        return step


def _ended(run: str, record: TrialRecord, step: Step) -> Ended:
    """What is never ranked is marked so, whatever its verdict."""
    cell, outcome = record.cell, record.outcome
    mark = "void" if step.void else "shared" if record.placement.shared else str(step.judgement.verdict)
    rate, p99 = (
        None if isinstance(value := value_of(record.measurements, name), Missing) else value
        for name in ("rate_achieved_per_second", "latency_seconds_p99")
    )
    text = _line(f"{cell.label}: {describe(record)}, {step.judgement.verdict}: {step.judgement.reason}")
    return Ended(run, record.trial, cell.server, cell.instance_type, cell.workload, mark, outcome.kind, text, rate, p99)


def _line(text: str) -> str:
    """As the observer takes it: what a server sent may hold anything."""
    return "".join(one if one.isprintable() else "?" for one in " ".join(text.split()))[:ANNOUNCED_MOST]


def _up_to(phase: Phase) -> str:
    """What users who think send is theirs to say."""
    return "up to " if phase == Phase.THINK else ""


def describe(record: TrialRecord) -> str:
    """One window in a line: rate, p99, CPU of its cap, throttled share; or why there are none."""
    phase = f" ({record.phase})" if record.phase != "step" else ""
    rate = f"{_up_to(record.phase)}{record.rate_per_second:,}/s{phase}"
    if record.outcome != Outcome(Status.COMPLETED):
        return f"{rate}  {record.outcome.status}: {record.outcome.reason}"
    rows = (
        ("latency_seconds_p99", "p99", show_seconds),
        ("cpu_cap_ratio", "CPU of cap", show_ratio),
        ("cpu_throttled_periods_ratio", "throttled", show_ratio),
        ("cpu_seconds_per_request", "CPU/request", show_seconds),
        *((("memory_bytes_current", "memory", show_bytes),) if record.phase in (Phase.LADDER, Phase.THINK) else ()),
    )
    return "  ".join((rate, *figures(record.measurements, rows)))


def figures(
    measurements: Iterable[Measurement], rows: Iterable[tuple[str, str, Callable[[float], str]]]
) -> Iterator[str]:
    """``p99 12 ms``: metric, its label, and how it is shown; or that it is not available."""
    known = tuple(measurements)
    for metric, label, show in rows:
        value = value_of(known, metric)
        yield f"{label} not available" if isinstance(value, Missing) else f"{label} {show(value)}"
