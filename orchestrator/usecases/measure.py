"""The blocks of a Run: every Cell anew in each, in an order of its own; more of them while the data do not suffice."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from orchestrator.domain.capacity import Capacity, Offer, Phase, Search, Step
from orchestrator.domain.demand import Demand, cheapest_first
from orchestrator.domain.generator import Generator
from orchestrator.domain.measurement import Missing
from orchestrator.domain.outcome import COMPLETED, Outcome, Status
from orchestrator.domain.plan import CURVE_SHARES, IDLE_RATE_PER_SECOND, Aim, Cell, Plan, Trial, order
from orchestrator.domain.serving import as_served
from orchestrator.domain.staircase import Staircase
from orchestrator.domain.summary import summarise
from orchestrator.domain.versus import undecided
from orchestrator.ports import Lab
from orchestrator.usecases.duet import run_duet
from orchestrator.usecases.provide import Provided, server_image
from orchestrator.usecases.recorder import Recorder
from orchestrator.usecases.search import is_spent, probe, search_capacity, warm_up
from orchestrator.usecases.select import Selection
from orchestrator.usecases.setting import Setting, load_spec
from orchestrator.usecases.sidecars import sidecars_for
from orchestrator.usecases.trial import Seen, opened, record_of, run_trial, window
from orchestrator.usecases.under_load import Opened

#: A curve's windows and a standing cost are told apart from blocks by their phase; they belong to none.
NO_BLOCK = 0
#: What the rig spoiled beside a search is offered once more.
TRIES = 2


@dataclass
class Work:
    """What all blocks share.

    Attributes:
        found: what each search found, by Cell and block.
    """

    lab: Lab
    recorder: Recorder
    chosen: Selection
    provided: Provided
    found: dict[tuple[Cell, int], Capacity] = field(default_factory=dict)

    def cells(self, block: int, turn: int = 0) -> list[Cell]:
        """In the order of this block, without those whose server could not be built."""
        every = order(self.recorder.manifest.plan, block, turn)
        return [cell for cell in every if server_image(cell.server) in self.provided.images]

    def setting(self, cell: Cell) -> Setting:
        """What a Trial of this Cell needs to know."""
        manifest, chosen, images = self.recorder.manifest, self.chosen, self.provided.images
        server = next(one for one in chosen.servers if one.name == cell.server)
        workload = next(one for one in chosen.workloads if one.name == cell.workload)
        sidecars = sidecars_for(server, workload, chosen.sidecars)
        placement = chosen.placements[cell.instance_type]
        return Setting(
            run=manifest.run,
            scenario=manifest.plan.scenario,
            slo=manifest.slo,
            server=server,
            instance_type=next(one for one in chosen.instance_types if one.id == cell.instance_type),
            workload=as_served(workload, server),
            placement=placement if sidecars else replace(placement, sidecar_cpus=()),
            image=images[server_image(cell.server)],
            generator=manifest.plan.generator,
            sidecars=tuple((one, images[one.image]) for one in sidecars),
        )


def measure_all(work: Work) -> None:
    """All blocks of the Plan, those that were added, and what was asked for beside them."""
    plan = work.recorder.manifest.plan
    for block in range(1, plan.blocks.most + 1):
        if block > plan.blocks.least:
            why = undecided(work.recorder.manifest, summarise(work.recorder.stored))
            if not why:
                break
            work.recorder.expect(len(work.recorder.stored.trials) // (block - 1))
            work.recorder.event("block_added", note=why)
            work.lab.progress.say("plan", f"block {block} added: {why}")
        _block_of(plan)(work, block)
    if plan.extras.curve:
        for cell in work.cells(NO_BLOCK):
            _curve(work, cell)
    if plan.extras.near_idle:
        for cell in work.cells(NO_BLOCK, 1):
            _until_not_void(work, Trial(cell, NO_BLOCK, IDLE_RATE_PER_SECOND, 1, Phase.IDLE))


def _staircases(work: Work, block: int) -> None:
    """Turn by turn over all Cells whose staircase goes on, a fresh container for each step."""
    plan = work.recorder.manifest.plan
    searches: dict[Cell, Search] = {cell: Staircase(plan.scenario.rates) for cell in work.cells(block)}
    turn = 0
    while any(search.next_offer is not None for search in searches.values()):
        for cell in work.cells(block, turn):
            search = searches[cell]
            offer = search.next_offer
            if offer is None:
                continue
            attempt = 1 + sum(step.rate_per_second == offer.rate_per_second for step in search.steps)
            trial = Trial(cell, block, offer.rate_per_second, attempt, offer.phase)
            work.recorder.begin(trial)
            record = run_trial(work.lab, trial, work.setting(cell))
            searches[cell] = search.judged(work.recorder.end(record))
        turn += 1
    work.found |= {(cell, block): search.capacity for cell, search in searches.items()}


def _duets(work: Work, block: int) -> None:
    """Of each size and workload both servers at once; which of them begins is chance."""
    rate = work.recorder.manifest.plan.scenario.rates[0]
    duets: dict[tuple[str, str], list[Trial]] = {}
    for cell in work.cells(block):
        duets.setdefault((cell.instance_type, cell.workload), []).append(Trial(cell, block, rate, 1, Phase.DUET))
    for trials in duets.values():
        if len(trials) < 2:  # the image of the other could not be built
            continue
        work.recorder.begin(*trials)
        first, second = ((trial, work.setting(trial.cell)) for trial in trials)
        for record in run_duet(work.lab, first, second):
            work.recorder.end(record)


def _capacities(work: Work, block: int) -> None:
    for cell in work.cells(block):
        search = search_capacity(work.lab, work.recorder, cell, block, work.setting(cell), _guess(work, cell, block))
        work.found[cell, block] = search.capacity


def _demands(work: Work, block: int) -> None:
    """Each server and workload on the cheapest size first, until one holds."""
    rate = work.recorder.manifest.plan.scenario.rates[0]
    cells = work.cells(block)
    for server, workload in dict.fromkeys((cell.server, cell.workload) for cell in cells):
        mine = {cell.instance_type: cell for cell in cells if (cell.server, cell.workload) == (server, workload)}
        search = Demand(cheapest_first(tuple(one for one in work.chosen.instance_types if one.id in mine)))
        while (size := search.next_size) is not None:
            attempt = 1 + sum(one == size.id for one, _ in search.seen)
            step = _one(work, Trial(mine[size.id], block, rate, attempt))
            search = search.judged(size.id, step.judgement.verdict)
        work.recorder.event("demand_found", note=f"{server}, {workload}: {search.finding} {rate:,} requests/s")
        work.lab.progress.say("demand", f"{server}: {search.finding} {rate:,} requests/s of {workload}")


def _ladders(work: Work, block: int) -> None:
    """Each Cell's rates one after the other in one container; once more from the start where it spoiled itself at
    once."""
    for cell in work.cells(block):
        for container in range(1, TRIES + 1):
            if _climb(work, cell, block, container).status != Status.VOID:
                break


def _climb(work: Work, cell: Cell, block: int, container: int) -> Outcome:
    """How the last window ended that says whether the container is fit for more."""
    lab, recorder, setting = work.lab, work.recorder, work.setting(cell)
    name = f"{cell.slug}.b{block}.ladder{container}"
    first = Trial(cell, block, setting.scenario.rates[0], container, Phase.LADDER)
    with opened(lab, name, cell, setting) as box:
        if isinstance(box, Seen):
            recorder.begin(first)
            recorder.end(record_of(first, setting, box, lab.clock.now(), 0.0))
            return box.outcome
        if setting.scenario.warmup_seconds:
            window(lab, box, load_spec(first, setting, 0.0, setting.scenario.warmup_seconds), setting)
        offers = [Offer(rate, Phase.LADDER) for rate in setting.scenario.rates]
        _offer_each(work, cell, block, box, name, offers, container)
    return COMPLETED


def _offer_each(
    work: Work, cell: Cell, block: int, box: Opened, name: str, offers: list[Offer], container: int = 1
) -> None:
    """Window after window in one container, once more what the rig spoiled, until the container is fit for no more."""
    lab, recorder, setting = work.lab, work.recorder, work.setting(cell)
    offered: list[int] = []
    for offer in offers:
        rate = offer.rate_per_second
        for _ in range(TRIES):
            attempt = container + offered.count(rate)
            offered.append(rate)
            _, outcome = probe(lab, recorder, box, cell, block, setting, offer, attempt)
            if is_spent(outcome):
                recorder.event(f"{offer.phase}_stopped", name, f"at {rate:,} requests/s: {outcome.reason}")
                return
            if outcome.status != Status.VOID:
                break


def _loops(work: Work, block: int) -> None:
    """Users who think, in a fresh container for each Cell."""
    plan = work.recorder.manifest.plan
    for cell in work.cells(block):
        _until_not_void(work, Trial(cell, block, plan.scenario.rates[0], 1, Phase.THINK))


def _block_of(plan: Plan) -> Callable[[Work, int], None]:
    """How one block of this Plan is measured."""
    if plan.scenario.think_seconds is not None:
        return _loops
    return _ladders if plan.scenario.ladder else _BLOCKS[plan.aim]


_BLOCKS = {Aim.STAIRCASE: _staircases, Aim.CAPACITY: _capacities, Aim.DEMAND: _demands, Aim.DUET: _duets}


def _one(work: Work, trial: Trial) -> Step:
    work.recorder.begin(trial)
    return work.recorder.end(run_trial(work.lab, trial, work.setting(trial.cell)))


def _until_not_void(work: Work, trial: Trial) -> None:
    """In a container of its own; once more where the rig spoiled it."""
    for attempt in range(1, TRIES + 1):
        if not _one(work, replace(trial, attempt=attempt)).void:
            break


def _guess(work: Work, cell: Cell, block: int) -> int | None:
    """Where to begin: at what this Cell held in earlier blocks, else at what a neighbour holds, by its share of CPU;
    None where a closed loop is to tell, which only oha can offer."""
    earlier = [
        rate
        for (one, number), capacity in work.found.items()
        if one == cell and number < block
        for rate in [_rate(capacity)]
        if rate is not None
    ]
    if earlier:
        return round(sum(earlier) / len(earlier))
    cpus = {one.id: one.sustained_cpus for one in work.chosen.instance_types}
    for (one, _), capacity in work.found.items():
        rate = _rate(capacity)
        neighbour = (one.server, one.workload) == (cell.server, cell.workload) and not cell.twin
        if neighbour and one.instance_type != cell.instance_type and rate is not None:
            return max(1, round(rate * cpus[cell.instance_type] / cpus[one.instance_type]))
    plan = work.recorder.manifest.plan
    return plan.scenario.rates[0] if plan.generator == Generator.K6 else None


def _rate(capacity: Capacity) -> float | None:
    estimate = capacity.estimate
    return capacity.holds if isinstance(estimate, Missing) else estimate


def _curve(work: Work, cell: Cell) -> None:
    """Shares of what the Cell was found to hold, in one container, in random order."""
    rates = [rate for (one, _), capacity in work.found.items() if one == cell and (rate := _rate(capacity)) is not None]
    if not rates:
        work.recorder.event("curve_skipped", note=f"{cell.slug}: it holds no rate")
        return
    middle, setting = sorted(rates)[len(rates) // 2], work.setting(cell)
    offers = [Offer(max(1, round(share * middle)), Phase.CURVE) for share in CURVE_SHARES]
    random.Random(f"{work.recorder.manifest.plan.seed}/{cell.slug}/curve").shuffle(offers)
    with opened(work.lab, f"{cell.slug}.curve", cell, setting) as box:
        if isinstance(box, Seen):
            work.recorder.event("curve_skipped", note=f"{cell.slug}: {box.outcome.reason}")
            return
        warm_up(work.lab, box, cell, f"{cell.slug}.curve", setting, offers[0].rate_per_second)
        _offer_each(work, cell, NO_BLOCK, box, f"{cell.slug}.curve", offers)
