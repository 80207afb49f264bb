"""The shape of lab.yaml. Apart from the catalog's, so that a command that lists servers does not pay for it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, Tag

from orchestrator.adapters.files.fields import InstanceId, Latency, Name, Names, Ratio, Seed, unlike
from orchestrator.adapters.files.models import InstanceTypeModel, LoadModel
from orchestrator.adapters.files.strict import Strict, either
from orchestrator.domain.config import SEED_DEFAULT
from orchestrator.domain.slo import Slo, quantile_of, slo_of


class SloModel(Strict):
    """Latency at any quantile (p99, latency_p99, p99.9), errors, goodput; what is left out keeps its default.

    Which other keys are quantiles is checked where all names are (config.py), to say "did you mean".
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Latency] = Field(init=False)

    errors: Ratio | None = None
    goodput: Ratio | None = None

    def slo(self) -> Slo:
        latency = {quantile_of(name): seconds for name, seconds in self.__pydantic_extra__.items()}
        known = {quantile: seconds for quantile, seconds in latency.items() if quantile is not None}
        return slo_of(known, self.errors, self.goodput)


Instance = Annotated[
    Annotated[InstanceId, Tag("<name>")] | Annotated[InstanceTypeModel, Tag("<own>")],
    either("write the name of an instance type or describe one"),
]
Load = Annotated[
    Annotated[Name, Tag("<name>")] | Annotated[LoadModel, Tag("<own>")],
    either("write the name of a scenario or describe one"),
]


class LabFile(Strict):
    """lab.yaml."""

    version: Literal[1] = 1
    servers: Names
    instances: Annotated[list[Instance], AfterValidator(unlike)]
    workloads: Names = Field(default=["plaintext"])
    scenario: Load = "quick"
    slo: SloModel = Field(default_factory=SloModel)
    seed: Seed = SEED_DEFAULT
