"""services/<name>.yaml beside lab.yaml -> Servers and their Workloads; secrets are read when they are needed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.adapters.files.document import Document, quote, read_document
from orchestrator.domain.config import not_in_catalog
from orchestrator.domain.server import NAME, Server
from orchestrator.domain.service import Secret, Service
from orchestrator.domain.serving import other_shape
from orchestrator.domain.sidecar import Sidecar
from orchestrator.domain.workload import Workload
from orchestrator.errors import ConfigError, Mistake

if TYPE_CHECKING:
    from orchestrator.adapters.files.services_file import SecretModel, ServiceFile

SERVICES_FOLDER = "services"
SECRET_BYTES_MAX = 32 * 2**10


@dataclass(frozen=True)
class Services:
    """The user's own servers, the workloads that are named after them, and all that is wrong with their files."""

    servers: tuple[Server, ...] = ()
    workloads: tuple[Workload, ...] = ()
    mistakes: tuple[Mistake, ...] = ()


def read_services(folder: Path, servers: Sequence[str], workloads: Sequence[Workload]) -> Services:
    """Every service of a folder, by name.

    Args:
        servers, workloads: of the lab; no service may be named like one.
    """
    from orchestrator.adapters.files.mistakes import by_place, checked
    from orchestrator.adapters.files.services_file import ServiceFile
    from orchestrator.adapters.files.sidecars import load_sidecars

    found: list[Server] = []
    own: list[Workload] = []
    mistakes: list[Mistake] = []
    documents = {path: read_document(path) for path in sorted(folder.glob("*.yaml"))}
    beside = {path for one in documents.values() if (path := _sidecars(one)) is not None}
    for path, document in documents.items():
        if path.resolve() in beside:
            continue  # a Compose file that one of the others names
        _check_name(document, path.stem, servers, [one.name for one in workloads])
        content = checked(document, ServiceFile)
        if content is not None:
            asked = tuple(one.request() for one in content.requests)
            if content.workload is None:
                own.append(Workload(path.stem, f"what {content.image} is asked", asked, content.check_bodies))
            else:
                _check_workload(document, content, workloads)
            try:
                needed = load_sidecars(Path(content.sidecars)) if content.sidecars else ()
            except ConfigError as error:
                mistakes += error.mistakes
                continue
            found.append(_server(path.stem, content, document, needed))
        mistakes += sorted(document.mistakes, key=by_place)
    return Services(tuple(found), tuple(own), tuple(mistakes))


def missing_secrets(servers: Sequence[Server]) -> tuple[Mistake, ...]:
    """Secrets of these servers that cannot be read, before anything is started."""
    mistakes: list[Mistake] = []
    for server in servers:
        for secret in server.service.secrets if server.service else ():
            try:
                read_secret(secret)
            except ConfigError as error:
                mistakes += error.mistakes
    return tuple(mistakes)


def read_secret(secret: Secret) -> str:
    """Its value; of a file without the line end at its end. Raises ConfigError, which never holds the value."""
    if secret.kind == "env":
        value = os.environ.get(secret.source)
        if value is None:
            raise _not_there(secret, f"the environment has no {secret.source}", f"export {secret.source}=...")
        return value
    try:
        with Path(secret.source).open("rb") as file:
            raw = file.read(SECRET_BYTES_MAX + 1)
    except OSError as error:
        raise _not_there(secret, f"{secret.source} cannot be read: {error.strerror}") from None
    if len(raw) > SECRET_BYTES_MAX:
        raise _not_there(secret, f"{secret.source} is longer than {SECRET_BYTES_MAX:,} bytes")
    try:
        text = raw.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise _not_there(secret, f"{secret.source} is not UTF-8 text") from None
    if "\0" in text:
        raise _not_there(secret, f"{secret.source} holds a zero byte")
    return text


def _not_there(secret: Secret, why: str, hint: str = "") -> ConfigError:
    return ConfigError((Mistake(secret.where, f"{secret.variable}: {why}", hint),))


def _sidecars(document: Document) -> Path | None:
    """The Compose file that a service names, before anything else of it is known."""
    name = document.data.get("sidecars") if isinstance(document.data, dict) else None
    return (document.folder / name).resolve() if isinstance(name, str) and "\0" not in name else None


def _check_name(document: Document, name: str, servers: Sequence[str], workloads: Sequence[str]) -> None:
    if not NAME.fullmatch(name):
        document.note(None, f"{quote(name)} is not a name; rename the file: a-z, 0-9 and dashes, at most 39 characters")
    for kind, taken in (("server", servers), ("workload", workloads)):
        if name in taken:
            document.note(None, f"{name!r} is the name of a {kind} of the lab; rename the file")


def _check_workload(document: Document, content: ServiceFile, workloads: Sequence[Workload]) -> None:
    known = {one.name: one for one in workloads}
    name = content.workload or ""
    if name not in known:
        document.note(document.values[("workload",)], not_in_catalog("workload", name, known))
        return
    wrong = other_shape([one.request() for one in content.requests], known[name])
    if wrong:
        document.note(document.values[("requests",)], f"requests: {wrong}; only the path may be another")
    if content.check_bodies != known[name].check_bodies:
        message = f"check_bodies: {name} says it for all its servers; leave it out"
        document.note(document.values[("check_bodies",)], message)


def _server(name: str, content: ServiceFile, document: Document, sidecars: tuple[Sidecar, ...]) -> Server:
    plain = {key: value for key, value in content.environment.items() if isinstance(value, str)}
    secrets = tuple(
        _secret(key, value, document) for key, value in content.environment.items() if not isinstance(value, str)
    )
    return Server(
        name=name,
        language="",
        program=name,
        summary=content.image,
        port=content.port,
        workloads=(content.workload or name,),
        environment=plain,
        requests=tuple(one.request() for one in content.requests) if content.workload else (),
        service=Service(
            image=content.image,
            ready_path=content.ready or "",
            user=content.user or "",
            tmpfs=tuple(content.tmpfs),
            read_only=content.read_only,
            secrets=secrets,
        ),
        sidecars=sidecars,
    )


def _secret(variable: str, value: SecretModel, document: Document) -> Secret:
    line, column = document.values[("environment", variable)]
    where = f"{document.shown}:{line}:{column}"
    if value.from_env is not None:
        return Secret(variable, "env", value.from_env, where)
    return Secret(variable, "file", str(document.folder / (value.from_file or "")), where)
