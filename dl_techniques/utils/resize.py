"""Resizing as a product with a matrix, the same on every backend."""

import math
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dl_techniques.utils.validation import check_choice, check_int

Kind = Literal["nearest", "bilinear", "bicubic"]


def resize_matrix(
    n_in: int,
    n_out: int,
    kind: Kind = "bilinear",
    align_corners: bool = False,
    a: float = -0.75,
    antialias: bool = False,
) -> NDArray[np.float64]:
    """Returns R with `y = R @ x` for one axis of `n_in` samples.

    Sample i of the result lies at x = (i + 0.5) n_in / n_out - 0.5, or at
    i (n_in - 1) / (n_out - 1) with `align_corners`. Outside the axis the last sample
    counts, but with `antialias`, where the kernel is cut and its weights sum to 1.

    Args:
        n_in: Samples of the axis.
        n_out: Samples of the result.
        kind: Kernel: "nearest", "bilinear" or "bicubic".
        align_corners: Whether the end samples keep their places.
        a: Slope of the cubic kernel at 1; torch has -0.75, Pillow -0.5.
        antialias: Whether the kernel widens with the shrinking.

    Returns:
        (n_out, n_in), rows summing to 1.

    Source: Keys (1981), IEEE TASSP 29(6), for the cubic kernel.
    """
    check_int("n_in", n_in)
    check_int("n_out", n_out)
    check_choice("kind", kind, ("nearest", "bilinear", "bicubic"))
    if align_corners:
        places = np.linspace(0, n_in - 1, n_out) if n_out > 1 else np.zeros(1)
    else:
        places = (np.arange(n_out) + 0.5) * n_in / n_out - 0.5
    matrix = np.zeros((n_out, n_in))
    if kind == "nearest":
        nearest = np.floor(places + 0.5).clip(0, n_in - 1).astype(int)
        matrix[np.arange(n_out), nearest] = 1
        return matrix
    if kind == "bilinear" and not antialias:
        places = places.clip(0, n_in - 1)
    scale = max(n_in / n_out, 1.0) if antialias else 1.0
    reach = math.ceil(scale * (1 if kind == "bilinear" else 2)) + 1
    for step in range(-reach, reach + 1):
        sample = np.floor(places).astype(int) + step
        weight = _kernel((places - sample) / scale, kind, a)
        if antialias:
            weight = np.where((sample >= 0) & (sample < n_in), weight, 0)
        np.add.at(matrix, (np.arange(n_out), sample.clip(0, n_in - 1)), weight)
    return matrix / matrix.sum(1, keepdims=True)


def _kernel(x: NDArray[np.float64], kind: str, a: float) -> NDArray[np.float64]:
    d = np.abs(x)
    if kind == "bilinear":
        return np.maximum(1 - d, 0)
    near = (a + 2) * d**3 - (a + 3) * d**2 + 1
    far = a * (d**3 - 5 * d**2 + 8 * d - 4)
    return np.where(d <= 1, near, np.where(d < 2, far, 0))


def resize_grid(
    grid: Any, rows: int, columns: int, **options: Any
) -> NDArray[np.float32]:
    """Returns a (rows, columns, features) version of a (height, width, features) grid.

    `options` are those of `resize_matrix`.
    """
    values = np.asarray(grid, np.float64)
    down = resize_matrix(values.shape[0], rows, **options)
    across = resize_matrix(values.shape[1], columns, **options)
    resized = np.einsum("rh,hwf,cw->rcf", down, values, across, optimize=True)
    return resized.astype(np.float32)
