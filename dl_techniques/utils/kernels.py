"""A kernel of any rank seen as a matrix, and its smaller Gram matrix."""

import math
from collections.abc import Sequence
from typing import Any

from keras import ops

from dl_techniques.utils.validation import check

VIEWS = ("kernel", "depthwise")


def matrix_shape(shape: Sequence[int], view: str = "kernel") -> tuple[int, int]:
    """Returns rows and columns of a kernel of `shape`.

    "kernel" puts the last axis into columns and everything else into rows;
    "depthwise" turns `(h, w, c, m)` into `(h * w, c * m)`.

    Raises:
        ValueError: If the rank is below 2, or below 3 for "depthwise".
    """
    split = 1 if view == "kernel" else 2
    check(len(shape) > split, "shape", f"of rank {split + 1} or more", tuple(shape))
    return math.prod(shape[:-split]), math.prod(shape[-split:])


def as_matrix(kernel: Any, view: str = "kernel") -> Any:
    """Returns `kernel` as a float32 matrix of `matrix_shape`."""
    w = as_float32(kernel)
    return ops.reshape(w, matrix_shape(w.shape, view))


def as_float32(weight: Any) -> Any:
    """Returns the value of a weight or tensor in float32."""
    return ops.cast(ops.convert_to_tensor(weight), "float32")


def upright(matrix: Any) -> Any:
    """Returns `matrix` or its transpose, whichever has no more columns than rows."""
    rows, columns = matrix.shape
    return matrix if rows >= columns else ops.transpose(matrix)


def gram(matrix: Any) -> Any:
    """Returns `M^T M` of the columns of `matrix`."""
    return ops.matmul(ops.transpose(matrix), matrix)
