"""Results and their stored dictionaries, read alike."""

from collections.abc import Mapping
from typing import Any


class View:
    """A stored result whose keys are read as attributes; null reads as NaN or None."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def __getattr__(self, name: str) -> Any:
        try:
            return view(self._values[name])
        except KeyError:
            raise AttributeError(name) from None


def view(value: Any) -> Any:
    """Wraps a stored dictionary; results and plain values stay as they are."""
    if isinstance(value, Mapping) and "type" in value:
        return View(value)
    if isinstance(value, list | tuple) and any(isinstance(v, Mapping) for v in value):
        return tuple(View(v) if isinstance(v, Mapping) else v for v in value)
    return value


def expect(value: Any, what: str, *names: str) -> Any:
    """Returns `value` as a result that has `names`.

    Raises:
        TypeError: It does not; the message names `what` was expected.
    """
    found = View(value) if isinstance(value, Mapping) else value
    missing = [n for n in names if not hasattr(found, n)]
    if missing:
        raise TypeError(f"expected {what}, got {type(value).__name__}")
    return found


def by_name(value: Any, what: str, *names: str) -> dict[str, Any]:
    """Returns results by model name; a bare result gets the name ""."""
    stored = isinstance(value, Mapping) and all(n in value for n in names)
    if isinstance(value, Mapping) and not stored:
        return {str(k): expect(v, what, *names) for k, v in value.items()}
    return {"": expect(value, what, *names)}
