"""Turns pydantic's errors into lines for people."""

from typing import Any

from pydantic import ValidationError

from dl_techniques.recipes.problem import Problem

_TAGS = ("layer", "residual", "repeat")
_WORDS = {
    "string_type": "must be a text",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "dict_type": "must be a mapping",
    "tuple_type": "must be a list",
    "model_type": "must be a mapping of fields",
    "model_attributes_type": "must be a mapping of fields",
    "string_too_short": "must not be empty",
}


def problems_of(error: ValidationError) -> list[Problem]:
    """Returns one problem a field, in the order of the recipe."""
    found: dict[str, Problem] = {}
    for item in error.errors(include_url=False):
        where = _where(item["loc"])
        found.setdefault(where, Problem(where, _message(item)))
    return list(found.values())


def _where(location: tuple[str | int, ...]) -> str:
    parts: list[str] = []
    for i, part in enumerate(location):
        tag = part in _TAGS and i and isinstance(location[i - 1], int)
        if not tag and not (part in _CHOICES and parts[-1:] == ["steps_per_execution"]):
            parts.append(str(part))
    return ".".join(parts)


_CHOICES = ("int", "literal['auto']")  # how pydantic names the arms of that union


def _message(item: Any) -> str:
    kind, context = item["type"], item.get("ctx", {})
    given = item.get("input")
    received = f" Received: {_short(given)}"
    if kind == "missing":
        return "is needed"
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        return f"a node has one of `layer`, `residual`, `repeat`.{received}"
    if kind in _WORDS:
        return f"{_WORDS[kind]}.{received}"
    if kind == "literal_error":
        return f"must be one of {context['expected']}.{received}"
    if kind in _LIMITS:
        word, key = _LIMITS[kind]
        return f"must be {word} {context[key]:g}.{received}"
    if kind == "string_pattern_mismatch":
        return f"must match {context['pattern']}.{received}"
    return f"{item['msg'][:1].lower()}{item['msg'][1:]}.{received}"


_LIMITS = {
    "greater_than": ("above", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("below", "lt"),
    "less_than_equal": ("at most", "le"),
}


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
