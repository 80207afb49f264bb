"""The dashboard asks what the rules record, and is what its source says. Grafana itself has no part in it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DASHBOARD = json.loads((ROOT / "grafana/dashboards/lab.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
EXPRESSIONS = [(panel["title"], target["expr"]) for panel in PANELS for target in panel["targets"]]
RULES = {
    rule["record"]: rule["expr"]
    for group in yaml.safe_load((ROOT / "prometheus/rules/footprint.yml").read_text())["groups"]
    for rule in group["rules"]
}
VARIABLES = {variable["name"]: variable for variable in DASHBOARD["templating"]["list"]}
#: Stands in charts.py with its reason.
NOT_A_RULE = {'sum by (job) (rate(process_cpu_seconds_total{job=~"observer|cadvisor|prometheus"}[20s]))'}


def labels_kept(name: str) -> set[str]:
    """Labels that every part of a rule keeps: those of its ``by`` clauses and of the rules it is made of."""
    clauses = [set(re.split(r"\s*,\s*", found.strip())) for found in re.findall(r"\bby \(([^)]*)\)", RULES[name])]
    parts = [labels_kept(part) for part in re.findall(r"lab:\w+:\w+", RULES[name])]
    return set.intersection(*clauses, *parts)


def test_the_committed_json_is_what_its_source_says() -> None:
    done = subprocess.run(
        [sys.executable, "grafana/dashboards.py", "--check"],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_it_is_found_where_the_lab_says() -> None:
    assert DASHBOARD["uid"] == "lab"
    assert DASHBOARD["refresh"] == "1s"
    assert DASHBOARD["schemaVersion"] == 42


@pytest.mark.parametrize(("title", "expr"), EXPRESSIONS)
def test_every_query_asks_rules_only(title: str, expr: str) -> None:
    if expr in NOT_A_RULE:
        return
    bare = re.sub(r"\{[^}]*\}", "", expr)
    assert not re.search(r"\b(k6|container|lab|process)_\w+", bare), f"{title}: a raw series; record a rule for it"
    assert not re.search(r"\b(rate|irate|increase|histogram_quantile)\s*\(", bare), f"{title}: record a rule for it"
    unknown = set(re.findall(r"lab:\w+:\w+", bare)) - set(RULES)
    assert not unknown, f"{title}: no rule records {sorted(unknown)}"


def test_the_exception_is_still_needed() -> None:
    assert {expr for _, expr in EXPRESSIONS} >= NOT_A_RULE


def test_choices_are_labels_that_rules_keep() -> None:
    for name in ("run", "server", "instance_type"):
        asked = re.fullmatch(r"label_values\((\S+), (\w+)\)", VARIABLES[name]["query"])
        assert asked, VARIABLES[name]["query"]
        assert asked[2] == name
        assert name in labels_kept(asked[1]), f"{asked[1]} keeps {sorted(labels_kept(asked[1]))}, not {name}"


@pytest.mark.parametrize(
    "name", sorted({rule for _, expr in EXPRESSIONS for rule in re.findall(r"(lab:\w+:\w+)\{", expr)})
)
def test_a_filter_names_labels_its_rule_keeps(name: str) -> None:
    """A filter on a label that is not there would empty the panel the moment somebody chooses."""
    filtered = {
        label
        for _, expr in EXPRESSIONS
        for matchers in re.findall(re.escape(name) + r"\{([^}]*)\}", expr)
        for label in re.findall(r"(\w+)=~", matchers)
    }
    assert filtered == {"run", "server", "instance_type"}
    assert filtered <= labels_kept(name), f"{name} keeps {sorted(labels_kept(name))}"


def test_every_variable_in_a_query_is_declared() -> None:
    used = {name for _, expr in EXPRESSIONS for name in re.findall(r"\$(\w+)", expr)}
    assert used == set(VARIABLES)


def test_a_cap_is_a_line_on_the_same_axis() -> None:
    for title in ("Memory against its limit", "CPU against its cap", "Latency, p99", "Errors"):
        panel = next(panel for panel in PANELS if panel["title"] == title)
        used, limit = panel["targets"]
        dashed = [one for one in panel["fieldConfig"]["overrides"] if one["matcher"]["options"] == limit["refId"]]
        properties = {one["id"] for override in dashed for one in override["properties"]}
        assert used["legendFormat"] == "{{server}}"
        assert "custom.lineStyle" in properties, title
        assert "custom.axisPlacement" not in properties, title


def test_a_server_has_one_colour_in_every_panel() -> None:
    colours: dict[str, set[str]] = {}
    for panel in PANELS:
        assert panel["fieldConfig"]["defaults"]["color"]["mode"] == "palette-classic-by-name", panel["title"]
        for override in panel["fieldConfig"]["overrides"]:
            if override["matcher"]["id"] == "byName":
                colour = override["properties"][0]["value"]["fixedColor"]
                colours.setdefault(override["matcher"]["options"], set()).add(colour)
    assert colours
    assert all(len(found) == 1 for found in colours.values()), colours


def test_panels_say_what_they_show_and_miss() -> None:
    for panel in PANELS:
        defaults = panel["fieldConfig"]["defaults"]
        assert panel["description"], panel["title"]
        assert defaults["unit"], panel["title"]
        assert defaults["noValue"] == "not available", panel["title"]
        assert defaults.get("custom", {}).get("spanNulls", False) is False, f"{panel['title']}: a gap must stay a gap"


def test_ids_are_unique_and_panels_do_not_overlap() -> None:
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    taken: dict[tuple[int, int], str] = {}
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24, panel["title"]
        for x in range(at["x"], at["x"] + at["w"]):
            for y in range(at["y"], at["y"] + at["h"]):
                assert taken.setdefault((x, y), panel["title"]) == panel["title"]


def test_everything_asks_the_provisioned_source() -> None:
    provisioned = yaml.safe_load((ROOT / "grafana/provisioning/datasources/prometheus.yaml").read_text())
    (source,) = provisioned["datasources"]
    wanted = {"type": source["type"], "uid": source["uid"]}
    assert source["jsonData"]["timeInterval"] == "1s"
    for panel in PANELS:
        assert panel["datasource"] == wanted
        assert all(target["datasource"] == wanted for target in panel["targets"])


def test_the_image_puts_the_dashboards_where_grafana_looks() -> None:
    provider = yaml.safe_load((ROOT / "grafana/provisioning/dashboards/lab.yaml").read_text())["providers"][0]
    dockerfile = (ROOT / "images/bench-grafana.Dockerfile").read_text()
    assert f"COPY dashboards {provider['options']['path']}" in dockerfile
    assert "COPY provisioning /etc/grafana/provisioning" in dockerfile
    assert "GF_DASHBOARDS_MIN_REFRESH_INTERVAL=1s" in dockerfile
    assert "GF_AUTH_ANONYMOUS_ORG_ROLE=Viewer" in dockerfile
