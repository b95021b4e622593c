"""A person's own files: checked, turned into arrays and kept under the home folder."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from dl_techniques.datasets.errors import DatasetError
from dl_techniques.datasets.readers.limits import MAX_BYTES, MEBI
from dl_techniques.datasets.readers.parsed import Parsed, TaskChoice
from dl_techniques.datasets.shelf import (
    PREFIX,
    RECORD,
    Home,
    UploadInfo,
    folder_of,
    keep,
    upload_info,
)

ENDINGS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".parquet": "parquet",
    ".npz": "npz",
    ".zip": "zip",
}


def store_upload(
    name: str,
    content: bytes | bytearray | memoryview | str | os.PathLike[str],
    home: Home = None,
    *,
    label_column: str | None = None,
    task: TaskChoice = "auto",
    image_size: int | None = None,
) -> UploadInfo:
    """Checks a file, reads it and keeps its arrays; the same file is kept once.

    Args:
        name: The file's name; its ending says what it must hold: .csv, .tsv or .txt, a
            table with named columns; .parquet; .npz with x and y; .zip, pictures in
            one folder a class.
        content: Its bytes, or the path where they are.
        home: Folder under which `uploads/` lies; default as everywhere.
        label_column: Column (or array of an NPZ) with the labels; None looks for
            label, class, target or y.
        task: "auto" takes texts and few whole numbers for classes.
        image_size: Side of the square to which pictures are scaled, 8 to 256.

    Raises:
        DatasetError: One line that says what is wrong with the file.
    """
    if task not in ("auto", "classification", "regression"):
        raise DatasetError(
            "`task` must be 'auto', 'classification' or 'regression'. "
            f"Received: task={task!r}"
        )
    if image_size is not None and not 8 <= image_size <= 256:
        raise DatasetError(
            f"`image_size` must be 8 to 256 or None. Received: image_size={image_size}"
        )
    filename = _plain(name)
    data = _bytes(content, filename)
    kind = _sniff(data, filename)
    settings = json.dumps([kind, label_column, task, image_size])
    digest = hashlib.sha256(settings.encode() + b"\0" + data).hexdigest()[:16]
    target = folder_of(digest, home)
    if not (target / RECORD).is_file():
        parsed = _parse(kind, data, filename, label_column, task, image_size)
        keep(target, parsed, filename, len(data))
    return upload_info(PREFIX + digest, target)


def _plain(name: str) -> str:
    last = str(name).replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable())[-100:] or "upload"


def _bytes(content: Any, filename: str) -> bytes:
    if isinstance(content, bytes | bytearray | memoryview):
        size = len(content)
    else:
        try:
            size = Path(content).stat().st_size
        except OSError as error:
            raise DatasetError(f"{filename} cannot be read: {error}") from error
    if size > MAX_BYTES:
        raise DatasetError(
            f"{filename} has {size / MEBI:.0f} MB; at most {MAX_BYTES // MEBI} MB are "
            "allowed"
        )
    if isinstance(content, bytes | bytearray | memoryview):
        return bytes(content)
    return Path(content).read_bytes()


def _sniff(data: bytes, filename: str) -> str:
    """Returns what the file is; its content has to agree with its ending."""
    ending = Path(filename).suffix.lower()
    if ending not in ENDINGS:
        raise DatasetError(
            f"{filename} must end in {', '.join(ENDINGS)}. Received: {ending!r}"
        )
    if not data:
        raise DatasetError(f"{filename} is empty")
    claimed = ENDINGS[ending]
    found = "csv"
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        found = "zip"
    elif data[:4] == b"PAR1":
        found = "parquet"
    elif data[:6] == b"\x93NUMPY":
        found = "npy"
    if found != ("zip" if claimed == "npz" else claimed):
        what = {"csv": "text or something else", "npy": "a single NumPy array"}
        raise DatasetError(
            f"{filename} is called {ending} but holds {what.get(found, found)}"
        )
    return claimed


def _parse(
    kind: str,
    data: bytes,
    filename: str,
    label: str | None,
    task: TaskChoice,
    size: int | None,
) -> Parsed:
    if kind == "npz":
        from dl_techniques.datasets.readers.npz import read_npz

        return read_npz(data, filename, label, task)
    if kind == "zip":
        from dl_techniques.datasets.readers.images import read_images

        return read_images(data, filename, size)
    if kind == "parquet":
        from dl_techniques.datasets.readers.parquet import read_parquet

        return read_parquet(data, filename, label, task)
    from dl_techniques.datasets.readers.delimited import read_csv

    return read_csv(data, filename, label, task)
