"""Resizing of tensors, by the matrices of `utils.resize`, on every backend."""

from typing import Any

import keras
from keras import ops

from dl_techniques.utils.resize import resize_matrix


def resize_map(
    x: Any,
    height: Any,
    width: Any,
    kind: str = "bilinear",
    align_corners: bool = False,
    a: float = -0.75,
) -> Any:
    """Returns `(batch, height, width, channels)` from a map of another size.

    Sizes may be tensors; those of `x` may be unknown. Half precision is resized in
    float32. See `resize_matrix` for the rule and the arguments.
    """
    rows, columns = ops.shape(x)[1:3]
    options = {"kind": kind, "align_corners": align_corners, "a": a}
    dtype = keras.backend.standardize_dtype(x.dtype)
    exact = keras.backend.result_type(dtype, "float32")
    y = ops.cast(x, exact)
    if not _same(rows, height):
        y = ops.einsum("rh,bhwc->brwc", _matrix(rows, height, exact, options), y)
    if not _same(columns, width):
        y = ops.einsum("sw,brwc->brsc", _matrix(columns, width, exact, options), y)
    return ops.cast(y, dtype)


def _same(n_in: Any, n_out: Any) -> bool:
    return isinstance(n_in, int) and isinstance(n_out, int) and n_in == n_out


def _matrix(n_in: Any, n_out: Any, dtype: str, options: dict[str, Any]) -> Any:
    if isinstance(n_in, int) and isinstance(n_out, int):
        return ops.convert_to_tensor(resize_matrix(n_in, n_out, **options), dtype)
    return _unknown_sizes(n_in, n_out, dtype, options)


def _unknown_sizes(n_in: Any, n_out: Any, dtype: str, options: dict[str, Any]) -> Any:
    """Returns the matrix for sizes that are known at run time only."""
    cubic = options["kind"] == "bicubic"
    last, step = ops.cast(n_in, dtype) - 1, ops.cast(ops.arange(n_out), dtype)
    if options["align_corners"]:
        places = step * last / ops.maximum(ops.cast(n_out, dtype) - 1, 1)
    else:
        places = (step + 0.5) * (last + 1) / ops.cast(n_out, dtype) - 0.5
    if not cubic:
        places = ops.clip(places, 0, last)
    first = ops.floor(places)
    samples = ops.cast(ops.arange(n_in), dtype)
    matrix = 0
    for offset in (-1, 0, 1, 2) if cubic else (0, 1):
        weight = _kernel(ops.abs(places - first - offset), cubic, options["a"])
        sample = ops.clip(first + offset, 0, last)
        hit = ops.cast(ops.equal(sample[:, None], samples[None]), dtype)
        matrix = matrix + weight[:, None] * hit
    return matrix


def _kernel(d: Any, cubic: bool, a: float) -> Any:
    if not cubic:
        return ops.maximum(1 - d, 0)
    near = (a + 2) * d**3 - (a + 3) * d**2 + 1
    far = a * (d**3 - 5 * d**2 + 8 * d - 4)
    return ops.where(d <= 1, near, ops.where(d < 2, far, 0))
