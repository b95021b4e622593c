"""Small pictures as text that JSON can hold."""

import base64
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dl_techniques.utils.validation import check


def packed(pixels: NDArray[np.uint8]) -> dict[str, Any]:
    """Returns {"shape", "data"}: "2x8x8x1", and zlib and base64 of the bytes.

    Raises:
        ValueError: If the pixels are not uint8.
    """
    array = np.ascontiguousarray(pixels)
    check(array.dtype == np.uint8, "pixels", "of type uint8", array.dtype)
    text = base64.b64encode(zlib.compress(array.tobytes(), 9)).decode("ascii")
    return {"shape": "x".join(map(str, array.shape)), "data": text}


def unpacked(record: Mapping[str, Any]) -> NDArray[np.uint8]:
    """Returns the array that `packed` wrote."""
    raw = zlib.decompress(base64.b64decode(record["data"]))
    shape = [int(n) for n in record["shape"].split("x")]
    return np.frombuffer(raw, np.uint8).reshape(shape)
