"""Files for a container: what the engine is sent, and what comes back."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from docker.errors import NotFound

from orchestrator.adapters.docker.archive import packed, read_file
from orchestrator.adapters.docker.client import EngineClient


class Client:
    """An engine with one file."""

    def __init__(self, content: bytes | None) -> None:
        self._content = content

    @contextmanager
    def calls(self, doing: str) -> Iterator[Any]:
        yield self

    def get_archive(self, container: str, path: str) -> tuple[Iterator[bytes], dict[str, object]]:
        if self._content is None:
            raise NotFound("no such file")
        whole = packed({path.rpartition("/")[2]: self._content})
        return (whole[at : at + 100] for at in range(0, len(whole), 100)), {}


def engine(content: bytes | None) -> EngineClient:
    return cast(EngineClient, Client(content))


def test_files_can_be_read_and_folders_written_by_any_user() -> None:
    with tarfile.open(fileobj=io.BytesIO(packed({"a.json": b"{}"}, ("rows",)))) as archive:
        file, folder = archive.getmember("a.json"), archive.getmember("rows")
        content = archive.extractfile(file)
        assert content is not None and content.read() == b"{}"
    assert file.mode & 0o444 == 0o444 and not file.mode & 0o222
    assert folder.isdir() and folder.mode & 0o777 == 0o777


def test_a_file_comes_back_as_it_was() -> None:
    content = bytes(range(256)) * 40
    assert read_file(engine(content), "c", "/lab/rows/rows.db") == content


def test_a_file_that_is_not_there_is_none() -> None:
    assert read_file(engine(None), "c", "/lab/rows/rows.db") is None
