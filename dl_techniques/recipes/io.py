"""Recipes as YAML and JSON."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import ValidationError

from dl_techniques.recipes.errors import problems_of
from dl_techniques.recipes.migrate import migrate
from dl_techniques.recipes.problem import Problem, RecipeError
from dl_techniques.recipes.schema import Recipe
from dl_techniques.recipes.unknown import drop_unknown
from dl_techniques.recipes.yaml_loader import RecipeLoader

MAX_CHARS = 1_000_000
MAX_DEPTH = 64


def load(path: str | Path) -> Recipe:
    """Reads a recipe file; anything wrong raises `RecipeError` (or `OSError`)."""
    raw = Path(path).read_bytes()
    try:
        return loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise _error(f"{Path(path).name} is not a text file in UTF-8") from None


def loads(text: str) -> Recipe:
    """Reads YAML or JSON; anything wrong raises `RecipeError`."""
    return loads_with_warnings(text)[0]


def loads_with_warnings(text: str) -> tuple[Recipe, tuple[str, ...]]:
    """Reads YAML or JSON; also returns a line for each unknown field ignored."""
    return from_data(_parse(text))


def from_data(data: Any) -> tuple[Recipe, tuple[str, ...]]:
    """Validates plain data; also returns a line for each unknown field ignored.

    Raises:
        RecipeError: One problem for each field that is wrong.
    """
    if not isinstance(data, dict):
        raise _error(f"a recipe is a mapping of fields. Received: {_short(data)}")
    problems = list(_not_plain(data, ""))
    if problems:
        raise RecipeError(problems)
    data, notes = migrate(data)
    data, unknown = drop_unknown(data)
    try:
        recipe = Recipe.model_validate(data)
    except ValidationError as error:
        raise RecipeError(problems_of(error)) from None
    return recipe, (*notes, *unknown)


def to_data(recipe: Recipe) -> dict[str, Any]:
    """Returns the recipe as plain data with every field but empty ones of nodes."""
    data = recipe.model_dump(mode="json")
    data["model"]["stack"] = [_tidy(n) for n in data["model"]["stack"]]
    return data


def dumps(recipe: Recipe, fmt: Literal["yaml", "json"] = "yaml") -> str:
    """Writes the recipe as text that `loads` reads back to an equal recipe."""
    if fmt not in ("yaml", "json"):
        raise ValueError(f"`fmt` must be 'yaml' or 'json'. Received: fmt={fmt!r}")
    data = to_data(recipe)
    if fmt == "json":
        return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=88)


def _parse(text: str) -> Any:
    if not isinstance(text, str):
        raise TypeError(f"`text` must be a text. Received: {type(text).__name__}")
    if len(text) > MAX_CHARS:
        raise _error(f"the text has {len(text):,} characters; at most {MAX_CHARS:,}")
    try:
        # RecipeLoader is a SafeLoader: it makes plain data only.
        return yaml.load(text, Loader=RecipeLoader)  # noqa: S506
    except yaml.YAMLError as error:
        raise _error(_yaml_message(error)) from None
    except RecursionError:
        raise _error("the text is nested too deeply") from None
    except (ValueError, OverflowError) as error:  # a date or number out of range
        raise _error(f"this is not valid YAML or JSON: {error}") from None


def _yaml_message(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    place = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    reason = getattr(error, "problem", None) or str(error)
    return f"this is not valid YAML or JSON{place}: {' '.join(str(reason).split())}"


def _not_plain(value: Any, where: str, depth: int = 0) -> Iterator[Problem]:
    if depth > MAX_DEPTH:
        yield Problem(where, f"is nested more than {MAX_DEPTH} levels deep")
    elif isinstance(value, dict):
        for key, item in value.items():
            name = f"{where}.{key}" if where else str(key)
            if not isinstance(key, str):
                yield Problem(name, f"names are texts. Received: {_short(key)}")
            yield from _not_plain(item, name, depth + 1)
    elif isinstance(value, list | tuple):
        for i, item in enumerate(value):
            yield from _not_plain(item, f"{where}.{i}", depth + 1)
    elif isinstance(value, float) and not math.isfinite(value):
        yield Problem(where, f"must be a finite number. Received: {value!r}")
    elif not isinstance(value, str | int | float | bool | type(None)):
        yield Problem(where, f"{type(value).__name__} values are not allowed")


def _tidy(node: dict[str, Any]) -> dict[str, Any]:
    kept = {k: v for k, v in node.items() if v not in (None, False, {})}
    for key in ("residual", "repeat"):
        if key in node:
            kept[key] = [_tidy(child) for child in node[key]]
    return kept


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _error(message: str) -> RecipeError:
    return RecipeError([Problem("", message)])
