"""Singular values of a kernel, drawn or given."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dl_techniques.analysis._arrays import FloatArray, float64
from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.utils.validation import check, check_choice, check_int

VIEWS = ("kernel", "depthwise")


@dataclass(frozen=True, slots=True)
class KernelSpectrum(AnalysisResult):
    """Singular values of one kernel seen as a matrix.

    Attributes:
        singular_values: Falling, one for each row or column of the shorter side.
        rows: Rows of the matrix: everything but the output.
        columns: Columns of the matrix.
        frobenius: Root of the sum of squares of the entries.
        gap: Largest distance of a squared singular value from 1: what SRIP estimates.
        edges: Where the smallest and largest singular value lie for independent
            entries of the same variance (Marchenko & Pastur).
    """

    singular_values: FloatArray
    rows: int
    columns: int
    frobenius: float
    gap: float
    edges: tuple[float, float]


def kernel_spectrum(kernel: Any, view: str = "kernel") -> KernelSpectrum:
    """Returns the singular values of a kernel `(..., out)` as a matrix.

    Args:
        kernel: Weights of rank 2 or more.
        view: "kernel" puts the last axis into columns, "depthwise" the last two.

    Raises:
        ValueError: The rank is too low or `view` is unknown.
    """
    check_choice("view", view, VIEWS)
    w = float64(kernel, "kernel")
    split = 1 if view == "kernel" else 2
    check(w.ndim > split, "kernel", f"of rank {split + 1} or more", w.shape)
    m = w.reshape(math.prod(w.shape[:-split]), -1)
    values = np.asarray(np.linalg.svd(m, compute_uv=False), dtype=np.float64)
    rows, columns = m.shape
    deviation = float(np.sqrt(np.mean(m**2)))
    edges = (abs(math.sqrt(rows) - math.sqrt(columns)), math.sqrt(rows) + columns**0.5)
    return KernelSpectrum(
        singular_values=values,
        rows=rows,
        columns=columns,
        frobenius=float(np.sqrt((values**2).sum())),
        gap=float(np.abs(values**2 - 1).max()),
        edges=(deviation * edges[0], deviation * edges[1]),
    )


def initial_kernel(name: str, shape: Sequence[int], seed: int = 0) -> FloatArray:
    """Draws a kernel by the law of an initializer, in NumPy.

    The law is that of the Keras or library class; the numbers are not its numbers.

    Args:
        name: Name of an initializer in the catalog, one of `INITIAL_LAWS`.
        shape: Shape of the kernel; the last axis is the output.
        seed: Seed of the draw.

    Raises:
        ValueError: The law is unknown or the rank below 2.
    """
    check_choice("name", name, INITIAL_LAWS)
    check_int("seed", seed, 0)
    dims = tuple(int(n) for n in shape)
    check(len(dims) > 1 and min(dims) > 0, "shape", "of rank 2 or more", shape)
    rng = np.random.default_rng(seed)
    receptive = math.prod(dims[:-2])
    inner, outer = dims[-2] * receptive, dims[-1] * receptive
    if name in _FRAMES:
        rows, columns = math.prod(dims[:-1]), dims[-1]
        frame = _frame(rng, rows, columns).reshape(dims)
        he = name == "HeOrthonormalInitializer"
        return frame * math.sqrt(2 * max(rows, columns) / rows) if he else frame
    law, factor, mode = _SCALED[name]
    fan = {"in": inner, "avg": (inner + outer) / 2}[mode]
    deviation = math.sqrt(factor / fan)
    if law == "uniform":
        reach = math.sqrt(3) * deviation
        return rng.uniform(-reach, reach, size=dims)
    return deviation * _truncated(rng, dims)


def _frame(rng: np.random.Generator, rows: int, columns: int) -> FloatArray:
    a = rng.normal(size=(max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(a)
    q = q * np.where(np.diag(r) < 0, -1.0, 1.0)
    return np.asarray(q if rows >= columns else q.T)


def _truncated(rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
    """Draws normal numbers cut at two deviations, scaled to variance 1."""
    values = rng.normal(size=shape)
    while (far := np.abs(values) > 2).any():
        values[far] = rng.normal(size=int(far.sum()))
    return np.asarray(values / 0.87962566103423978)


_FRAMES = ("OrthonormalInitializer", "HeOrthonormalInitializer", "Orthogonal")
_SCALED = {
    "GlorotUniform": ("uniform", 1.0, "avg"),
    "GlorotNormal": ("normal", 1.0, "avg"),
    "HeUniform": ("uniform", 2.0, "in"),
    "HeNormal": ("normal", 2.0, "in"),
    "LecunUniform": ("uniform", 1.0, "in"),
    "LecunNormal": ("normal", 1.0, "in"),
}
INITIAL_LAWS = (*_FRAMES, *_SCALED)
