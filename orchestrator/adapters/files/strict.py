"""What all shapes of our YAML files have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Discriminator


class Strict(BaseModel):
    """Unknown keys are mistakes, and nothing is turned into another kind silently."""

    # Built when first used: a command that lists servers does not pay for lab.yaml's shapes.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


def _branch(value: object) -> str | None:
    return "<own>" if isinstance(value, dict | BaseModel) else "<name>" if isinstance(value, str) else None


def either(message: str) -> Discriminator:
    """Of a union of text (``<name>``) and a mapping (``<own>``): what is said of anything else."""
    return Discriminator(_branch, custom_error_type="not_either", custom_error_message=message)
