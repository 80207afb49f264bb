"""Files into a container and out of it, as the tar archives that the Engine API speaks; also when it does not run."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping

from orchestrator.adapters.docker.client import EngineClient


def packed(files: Mapping[str, bytes], folders: tuple[str, ...] = ()) -> bytes:
    """An archive of files that everybody may read, and of empty folders that everybody may write to: the user an image
    runs as is not known here."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name in folders:
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777
            archive.addfile(entry)
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o444
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def read_file(client: EngineClient, container: str, path: str) -> bytes | None:
    """One file of a container, whether it runs or has ended; None when there is no such file or container.

    Raises EnvironmentNotFit, EngineLost.
    """
    from docker.errors import NotFound

    with client.calls(f"read {path} of a container") as api:
        try:
            pieces, _ = api.get_archive(container, path)
        except NotFound:
            return None
        buffer = io.BytesIO(b"".join(pieces))
    with tarfile.open(fileobj=buffer, mode="r") as archive:
        found = archive.extractfile(archive.getmembers()[0])
        return found.read() if found is not None else None
