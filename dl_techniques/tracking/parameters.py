"""A recipe as MLflow parameters."""

import json
import re
from typing import Any

MAX_KEY = 250
MAX_VALUE = 5900
_ILLEGAL = re.compile(r"[^\w\-./ ]")


def parameters(data: dict[str, Any]) -> dict[str, str]:
    """Flattens nested data to dotted keys within MLflow's limits.

    Lists of plain values stay one value; lists of parts are numbered. A value that is
    too long ends in an ellipsis: the recipe itself is kept whole as an artifact.
    """
    flat: dict[str, str] = {}
    _flatten("", data, flat)
    return flat


def _flatten(prefix: str, value: Any, flat: dict[str, str]) -> None:
    if isinstance(value, dict) and value:
        pairs = [(str(k), v) for k, v in value.items()]
    elif isinstance(value, list) and any(isinstance(v, dict) for v in value):
        pairs = [(str(i), v) for i, v in enumerate(value)]
    else:
        text = value if isinstance(value, str) else json.dumps(value)
        flat[_key(prefix)] = text if len(text) <= MAX_VALUE else text[:MAX_VALUE] + "…"
        return
    for key, part in pairs:
        _flatten(f"{prefix}.{key}" if prefix else key, part, flat)


def _key(key: str) -> str:
    return _ILLEGAL.sub("_", key)[-MAX_KEY:]
