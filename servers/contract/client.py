"""The client of the server contract: asks, records, judges nothing.

It runs inside the network namespace of the server under test (a bare Python image, so the standard library only),
speaks HTTP/1.1 over raw sockets, so that wrong bytes can be sent too, and prints one JSON document of evidence.
Everything is bounded: each wait by PATIENCE_SECONDS, each load by its count.

    client.py cases            every request and answer of the contract
    client.py workloads W...   the cases of these workloads, of workload_cases.py
    client.py malformed        the wrong requests alone;  info: the body of /lab/info
    client.py slow             a body that comes byte by byte; 10 MB of one; 1,000 connections that say nothing
    client.py idle [half-sent] open connections, print "ready", watch how a stopping server ends them
    client.py busy             the same with connections that never stop asking
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from wire import PATIENCE_SECONDS, Connection, Ended, Evidence, fresh, request, send_and_watch
from workload_client import slow, workloads
from wrong_requests import malformed_requests, odd_requests

PATHS = ("/plaintext", "/json", "/nextid", "/healthz", "/lab/info")
UNKNOWN_PATHS = ("/", "/nope", "/plaintext/", "//plaintext", "/a/../plaintext", "/Plaintext", "/lab")
WRONG_METHODS = ("POST", "PUT", "DELETE", "PATCH", "OPTIONS")
ID_CONNECTIONS = 200
IDS_PER_CONNECTION = 50
BURST_CONNECTIONS = 20
BURST_IDS = 256
ODD_PATIENCE_SECONDS = 0.5


async def routes() -> Evidence:
    """GET and HEAD of each path; after HEAD the same connection must still be in step."""
    evidence: Evidence = {}
    for path in PATHS:
        connection = await Connection.open()
        evidence[path] = {
            "GET": await connection.ask("GET", path),
            "HEAD": await connection.ask("HEAD", path),
            "after_head": await connection.ask("GET", "/healthz"),
            "query": await connection.ask("GET", path + "?a=1&b=%2F"),
            "header_of_2_kib": await connection.ask("GET", path, "Long: " + "x" * 2048),
        }
        connection.close()
    return evidence


async def unknown_paths() -> Evidence:
    return {path: await fresh("GET", path) for path in UNKNOWN_PATHS}


async def wrong_methods() -> Evidence:
    """Each wrong method on each path, with a small body; then a good request on the same connection."""
    evidence: Evidence = {}
    for path in PATHS:
        for method in WRONG_METHODS:
            connection = await Connection.open()
            refused = await connection.ask(method, path, body="x=1")
            evidence[f"{method} {path}"] = {"refused": refused, "after": await connection.ask("GET", "/healthz")}
            connection.close()
    return evidence


async def keep_alive() -> Evidence:
    """Statuses of 100 requests on one connection, two pipelined requests, and the two ways to ask for the end."""
    connection = await Connection.open()
    statuses = [(await connection.ask("GET", PATHS[i % 4]))["status"] for i in range(100)]
    await connection.send(request("GET", "/plaintext") + request("GET", "/json"))
    pipelined = [await connection.answer(), await connection.answer()]
    closing = await connection.ask("GET", "/plaintext", "Connection: close")
    close = {"answer": closing, "ended": await connection.ended()}
    old = await Connection.open()
    await old.send(b"GET /plaintext HTTP/1.0\r\n\r\n")
    http_1_0 = {"answer": await old.answer(), "ended": await old.ended()}
    return {"statuses": statuses, "pipelined": pipelined, "close": close, "http_1_0": http_1_0}


async def malformed() -> Evidence:
    """What each wrong request gets: a status or none, whether the connection ended, and the health after it."""
    evidence: Evidence = {}
    odd = odd_requests()
    for name, data in (malformed_requests() | odd).items():
        seen = send_and_watch(data, ODD_PATIENCE_SECONDS if name in odd else PATIENCE_SECONDS)
        evidence[name] = {**seen, "odd": name in odd, "health": (await fresh("GET", "/healthz"))["status"]}
    return evidence


async def early_ends() -> Evidence:
    """Clients that leave in the middle, 50 times each; then the health."""
    evidence: Evidence = {}
    for name, data in {
        "nothing sent": b"",
        "half a request line": b"GET /pla",
        "half a head": b"GET /plaintext HTTP/1.1\r\nHos",
        "half a body": b"POST /json HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc",
        "answer not read": request("GET", "/plaintext") * 20,
    }.items():
        for turn in range(50):
            connection = await Connection.open()
            await connection.send(data)
            if turn % 2:
                connection.reset()
            else:
                connection.close()
        evidence[name] = (await fresh("GET", "/healthz"))["status"]
    return evidence


async def ids() -> Evidence:
    """10,000 ids over 200 connections, one after the other on each; then bursts pipelined beyond 256 in 10 ms.

    sent and received are monotonic nanoseconds; clock_offset_nanoseconds turns them into Unix time.
    """
    before = time.time_ns() - time.monotonic_ns()
    rows: list[tuple[int, int, int, str]] = []

    async def one_by_one(number: int, connection: Connection) -> None:
        for _ in range(IDS_PER_CONNECTION):
            sent = time.monotonic_ns()
            answer = await connection.ask("GET", "/nextid")
            rows.append((number, sent, time.monotonic_ns(), answer["body"]))

    async def burst(connection: Connection) -> list[str]:
        await connection.send(request("GET", "/nextid") * BURST_IDS)
        return [(await connection.answer())["body"] for _ in range(BURST_IDS)]

    connections = [await Connection.open() for _ in range(ID_CONNECTIONS)]
    await asyncio.gather(*(one_by_one(number, connection) for number, connection in enumerate(connections)))
    bursts = await asyncio.gather(*(burst(connection) for connection in connections[:BURST_CONNECTIONS]))
    for connection in connections:
        connection.close()
    after = time.time_ns() - time.monotonic_ns()
    columns = ("connection", "sent_nanoseconds", "received_nanoseconds", "body")
    table = dict(zip(columns, map(list, zip(*rows, strict=True)), strict=True))
    return {**table, "bursts": bursts, "clock_offset_nanoseconds": [before, after]}


async def cases() -> Evidence:
    parts: tuple[Callable[[], Awaitable[Evidence]], ...] = (
        routes,
        unknown_paths,
        wrong_methods,
        keep_alive,
        malformed,
        early_ends,
        ids,
    )
    return {part.__name__: await part() for part in parts}


async def info() -> Evidence:
    answer: Evidence = json.loads((await fresh("GET", "/lab/info"))["body"])
    return answer


async def idle(half_sent: bool) -> Evidence:
    """100 connections that asked once and wait; if half_sent, one more in the middle of a request."""
    connections = [await Connection.open() for _ in range(100)]
    for connection in connections:
        await connection.ask("GET", "/plaintext")
    if half_sent:
        connections.append(await Connection.open())
        await connections[-1].send(b"GET /plaintext HTTP/1.1\r\nHos")
    print("ready", flush=True)
    return {"ended": await asyncio.gather(*(connection.ended() for connection in connections))}


async def busy() -> Evidence:
    """50 connections ask for ids until they end: answers in full, and bytes of an answer cut off, for each."""
    connections = [await Connection.open() for _ in range(50)]
    until = time.monotonic() + 2 * PATIENCE_SECONDS
    warm = asyncio.Event()
    answers = [0] * len(connections)

    async def keep_asking(number: int, connection: Connection) -> int:
        try:
            while time.monotonic() < until:
                await connection.ask("GET", "/nextid")
                answers[number] += 1
                if min(answers) >= 20 and not warm.is_set():
                    warm.set()
                    print("ready", flush=True)
        except Ended as ended:
            return len(ended.got)
        except ConnectionError:
            return 0
        raise TimeoutError("the server did not end the connection")

    cut = await asyncio.gather(*(keep_asking(number, connection) for number, connection in enumerate(connections)))
    return {"answers": answers, "cut_off_bytes": cut}


def main(mode: str, *args: str) -> None:
    modes: dict[str, Callable[[], Coroutine[Any, Any, Evidence]]] = {
        "cases": cases,
        "malformed": malformed,
        "info": info,
        "idle": lambda: idle(args == ("half-sent",)),
        "busy": busy,
        "workloads": lambda: workloads(args),
        "slow": slow,
    }
    evidence = modes[mode]()
    print(json.dumps(asyncio.run(evidence)))


if __name__ == "__main__":
    main(*sys.argv[1:])
