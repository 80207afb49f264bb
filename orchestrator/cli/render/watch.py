"""Where to watch: the addresses of the bench's pages, each written where the bench says it is."""

from __future__ import annotations

from collections.abc import Mapping

from orchestrator.cli.screen import Screen, advice

#: What can be watched; the order is the order of interest.
_PAGES = (("grafana", "Grafana"), ("live", "live page"), ("prometheus", "Prometheus"))


def watch_lines(urls: Mapping[str, str], width: int) -> Screen:
    """``Watch      http://127.0.0.1:9464/  live page``, one line for each; none when nothing runs."""
    pages = [(urls[key], name) for key, name in _PAGES if key in urls]
    longest = max([len(url) for url, _ in pages] + [0])
    return tuple(advice("" if index else "Watch", url, name, width, longest) for index, (url, name) in enumerate(pages))
