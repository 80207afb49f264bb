"""What all shapes of our YAML files have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """Unknown keys are mistakes, and nothing is turned into another kind silently."""

    # Built when first used: a command that lists servers does not pay for lab.yaml's shapes.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)
