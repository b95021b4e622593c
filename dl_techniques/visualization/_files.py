"""Names, locks and the index of saved figures."""

import contextlib
import json
import os
import re
import time
import unicodedata
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dl_techniques.utils.validation import check

INDEX = "index.json"


def slug(name: str, argument: str = "name") -> str:
    """Returns a name of the characters A-Z a-z 0-9 . _ - only.

    Raises:
        ValueError: If a part of it is "..".
    """
    check(".." not in re.split(r"[/\\]", name), argument, "without '..'", name)
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    found = re.sub(r"[^A-Za-z0-9._-]+", "_", plain).lstrip(".").strip("_")
    return found[:120] or f"figure_{uuid.uuid5(uuid.NAMESPACE_URL, name).hex[:8]}"


def folder(root: Path, subdir: str | None) -> Path:
    """Returns a folder below `root`; every part of `subdir` is slugged.

    Raises:
        ValueError: If it would leave `root`.
    """
    if not subdir:
        return root
    inside = not Path(subdir).is_absolute()
    check(inside, "subdir", "a folder inside output_dir", subdir)
    parts = [p for p in re.split(r"[/\\]", str(subdir)) if p not in ("", ".")]
    return root.joinpath(*(slug(p, "subdir") for p in parts))


def write(path: Path, data: bytes | str) -> None:
    """Writes a file in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    raw = data.encode("utf-8") if isinstance(data, str) else data
    part = path.with_name(f".{path.name}.{os.getpid()}.{uuid.uuid4().hex[:8]}.part")
    try:
        part.write_bytes(raw)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextlib.contextmanager
def lock(path: Path, timeout: float = 10.0, stale: float = 60.0) -> Iterator[None]:
    """Holds a lock file; one older than `stale` seconds was left by a dead process.

    Raises:
        TimeoutError: If another process holds it for longer than `timeout` seconds.
    """
    end = time.monotonic() + timeout
    while True:
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            break
        except FileExistsError:
            with contextlib.suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > stale:
                    path.unlink()
                    continue
            if time.monotonic() > end:
                raise TimeoutError(f"{path} is held by another process") from None
            time.sleep(0.02)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def read_index(root: Path) -> list[dict[str, Any]]:
    """Returns the records of the index, oldest first; none when there is no file."""
    path = root / INDEX
    if not path.exists():
        return []
    found = json.loads(path.read_text(encoding="utf-8"))
    return list(found)


def merge_index(root: Path, records: list[dict[str, Any]]) -> None:
    """Puts records into the index; one of the same file is replaced."""
    with lock(root / f"{INDEX}.lock"):
        files = {r["file"] for r in records}
        kept = [r for r in read_index(root) if r["file"] not in files]
        text = json.dumps([*kept, *records], indent=1, ensure_ascii=False)
        write(root / INDEX, text)


def free_name(root: Path, where: Path, name: str) -> str:
    """Returns the slug of a name, or one with a number when another name has it."""
    taken = {r["file"].rsplit(".", 1)[0]: r["name"] for r in read_index(root)}
    base = slug(name)
    for i in range(1, 10_000):
        found = base if i == 1 else f"{base}_{i}"
        stem = (where / found).relative_to(root).as_posix()
        if taken.get(stem, name) == name:
            return found
    raise ValueError(f"`name` must be free. Received: name={name!r}")
