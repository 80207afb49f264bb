"""The shape of lab.yaml. Apart from the catalog's, so that a command that lists servers does not pay for it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Discriminator, Field, Tag

from orchestrator.adapters.files.fields import InstanceId, Latency, Name, Names, Ratio, Seed, unlike
from orchestrator.adapters.files.models import InstanceTypeModel, LoadModel, Strict
from orchestrator.domain.config import SEED_DEFAULT
from orchestrator.domain.slo import Slo


class SloModel(Strict):
    """What is left out keeps its default."""

    p99: Latency | None = None
    errors: Ratio | None = None

    def slo(self) -> Slo:
        chosen = {"latency_seconds_p99": self.p99, "error_ratio": self.errors}
        return Slo(**{name: value for name, value in chosen.items() if value is not None})


def _branch(value: object) -> str | None:
    return "<own>" if isinstance(value, dict | BaseModel) else "<name>" if isinstance(value, str) else None


def _either(what: str) -> Discriminator:
    return Discriminator(
        _branch,
        custom_error_type="not_either",
        custom_error_message=f"write the name of {what} or describe one",
    )


class LabFile(Strict):
    """lab.yaml."""

    version: Literal[1] = 1
    servers: Names
    instances: Annotated[
        list[
            Annotated[
                Annotated[InstanceId, Tag("<name>")] | Annotated[InstanceTypeModel, Tag("<own>")],
                _either("an instance type"),
            ]
        ],
        AfterValidator(unlike),
    ]
    workloads: Names = Field(default=["plaintext"])
    scenario: Annotated[Annotated[Name, Tag("<name>")] | Annotated[LoadModel, Tag("<own>")], _either("a scenario")] = (
        "quick"
    )
    slo: SloModel = Field(default_factory=SloModel)
    seed: Seed = SEED_DEFAULT
