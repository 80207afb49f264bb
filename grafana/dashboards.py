"""The dashboard "footprint under caps", emitted as the Grafana JSON that is committed beside this file.

    python grafana/dashboards.py --write    after a change here
    python grafana/dashboards.py --check    exit 1 when dashboards/lab.json is not what this file says

Panels ask recording rules (prometheus/rules/footprint.yml), so that what is drawn has a promtool test; the one
exception is charts.BENCH_CPU.
Needs grafana-foundation-sdk 0.0.21: its releases numbered by epoch (1769699998!10.1.0) hold older Grafana's types,
and pip takes them for newer. Grafana itself is pulled only; the JSON is checked against the SDK's types.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from charts import NOW, ROWS, VOID_MARK, Chart, Line, rule

from orchestrator.domain.slo import Slo

SDK = "0.0.21"
INSTALLED = version("grafana-foundation-sdk").removeprefix("v")
if INSTALLED != SDK:
    sys.exit(
        f"grafana-foundation-sdk {INSTALLED} is installed, dashboards need {SDK}: "
        f"pip install grafana-foundation-sdk=={SDK}"
    )

with warnings.catch_warnings():
    # It recommends schema v2; Grafana 11 to 13 all read v1 from files.
    warnings.simplefilter("ignore", DeprecationWarning)
    from grafana_foundation_sdk.builders import common as draw
    from grafana_foundation_sdk.builders import dashboard as build
    from grafana_foundation_sdk.builders import prometheus, stat, timeseries
    from grafana_foundation_sdk.cog.encoder import JSONEncoder
    from grafana_foundation_sdk.models import common, dashboard

OUTPUT = Path(__file__).parent / "dashboards" / "lab.json"
DATASOURCE = common.DataSourceRef(type_val="prometheus", uid="prometheus")

#: A server has one colour in every panel. One that is not listed gets its own from Grafana, by its name.
SERVER_COLOURS = {"go-fasthttp": "#0072B2", "rust-axum": "#D55E00"}
LIMIT_COLOUR = "#C4162A"
OFFERED_COLOUR = "#808080"


def _query(line: Line, letter: str) -> prometheus.Dataquery:
    query = prometheus.Dataquery().datasource(DATASOURCE).expr(line.expr).legend_format(line.legend).ref_id(letter)
    return query.range()


def _colour(colour: str) -> dashboard.DynamicConfigValue:
    return dashboard.DynamicConfigValue(id_val="color", value={"mode": "fixed", "fixedColor": colour})


def _reference_line(colour: str) -> list[dashboard.DynamicConfigValue]:
    dash = {"fill": "dash", "dash": [8, 6]}
    return [
        _colour(colour),
        dashboard.DynamicConfigValue(id_val="custom.lineStyle", value=dash),
        dashboard.DynamicConfigValue(id_val="custom.fillOpacity", value=0),
    ]


def _chart(chart: Chart, number: int) -> timeseries.Panel:
    panel = (
        timeseries.Panel()
        .id(number)
        .title(chart.title)
        .description(chart.help)
        .datasource(DATASOURCE)
        .unit(chart.unit)
        .no_value("not available")
        .span(12)
        .height(8)
        .line_width(2)
        .fill_opacity(8)
        .show_points(common.VisibilityMode.NEVER)
        # A gap is a gap: missing data is never joined by a line.
        .span_nulls(False)
        .color_scheme(build.FieldColor().mode(dashboard.FieldColorModeId.PALETTE_CLASSIC_BY_NAME))
        .legend(
            draw.VizLegendOptions()
            .display_mode(common.LegendDisplayMode.LIST)
            .placement(common.LegendPlacement.BOTTOM)
            .show_legend(True)
        )
        .tooltip(draw.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI).sort(common.SortOrder.DESCENDING))
    )
    if not chart.signed:
        panel = panel.min(0)
    if chart.max is not None:
        panel = panel.max(chart.max)
    for server, colour in SERVER_COLOURS.items():
        panel = panel.override_by_name(server, [_colour(colour)])
    for letter, line in zip("ABC", chart.lines, strict=False):
        panel = panel.with_target(_query(line, letter))
        if line.mark:
            colour = LIMIT_COLOUR if line.mark == "limit" else OFFERED_COLOUR
            panel = panel.override_by_query(letter, _reference_line(colour))
    return panel


def _figure(title: str, name: str, unit: str, text: str, number: int) -> stat.Panel:
    panel = (
        stat.Panel()
        .id(number)
        .title(title)
        .description(text)
        .datasource(DATASOURCE)
        .unit(unit)
        .no_value("not available")
        .span(6)
        .height(5)
        .color_scheme(build.FieldColor().mode(dashboard.FieldColorModeId.PALETTE_CLASSIC_BY_NAME))
        .color_mode(common.BigValueColorMode.VALUE)
        .graph_mode(common.BigValueGraphMode.NONE)
        .text_mode(common.BigValueTextMode.VALUE_AND_NAME)
        .reduce_options(draw.ReduceDataOptions().calcs(["lastNotNull"]))
        .with_target(_query(Line(rule(name)), "A"))
    )
    for server, colour in SERVER_COLOURS.items():
        panel = panel.override_by_name(server, [_colour(colour)])
    return panel


def _choice(label: str) -> build.QueryVariable:
    return (
        build.QueryVariable(label)
        .label(label.replace("_", " "))
        .datasource(DATASOURCE)
        .query(f"label_values(lab:cpu:cores, {label})")
        .refresh(dashboard.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(dashboard.VariableSort.ALPHABETICAL_ASC)
        .multi(True)
        .include_all(True)
        .all_value(".*")
        .current(dashboard.VariableOption(selected=True, text=["All"], value=["$__all"]))
    )


def _objective(name: str, label: str, default: float, others: Sequence[float]) -> build.CustomVariable:
    values = [f"{value:g}" for value in sorted({default, *others})]
    return (
        build.CustomVariable(name)
        .label(label)
        .values(",".join(values))
        .options([dashboard.VariableOption(value == f"{default:g}", value, value) for value in values])
        .current(dashboard.VariableOption(selected=True, text=f"{default:g}", value=f"{default:g}"))
    )


def lab() -> dashboard.Dashboard:
    """The dashboard at /d/lab."""
    slo = Slo()
    page = (
        build.Dashboard("Footprint under caps")
        .uid("lab")
        .description("Each server under the limits of an instance type: load, footprint, price, and the rig itself.")
        .tags(["footprint-lab"])
        .readonly()
        .timezone("browser")
        .time("now-5m", "now")
        .refresh("1s")
        .timepicker(build.TimePicker().refresh_intervals(["1s", "5s", "10s", "30s"]))
        .tooltip(dashboard.DashboardCursorSync.CROSSHAIR)
        .with_variable(_choice("run"))
        .with_variable(_choice("server"))
        .with_variable(_choice("instance_type"))
        .with_variable(_objective("slo_p99", "SLO p99 (s)", slo.latency_seconds_max, (0.01, 0.02, 0.1, 0.2, 0.5, 1)))
        .with_variable(_objective("slo_errors", "SLO errors (ratio)", slo.error_ratio, (0.0001, 0.01, 0.05)))
    )
    page = page.annotation(
        build.AnnotationQuery()
        .name("Void windows")
        .datasource(DATASOURCE)
        .enable(True)
        .icon_color(LIMIT_COLOUR)
        .expr(VOID_MARK.expr)
        .title_format(VOID_MARK.legend)
        .step("1s")
    )
    number = 1
    for figure in NOW:
        page = page.with_panel(_figure(*figure, number))
        number += 1
    for title, charts in ROWS:
        page = page.with_row(build.Row(title).id(number))
        number += 1
        for chart in charts:
            page = page.with_panel(_chart(chart, number))
            number += 1
    return page.build()


def emitted() -> str:
    """The JSON as it is committed. Raises ValueError when the SDK's own types do not read it back unchanged."""
    text = json.dumps(lab(), cls=JSONEncoder, indent=2, sort_keys=True, allow_nan=False)
    again = json.dumps(
        dashboard.Dashboard.from_json(json.loads(text)), cls=JSONEncoder, indent=2, sort_keys=True, allow_nan=False
    )
    if again != text:
        raise ValueError("the SDK's types do not read the dashboard back as it was written")
    return text + "\n"


def main(arguments: Sequence[str]) -> int:
    """Exit code: 0 written or in step, 1 drifted, 2 usage."""
    if list(arguments) == ["--write"]:
        OUTPUT.write_text(emitted(), encoding="utf-8")
        return 0
    if list(arguments) == ["--check"]:
        if OUTPUT.exists() and OUTPUT.read_text(encoding="utf-8") == emitted():
            return 0
        print(f"{OUTPUT.name} has drifted; run: python grafana/dashboards.py --write", file=sys.stderr)
        return 1
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
