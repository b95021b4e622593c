"""A zip archive read in memory; nothing of it is ever written under its own name."""

import io
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath, PureWindowsPath

from dl_techniques.datasets.errors import DatasetError
from dl_techniques.datasets.readers.limits import (
    MAX_DIRECTORY,
    MAX_FILES,
    MAX_RATIO,
    MAX_UNPACKED,
    MEBI,
    RATIO_FROM,
)

_END = b"PK\x05\x06"
_CHUNK = MEBI
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Archive:
    """The checked members of a zip archive.

    Args:
        data: The archive's bytes.
        name: How errors call it.

    Raises:
        DatasetError: It is damaged, holds an unsafe path, a link or a locked member,
            or unpacks to more than `limits` allow.
    """

    def __init__(self, data: bytes, name: str) -> None:
        self.name = name
        _check_directory(data, name)
        with _readable(name):
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        members = self._zip.infolist()
        if len(members) > MAX_FILES:
            raise DatasetError(_too_many(name, len(members)))
        for member in members:
            _check_member(member, name)
        total = sum(m.file_size for m in members)
        if total > MAX_UNPACKED:
            raise DatasetError(
                f"{name} unpacks to {total / MEBI:.0f} MB; at most "
                f"{MAX_UNPACKED // MEBI} MB are allowed"
            )
        self.members = {m.filename: m for m in members if not m.is_dir()}
        if len(self.members) < len([m for m in members if not m.is_dir()]):
            raise DatasetError(f"{name} holds two files of the same name")
        self._left = MAX_UNPACKED * 3  # members may be read more than once

    def read(self, member: str) -> bytearray:
        """Unpacks one member, and stops as soon as it is longer than it claims."""
        info = self.members[member]
        raw = bytearray()
        with _readable(self.name), self._zip.open(info) as file:
            while part := file.read(_CHUNK):
                raw += part
                self._left -= len(part)
                if len(raw) > info.file_size or self._left < 0:
                    raise DatasetError(f"{self.name}: {member!r} unpacks without end")
        if len(raw) != info.file_size:
            raise DatasetError(f"{self.name}: {member!r} is cut short")
        return raw


def _check_directory(data: bytes, name: str) -> None:
    """Checks the table of contents before anything parses it."""
    end = data.rfind(_END, max(0, len(data) - 22 - 65_535))
    if end < 0 or len(data) < end + 22:
        raise DatasetError(f"{name} is a damaged or truncated zip archive")
    count = int.from_bytes(data[end + 10 : end + 12], "little")
    size = int.from_bytes(data[end + 12 : end + 16], "little")
    if count > MAX_FILES:
        raise DatasetError(_too_many(name, count))
    if size > MAX_DIRECTORY:
        raise DatasetError(f"{name} has a table of contents of {size} bytes, too many")
    if b"PK\x06\x07" in data[max(0, end - 20) : end]:
        raise DatasetError(f"{name} is a ZIP64 archive, made for more than is allowed")


def _check_member(member: zipfile.ZipInfo, name: str) -> None:
    path = member.orig_filename
    unsafe = (
        "\0" in path
        or "\\" in path
        or PurePosixPath(path).is_absolute()
        or bool(PureWindowsPath(path).drive)
        or ".." in PurePosixPath(path).parts
    )
    if unsafe:
        raise DatasetError(f"{name} holds an unsafe path: {path[:100]!r}")
    mode = member.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise DatasetError(f"{name} holds a link or device: {path[:100]!r}")
    if member.flag_bits & 0x1:
        raise DatasetError(f"{name} holds an encrypted file: {path[:100]!r}")
    if member.compress_type not in _PACKED:
        raise DatasetError(
            f"{name}: {path[:100]!r} is packed in an unusual way; pack it as plain zip"
        )
    ratio = member.file_size / max(member.compress_size, 1)
    if member.file_size > RATIO_FROM and ratio > MAX_RATIO:
        raise DatasetError(
            f"{name}: {path[:100]!r} unpacks to {ratio:.0f} times its size; at most "
            f"{MAX_RATIO} times is allowed"
        )


def _too_many(name: str, count: int) -> str:
    return f"{name} holds {count} files; at most {MAX_FILES} are allowed"


@contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        yield
    except DatasetError:
        raise
    except Exception as error:  # zipfile raises whatever damaged bytes lead to
        raise DatasetError(f"{name} is a damaged zip archive: {error}") from error
