"""What a server needs beside it and is not under test, such as a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Sidecar:
    """A container in the network namespace of each Trial's server, where it is reached at 127.0.0.1.

    Attributes:
        image: name of an image (ports.ImageSupply).
        memory_bytes, pids: its limits; its CPUs follow from the Placement.
        port: what it listens on; None where nobody says.
        ready: command that is run inside it and ends with 0 once it can be used; () where an open port says so.
        command: in place of the image's own; () leaves that.
        environment: variables of its own container.
        variables: variables that the server's container is given.
    """

    name: str
    image: str
    memory_bytes: int
    pids: int
    port: int | None = None
    ready: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def recorded(self) -> Sidecar:
        """What a record holds of it: its values may be secrets."""
        return replace(self, command=(), environment={}, variables={})

    @property
    def proof(self) -> tuple[str, ...]:
        """The command that proves it ready; () where it is ready as soon as it runs.

        An open port is looked up in the kernel's table of its namespace: that also sees one on loopback alone, and
        opens no connection that would be counted or logged.
        """
        if self.ready or self.port is None:
            return self.ready
        listening = f":{self.port:04X} [0-9A-F]*:[0-9A-F]* 0A "
        return ("grep", "-qs", listening, "/proc/net/tcp", "/proc/net/tcp6")
