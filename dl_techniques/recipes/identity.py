"""What makes two recipes the same, and where they differ."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from dl_techniques.recipes.io import to_data
from dl_techniques.recipes.schema import VERSION, Recipe

_MISSING = object()


@dataclass(frozen=True)
class Change:
    """One field that differs; a missing value is None.

    Attributes:
        path: The field, for example "model.stack.0.args.units".
        before: Its value in the first recipe.
        after: Its value in the second.
    """

    path: str
    before: Any
    after: Any


def essence(recipe: Recipe) -> dict[str, Any]:
    """Returns the fields that differ from their defaults, without the name."""
    data = recipe.model_dump(mode="json", exclude_defaults=True, exclude={"name"})
    return {"version": VERSION, **data}


def recipe_hash(recipe: Recipe) -> str:
    """Returns 16 hex digits that depend on everything but the name.

    Fields left at their default do not count, so that a field added later keeps old
    hashes; 1 and 1.0 are the same number.
    """
    text = json.dumps(_even(essence(recipe)), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def flatten(recipe: Recipe) -> dict[str, str]:
    """Returns every field as `{dotted path: text}`, for search in the run store."""
    return {k: _text(v) for k, v in _leaves(to_data(recipe), "").items()}


def diff(a: Recipe, b: Recipe) -> tuple[Change, ...]:
    """Returns the fields that differ, in the order of the first recipe."""
    before, after = _leaves(to_data(a), ""), _leaves(to_data(b), "")
    return tuple(
        Change(path, before.get(path), after.get(path))
        for path in dict.fromkeys((*before, *after))
        if not _same(before.get(path, _MISSING), after.get(path, _MISSING))
    )


def _leaves(value: Any, path: str) -> dict[str, Any]:
    if isinstance(value, dict) and value:
        items = [(str(k), v) for k, v in value.items()]
    elif isinstance(value, list) and any(isinstance(v, dict | list) for v in value):
        items = [(str(i), v) for i, v in enumerate(value)]
    else:
        return {path: value} if value not in ({}, []) else {}
    found: dict[str, Any] = {}
    for key, item in items:
        found |= _leaves(item, f"{path}.{key}" if path else key)
    return found


def _same(a: Any, b: Any) -> bool:
    return isinstance(a, bool) is isinstance(b, bool) and a == b


def _even(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _even(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_even(v) for v in value]
    whole = isinstance(value, float) and value.is_integer()
    return int(value) if whole else value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
