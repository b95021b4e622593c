"""One-click repairs: small edits of a recipe as plain data.

{"op": "insert", "path": "2", "node": {...}, "label": "..."}
{"op": "set", "where": "model.stack.2.args.units", "value": 32, "label": "..."}
{"op": "remove", "where": "model.stack.2.args.foo", "label": "..."}
"""

from typing import Any

from dl_techniques.recipes import stack
from dl_techniques.recipes.io import from_data, to_data
from dl_techniques.recipes.schema import Recipe

Repair = dict[str, Any]


def insert(path: str, layer: str, **args: Any) -> Repair:
    """Returns the edit that puts a layer before the node at `path`."""
    node = {"layer": layer, "args": args} if args else {"layer": layer}
    return {
        "op": "insert",
        "path": path,
        "node": node,
        "label": f"Insert {layer} before it",
    }


def set_value(where: str, value: Any) -> Repair:
    """Returns the edit that sets a field."""
    name = where.rpartition(".")[2]
    label = f"Set {name} to {value!r}"
    return {"op": "set", "where": where, "value": value, "label": label}


def remove(where: str) -> Repair:
    """Returns the edit that takes a field or node out."""
    name = where.rpartition(".")[2]
    label = f"Remove node {name}" if name.isdigit() else f"Remove {name}"
    return {"op": "remove", "where": where, "label": label}


def apply_repair(recipe: Recipe, repair: Repair) -> Recipe:
    """Returns the recipe with the edit made.

    Raises:
        ValueError: The edit is unknown or does not fit this recipe; `RecipeError`
            where its result is no valid recipe.
    """
    op = repair.get("op")
    if op == "insert":
        return stack.add(recipe, repair["node"], repair["path"])
    if op not in ("set", "remove"):
        raise ValueError(f"`op` must be insert, set or remove. Received: op={op!r}")
    data = to_data(recipe)
    *parents, last = _steps(repair["where"])
    target: Any = data
    for step in parents:
        target = _inside(target, step, create=op == "set")
    if op == "set" and isinstance(target, dict):
        target[last] = repair["value"]
    elif op == "remove" and _has(target, last):
        del target[last]
    else:
        raise ValueError(f"`where` must exist. Received: where={repair['where']!r}")
    return from_data(data)[0]


def _steps(where: str) -> list[str | int]:
    return [int(part) if part.isdigit() else part for part in where.split(".")]


def _inside(target: Any, step: str | int, *, create: bool) -> Any:
    if create and isinstance(target, dict) and target.get(str(step)) is None:
        target[str(step)] = {}
    if not _has(target, step):
        raise ValueError(f"`where` must exist. Received: {step!r}")
    return target[step]


def _has(target: Any, step: str | int) -> bool:
    if isinstance(target, list):
        return isinstance(step, int) and step < len(target)
    return isinstance(target, dict) and step in target
