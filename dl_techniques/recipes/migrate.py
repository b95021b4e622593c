"""Brings recipes of older versions up to date."""

from collections.abc import Callable
from typing import Any

from dl_techniques.recipes.problem import Problem, RecipeError
from dl_techniques.recipes.schema import VERSION

Data = dict[str, Any]


def migrate(data: Data) -> tuple[Data, tuple[str, ...]]:
    """Returns `data` in today's form and a line for each step taken.

    A missing version means today's. `data` itself is not changed.

    Raises:
        RecipeError: The version is unknown or newer than this library's.
    """
    version = data.get("version", VERSION)
    if not isinstance(version, int) or isinstance(version, bool) or version < 0:
        raise _error(f"`version` must be a whole number. Received: version={version!r}")
    if version > VERSION:
        raise _error(
            f"this recipe is of version {version}; this library reads up to {VERSION}. "
            "A newer dl_techniques is needed"
        )
    notes = []
    while version < VERSION:
        data = {**STEPS[version](data), "version": version + 1}
        notes.append(f"version {version} was brought to version {version + 1}")
        version += 1
    return data, tuple(notes)


def _from_0(data: Data) -> Data:
    """Version 0 had a flat form: a list of layers and training fields beside it."""
    new = {k: v for k, v in data.items() if k not in _MOVED}
    for old, path in _MOVED.items():
        if old not in data:
            continue
        *parents, last = path
        part = new
        for parent in parents:
            inner = part.get(parent)
            part[parent] = dict(inner) if isinstance(inner, dict) else {}
            part = part[parent]
        part[last] = data[old]
    for key in ("dataset", "optimizer", "loss"):
        if isinstance(new.get(key), str):
            new[key] = {"name": new[key]}
    rate = new.pop("learning_rate", None)
    if rate is not None:
        new["optimizer"] = {**new.get("optimizer", {}), "learning_rate": rate}
    return new


_MOVED = {
    "layers": ("model", "stack"),
    "epochs": ("training", "epochs"),
    "batch_size": ("training", "batch_size"),
    "seed": ("training", "seed"),
}
STEPS: dict[int, Callable[[Data], Data]] = {0: _from_0}


def _error(message: str) -> RecipeError:
    return RecipeError([Problem("version", message)])
