"""Rate and p99 of the watched servers, as the bench's Prometheus has them: one question a second at most."""

from __future__ import annotations

import json
import math
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from orchestrator.domain.box import Tags
from orchestrator.domain.measurement import Missing

#: Names of recording rules (prometheus/rules/footprint.yml) and what the page calls them.
RULES = {
    "lab:offered_rate:per_second": "rate_offered_per_second",
    "lab:achieved_rate:per_second": "rate_achieved_per_second",
    "lab:latency_p99:seconds": "latency_seconds_p99",
    "lab:errors:ratio": "error_ratio",
    "lab:good_requests:usd_per_million": "usd_per_million_good_requests",
}
TIMEOUT_SECONDS = 1.0
ANSWER_BYTES = 1 << 20

Key = tuple[str, str, str]


class Rates:
    """Args: ``url`` of Prometheus, or "" where there is none."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._lock = threading.Lock()
        self._asked = float("-inf")
        self._found: dict[Key, dict[str, float]] | Missing = Missing("not asked yet")

    def of(self, tags: Tags) -> dict[str, float | Missing]:
        """The figures of one server, by their names on the page."""
        found = self._fresh()
        if isinstance(found, Missing):
            return dict.fromkeys(RULES.values(), found)
        figures = found.get((tags.trial, tags.server, tags.instance_type), {})
        none = Missing("k6 told of no load in the last seconds; oha tells when a window ends")
        return {name: figures.get(name, none) for name in RULES.values()}

    def _fresh(self) -> dict[Key, dict[str, float]] | Missing:
        if not self._url:
            return Missing("no Prometheus is known to the observer (PROMETHEUS_URL is not set)")
        with self._lock:
            now = time.monotonic()
            if now - self._asked >= 1:
                self._asked = now
                self._found = self._ask()
            return self._found

    def _ask(self) -> dict[Key, dict[str, float]] | Missing:
        query = urllib.parse.urlencode({"query": f'{{__name__=~"{"|".join(RULES)}"}}', "timeout": "1s"})
        try:
            with urllib.request.urlopen(f"{self._url}/api/v1/query?{query}", timeout=TIMEOUT_SECONDS) as answer:
                return by_server(json.loads(answer.read(ANSWER_BYTES)))
        except (urllib.error.URLError, OSError) as error:
            return Missing(f"Prometheus does not answer ({getattr(error, 'reason', error)})")
        except (ValueError, KeyError, TypeError):
            return Missing("Prometheus gave an answer that is none")


def by_server(answer: dict[str, object]) -> dict[Key, dict[str, float]]:
    """An instant query's answer by (trial, server, instance type); NaN, an empty quantile, is left out."""
    found: dict[Key, dict[str, float]] = {}
    data = answer["data"]
    if not isinstance(data, dict):
        raise TypeError("data is no object")
    for series in data["result"]:
        labels, value = series["metric"], float(series["value"][1])
        if math.isfinite(value):
            key = (labels.get("trial", ""), labels.get("server", ""), labels.get("instance_type", ""))
            found.setdefault(key, {})[RULES[labels["__name__"]]] = value
    return found
