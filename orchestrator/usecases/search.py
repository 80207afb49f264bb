"""A capacity search on a Cell: a container warmed up until no trend is left, then window after window in it."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.domain.box import LoadSpec
from orchestrator.domain.capacity import CapacitySearch, Offer, Phase, Step
from orchestrator.domain.measurement import Missing, value_of
from orchestrator.domain.outcome import Gate, Outcome, Status
from orchestrator.domain.plan import Cell, Trial
from orchestrator.domain.steady import steady_from
from orchestrator.domain.summary import capacity_search
from orchestrator.ports import Lab
from orchestrator.usecases.recorder import Recorder
from orchestrator.usecases.setting import Setting, tags_of
from orchestrator.usecases.trial import Seen, opened, record_of, run_probe, window
from orchestrator.usecases.under_load import Opened

#: A seed from the most it can do. What holds a latency limit is less, also since a saturated server answers in batches
#: and spends less on a request than under paced arrivals; and a rate that is missed costs two windows, one held one.
SEED_SHARE = 0.65
#: Connections of the closed loop that finds it: as many as keep any small server busy.
CLOSED_USERS = 50
#: Warm-up goes on in slices of this length, until the last of them show no trend.
SLICE_SECONDS = 2.0
SLICES_MIN, SLICES_MAX = 3, 12
#: After these a container is not what it was.
NEEDS_FRESH = frozenset({Gate.LIMITS, Gate.SERVER_RESTARTED, Gate.SIDECAR})
#: Between two windows: queues empty, the quota's clock starts anew.
COOL_DOWN_SECONDS = 0.5


@dataclass(frozen=True)
class Warm:
    """How the warm-up ended.

    Attributes:
        rate_per_second: of the closed loop at its end; Missing when the rate was given.
        trend: why it is not steady; "" when it is.
        last: its last slice; None when there was none.
    """

    slices: int
    rate_per_second: float | Missing
    trend: str
    last: Seen | None


def search_capacity(
    lab: Lab, recorder: Recorder, cell: Cell, block: int, setting: Setting, guess: int | None
) -> CapacitySearch:
    """One search in one block.

    Args:
        guess: the rate to begin with, from a neighbour or an earlier block; None: from a closed loop.
    """
    search: CapacitySearch | None = None
    container = 0
    while search is None or search.next_offer is not None:
        container += 1
        name = f"{cell.slug}.b{block}.c{container}"
        recorder.event("search_started", name)
        with opened(lab, name, cell, setting) as box:
            first = search.next_offer.rate_per_second if search and search.next_offer else guess
            if isinstance(box, Seen):
                search = search or _begun(first or setting.scenario.rates[0], setting)
                search = search.judged(_without_window(lab, recorder, cell, block, setting, search, box))
                continue
            warm = warm_up(lab, box, cell, name, setting, first)
            recorder.event("warmed_up", name, f"{warm.slices} slices{f'; {warm.trend}' if warm.trend else ''}")
            if warm.last is not None and warm.last.outcome.status == Status.FAILED:
                if first is None:  # what a closed loop does to it says nothing of a rate
                    guess = setting.scenario.rates[0]
                else:
                    search = search or _begun(first, setting)
                    search = search.judged(_without_window(lab, recorder, cell, block, setting, search, warm.last))
                continue
            if not isinstance(warm.rate_per_second, Missing) and warm.last is not None:
                loop = Trial(cell, block, round(warm.rate_per_second), container, Phase.CLOSED_LOOP)
                recorder.keep(record_of(loop, setting, warm.last, lab.clock.now(), SLICE_SECONDS))
            if search is None:
                search = _begun(first or _seed(warm, setting), setting)
            search = _probe_while_well(lab, recorder, box, cell, block, setting, search)
    return search


def warm_up(lab: Lab, box: Opened, cell: Cell, name: str, setting: Setting, rate_per_second: int | None) -> Warm:
    """Load in slices until CPU time by request (of a closed loop: its rate) shows no trend any more."""
    values: list[float] = []
    seen: Seen | None = None
    reason = "nothing was answered"
    while len(values) < SLICES_MAX:
        seen = window(lab, box, _slice(cell, name, setting, rate_per_second), setting)
        if seen.outcome.status == Status.FAILED:
            reason = seen.outcome.reason
            break
        metric = "rate_achieved_per_second" if rate_per_second is None else "cpu_seconds_per_request"
        value = value_of(seen.measurements, metric)
        if isinstance(value, Missing) or value <= 0:
            reason = value.reason if isinstance(value, Missing) else reason
            break
        values.append(value)
        settled = steady_from(values, least=SLICES_MIN)
        reason = settled.reason if isinstance(settled, Missing) else ""
        if not reason:
            break
    rate = values[-1] if values and rate_per_second is None else Missing("the rate was given" if values else reason)
    return Warm(len(values), rate, reason, seen)


def probe(
    lab: Lab, recorder: Recorder, box: Opened, cell: Cell, block: int, setting: Setting, offer: Offer, attempt: int
) -> tuple[Step, Outcome]:
    """One window at one rate, written down."""
    trial = Trial(cell, block, offer.rate_per_second, attempt, offer.phase)
    recorder.begin(trial)
    record = run_probe(lab, box, trial, setting, offer.length)
    lab.clock.sleep(COOL_DOWN_SECONDS)
    return recorder.end(record), record.outcome


def is_spent(outcome: Outcome) -> bool:
    """Whether a container is fit for no further window after one that ended so."""
    return outcome.status == Status.FAILED or outcome.kind in NEEDS_FRESH


def _probe_while_well(
    lab: Lab, recorder: Recorder, box: Opened, cell: Cell, block: int, setting: Setting, search: CapacitySearch
) -> CapacitySearch:
    """Until the search is over, or the container is not fit for another window."""
    while (offer := search.next_offer) is not None:
        attempt = 1 + sum(step.rate_per_second == offer.rate_per_second for step in search.steps)
        step, outcome = probe(lab, recorder, box, cell, block, setting, offer, attempt)
        search = search.judged(step)
        if is_spent(outcome):
            break
    return search


def _begun(first: int, setting: Setting) -> CapacitySearch:
    return capacity_search(first, setting.workload, setting.slo)


def _without_window(
    lab: Lab, recorder: Recorder, cell: Cell, block: int, setting: Setting, search: CapacitySearch, seen: Seen
) -> Step:
    offer = search.next_offer
    assert offer is not None
    attempt = 1 + sum(step.rate_per_second == offer.rate_per_second for step in search.steps)
    trial = Trial(cell, block, offer.rate_per_second, attempt, offer.phase)
    recorder.begin(trial)
    return recorder.end(record_of(trial, setting, seen, lab.clock.now(), 0.0))


def _seed(warm: Warm, setting: Setting) -> int:
    if isinstance(warm.rate_per_second, Missing):
        return setting.scenario.rates[0]
    return max(1, round(SEED_SHARE * warm.rate_per_second))


def _slice(cell: Cell, name: str, setting: Setting, rate_per_second: int | None) -> LoadSpec:
    return LoadSpec(
        workload=setting.workload,
        port=setting.server.port,
        rate_per_second=rate_per_second,
        warmup_seconds=0.0,
        duration_seconds=SLICE_SECONDS,
        virtual_users=CLOSED_USERS,
        cpus=setting.placement.generator_cpus,
        tags=tags_of(f"{name}.warmup", cell, setting, "generator"),
    )
