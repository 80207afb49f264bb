"""The part of the contract's client that asks the workloads, and the part that asks slowly. Judges nothing."""

import asyncio
from collections.abc import Sequence

import workload_cases
from wire import Connection, Evidence, fresh, request, send_and_watch

SILENT = 1_000
#: Of a body of 64 KiB that was announced, so that one who sets all of it aside needs 64 MiB for a thousand.
BEGUN_BYTES = 200
#: For the end of a connection, which a server may leave open.
LONG_PATIENCE_SECONDS = 1.0


async def workloads(names: Sequence[str]) -> Evidence:
    """Each case's answer, on one connection for as long as the server keeps it; HEAD and a wrong method of each."""
    evidence: Evidence = {}
    for name in names:
        path, posted = workload_cases.PATHS[name], name in workload_cases.POSTED
        evidence[name] = {
            "cases": [await fresh(case.method, case.path, body=case.body) for case in workload_cases.of(name)],
            "HEAD": await fresh("HEAD", path),
            "refused": await fresh("GET" if posted else "POST", path),
        }
    evidence["others"] = {
        name: (await fresh("GET", path))["status"] for name, path in workload_cases.PATHS.items() if name not in names
    }
    evidence["info"] = await fresh("GET", "/lab/info")
    evidence["runtime"] = await fresh("GET", "/lab/runtime")
    return evidence


async def slow() -> Evidence:
    """Each part, and the health after it."""
    evidence: Evidence = {}
    sender = await Connection.open()
    for byte in request("POST", "/calculate", body='{"n":6}'):
        await sender.send(bytes([byte]))
        await asyncio.sleep(0.01)
    evidence["byte by byte"] = await sender.answer()
    for name, size in {"10 MB": 10 << 20, "64 KiB and 1": (64 << 10) + 1}.items():
        evidence[name] = send_and_watch(request("POST", "/parse", body="x" * size), LONG_PATIENCE_SECONDS)
        evidence[f"health after {name}"] = (await fresh("GET", "/healthz"))["status"]
    silent = [await Connection.open() for _ in range(SILENT)]
    evidence["health beside silence"] = (await fresh("GET", "/healthz"))["status"]
    for connection in silent:
        connection.reset()
    evidence["health after silence"] = (await fresh("GET", "/healthz"))["status"]
    begun = [await Connection.open() for _ in range(SILENT)]
    for connection in begun:
        await connection.send(request("POST", "/parse", body="x" * (64 << 10))[:BEGUN_BYTES])
    evidence["health beside the begun"] = (await fresh("GET", "/healthz"))["status"]
    for connection in begun:
        connection.reset()
    evidence["health after the begun"] = (await fresh("GET", "/healthz"))["status"]
    return evidence
