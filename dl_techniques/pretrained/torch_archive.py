"""Tensors out of a zip-based torch archive, without torch and without its pickles.

Only the record of tensors is unpickled, by a reader that knows eleven names and
refuses every other: nothing of the file is ever run.
"""

import math
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from dl_techniques.pretrained.widen import widened

Entry = tuple[tuple[int, ...], str, Callable[[], NDArray[Any]]]
_STORAGES = {
    "DoubleStorage": ("F64", "<f8"),
    "FloatStorage": ("F32", "<f4"),
    "HalfStorage": ("F16", "<f2"),
    "BFloat16Storage": ("BF16", "<u2"),
    "LongStorage": ("I64", "<i8"),
    "IntStorage": ("I32", "<i4"),
    "ShortStorage": ("I16", "<i2"),
    "CharStorage": ("I8", "i1"),
    "ByteStorage": ("U8", "u1"),
    "BoolStorage": ("BOOL", "?"),
}


@dataclass(frozen=True)
class _Storage:
    kind: str
    key: str
    numel: int


@dataclass(frozen=True)
class _Tensor:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def read_archive(path: Path) -> dict[str, Entry]:
    """Returns shape, type and reader of each tensor, by name.

    Raises:
        ValueError: If the file is of another kind, damaged, or names anything but
            tensors.
    """
    if not zipfile.is_zipfile(path):
        raise ValueError(
            f"{path.name} is no zip archive; files of torch before 1.6 are not read, "
            "save it again with a newer torch or as .safetensors"
        )
    with zipfile.ZipFile(path) as archive:
        names = [n for n in archive.namelist() if n.endswith("data.pkl")]
        if len(names) != 1:
            raise ValueError(f"{path.name} is no torch archive")
        prefix = names[0].removesuffix("data.pkl")
        with archive.open(names[0]) as file:
            content = _unpickle(file, path.name)
        sizes = {i.filename: i for i in archive.infolist()}
    found = {}
    for name, tensor in _tensors(content).items():
        member = f"{prefix}data/{tensor.storage.key}"
        info = sizes.get(member)
        width = np.dtype(_STORAGES[tensor.storage.kind][1]).itemsize
        stored = info is not None and info.compress_type == zipfile.ZIP_STORED
        bytes_there = info.file_size if info and stored else -1
        fits = tensor.storage.numel * width == bytes_there <= path.stat().st_size
        if not fits or _last(tensor) >= max(tensor.storage.numel, 1):
            raise ValueError(f"{path.name} is damaged at {name}")
        kind = _STORAGES[tensor.storage.kind][0]
        found[name] = (tensor.shape, kind, _reader(path, member, tensor))
    return found


def _last(tensor: _Tensor) -> int:
    """Returns the largest index that the tensor reaches in its storage."""
    if math.prod(tensor.shape) == 0:
        return 0
    steps = zip(tensor.shape, tensor.strides, strict=True)
    return tensor.offset + sum((n - 1) * step for n, step in steps)


def _reader(path: Path, member: str, tensor: _Tensor) -> Callable[[], NDArray[Any]]:
    def read() -> NDArray[Any]:
        kind, dtype = _STORAGES[tensor.storage.kind]
        with zipfile.ZipFile(path) as archive:
            flat = np.frombuffer(archive.read(member), dtype)
        width = flat.dtype.itemsize
        view = np.lib.stride_tricks.as_strided(
            flat[tensor.offset :],
            tensor.shape,
            tuple(s * width for s in tensor.strides),
            writeable=False,
        )
        return widened(view, kind)

    return read


def _tensors(content: Any) -> dict[str, _Tensor]:
    """Returns the tensors of a state dict, or of one under "state_dict" or "model"."""
    for key in ("state_dict", "model"):
        if isinstance(content, dict) and isinstance(content.get(key), dict):
            content = content[key]
    if not isinstance(content, dict):
        raise ValueError("the archive holds no dictionary of tensors")
    return {k: v for k, v in content.items() if isinstance(v, _Tensor)}


def _unpickle(file: Any, name: str) -> Any:
    try:
        return _Reader(file).load()
    except pickle.UnpicklingError as error:
        raise ValueError(f"{name} is refused: {error}") from None


class _Reader(pickle.Unpickler):
    """Knows tensors, their storages and ordered dictionaries; refuses the rest."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)

    def find_class(self, module_name: str, global_name: str) -> Any:
        known = {
            ("collections", "OrderedDict"): OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2"): _rebuild_tensor,
            ("torch._utils", "_rebuild_parameter"): _rebuild_parameter,
        }
        if module_name == "torch" and global_name in _STORAGES:
            return global_name
        if (module_name, global_name) not in known:
            message = f"it names {module_name}.{global_name}, not only tensors"
            raise pickle.UnpicklingError(message)
        return known[module_name, global_name]

    def persistent_load(self, pid: Any) -> _Storage:
        kind, storage, key, _, numel = pid
        plain = isinstance(key, str) and key.isdigit() and numel >= 0
        if kind != "storage" or storage not in _STORAGES or not plain:
            raise pickle.UnpicklingError("it refers to something but a storage")
        return _Storage(storage, key, int(numel))


def _rebuild_tensor(
    storage: _Storage,
    offset: int,
    shape: tuple[int, ...],
    strides: tuple[int, ...],
    *_: Any,
) -> _Tensor:
    numbers = (offset, *shape, *strides)
    whole = all(isinstance(n, int) and n >= 0 for n in numbers)
    if not isinstance(storage, _Storage) or not whole or len(shape) != len(strides):
        raise pickle.UnpicklingError("it describes an impossible tensor")
    return _Tensor(storage, offset, tuple(shape), tuple(strides))


def _rebuild_parameter(data: _Tensor, *_: Any) -> _Tensor:
    return data
