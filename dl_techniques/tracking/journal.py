"""The metrics of one run as an append-only file of JSON lines.

MLflow keeps the same numbers; the journal is what a page polls: what is new costs one
`stat` and the bytes after the cursor.
"""

import contextlib
import json
import math
import time
from pathlib import Path
from typing import Any

from dl_techniques.tracking.records import MetricRow


def append(path: Path, step: int, values: dict[str, float], when: float) -> None:
    """Adds one row."""
    plain = {k: v if math.isfinite(v) else str(v) for k, v in values.items()}
    _write(path, {"step": step, "time": when, "values": plain})


def rewind(path: Path, step: int) -> None:
    """Takes back every row after `step`: a run goes on from its checkpoint there."""
    if path.exists():
        _write(path, {"rewind": step, "time": time.time()})


def _write(path: Path, row: dict[str, Any]) -> None:
    line = (json.dumps(row, allow_nan=False) + "\n").encode()
    with path.open("ab") as file:
        file.write(line)


def read(path: Path, cursor: int = 0) -> tuple[tuple[MetricRow, ...], int]:
    """Returns the rows after `cursor` and the new cursor.

    A half-written last line is left for the next call. Rows that were taken back are
    dropped; when they lie before the cursor, the rows that replace them come with
    the same steps.
    """
    try:
        if path.stat().st_size <= cursor:
            return (), cursor
        with path.open("rb") as file:
            file.seek(cursor)
            data = file.read()
    except FileNotFoundError:
        return (), cursor
    end = data.rfind(b"\n") + 1
    rows: list[MetricRow] = []
    for line in data[:end].splitlines():
        with contextlib.suppress(ValueError):  # a line torn by a crash
            rows = _apply(rows, json.loads(line))
    return tuple(rows), cursor + end


def _apply(rows: list[MetricRow], data: dict[str, Any]) -> list[MetricRow]:
    if "rewind" in data:
        return [r for r in rows if r.step <= data["rewind"]]
    values = {k: float(v) for k, v in data["values"].items()}
    rows.append(MetricRow(data["step"], data["time"], values))
    return rows
