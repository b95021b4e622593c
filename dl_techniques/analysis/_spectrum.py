"""Eigenvalues of W^T W: by Gram matrix, by SVD, or the largest ones only.

One file: the three ways fill the same record, each as far as it can.
"""

import time
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from dl_techniques.analysis import flags
from dl_techniques.analysis._arrays import NAN, FloatArray
from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.utils.validation import check

Method = Literal["auto", "gram", "svd"]
GRAM_NOISE = 1e-6  # below this s/s_max a singular value from a Gram matrix is noise


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum(AnalysisResult):
    """The eigenvalues of X = W^T W (not divided by N), pooled over slices.

    Attributes:
        values: `(count,)` ascending squared singular values.
        n_long: N, the longer side of one matrix.
        n_short: M, the shorter side.
        receptive_field: Number of pooled matrices s.
        method: "gram", "svd" or "topk".
        complete: Whether `values` holds all s * M eigenvalues.
        lambda_max: The largest eigenvalue, NaN without one.
        total: Squared Frobenius norm, exact also when the spectrum is not complete.
        rank: Singular values above s_max * N * eps of the storage dtype; NaN when
            unknown.
        rank_loss: Singular values at or below that level of their own slice.
        rank_float64: The rank at float64's eps, as programs report that convert first.
        sv_min: Smallest singular value of any slice.
    """

    values: FloatArray
    n_long: int
    n_short: int
    receptive_field: int = 1
    method: str = "gram"
    complete: bool = False
    lambda_max: float = NAN
    total: float = NAN
    rank: float = NAN
    rank_loss: float = NAN
    rank_float64: float = NAN
    sv_min: float = NAN


def as_stack(mats: Any) -> np.ndarray[Any, Any]:
    """Returns `(s, a, b)` with a >= b, in the dtype given (small floats too)."""
    array = np.asarray(mats)
    check(array.ndim in (2, 3), "mats", "of shape (a, b) or (s, a, b)", array.shape)
    check(array.size > 0, "mats", "not empty", array.shape)
    known = array.dtype.kind in "fciub" or "float" in array.dtype.name
    check(known, "mats", "numbers", array.dtype)
    stack = array[None] if array.ndim == 2 else array
    return stack.swapaxes(1, 2) if stack.shape[1] < stack.shape[2] else stack


def eigenvalues(
    mats: Any,
    *,
    method: Method = "auto",
    n_short_max: int = 8192,
    n_top: int = 1024,
    time_budget: float | None = None,
    seed: int | np.random.Generator = 0,
) -> Spectrum:
    """Computes the squared singular values of one matrix or of a stack of slices.

    Args:
        mats: `(a, b)` or `(s, a, b)`, real or complex.
        method: "gram" has an absolute error of about 1e-15 lambda_max; "svd" is exact
            and slower; "auto" is "svd" for float64 and complex, else "gram".
        n_short_max: Above this short side only the `n_top` largest values are
            computed (randomized range finder).
        n_top: How many.
        time_budget: Seconds after which no further slice is begun.
        seed: For the range finder.

    Raises:
        ValueError: If `mats` is no matrix or stack of matrices.

    Source: Halko, Martinsson, Tropp (2011), SIAM Review 53, for the range finder.
    """
    check(method in ("auto", "gram", "svd"), "method", "auto, gram or svd", method)
    stack = as_stack(mats)
    s, n_long, n_short = stack.shape
    if not np.isfinite(stack).all():
        return _without(stack, method, flags.NONFINITE_DROPPED)
    if method == "auto":
        wide = stack.dtype in (np.float64, np.complex64, np.complex128)
        method = "svd" if wide else "gram"
    used = "topk" if n_short > n_short_max else method
    if used == "topk":
        rng = np.random.default_rng(seed)
        rows = [_top_values(_wide(m), min(n_top, n_short), rng) for m in stack]
        floor = max(row[0] for row in rows)  # below it other slices are not known
        values = np.sort(np.concatenate([r[r >= floor] for r in rows]))
        return _truncated(stack, values, used, (flags.TRUNCATED_SPECTRUM,))
    rows, late = _all_values(stack, used, time_budget)
    values = np.sort(np.concatenate(rows))
    if late:
        return _truncated(stack, values, used, (flags.OUT_OF_BUDGET,))
    eps = storage_eps(stack.dtype)
    return _complete(values, rows, (s, n_long, n_short), used, eps)


def storage_eps(dtype: np.dtype[Any]) -> float:
    """Returns the relative rounding of the dtype the weights are kept in."""
    if dtype.kind in "fc":
        return float(np.finfo(dtype).eps)
    if dtype.kind == "V" and "bfloat16" in dtype.name:
        return 2.0**-7
    return float(np.finfo(np.float32).eps)


def _wide(matrix: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return matrix.astype(np.complex128 if matrix.dtype.kind == "c" else np.float64)


def _all_values(
    stack: np.ndarray[Any, Any], method: str, time_budget: float | None
) -> tuple[list[FloatArray], bool]:
    """Returns ascending eigenvalues a slice, and whether the time ran out."""
    start = time.perf_counter()
    budget = np.inf if time_budget is None else time_budget
    at_once = max(1, (1 << 22) // (stack.shape[1] * stack.shape[2]))
    found: list[FloatArray] = []
    for i in range(0, len(stack), at_once):
        if found and time.perf_counter() - start > budget:
            return found, True
        block = _wide(stack[i : i + at_once])
        if method == "gram":
            gram = block.conj().swapaxes(1, 2) @ block
            found.extend(np.maximum(np.linalg.eigvalsh(gram), 0))
        else:
            found.extend(np.linalg.svd(block, compute_uv=False)[:, ::-1] ** 2)
    return found, False


def _complete(
    values: FloatArray,
    rows: list[FloatArray],
    shape: tuple[int, int, int],
    method: str,
    eps: float,
) -> Spectrum:
    top = float(values[-1])
    sides = {"receptive_field": shape[0], "n_long": shape[1], "n_short": shape[2]}
    each = np.stack(rows)
    level = (shape[1] * eps) ** 2
    rank = float((values > top * level).sum())
    lost = float((each <= each[:, -1:] * level).sum())
    narrow = (shape[1] * float(np.finfo(np.float64).eps)) ** 2
    raised = (
        (flags.DEGENERATE_SPECTRUM,)
        if top == 0
        else ((flags.RANK_DEFICIENT,) if lost else ())
    )
    return Spectrum(
        values=values,
        **sides,
        method=method,
        complete=True,
        lambda_max=top,
        total=float(values.sum()),
        rank=rank,
        rank_loss=lost,
        rank_float64=float((values > top * narrow).sum()),
        sv_min=float(np.sqrt(values[0])),
        flags=raised,
    )


def _truncated(
    stack: np.ndarray[Any, Any],
    values: FloatArray,
    method: str,
    raised: tuple[str, ...],
) -> Spectrum:
    total = sum(float(np.vdot(m, m).real) for m in map(_wide, stack))
    return Spectrum(
        values=values,
        n_long=stack.shape[1],
        n_short=stack.shape[2],
        receptive_field=stack.shape[0],
        method=method,
        lambda_max=float(values[-1]) if len(values) else NAN,
        total=total,
        flags=raised,
    )


def _without(stack: np.ndarray[Any, Any], method: str, flag: str) -> Spectrum:
    return Spectrum(
        values=np.empty(0),
        n_long=stack.shape[1],
        n_short=stack.shape[2],
        receptive_field=stack.shape[0],
        method=method,
        flags=(flag,),
    )


def _top_values(
    matrix: np.ndarray[Any, Any], k: int, rng: np.random.Generator
) -> FloatArray:
    width = min(k + 32, matrix.shape[1])
    basis = rng.standard_normal((matrix.shape[1], width))
    basis = np.linalg.qr(matrix @ basis)[0]
    for _ in range(4):
        basis = np.linalg.qr(matrix.conj().T @ basis)[0]
        basis = np.linalg.qr(matrix @ basis)[0]
    small = basis.conj().T @ matrix
    return (np.linalg.svd(small, compute_uv=False)[:k] ** 2)[::-1]
