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


def append(
    path: Path, step: int, values: dict[str, float], when: float, epoch: int
) -> None:
    """Adds one row that belongs to `epoch`."""
    plain = {k: v if math.isfinite(v) else str(v) for k, v in values.items()}
    _write(path, {"step": step, "epoch": epoch, "time": when, "values": plain})


def rewind(path: Path, epoch: int) -> None:
    """Takes back every row after `epoch`: a run goes on from its checkpoint there."""
    if path.exists():
        _write(path, {"rewind": epoch, "time": time.time()})


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
    rows: list[dict[str, Any]] = []
    for line in data[:end].splitlines():
        with contextlib.suppress(ValueError):  # a line torn by a crash
            row = json.loads(line)
            if "rewind" in row:
                rows = [r for r in rows if r["epoch"] <= row["rewind"]]
            else:
                rows.append(row)
    return tuple(_row(r) for r in rows), cursor + end


def _row(data: dict[str, Any]) -> MetricRow:
    values = {k: float(v) for k, v in data["values"].items()}
    return MetricRow(data["step"], data["time"], values)
