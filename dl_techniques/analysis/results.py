"""The base of every result: immutable, comparable, and storable as JSON or NPZ.

One class: comparing, storing and tables are short walks over the same fields.
"""

import importlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self, get_type_hints

import numpy as np

from dl_techniques.analysis import _coding

if TYPE_CHECKING:
    import pandas as pd

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AnalysisResult:
    """What an analysis found, with the doubts about it in `flags`.

    Subclasses are `@dataclass(frozen=True, slots=True)`. Their fields are numbers,
    texts, arrays, other results, and tuples or dictionaries of these. Array fields are
    copied and read-only; NumPy scalars become Python's. A subclass with a
    `__post_init__` of its own ends it with `AnalysisResult.__post_init__(self)`.

    In JSON, NaN and inf are null, and null under the hint `float` is read as NaN.
    Equality holds when all fields agree, NaN equal to NaN.

    Attributes:
        flags: Constants of `dl_techniques.analysis.flags`.
        schema_version: Version of the stored form.
    """

    _types: ClassVar[dict[str, type["AnalysisResult"]]] = {}

    flags: tuple[str, ...] = ()
    schema_version: int = SCHEMA_VERSION

    def __init_subclass__(cls, **kwargs: Any) -> None:
        # No zero-argument super(): slots=True makes a second class.
        AnalysisResult._types[cls.__name__] = cls
        # Set here so that dataclass does not write one that compares arrays by ==.
        cls.__eq__ = AnalysisResult.__eq__  # type: ignore[method-assign]  # see above

    def __post_init__(self) -> None:
        for name, value in self.field_items():
            if isinstance(value, np.generic):
                object.__setattr__(self, name, value.item())
            elif isinstance(value, np.ndarray):
                object.__setattr__(self, name, _frozen(value))
            elif isinstance(value, dict | tuple | list):
                object.__setattr__(self, name, _frozen_inside(value))

    def field_items(self) -> Iterator[tuple[str, Any]]:
        """Yields the name and value of every field."""
        for field in fields(self):
            yield field.name, getattr(self, field.name)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(_equal(v, getattr(other, k)) for k, v in self.field_items())

    __hash__ = None  # type: ignore[assignment]  # holds arrays

    def to_dict(self) -> dict[str, Any]:
        """Returns plain types: lists, dictionaries, Python numbers, None for NaN."""
        found = {name: _coding.plain(value) for name, value in self.field_items()}
        return {"type": type(self).__name__, **found}

    def to_json(self, path: str | Path | None = None) -> str:
        """Returns strict JSON, also written to `path` when given."""
        text = json.dumps(self.to_dict(), allow_nan=False)
        if path is not None:
            Path(path).write_text(text, encoding="utf-8")
        return text

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Undoes `to_dict`; called on the base it finds the class by its name."""
        target: Any = _resolve(cls, values)
        hints = _hints(target)
        known = {k: v for k, v in values.items() if k in hints}
        try:
            return target(
                **{k: _coding.decode(hints[k], v, _make) for k, v in known.items()}
            )
        except TypeError as error:
            raise ValueError(
                f"`values` must hold the fields of {target.__name__}. "
                f"Received: {sorted(values)} ({error})"
            ) from error

    @classmethod
    def from_json(cls, text: str | Path) -> Self:
        """Undoes `to_json`; a `Path` is read first."""
        if isinstance(text, Path):
            text = text.read_text(encoding="utf-8")
        return cls.from_dict(json.loads(text))

    def save_npz(self, path: str | Path) -> None:
        """Writes every array bitwise, and the rest beside them, without pickles."""
        arrays: dict[str, np.ndarray[Any, Any]] = {}
        rest = json.dumps(_coding.stored(self, arrays))
        coded = np.frombuffer(rest.encode("utf-8"), dtype=np.uint8)
        with Path(path).open("wb") as file:
            np.savez(file, __result__=coded, **arrays)  # type: ignore[arg-type]  # stubs

    @classmethod
    def load_npz(cls, path: str | Path) -> Self:
        """Undoes `save_npz`."""
        with np.load(path, allow_pickle=False) as file:
            rest = json.loads(file["__result__"].tobytes().decode("utf-8"))
            return cls.from_dict(_coding.restored(rest, file))

    def to_frame(self) -> "pd.DataFrame":
        """Returns a table: a row an element of the array fields, else a single row.

        The first one-axis array sets the number of rows; other fields of that length
        are columns. Without one, the numbers and texts are a single row.
        """
        import pandas as pd

        items = [i for i in self.field_items() if i[0] not in _BOOKKEEPING]
        arrays = [v for _, v in items if isinstance(v, np.ndarray) and v.ndim == 1]
        if arrays:
            rows = len(arrays[0])
            columns = {k: _column(v) for k, v in items if _is_column(v, rows)}
            return pd.DataFrame(columns)
        single = {k: v for k, v in items if isinstance(v, str | int | float | bool)}
        return pd.DataFrame([single])


_BOOKKEEPING = ("flags", "schema_version")


def _is_column(value: Any, rows: int) -> bool:
    if isinstance(value, np.ndarray):
        return value.shape == (rows,)
    return isinstance(value, tuple) and len(value) == rows and rows > 0


def _column(value: Any) -> Any:
    return value if isinstance(value, np.ndarray) else list(value)


def _frozen(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    if array.flags.writeable or array.base is not None:
        array = array.copy()
        array.flags.writeable = False
    return array


def _frozen_inside(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return _frozen(value)
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, dict):
        return {k: _frozen_inside(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        inner = [_frozen_inside(v) for v in value]
        return inner if isinstance(value, list) else tuple(inner)
    return value


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.shape == b.shape and np.array_equal(a, b, a.dtype.kind in "fc")
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_equal(v, b[k]) for k, v in a.items())
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(map(_equal, a, b))
    if isinstance(a, float) and isinstance(b, float) and a != a and b != b:
        return True
    return bool(a == b)


@cache
def _hints(cls: Any) -> dict[str, Any]:
    hints = get_type_hints(cls)
    return {field.name: hints[field.name] for field in fields(cls)}


def _resolve(cls: type[Any], values: dict[str, Any]) -> type[Any]:
    name = values.get("type", cls.__name__)
    if name == cls.__name__:
        return cls
    found = AnalysisResult._types.get(name)
    if found is None:
        found = getattr(importlib.import_module("dl_techniques.analysis"), name, None)
    if found is None or not issubclass(found, cls):
        raise ValueError(f"`type` must name a {cls.__name__}. Received: type={name!r}")
    return found


def _make(cls: type[AnalysisResult] | None, values: dict[str, Any]) -> Any:
    try:
        return (cls or AnalysisResult).from_dict(values)
    except ValueError:
        if cls is None:  # a plain dictionary that happens to have the key "type"
            return values
        raise
