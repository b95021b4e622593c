"""Tensors out of a file of weights, one at a time."""

import json
import math
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dl_techniques.pretrained.torch_archive import read_archive
from dl_techniques.pretrained.widen import widened

Array = NDArray[Any]
_MAX_HEADER = 100_000_000
DTYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "BF16": "<u2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "i1",
    "U64": "<u8",
    "U32": "<u4",
    "U16": "<u2",
    "U8": "u1",
    "BOOL": "?",
}


@dataclass(frozen=True)
class LazyTensor:
    """A tensor whose header is known and whose values are read on demand.

    Attributes:
        name: Its name in the file.
        shape: Its shape.
        dtype: Its type there, as "F32" or "BF16".
        read: Returns the values; half precision is widened to float32.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    read: Callable[[], Array]


def read_tensors(path: str | Path) -> Mapping[str, LazyTensor]:
    """Returns the tensors of a file by name; no values are read yet.

    Args:
        path: A `.safetensors` file, a `.safetensors.index.json` that names its shards,
            or a zip-based torch archive (`.bin`, `.pt`, `.pth`).

    Raises:
        ValueError: If the file is damaged or of another kind.
    """
    path = Path(path)
    if path.name.endswith(".index.json"):
        return _shards(path)
    if path.suffix == ".safetensors":
        return _safetensors(path)
    if path.suffix in (".bin", ".pt", ".pth"):
        return {
            name: LazyTensor(name, *rest) for name, rest in read_archive(path).items()
        }
    raise ValueError(
        f"{path.name}: weights are read from .safetensors, .safetensors.index.json, "
        ".bin, .pt and .pth files"
    )


def _shards(path: Path) -> dict[str, LazyTensor]:
    index = json.loads(path.read_text(encoding="utf-8"))["weight_map"]
    files = {}
    for name in sorted(set(index.values())):
        if Path(name).name != name:
            raise ValueError(f"{path.name} names a shard outside its folder: {name}")
        files[name] = _safetensors(path.parent / name)
    return {name: files[shard][name] for name, shard in index.items()}


def _safetensors(path: Path) -> dict[str, LazyTensor]:
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else size
        if length > min(_MAX_HEADER, size - 8):
            raise ValueError(f"{path.name} is cut short or no safetensors file")
        try:
            header = json.loads(file.read(length))
        except (UnicodeDecodeError, json.JSONDecodeError):
            raise ValueError(f"{path.name} is no safetensors file") from None
    base, end = 8 + length, 0
    entries = [(n, e) for n, e in header.items() if n != "__metadata__"]
    found = {}
    for name, entry in sorted(entries, key=lambda item: item[1]["data_offsets"][0]):
        first, last = entry["data_offsets"]
        shape = tuple(int(n) for n in entry["shape"])
        dtype = entry["dtype"]
        if dtype not in DTYPES:
            raise ValueError(f"{path.name}: {name} is of the unknown type {dtype}")
        expected = math.prod(shape) * np.dtype(DTYPES[dtype]).itemsize
        if first != end or last - first != expected or base + last > size:
            raise ValueError(f"{path.name} is damaged or cut short at {name}")
        end = last
        found[name] = LazyTensor(
            name, shape, dtype, _reader(path, base + first, shape, dtype)
        )
    if base + end != size:
        raise ValueError(f"{path.name} has {size - base - end} bytes too many")
    return found


def _reader(
    path: Path, offset: int, shape: tuple[int, ...], dtype: str
) -> Callable[[], Array]:
    def read() -> Array:
        stored = np.dtype(DTYPES[dtype])
        if math.prod(shape) == 0:
            return np.zeros(shape, "float32")
        values = np.memmap(path, stored, "r", offset, math.prod(shape))
        return widened(values.reshape(shape), dtype)

    return read
