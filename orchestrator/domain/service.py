"""A Server that is no part of the lab: an image that somebody else built, and what its container needs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Secret:
    """A variable of the container whose value is read at the moment it is started and written down nowhere.

    Attributes:
        variable: its name inside the container.
        kind: ``env`` or ``file``: where the value is found.
        source: name of a variable of the lab's own environment, or path of a file.
        where: file:line:column of the line that asks for it.
    """

    variable: str
    kind: str
    source: str
    where: str


@dataclass(frozen=True)
class Service:
    """How the container of a user's own image is started.

    Attributes:
        image: reference, taken from the engine as it is, or pulled; never built.
        ready_path: must be answered with a 2xx before load; "" where the first request itself tells.
        user: uid or name, with group; "" for the image's own.
        tmpfs: folders it may write to, in memory and within its limit.
    """

    image: str
    ready_path: str = ""
    user: str = ""
    tmpfs: tuple[str, ...] = ()
    read_only: bool = True
    secrets: tuple[Secret, ...] = ()
