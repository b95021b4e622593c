"""The snapshots of one run: one strict-JSON file an analysed epoch."""

import json
import threading
import time
from pathlib import Path
from typing import Any

from dl_techniques.utils.files import write_atomic
from dl_techniques.utils.validation import check

MAX_BYTES = 256 * 1024
_QUIET_NS = 100_000_000
_seen: dict[str, tuple[int, int]] = {}
_seen_lock = threading.Lock()


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not strict JSON")


def add(folder: Path, epoch: int, text: str) -> None:
    """Writes one snapshot; text that is not strict JSON or is too big is refused."""
    size = len(text.encode())
    check(size <= MAX_BYTES, "json_text", f"at most {MAX_BYTES} bytes", size)
    json.loads(text, parse_constant=_refuse)
    folder.mkdir(parents=True, exist_ok=True)
    write_atomic(folder / f"{epoch:06d}.json", text)


def read(folder: Path, cursor: int = 0) -> tuple[list[dict[str, Any]], int]:
    """Returns the snapshots of epochs after `cursor`, and the newest epoch.

    When nothing is new this costs one `stat` of the folder.
    """
    try:
        changed = folder.stat().st_mtime_ns
    except FileNotFoundError:
        return [], cursor
    with _seen_lock:
        known = _seen.get(str(folder))
    if known and known[0] == changed and known[1] <= cursor:
        return [], cursor
    epochs = _epochs(folder)
    newest = epochs[-1] if epochs else 0
    if time.time_ns() - changed > _QUIET_NS:  # later writes show in the time stamp
        with _seen_lock:
            _seen[str(folder)] = (changed, newest)
    found = [_load(folder, epoch) for epoch in epochs if epoch > cursor]
    return [f for f in found if f is not None], max(cursor, newest)


def rewind(folder: Path, epoch: int) -> None:
    """Removes the snapshots after `epoch`."""
    for late in _epochs(folder):
        if late > epoch:
            (folder / f"{late:06d}.json").unlink(missing_ok=True)


def _epochs(folder: Path) -> list[int]:
    if not folder.is_dir():
        return []
    names = (p.name for p in folder.iterdir())
    return sorted(int(n[:-5]) for n in names if n[:-5].isdigit())


def _load(folder: Path, epoch: int) -> dict[str, Any] | None:
    try:
        return dict(json.loads((folder / f"{epoch:06d}.json").read_bytes()))
    except FileNotFoundError:  # taken back meanwhile
        return None
