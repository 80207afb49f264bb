"""What the dashboard shows: its panels as data, without a word of how they are drawn."""

from __future__ import annotations

from dataclasses import dataclass

FILTER = '{run=~"$run", server=~"$server", instance_type=~"$instance_type"}'

#: CPU of the bench's own processes, as they count it themselves. Not a rule yet, since it belongs to no Trial;
#: 20 s, since Prometheus reads itself each 5 s only.
BENCH_CPU = 'sum by (job) (rate(process_cpu_seconds_total{job=~"observer|cadvisor|prometheus"}[20s]))'


@dataclass(frozen=True)
class Line:
    """One query of a panel. ``mark``: how it is drawn: a server's own line, a limit or what was offered."""

    expr: str
    legend: str = "{{server}}"
    mark: str = ""


@dataclass(frozen=True)
class Chart:
    """A time series panel, half the page wide; its axis starts at 0 unless values may be negative (``signed``)."""

    title: str
    unit: str
    help: str
    lines: tuple[Line, ...]
    max: float | None = None
    signed: bool = False


def rule(name: str) -> str:
    """A recording rule under the page's variables."""
    return f"{name}{FILTER}"


def limit_of(used: str, share: str) -> str:
    """The limit in the unit of what is used: as much as was used, by the share of the limit it was."""
    return f"({rule(used)} > 0) / ({rule(share)} > 0)"


#: A mark across all panels the moment a window turned out to be void: it is drawn, and never ranked.
VOID_MARK = Line(rule("lab:window_void:now"), "void ({{kind}}): {{server}} on {{instance_type}}, {{trial}}")

NOW = (
    ("Good requests cost", "lab:good_requests:usd_per_million", "currencyUSD", "USD per million good requests"),
    ("Slowest 1 % of requests", "lab:latency_p99:seconds", "s", "p99 over the last 5 s"),
    ("CPU of its cap", "lab:cpu_of_limit:ratio", "percentunit", "CPU time used of what the quota allows"),
    ("Memory of its limit", "lab:memory_of_limit:ratio", "percentunit", "memory charged, page cache included"),
)

ROWS = (
    (
        "Load",
        (
            Chart(
                "Rate, offered and achieved",
                "reqps",
                "Requests due and requests answered, 5 s mean. Apart: the server or the rig did not keep up.",
                (
                    Line(rule("lab:achieved_rate:per_second")),
                    Line(rule("lab:offered_rate:per_second"), "offered to {{server}}", "offered"),
                ),
            ),
            Chart(
                "Errors",
                "percentunit",
                "Answers that were not good, of all answers, 5 s mean; the line is the SLO chosen above.",
                (Line(rule("lab:errors:ratio")), Line("vector($slo_errors)", "SLO", "limit")),
            ),
            Chart(
                "Latency, median",
                "s",
                "p50 of the last 5 s, from native histograms.",
                (Line(rule("lab:latency_p50:seconds")),),
            ),
            Chart(
                "Latency, p99",
                "s",
                "p99 of the last 5 s, from native histograms; the line is the SLO chosen above.",
                (Line(rule("lab:latency_p99:seconds")), Line("vector($slo_p99)", "SLO", "limit")),
            ),
        ),
    ),
    (
        "Windows that are over",
        (
            Chart(
                "Windows by what came of them",
                "none",
                "Windows of this run so far. What is void or shared its CPUs is drawn here and never ranked.",
                (Line(rule("lab:windows:count"), "{{server}} {{mark}} {{kind}}"),),
            ),
            Chart(
                "Rate of the last window",
                "reqps",
                "Requests answered by its length, k6 or oha; oha tells of nothing before a window ends.",
                (Line(rule("lab:window_rate:per_second"), "{{server}} {{workload}}"),),
            ),
            Chart(
                "Latency of the last window, p99",
                "s",
                "Of the whole window, by which it is judged; the line is the SLO chosen above.",
                (
                    Line(rule("lab:window_latency_p99:seconds"), "{{server}} {{workload}}"),
                    Line("vector($slo_p99)", "SLO", "limit"),
                ),
            ),
        ),
    ),
    (
        "Footprint under caps",
        (
            Chart(
                "Memory against its limit",
                "bytes",
                "Memory charged to the server, page cache included. At the line the kernel reclaims, then kills.",
                (
                    Line(rule("lab:memory:bytes")),
                    Line(limit_of("lab:memory:bytes", "lab:memory_of_limit:ratio"), "limit of {{server}}", "limit"),
                ),
            ),
            Chart(
                "CPU against its cap",
                "none",
                "CPU seconds used per second, 5 s mean. At the line the server is stopped until the next period.",
                (
                    Line(rule("lab:cpu:cores")),
                    Line(limit_of("lab:cpu:cores", "lab:cpu_of_limit:ratio"), "limit of {{server}}", "limit"),
                ),
            ),
            Chart(
                "Throttled",
                "percentunit",
                "Quota periods in which the server was stopped, of all. Where it is high, latency is the quota's.",
                (Line(rule("lab:throttled:ratio")),),
                max=1,
            ),
            Chart(
                "CPU per request",
                "s",
                "User and system CPU seconds by request answered: the figure that noise moves least.",
                (Line(rule("lab:cpu_per_request:seconds")),),
            ),
        ),
    ),
    (
        "Cost",
        (
            Chart(
                "Price of the instance type",
                "currencyUSD",
                "USD per hour, from the dated price row of the catalog. A gap: no price is known.",
                (Line(rule("lab:price:usd_per_hour")),),
            ),
            Chart(
                "Price of a million good requests",
                "currencyUSD",
                "At the rate served now; an error answers nobody and is not counted.",
                (Line(rule("lab:good_requests:usd_per_million")),),
            ),
        ),
    ),
    (
        "The rig itself",
        (
            Chart(
                "Generator CPU of its own",
                "percentunit",
                "Above the line its latencies are its own and the trial is void.",
                (Line(rule("lab:generator_cpu_of_limit:ratio")), Line("vector(0.8)", "void above", "limit")),
            ),
            Chart(
                "Noise of others",
                "percentunit",
                "Time it waited for a CPU beyond what its cap explains. A gap: this kernel has no PSI.",
                (Line(rule("lab:noise:ratio")),),
            ),
            Chart(
                "CPU of the bench",
                "none",
                "CPU seconds per second that measuring costs: observer, cAdvisor and Prometheus.",
                (Line(BENCH_CPU, "{{job}}"),),
            ),
            Chart(
                "Kernel counters less cAdvisor",
                "none",
                "CPU of the server as the observer reads it, less what cAdvisor says: two readings of one truth.",
                (Line(f"{rule('lab:cpu:cores')} - on (trial) group_left () lab:cadvisor_cpu:cores"),),
                signed=True,
            ),
        ),
    ),
)
