"""The folder of stored uploads: one sub-folder each, written whole or not at all."""

import json
import os
import re
import shutil
import tempfile
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from dl_techniques.datasets.errors import DatasetError
from dl_techniques.datasets.info import DatasetInfo
from dl_techniques.datasets.readers.parsed import Parsed
from dl_techniques.datasets.source import Raw, Request, Source
from dl_techniques.utils.home import home_path

PREFIX = "upload:"
RECORD = "upload.json"
Home = str | os.PathLike[str] | None
_ID = re.compile(r"upload:[0-9a-f]{16}")
_ARRAYS = ("x", "y", "x_test", "y_test")


@dataclass(frozen=True)
class UploadInfo:
    """A stored upload.

    Attributes:
        name: What a recipe writes: "upload:" and 16 hexadecimal digits of a SHA-256
            over content and reading options.
        filename: What the file was called, without folders.
        size: Bytes of the file.
        info: The data set it became.
        notes: What a person should know, one line each.
    """

    name: str
    filename: str
    size: int
    info: DatasetInfo
    notes: tuple[str, ...] = ()


def upload_infos(home: Home = None) -> tuple[UploadInfo, ...]:
    """Returns every readable upload under `home`, the newest first."""
    folder = home_path(home) / "uploads"
    if not folder.is_dir():
        return ()
    found = []
    for path in sorted(folder.iterdir(), key=lambda p: -p.stat().st_mtime):
        try:
            found.append(upload_info(PREFIX + path.name, folder_of(path.name, home)))
        except DatasetError:
            continue  # a folder that is no upload, or a damaged one
    return tuple(found)


def delete_upload(name: str, home: Home = None) -> None:
    """Removes an upload; recipes that name it can no longer run."""
    folder = folder_of(name.removeprefix(PREFIX), home)
    upload_info(name, folder)
    shutil.rmtree(folder)


def is_upload(name: Any) -> bool:
    """Tells whether `name` is meant for an upload."""
    return isinstance(name, str) and name.startswith(PREFIX)


def upload_source(name: str, home: Home = None) -> Source:
    """Returns an upload as a data set; unknown ones raise `DatasetError`."""
    folder = folder_of(name.removeprefix(PREFIX), home)
    upload = upload_info(name, folder)

    def load(request: Request) -> Raw:
        arrays = {k: _mapped(folder / f"{k}.npy", upload) for k in _ARRAYS}
        x, y = arrays["x"], arrays["y"]
        if x is None or y is None:
            raise DatasetError(f"{name} ({upload.filename}) has lost its arrays")
        return Raw(x, y, arrays["x_test"], arrays["y_test"], upload.notes)

    return Source(upload.info, load)


def keep(target: Path, parsed: Parsed, filename: str, size: int) -> None:
    """Writes into a fresh folder and renames it, so that no half upload is seen."""
    target.parent.mkdir(parents=True, exist_ok=True)
    info = {
        "title": filename,
        "kind": parsed.kind,
        "task": parsed.task,
        "input_shape": parsed.x.shape[1:],
        "num_classes": len(parsed.class_names) or None,
        "n_outputs": len(parsed.class_names) or 1,
        "class_names": parsed.class_names,
        "n_samples": len(parsed.y)
        + (0 if parsed.y_test is None else len(parsed.y_test)),
        "feature_names": parsed.feature_names,
    }
    record = {"filename": filename, "size": size, "notes": parsed.notes, "info": info}
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".new-") as scratch:
        fresh = Path(scratch) / "upload"
        fresh.mkdir()
        for key in _ARRAYS:
            value = getattr(parsed, key)
            if value is not None:
                np.save(fresh / f"{key}.npy", value, allow_pickle=False)
        (fresh / RECORD).write_text(json.dumps(record), "utf-8")
        if target.is_dir() and not (target / RECORD).is_file():
            shutil.rmtree(target)  # what a damaged disk left
        try:
            fresh.rename(target)
        except OSError as error:
            if not (target / RECORD).is_file():  # else another one was faster
                raise DatasetError(f"{filename} cannot be kept: {error}") from error


def folder_of(digest: str, home: Home) -> Path:
    """Returns where the upload of these 16 hexadecimal digits lies or would lie."""
    if not _ID.fullmatch(PREFIX + digest):
        raise DatasetError(
            "an upload is called upload: and 16 hexadecimal digits. "
            f"Received: {PREFIX + digest!r}"
        )
    return home_path(home) / "uploads" / digest


def upload_info(name: str, folder: Path) -> UploadInfo:
    """Reads an upload's record; a missing or damaged one raises `DatasetError`."""
    try:
        record = json.loads((folder / RECORD).read_text("utf-8"))
        names = {f.name for f in fields(DatasetInfo)}
        known = {k: _frozen(v) for k, v in record["info"].items() if k in names}
        info = DatasetInfo(
            name=name,
            source=f"uploaded file {record['filename']}",
            licence="yours; not known here",
            summary="Your own data.",
            **known,
        )
        notes = tuple(record["notes"])
        return UploadInfo(name, record["filename"], record["size"], info, notes)
    except FileNotFoundError as error:
        raise DatasetError(
            f"There is no upload {name!r} on this computer; upload its file again"
        ) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DatasetError(f"the stored upload {name!r} is damaged") from error


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _mapped(path: Path, upload: UploadInfo) -> np.ndarray | None:
    if not path.is_file():
        return None
    try:
        return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
    except (OSError, ValueError) as error:
        raise DatasetError(
            f"the stored upload {upload.name!r} is damaged: {error}"
        ) from error
