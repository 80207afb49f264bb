"""The shapes of our YAML files. Only here does pydantic meet the user's words; the domain gets its own dataclasses."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, Self

from pydantic import Field, model_validator

from orchestrator.adapters.files.fields import (
    Cpus,
    Day,
    InstanceId,
    Line,
    Memory,
    Money,
    Name,
    Names,
    Port,
    Rate,
    Rates,
    Think,
    Threads,
    Users,
    WarmUp,
    Window,
    Word,
)
from orchestrator.adapters.files.requests import Requests
from orchestrator.adapters.files.strict import Strict
from orchestrator.domain.instance_type import InstanceType, Price
from orchestrator.domain.server import Server
from orchestrator.domain.variant import Factor, Level, Numbers
from orchestrator.domain.workload import Scenario, Workload


class PriceModel(Strict):
    """One price row."""

    usd_per_hour: Money
    region: Line
    as_of: Day
    source: Line
    purchase: Literal["on_demand", "spot", "reserved"] = "on_demand"
    tax: Literal["excluded", "included"] = "excluded"
    status: Literal["verified", "derived", "unverified"] = "unverified"

    def price(self) -> Price:
        return Price(**dict(self))


class InstanceTypeModel(Strict):
    """One size, in the catalog or in lab.yaml."""

    id: InstanceId
    vcpus: Cpus
    memory: Memory
    kind: Literal["fixed", "burstable", "share"] = "fixed"
    sustained_cpus: Cpus | None = None
    threads_per_core: Threads = 1
    arch: Literal["amd64", "arm64"] = "amd64"
    prices: list[PriceModel] = Field(default=[])
    note: str = ""

    @model_validator(mode="after")
    def _sustained(self) -> Self:
        if self.kind == "burstable" and not (self.sustained_cpus and self.sustained_cpus < self.vcpus):
            raise ValueError("a burstable size needs sustained_cpus, less than its vcpus")
        if self.kind != "burstable" and self.sustained_cpus not in (None, self.vcpus):
            raise ValueError(f"a {self.kind} size sustains all its vcpus; leave sustained_cpus out")
        return self

    def instance_type(self) -> InstanceType:
        return InstanceType(
            id=self.id,
            provider=self.id.partition("/")[0],
            arch=self.arch,
            vcpus=self.vcpus,
            threads_per_core=self.threads_per_core,
            kind=self.kind,
            sustained_cpus=self.sustained_cpus or self.vcpus,
            memory_bytes=self.memory,
            prices=tuple(price.price() for price in self.prices),
            note=self.note,
        )


class InstanceTypesFile(Strict):
    """catalog/instance_types/*.yaml."""

    instance_types: list[InstanceTypeModel]


class WorkloadModel(Strict):
    """One row of catalog/workloads.yaml."""

    name: Name
    summary: Line
    requests: Requests
    check_bodies: bool = False
    ceiling_per_second: Rate | None = None
    ceiling_cause: str = ""
    needs: Names = Field(default=[])

    @model_validator(mode="after")
    def _checked(self) -> Self:
        if not all(one.check.body or one.check.contains for one in self.requests):
            raise ValueError("each check needs body or contains, so that a wrong answer is seen")
        if (self.ceiling_per_second is None) != (not self.ceiling_cause):
            raise ValueError("ceiling_per_second and ceiling_cause belong together")
        return self

    def workload(self) -> Workload:
        return Workload(
            **{**dict(self), "requests": tuple(one.request() for one in self.requests), "needs": tuple(self.needs)}
        )


class WorkloadsFile(Strict):
    """catalog/workloads.yaml."""

    workloads: list[WorkloadModel]


class LoadModel(Strict):
    """How load is offered; written inline in lab.yaml."""

    ladder: bool = False
    users: Users | None = None
    think: Think | None = None
    rates: Rates | None = None
    duration: Window
    warmup: WarmUp

    @model_validator(mode="after")
    def _one_load(self) -> Self:
        if self.think is None and self.rates is None:
            raise ValueError("write rates, or users and think for a closed loop")
        if self.think is not None and (self.rates or not self.users):
            raise ValueError("a closed loop is users and think, without rates: they send as soon as they may")
        if self.ladder and self.users:
            raise ValueError("a ladder has as many users as its rates take; leave users out")
        return self

    def scenario(self, name: str, summary: str = "") -> Scenario:
        # Of a closed loop the most that its users can send.
        rates = tuple(self.rates or ()) or (max(1, round((self.users or 1) / (self.think or 1))),)
        return Scenario(
            name, rates, self.duration, self.warmup, summary, self.ladder, self.users, self.think, self.made_for
        )

    @property
    def made_for(self) -> tuple[str, ...]:
        """Names of workloads; () for any."""
        return ()


class ScenarioModel(LoadModel):
    """One row of catalog/scenarios.yaml."""

    name: Name
    summary: Line
    workloads: Names | None = None

    @property
    def made_for(self) -> tuple[str, ...]:
        return tuple(self.workloads or ())


class ScenariosFile(Strict):
    """catalog/scenarios.yaml."""

    scenarios: list[ScenarioModel]


class LevelModel(Strict):
    """One value of a factor."""

    name: Word
    environment: dict[str, str] = Field(default={})
    build: dict[str, str] = Field(default={})
    workloads: Names | None = None
    note: str = ""

    def level(self) -> Level:
        return Level(self.name, self.environment, self.build, tuple(self.workloads or ()), self.note)


class NumbersModel(Strict):
    """A factor that takes any whole number in a range."""

    variable: Line
    least: int
    most: int


class FactorModel(Strict):
    """One row of servers/<language>/factors.yaml."""

    name: Name
    summary: Line
    values: list[LevelModel] = Field(min_length=1)
    numbers: NumbersModel | None = None

    @model_validator(mode="after")
    def _default_needs_nothing(self) -> Self:
        first = self.values[0]
        if first.environment or first.build or first.workloads:
            raise ValueError("the first value is the default, and must need nothing")
        if len({value.name for value in self.values}) < len(self.values):
            raise ValueError("two values have the same name")
        return self

    def factor(self) -> Factor:
        numbers = Numbers(**dict(self.numbers)) if self.numbers else None
        return Factor(self.name, self.summary, tuple(value.level() for value in self.values), numbers)


class FactorsFile(Strict):
    """servers/<language>/factors.yaml: what can be varied of every server of a language."""

    factors: list[FactorModel]


class ServerFile(Strict):
    """servers/<language>/<program>/server.yaml.

    ``unmoved``: by factor of the language, the workloads that it does not change here.
    """

    name: Name
    language: Literal["go", "rust", "go+rust"]
    program: Name
    summary: Line
    port: Port
    workloads: Names
    unmoved: dict[Name, Names] = Field(default={})

    @property
    def folder(self) -> str:
        """Below ``servers/``: the language that it is written in, the first of ``go+rust``."""
        return self.language.partition("+")[0]

    def server(self, factors: tuple[Factor, ...]) -> Server:
        own = tuple(self._without(factor) if factor.name in self.unmoved else factor for factor in factors)
        return Server(self.name, self.language, self.program, self.summary, self.port, tuple(self.workloads), own)

    def _without(self, factor: Factor) -> Factor:
        """A Variant serves nothing that its factor does not change: that row would be the default's by another name."""
        first, *others = factor.levels
        unmoved = self.unmoved[factor.name]
        served = [[one for one in level.workloads or self.workloads if one not in unmoved] for level in others]
        moved = (replace(level, workloads=tuple(names)) for level, names in zip(others, served, strict=True))
        return replace(factor, levels=(first, *moved))
