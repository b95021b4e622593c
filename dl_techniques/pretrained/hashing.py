"""The hash of a file of weights, computed once."""

import hashlib
import json
import re
from pathlib import Path

from dl_techniques.utils.home import home_path

_CHUNK = 2**20


def sha256_of(path: Path) -> str:
    """Returns the sha256 of a file; remembered while size and time stay the same."""
    status = path.stat()
    key = f"{path.resolve()}|{status.st_size}|{status.st_mtime_ns}"
    book = home_path() / "weights_sha256.json"
    known = _read(book)
    if key in known:
        return known[key]
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    known[key] = digest.hexdigest()
    try:
        book.parent.mkdir(parents=True, exist_ok=True)
        book.write_text(json.dumps(known), encoding="utf-8")
    except OSError:
        pass  # a read-only home costs time, nothing else
    return known[key]


def check_hash(path: Path, expected: str | None) -> str:
    """Returns the hash; raises `ValueError` where another one is known.

    Args:
        path: The file. In the hub's cache it is a link to a blob named by its hash.
        expected: The hash that is known otherwise.
    """
    found = sha256_of(path)
    blob = path.resolve().name
    named = blob if re.fullmatch(r"[0-9a-f]{64}", blob) else None
    for known in filter(None, (expected, named)):
        if known != found:
            raise ValueError(
                f"{path.name} is damaged or another file: its sha256 is {found}, "
                f"expected {known}. Delete it and download it again."
            )
    return found


def _read(book: Path) -> dict[str, str]:
    try:
        return dict(json.loads(book.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}
