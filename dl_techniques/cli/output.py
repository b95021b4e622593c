"""How commands speak: tables for people, JSON for programs, one line for errors."""

import json
import math
import sys
from collections.abc import Iterable, Sequence
from typing import Any


def emit(value: Any) -> None:
    """Prints `value` as strict JSON: NaN and infinity become null."""
    print(json.dumps(_strict(value), indent=2, default=str))


def table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Prints aligned columns."""
    lines = [[str(h) for h in header], *([_cell(c) for c in row] for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]
    for line in lines:
        cells = (c.ljust(w) for c, w in zip(line, widths, strict=True))
        print("  ".join(cells).rstrip())


def fail(error: Exception, *, as_json: bool) -> int:
    """Prints what was wrong with the input in one line; returns 2."""
    problems = getattr(error, "problems", ())
    lines = [" ".join(str(p).split()) for p in problems]
    text = error.args[0] if isinstance(error, KeyError) and error.args else error
    lines = lines or [" ".join(str(text).split())]
    if as_json:
        emit({"error": lines})
    print(f"error: {'; '.join(lines)}", file=sys.stderr)
    return 2


def _cell(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _strict(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(k): _strict(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(v) for v in value]
    return value
