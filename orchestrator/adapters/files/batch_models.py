"""The shape of catalog/batch.yaml."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from orchestrator.adapters.files.fields import Line, Name, Word, whole
from orchestrator.adapters.files.strict import Strict
from orchestrator.domain.batch import Algorithm, BatchWorkload, Size

#: More than any kernel takes.
N_MAX = 10**12
N = Annotated[int, BeforeValidator(whole(1, N_MAX))]


class SizeModel(Strict):
    """How much, and what comes out."""

    n: N
    checksum: Line = ""

    def size(self) -> Size:
        return Size(self.n, self.checksum)


class AlgorithmModel(Strict):
    """One way to compute it, with its tag in each language."""

    kind: Literal["same", "best"]
    mode: Word | Literal[""] = ""
    go: Word
    rust: Word

    @model_validator(mode="after")
    def _same_is_the_same(self) -> Self:
        if self.kind == "same" and self.go != self.rust:
            raise ValueError("the same algorithm has the same tag in all languages")
        return self

    def algorithm(self) -> Algorithm:
        return Algorithm(self.kind, self.mode, {"go": self.go, "rust": self.rust})


class BatchWorkloadModel(Strict):
    """One row of catalog/batch.yaml."""

    name: Name
    kernel: Name
    summary: Line
    sizes: list[SizeModel] = Field(min_length=1)
    algorithms: list[AlgorithmModel] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({one.n for one in self.sizes}) < len(self.sizes):
            raise ValueError("two sizes have the same n")
        if len({(one.kind, one.mode) for one in self.algorithms}) < len(self.algorithms):
            raise ValueError("two algorithms have the same kind and mode")
        return self

    def workload(self) -> BatchWorkload:
        return BatchWorkload(
            name=self.name,
            kernel=self.kernel,
            summary=self.summary,
            sizes=tuple(one.size() for one in self.sizes),
            algorithms=tuple(one.algorithm() for one in self.algorithms),
        )


class BatchFile(Strict):
    """catalog/batch.yaml."""

    workloads: list[BatchWorkloadModel]
