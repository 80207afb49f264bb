"""HTTP/1.1 by hand: what goes over the wire is what the caller wrote, and what came back is kept as it came."""

import asyncio
import socket
import struct
from contextlib import suppress
from typing import Any

PORT = 8080
PATIENCE_SECONDS = 5.0

Evidence = dict[str, Any]


class Ended(Exception):
    """The connection ended; got: bytes of an unfinished answer that had come by then."""

    def __init__(self, got: bytes) -> None:
        super().__init__(f"connection ended after {len(got)} bytes of an answer")
        self.got = got


class Connection:
    """One TCP connection to the server. Every wait is bounded and raises TimeoutError."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._come = bytearray()

    @classmethod
    async def open(cls) -> "Connection":
        return cls(*await asyncio.wait_for(asyncio.open_connection("127.0.0.1", PORT), PATIENCE_SECONDS))

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await asyncio.wait_for(self._writer.drain(), PATIENCE_SECONDS)

    async def answer(self, method: str = "GET") -> Evidence:
        """The next answer: version, status, headers as [name, value] in lower case and order, body as Latin-1."""
        while (end := self._come.find(b"\r\n\r\n")) < 0:
            await self._more()
        first, *lines = self._come[:end].decode("latin-1").split("\r\n")
        version, status, *_ = first.split(" ", 2)
        headers = [[name.lower(), value.strip()] for name, _, value in (line.partition(":") for line in lines)]
        end += 4
        whole = end + (0 if method == "HEAD" else int(dict(headers).get("content-length", 0)))
        while len(self._come) < whole:
            await self._more()
        body = self._come[end:whole].decode("latin-1")
        del self._come[:whole]
        return {"version": version, "status": int(status), "headers": headers, "body": body}

    async def _more(self) -> None:
        try:
            come = await asyncio.wait_for(self._reader.read(65536), PATIENCE_SECONDS)
        except ConnectionError as error:
            raise Ended(bytes(self._come)) from error
        if not come:
            raise Ended(bytes(self._come))
        self._come += come

    async def ask(self, method: str, path: str, *headers: str, body: str = "") -> Evidence:
        await self.send(request(method, path, *headers, body=body))
        return await self.answer(method)

    async def ended(self) -> bool:
        """True when the server closes within the patience and sends nothing more."""
        try:
            await self._more()
        except Ended as ended:
            return not ended.got
        except TimeoutError:
            pass
        return False

    def reset(self) -> None:
        """Drop the connection with a TCP reset in place of a proper end."""
        raw = self._writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    def close(self) -> None:
        self._writer.close()


async def fresh(method: str, path: str, *headers: str, body: str = "") -> Evidence:
    connection = await Connection.open()
    try:
        return await connection.ask(method, path, *headers, body=body)
    finally:
        connection.close()


def request(method: str, path: str, *headers: str, body: str = "") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{PORT}", *headers]
    if body or method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode("latin-1")


def send_and_watch(data: bytes, patience_seconds: float) -> Evidence:
    """Send bytes as they are; status of the first answer or None, and whether the server ended the connection.

    On a plain socket: asyncio drops what has arrived once its own sending fails, and a server may well answer and
    close before it has read a request that is too long.
    """
    got, ended = b"", True
    with socket.create_connection(("127.0.0.1", PORT), PATIENCE_SECONDS) as plain:
        with suppress(ConnectionError):
            plain.sendall(data)
        plain.settimeout(patience_seconds)
        try:
            while more := plain.recv(65536):
                got += more
        except ConnectionError:
            pass
        except TimeoutError:
            ended = False
    words = got.split(b" ", 2)
    return {"status": int(words[1]) if words[0].startswith(b"HTTP/1.") else None, "ended": ended}
