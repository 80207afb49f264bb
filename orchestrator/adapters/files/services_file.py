"""The shape of services/<name>.yaml: the user's own image beside the lab's servers."""

from __future__ import annotations

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, Tag, ValidationInfo, field_validator, model_validator

from orchestrator.adapters.files.document import quote
from orchestrator.adapters.files.fields import Line, Name, Path, Port, beside, folder_of, unlike
from orchestrator.adapters.files.requests import Requests
from orchestrator.adapters.files.strict import Strict, either

#: distribution/reference: registry, path, tag, digest.
_IMAGE = re.compile(
    r"(?:[A-Za-z0-9.-]+(?::[0-9]+)?/)?[a-z0-9]+(?:(?:[._/]|__|-+)[a-z0-9]+)*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?"
)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,200}")
_USER = re.compile(r"[A-Za-z0-9_.-]{1,64}(?::[A-Za-z0-9_.-]{1,64})?")
_FOLDER = re.compile(r"(?:/[A-Za-z0-9._-]+)+")
COMPOSE_BYTES_MAX = 256 * 2**10


def image_reference(text: str) -> str:
    """Raises ValueError for what no engine would take."""
    if len(text) > 255 or not _IMAGE.fullmatch(text):
        raise ValueError(f"{quote(text)} is not the name of an image; write it as in me/api:1")
    return text


def _variable(text: str) -> str:
    if not _VARIABLE.fullmatch(text):
        raise ValueError(f"{quote(text)} is not the name of a variable; use letters, digits and underscores")
    return text


def _user(text: str) -> str:
    if not _USER.fullmatch(text):
        raise ValueError(f"{quote(text)} is not a user; write it as in 1000, 1000:1000 or www-data")
    return text


def _folder(text: str) -> str:
    if not _FOLDER.fullmatch(text) or ".." in text:
        raise ValueError(f"{quote(text)} is not a folder; write it as in /tmp or /var/cache/nginx")
    return text


def _fixed(path: str) -> str:
    if "{" in path:
        raise ValueError(f"{quote(path)}: a readiness path holds no range of numbers")
    return path


Variable = Annotated[str, AfterValidator(_variable)]


class SecretModel(Strict):
    """Where the value of a variable is found when the container is started."""

    from_env: Variable | None = None
    from_file: Line | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.from_env is None) == (self.from_file is None):
            raise ValueError("write from_env: NAME or from_file: PATH")
        return self


Value = Annotated[
    Annotated[str, Tag("<name>")] | Annotated[SecretModel, Tag("<own>")],
    either("write text (a number in quotes), {from_env: NAME} or {from_file: PATH}"),
]


class ServiceFile(Strict):
    """services/<name>.yaml."""

    image: Annotated[str, AfterValidator(image_reference)]
    port: Port
    ready: Annotated[Path, AfterValidator(_fixed)] | None = None
    requests: Requests
    check_bodies: bool = False
    workload: Name | None = None
    environment: dict[Variable, Value] = Field(default={})
    user: Annotated[str, AfterValidator(_user)] | None = None
    tmpfs: list[Annotated[str, AfterValidator(_folder)]] = Field(default=[])
    read_only: bool = True
    sidecars: Line | None = None

    @field_validator("tmpfs")
    @classmethod
    def _each_once(cls, folders: list[str]) -> list[str]:
        return unlike(folders) if folders else folders

    @field_validator("sidecars")
    @classmethod
    def _there(cls, name: str | None, info: ValidationInfo) -> str | None:
        if name is None:
            return None
        beside(info, name, COMPOSE_BYTES_MAX)
        return str(folder_of(info) / name)
