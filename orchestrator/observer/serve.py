"""The socket side: /metrics, the live page, /healthz, and the API as JSON."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from typing import Any

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from orchestrator.observer.api import Api
from orchestrator.observer.metrics import FootprintCollector

#: A request's body and that of its answer, each escaped for JSON.
REQUEST_BYTES = 512 * 1024
#: Nothing from elsewhere is loaded, nor may this page be framed. Style and script stand in the page itself.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:"


class ObserverServer(ThreadingHTTPServer):
    """Args: ``address`` to listen on, and the Api that answers."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], api: Api) -> None:
        super().__init__(address, _Handler)
        self.api = api
        self.page = (resources.files("orchestrator.observer") / "page.html").read_bytes()
        self.registry = CollectorRegistry()
        self.registry.register(FootprintCollector(api.sampler))
        self.registry.register(api.ended)
        ProcessCollector(registry=self.registry)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body in one packet
    timeout = 30
    server: ObserverServer

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/":
            self._send(200, "text/html; charset=utf-8", self.server.page)
        elif path == "/metrics":
            self._send(200, CONTENT_TYPE_LATEST, generate_latest(self.server.registry))
        elif path == "/healthz":
            self._send(200, "text/plain", b"ok")
        else:
            self._json(*self.server.api.answer("GET", path, {}))

    def do_PUT(self) -> None:
        self._with_body("PUT")

    def do_POST(self) -> None:
        self._with_body("POST")

    def do_DELETE(self) -> None:
        self._json(*self.server.api.answer("DELETE", self.path, {}))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class names it so
        """Says nothing: Prometheus and the page ask every second."""

    def _with_body(self, method: str) -> None:
        length = self.headers.get("Content-Length", "")
        # A browser asks before it sends this type to another site's server, and we do not agree.
        if self.headers.get_content_type() != "application/json":
            self._refuse(415, "Content-Type is application/json")
        elif not length.isdigit():
            self._refuse(411, "Content-Length is needed")
        elif int(length) > REQUEST_BYTES:
            self._refuse(413, f"more than {REQUEST_BYTES} bytes")
        else:
            try:
                data = json.loads(self.rfile.read(int(length)))
            except (ValueError, RecursionError):
                data = None
            if isinstance(data, dict):
                self._json(*self.server.api.answer(method, self.path, data))
            else:
                self._json(400, {"error": "the body is no JSON object"})

    def _refuse(self, status: int, why: str) -> None:
        self.close_connection = True  # the body was not read
        self._json(status, {"error": why})

    def _json(self, status: int, data: dict[str, Any]) -> None:
        self._send(status, "application/json", json.dumps(data).encode())

    def _send(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Content-Security-Policy", f"{_POLICY}; frame-ancestors 'none'")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
