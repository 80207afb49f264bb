"""Asking for a name that does not exist yet, without being held up by it.

Docker's own DNS knows a container's name the moment it is connected, and passes every other question on to the
host's DNS, where it may hang for seconds; the system's resolver would wait for that. So many questions, short waits.
"""

from __future__ import annotations

import re
import secrets
import socket
import struct
from pathlib import Path

DOCKER_DNS = "127.0.0.11"
WAIT_SECONDS = 0.005
_A, _IN = 1, 1


class Name:
    """A host name that is asked for again and again, on one socket: a late answer to an early question counts too."""

    def __init__(self, host: str, resolv_conf: Path = Path("/etc/resolv.conf"), server: str = DOCKER_DNS) -> None:
        self._host = host
        self._query = secrets.randbits(16)
        self._socket: socket.socket | None = None
        if not re.fullmatch(r"[\d.]+", host) and _docker_answers(resolv_conf):
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._socket.settimeout(WAIT_SECONDS)
            host_of, _, port = server.partition(":")
            self._socket.connect((host_of, int(port or 53)))

    def address(self) -> str | None:
        """Its IPv4 address, or None when it has none now."""
        if self._socket is None:
            try:
                return str(socket.getaddrinfo(self._host, None, socket.AF_INET, socket.SOCK_STREAM)[0][4][0])
            except OSError:
                return None
        try:
            self._socket.send(question(self._query, self._host))
            while (found := first_address(self._query, self._socket.recv(1500))) is None:
                pass
            return found
        except OSError:  # no answer yet
            return None

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()


def question(query: int, host: str) -> bytes:
    """A DNS message that asks for the A record of a host (RFC 1035, section 4)."""
    name = b"".join(bytes([len(label)]) + label.encode("ascii") for label in host.split("."))
    return struct.pack(">6H", query, 0x0100, 1, 0, 0, 0) + name + b"\0" + struct.pack(">2H", _A, _IN)


def first_address(query: int, message: bytes) -> str | None:
    """The first A record of an answer, or None when it holds none or is not ours."""
    try:
        number, _, questions, answers, _, _ = struct.unpack_from(">6H", message)
        if number != query:
            return None
        at = 12
        for _ in range(questions):
            at = _after_name(message, at) + 4
        for _ in range(answers):
            at = _after_name(message, at)
            kind, family, _, length = struct.unpack_from(">2HIH", message, at)
            at += 10
            if kind == _A and family == _IN and length == 4:
                return socket.inet_ntoa(message[at : at + 4])
            at += length
    except (struct.error, IndexError, OSError):
        pass
    return None


def _after_name(message: bytes, at: int) -> int:
    while message[at]:
        if message[at] >= 0xC0:  # a pointer ends the name
            return at + 2
        at += message[at] + 1
    return at + 1


def _docker_answers(resolv_conf: Path) -> bool:
    try:
        return f"nameserver {DOCKER_DNS}" in resolv_conf.read_text()
    except OSError:
        return False
