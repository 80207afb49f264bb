"""pydantic's findings -> Mistakes in the user's words, each at its line and column."""

from __future__ import annotations

from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from orchestrator.adapters.files.document import MISTAKES_MAX, Document, Path_, kind_of, quote
from orchestrator.domain.config import did_you_mean
from orchestrator.errors import Mistake

ModelT = TypeVar("ModelT", bound=BaseModel)

_EXPECTED = {
    "string_type": "text",
    "list_type": "a list",
    "model_type": "'key: value' lines",
    "dict_type": "'key: value' lines",
    "model_attributes_type": "'key: value' lines",
}


def checked(document: Document, model: type[ModelT]) -> ModelT | None:
    """The document as a model, or None with every Mistake noted in the document."""
    if document.data is None:
        return None
    try:
        return model.model_validate(document.data, context={"folder": document.folder})
    except ValidationError as error:
        findings = error.errors(include_url=False)
        for finding in findings[:MISTAKES_MAX]:
            _note(document, model, finding)
        if len(findings) > MISTAKES_MAX:
            document.note(None, f"has {len(findings) - MISTAKES_MAX} more mistakes, not shown")
        return None


def _note(document: Document, model: type[BaseModel], finding: Any) -> None:
    # pydantic marks a key that is wrong itself.
    path = tuple(part for part in finding["loc"] if not _is_tag(part) and part != "[key]")
    if any(path[:length] in document.broken for length in range(len(path) + 1)):
        return
    kind = finding["type"]
    if kind == "extra_forbidden":
        key = str(path[-1])
        known = _keys_at(model, finding["loc"][:-1])
        hint = did_you_mean(key, known) or f"; known here: {', '.join(known)}"
        document.note(document.keys.get(path), f"unknown key {quote(key)}{hint}")
    elif kind == "missing":
        document.note(_place(document, path[:-1]), f"key {quote(path[-1])} is missing")
    else:
        label = _label(path)
        document.note(_place(document, path), f"{label}: {_text(finding)}" if label else _text(finding))


def by_place(mistake: Mistake) -> tuple[int, int, str]:
    """The order in which a reader of the file meets them."""
    parts = mistake.where.rsplit(":", 2)
    if len(parts) == 3 and parts[1].isdigit() and parts[2].isdigit():
        return int(parts[1]), int(parts[2]), mistake.message
    return 0, 0, mistake.message


def _text(finding: Any) -> str:
    kind, value = finding["type"], finding["input"]
    if kind == "value_error":
        return str(finding["ctx"]["error"])
    if kind == "literal_error":
        allowed = [word.strip("'") for word in finding["ctx"]["expected"].replace(" or ", ", ").split(", ")]
        hint = did_you_mean(value, allowed) if isinstance(value, str) else ""
        return f"{quote(value)} is not one of {', '.join(allowed)}{hint}"
    if kind in _EXPECTED:
        advice = f'; write "{value}" in quotes' if kind == "string_type" and isinstance(value, int | float) else ""
        return f"expected {_EXPECTED[kind]}, found {kind_of(value)}{advice}"
    return str(finding["msg"])


def _label(path: Path_) -> str:
    """``rate`` for an item of ``rates``: what a reader calls the thing at this place."""
    if not path:
        return ""
    if isinstance(path[-1], int):
        name = str(path[-2]) if len(path) > 1 else ""
        return name if name.endswith("fs") else name.removesuffix("s")
    return str(path[-1])


def _place(document: Document, path: Path_) -> tuple[int, int] | None:
    while path and path not in document.values:
        path = path[:-1]
    return document.values.get(path, (1, 1))


def _is_tag(part: str | int) -> bool:
    """The name of a union's branch, which pydantic puts into the path (models._branch)."""
    return part in ("<name>", "<own>")


def _keys_at(model: type[BaseModel], path: Path_) -> list[str]:
    """The keys that may stand at this path."""
    here = {model}
    for part in path:
        if isinstance(part, str) and not _is_tag(part):
            inside = {
                inner
                for outer in here
                if part in outer.model_fields
                for inner in _models_in(outer.model_fields[part].annotation)
            }
            # A key that is no field is one of the user's own, in a mapping of such shapes.
            here = inside or here
    return sorted({key for one in here for key in one.model_fields})


def _models_in(annotation: Any) -> set[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {annotation}
    return {found for argument in get_args(annotation) for found in _models_in(argument)}
