"""The shape of a request and its check, in the catalog's workloads and in the user's services."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from orchestrator.adapters.files.fields import REQUESTS_MAX, Body, Headers, Path, Status, Weight
from orchestrator.adapters.files.strict import Strict
from orchestrator.domain.request import Check, Request


class CheckModel(Strict):
    """What a good answer is."""

    status: Status = 200
    body: Body = ""
    contains: Body = ""

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if self.body and self.contains:
            raise ValueError("write body or contains: what is the exact body holds every part of it")
        return self

    def check(self) -> Check:
        return Check(**dict(self))


class RequestModel(Strict):
    """One request."""

    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    path: Path
    headers: Headers = Field(default={})
    body: Body = ""
    weight: Weight = 1
    check: CheckModel = Field(default_factory=CheckModel)

    @model_validator(mode="after")
    def _head(self) -> Self:
        if self.method == "HEAD" and (self.check.body or self.check.contains):
            raise ValueError("an answer to HEAD has no body to check")
        return self

    def request(self) -> Request:
        return Request(**{**dict(self), "check": self.check.check()})


def _few(requests: list[RequestModel]) -> list[RequestModel]:
    if not requests:
        raise ValueError("the list is empty; write at least one")
    if len(requests) > REQUESTS_MAX:
        raise ValueError(f"the list has {len(requests):,} items; at most {REQUESTS_MAX}")
    return requests


Requests = Annotated[list[RequestModel], AfterValidator(_few)]
