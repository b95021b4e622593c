"""Arrays from an NPZ file, with every header checked before memory is taken."""

import ast
import math
import struct
from collections.abc import Mapping

import numpy as np

from dl_techniques.datasets.errors import DatasetError
from dl_techniques.datasets.info import DataKind
from dl_techniques.datasets.readers.archive import Archive
from dl_techniques.datasets.readers.limits import MAX_HEADER, MAX_ROWS
from dl_techniques.datasets.readers.parsed import Parsed, TaskChoice, encode_labels

_X = ("x", "x_train", "data", "images", "features", "inputs")
_Y = ("y", "y_train", "labels", "label", "targets", "target")
_TEST = (("x_test", "y_test"), ("x_val", "y_val"))
_KINDS: dict[int, DataKind] = {2: "vector", 3: "sequence", 4: "image"}


def read_npz(data: bytes, name: str, label: str | None, task: TaskChoice) -> Parsed:
    """Reads `x` and `y` (or `x_train`, ..., with a test set where there is one).

    (n, features) are vectors, (n, time, features) sequences, (n, height, width)
    bytes and (n, height, width, channels) images.
    """
    archive = Archive(data, name)
    members = {m.removesuffix(".npy").lower(): m for m in archive.members}
    x_key = _pick(members, _X, name)
    y_key = _pick(members, (label.lower(),) if label else _Y, name)
    x = _array(archive, members[x_key], texts=False)
    y = _array(archive, members[y_key], texts=True)
    x, kind = _samples(x, f"{name}: {x_key!r}")
    y = _column(y, len(x), f"{name}: {y_key!r}")
    test_keys = next((t for t in _TEST if x_key == "x_train" and t[0] in members), None)
    n_train = len(y)
    x_test = None
    if test_keys:
        if test_keys[1] not in members:
            raise DatasetError(f"{name} has {test_keys[0]!r} but no {test_keys[1]!r}")
        x_test = _array(archive, members[test_keys[0]], texts=False)
        x_test, _ = _samples(x_test, f"{name}: {test_keys[0]!r}")
        if x_test.shape[1:] != x.shape[1:]:
            raise DatasetError(
                f"{name}: training samples have shape {x.shape[1:]}, test samples "
                f"{x_test.shape[1:]}"
            )
        more = _array(archive, members[test_keys[1]], texts=True)
        y = np.concatenate([y, _column(more, len(x_test), f"{name}: {test_keys[1]!r}")])
    coded, names = encode_labels(y, task, f"{name}: {y_key!r}")
    if names and len(np.unique(coded[:n_train])) < len(names):
        raise DatasetError(f"{name}: {test_keys} has a class that training lacks")
    return Parsed(
        x,
        coded[:n_train],
        kind,
        "classification" if names else "regression",
        names,
        x_test=x_test,
        y_test=coded[n_train:] if x_test is not None else None,
    )


def _pick(members: Mapping[str, str], wanted: tuple[str, ...], name: str) -> str:
    for key in wanted:
        if key in members:
            return key
    found = ", ".join(list(members)[:20]) or "nothing"
    raise DatasetError(
        f"{name} needs an array called {' or '.join(wanted)}. Received: {found}"
    )


def _array(archive: Archive, member: str, *, texts: bool) -> np.ndarray:
    """Reads one .npy member whose header claims exactly what the member holds."""
    where = f"{archive.name}: {member!r}"
    raw = archive.read(member)
    start, header = _header(raw, where)
    try:
        fields = ast.literal_eval(header.decode("latin-1"))
        dtype, shape = np.dtype(fields["descr"]), tuple(fields["shape"])
        fortran = bool(fields["fortran_order"])
    except (
        ValueError,
        TypeError,
        KeyError,
        SyntaxError,
        MemoryError,
        RecursionError,
    ) as error:
        raise DatasetError(f"{where} has a damaged header") from error
    if dtype.hasobject:
        raise DatasetError(
            f"{where} holds pickled Python objects, which are never loaded; save "
            "numbers or texts"
        )
    if dtype.kind not in ("biufU" if texts else "biuf") or dtype.itemsize == 0:
        raise DatasetError(f"{where} holds {dtype}, which is not numbers")
    if not shape or not all(isinstance(s, int) and s > 0 for s in shape):
        raise DatasetError(f"{where} has the empty or illegal shape {shape}")
    if math.prod(shape) * dtype.itemsize != len(raw) - start:
        raise DatasetError(
            f"{where} claims {math.prod(shape) * dtype.itemsize} bytes of data and has "
            f"{len(raw) - start}"
        )
    flat = np.frombuffer(raw, dtype, offset=start)
    return flat.reshape(shape, order="F" if fortran else "C")


def _header(raw: bytearray, where: str) -> tuple[int, bytearray]:
    if raw[:6] != b"\x93NUMPY" or len(raw) < 12:
        raise DatasetError(f"{where} is not a NumPy array")
    wide = raw[6] > 1
    length = struct.unpack_from("<I" if wide else "<H", raw, 8)[0]
    first = 12 if wide else 10
    if length > MAX_HEADER:
        raise DatasetError(
            f"{where} claims a header of {length} bytes; at most {MAX_HEADER} are "
            "allowed"
        )
    return first + length, raw[first : first + length]


def _samples(x: np.ndarray, where: str) -> tuple[np.ndarray, DataKind]:
    if x.ndim == 3 and x.dtype == np.uint8:
        x = x[..., None]
    if x.ndim not in _KINDS:
        raise DatasetError(
            f"{where} must have 2 to 4 dimensions, samples first. Received: {x.shape}"
        )
    if len(x) > MAX_ROWS:
        raise DatasetError(f"{where} has {len(x)} samples; at most {MAX_ROWS} allowed")
    kind = _KINDS[x.ndim]
    if x.dtype.kind == "f" and not np.isfinite(x).all():
        raise DatasetError(f"{where} holds NaN or infinite numbers")
    if kind != "image":
        return _float32(x, where), kind
    if x.shape[-1] not in (1, 2, 3, 4):
        raise DatasetError(
            f"{where} must hold images (n, height, width, channels) with 1 to 4 "
            f"channels. Received: {x.shape}"
        )
    low, high = float(x.min()), float(x.max())
    if low >= 0 and 1 < high <= 255:
        return np.rint(x).astype(np.uint8), kind
    return _float32(x, where), kind


def _float32(x: np.ndarray, where: str) -> np.ndarray:
    if x.dtype.kind == "f" and abs(x).max() > np.finfo(np.float32).max:
        raise DatasetError(f"{where} holds numbers too large for float32")
    return x.astype(np.float32)


def _column(y: np.ndarray, n: int, where: str) -> np.ndarray:
    if y.ndim == 2 and y.shape[1] > 1 and y.dtype.kind != "U":
        hot = ((y == 0) | (y == 1)).all() and (y.sum(axis=1) == 1).all()
        if not hot:
            raise DatasetError(
                f"{where} must hold one label a sample, or one-hot rows. "
                f"Received: {y.shape}"
            )
        y = y.argmax(axis=1)
    y = y.reshape(-1)
    if len(y) != n:
        raise DatasetError(f"{where} has {len(y)} labels for {n} samples")
    if y.dtype.kind == "f" and not np.isfinite(y).all():
        raise DatasetError(f"{where} holds NaN or infinite numbers")
    return y.astype(np.int64) if y.dtype.kind == "b" else y
