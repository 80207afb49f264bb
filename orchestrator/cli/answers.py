"""From what a use-case returned to an Answer: view, data, warnings and exit code together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from orchestrator.cli.batch_answers import job_answer, stored_batch_answer
from orchestrator.cli.find import Found, FoundJob, every_run
from orchestrator.cli.options import Kind
from orchestrator.cli.render import lists
from orchestrator.cli.render.capacity import run_data, run_view, run_warnings
from orchestrator.cli.render.cost import cost_data, cost_view, cost_warnings
from orchestrator.cli.render.host import build_view, failed_data, failures, up_data, up_view
from orchestrator.cli.render.json import plain, stored_run_facts
from orchestrator.cli.render.judge import judge_data, judge_view
from orchestrator.cli.render.record import instance_view, stored_view, trial_view
from orchestrator.cli.screen import Answer
from orchestrator.cli.verdicts import demand_exit_code, duet_exit_code, run_exit_code, unranked_exit_code
from orchestrator.domain.batch_record import BATCH, StoredBatch
from orchestrator.domain.checks import HostFacts
from orchestrator.domain.instance_type import InstanceType
from orchestrator.domain.needs import needs_of
from orchestrator.domain.plan import Aim
from orchestrator.domain.record import StoredRun
from orchestrator.domain.server import Server
from orchestrator.domain.slo import Slo
from orchestrator.domain.versus import versus
from orchestrator.ports import Catalog, RunStore
from orchestrator.usecases.cost import CostReport, cost
from orchestrator.usecases.judge import JudgeReport
from orchestrator.usecases.provide import Provided
from orchestrator.usecases.select import fitting
from orchestrator.usecases.up import UpReport

ENVIRONMENT_NOT_FIT = 3


def today() -> date:
    """In UTC, as the prices' dates are."""
    return datetime.now(UTC).date()


def up_answer(report: UpReport, lab_file: str) -> Answer:
    """What stands; a server that could not be had is an error, what the bench can do without a warning."""
    failed = failures(report.failed)
    notes = tuple(f"{name}: {one.message}" for name, one in report.failed.items() if name not in failed)
    return Answer(
        lambda width: up_view(report, lab_file, width),
        up_data(report),
        ENVIRONMENT_NOT_FIT if failed else 0,
        (*report.bench.notes, *notes),
        failed,
    )


def run_answer(stored: StoredRun, *, asked_one_rate: bool, urls: Mapping[str, str]) -> Answer:
    """A finished Run, priced at the highest rate that was offered.

    Args:
        urls: where the bench can be watched, by page.
    """
    offered = max((record.rate_per_second for record in stored.trials), default=None)
    plan = stored.manifest.plan
    rate_asked = None if plan.aim == Aim.CAPACITY else max(plan.scenario.rates)
    report, day = cost(stored, offered or 1, rate_asked=rate_asked), today()
    pairs = versus(stored.manifest, report.summaries)
    if plan.aim == Aim.DUET:
        code = duet_exit_code(stored, pairs)
    elif plan.unranked:
        code = unranked_exit_code(stored)
    elif plan.aim == Aim.DEMAND:
        code = demand_exit_code(report.summaries)
    else:
        code = run_exit_code(report.summaries, asked_one_rate=asked_one_rate)
    priced = offered is not None and plan.aim != Aim.CAPACITY and not plan.unranked
    return Answer(
        lambda width: run_view(report, pairs, priced, day, urls, width),
        run_data(report, pairs, priced, day) | {"urls": dict(urls)},
        code,
        run_warnings(report, pairs, priced, day),
    )


def judge_answer(report: JudgeReport) -> Answer:
    """A stored Run under another Slo."""
    return Answer(lambda width: judge_view(report, width), judge_data(report))


def cost_answer(report: CostReport) -> Answer:
    """A stored Run at another rate."""
    day = today()
    return Answer(
        lambda width: cost_view(report, day, width), cost_data(report, day), warnings=cost_warnings(report, day)
    )


def build_answer(provided: Provided) -> Answer:
    """Images; those that failed with the last lines of their build."""
    failed = failures(provided.failed)
    data = {"images": plain(tuple(provided.images.values())), "failed": failed_data(provided.failed)}
    notes = tuple(f"{name}: {one.message}" for name, one in provided.failed.items() if name not in failed)
    code = ENVIRONMENT_NOT_FIT if failed else 0
    return Answer(lambda width: build_view(provided, width), data, code, notes, failed)


def init_answer(path: Path) -> Answer:
    """A service that was described, and what to do with it."""
    return Answer(lambda width: lists.new_service_view(path, width), {"service": path.stem, "file": str(path)})


def list_answer(kind: Kind, catalog: Catalog, store: RunStore, facts: HostFacts | None) -> Answer:
    """One kind of thing; with ``facts`` only the instance types that host can give."""
    if kind == Kind.SERVERS:
        servers = catalog.servers()
        return Answer(lambda width: lists.servers_view(servers, width), {"servers": plain(servers)})
    if kind == Kind.WORKLOADS:
        workloads, jobs = catalog.workloads(), catalog.batch_workloads()
        every = [{"kind": lists.HTTP} | plain(one) for one in workloads]
        every += [{"kind": BATCH} | plain(one) for one in jobs]
        return Answer(lambda width: lists.workloads_view(workloads, jobs, width), {"workloads": every})
    if kind == Kind.SCENARIOS:
        scenarios = catalog.scenarios()
        rows = [{**plain(one), "needs": plain(needs_of(one, Slo()))} for one in scenarios]
        return Answer(lambda width: lists.scenarios_view(scenarios, width), {"scenarios": rows})
    if kind == Kind.RUNS:
        runs = every_run(store)
        return Answer(lambda width: lists.runs_view(runs, width), {"runs": [_run_facts(*one) for one in runs]})
    sizes = catalog.instance_types() if facts is None else fitting(catalog.instance_types(), facts)
    return Answer(lambda width: lists.instances_view(sizes, width), {"instances": plain(sizes)})


def show_answer(found: Found) -> Answer:
    """Whatever was found by that name."""
    if isinstance(found, InstanceType):
        return Answer(lambda width: instance_view(found, width), {"instance": plain(found)})
    if isinstance(found, Server):
        return Answer(lambda width: lists.server_view(found, width), {"server": plain(found)})
    if isinstance(found, StoredRun):
        data = {
            **stored_run_facts(found.manifest),
            "finished": plain(found.finished),
            "manifest": plain(found.manifest),
            "trials": plain(found.trials),
            "events": plain(found.events),
        }
        return Answer(lambda width: stored_view(found, width), data)
    if isinstance(found, StoredBatch):
        return stored_batch_answer(found)
    if isinstance(found, FoundJob):
        return job_answer(found.run.manifest, found.record)
    stored, record = found
    shown = {**stored_run_facts(stored.manifest), "trial": plain(record)}
    return Answer(lambda width: trial_view(stored.manifest, record, width), shown)


def _run_facts(name: str, stored: Any) -> dict[str, Any]:
    if isinstance(stored, StoredBatch):
        return {**stored_run_facts(stored.manifest), "finished": plain(stored.finished), "jobs": len(stored.jobs)}
    if not isinstance(stored, StoredRun):
        return {"run": name, "damaged": plain(stored)}
    return {
        **stored_run_facts(stored.manifest),
        "finished": plain(stored.finished),
        "trials": len(stored.trials),
    }
