"""Turns results into plain types and back, led by the type hints of their fields."""

import json
import math
import types
from collections.abc import Callable
from typing import Any, Union, get_args, get_origin

import numpy as np


def plain(value: Any) -> Any:
    """Returns `value` in types that strict JSON knows; NaN and inf become None."""
    if isinstance(value, np.ndarray | np.generic):
        value = _array_list(np.asarray(value))
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, dict):
        return {key_text(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    return value


def _array_list(array: np.ndarray[Any, Any]) -> Any:
    if array.dtype.kind in "fV":
        wide = array.astype(np.float64)
        finite = np.isfinite(wide)
        if not finite.all():
            mixed = wide.astype(object)
            mixed[~finite] = None
            return mixed.tolist()
        return wide.tolist()
    return array.tolist()


def stored(value: Any, arrays: dict[str, np.ndarray[Any, Any]]) -> Any:
    """Returns `value` with every array moved into `arrays` and named in its place."""
    if isinstance(value, np.ndarray):
        name = f"array_{len(arrays)}"
        arrays[name] = value
        return {"__array__": name}
    if hasattr(value, "field_items"):
        parts = {k: stored(v, arrays) for k, v in value.field_items()}
        return {"type": type(value).__name__, **parts}
    if isinstance(value, dict):
        return {key_text(k): stored(v, arrays) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [stored(v, arrays) for v in value]
    return value.item() if isinstance(value, np.generic) else value


def restored(value: Any, arrays: Any) -> Any:
    """Undoes `stored`, except that results stay dictionaries."""
    if isinstance(value, dict):
        if set(value) == {"__array__"}:
            return arrays[value["__array__"]]
        return {k: restored(v, arrays) for k, v in value.items()}
    return [restored(v, arrays) for v in value] if isinstance(value, list) else value


def key_text(key: Any) -> str:
    """Returns a dictionary key as text; a tuple becomes a JSON list."""
    return json.dumps(list(key)) if isinstance(key, tuple) else str(key)


def decode(hint: Any, value: Any, make: Callable[[Any, dict[str, Any]], Any]) -> Any:
    """Returns `value` as the type `hint`; `make(class, dict)` builds nested results."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _decode_union(get_args(hint), value, make)
    if hint is float:
        return math.nan if value is None else float(value)
    if hint is np.ndarray or origin is np.ndarray:
        return _decode_array(hint, value)
    if origin in (tuple, list):
        return _decode_sequence(hint, origin, value, make)
    if origin is dict:
        key, inner = get_args(hint)
        return {_decode_key(key, k): decode(inner, v, make) for k, v in value.items()}
    if isinstance(value, dict) and hasattr(hint, "field_items"):
        return make(hint, value)
    if hint is Any and isinstance(value, dict) and "type" in value:
        return make(None, value)
    return value


def _decode_union(choices: tuple[Any, ...], value: Any, make: Any) -> Any:
    if value is None and type(None) in choices:
        return None
    choices = tuple(c for c in choices if c is not type(None))
    for choice in choices:
        if isinstance(choice, type) and isinstance(value, choice):
            return decode(choice, value, make)
    named = [c for c in choices if hasattr(c, "field_items")]
    if isinstance(value, dict) and named:
        matching = [c for c in named if c.__name__ == value.get("type")]
        return make((matching or named)[0], value)
    if isinstance(value, list):
        sequences = [c for c in choices if get_origin(c) in (tuple, list, np.ndarray)]
        return decode((sequences or choices)[0], value, make)
    return decode(choices[0], value, make)


def _decode_array(hint: Any, value: Any) -> np.ndarray[Any, Any]:
    if isinstance(value, np.ndarray):
        return value
    args = get_args(hint)
    dtype = get_args(args[1]) if len(args) == 2 else ()
    if dtype and isinstance(dtype[0], type) and dtype[0] is not Any:
        return np.array(value, dtype=dtype[0])
    array = np.array(value)
    return array.astype(np.float64) if array.dtype == object else array


def _decode_sequence(hint: Any, origin: Any, value: Any, make: Any) -> Any:
    inner = get_args(hint)
    if not inner:
        return origin(value)
    if origin is list or (len(inner) == 2 and inner[1] is Ellipsis):
        return origin(decode(inner[0], v, make) for v in value)
    return tuple(decode(h, v, make) for h, v in zip(inner, value, strict=True))


def _decode_key(hint: Any, key: str) -> Any:
    if get_origin(hint) is tuple or hint is tuple:
        return tuple(json.loads(key))
    return hint(key) if hint in (int, float) else key
