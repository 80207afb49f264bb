"""The part of the contract's client that asks the workloads, and the part that asks slowly. Judges nothing."""

import asyncio
from collections.abc import Sequence

import workload_cases
from wire import PATIENCE_SECONDS, Connection, Evidence, fresh, request, send_and_watch

SILENT = 1_000
#: While the test reads the server's memory.
MEMORY_SECONDS = 2.0


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
        evidence[name] = send_and_watch(request("POST", "/parse", body="x" * size), PATIENCE_SECONDS)
        evidence[f"health after {name}"] = (await fresh("GET", "/healthz"))["status"]
    print("ready", flush=True)
    await asyncio.sleep(MEMORY_SECONDS)
    silent = [await Connection.open() for _ in range(SILENT)]
    evidence["health beside silence"] = (await fresh("GET", "/healthz"))["status"]
    half = [await Connection.open() for _ in range(SILENT)]
    for connection in half:
        await connection.send(request("POST", "/parse", body="x" * (64 << 10))[: 32 << 10])
    evidence["health beside halves"] = (await fresh("GET", "/healthz"))["status"]
    print("open", flush=True)
    await asyncio.sleep(MEMORY_SECONDS)
    for connection in (*silent, *half):
        connection.reset()
    evidence["health after silence"] = (await fresh("GET", "/healthz"))["status"]
    return evidence
