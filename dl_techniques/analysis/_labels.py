"""Fits labels and weights to the rows of scores."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dl_techniques.analysis._arrays import (
    FloatArray,
    IntArray,
    described,
    float64,
    numeric,
)
from dl_techniques.utils.validation import check

_INVALID = -1


def match_labels(
    labels: Any, shape: tuple[int, ...], kind: str, width: int
) -> tuple[IntArray, FloatArray | None]:
    """Returns (n,) class numbers, -1 where invalid, and soft labels or None."""
    found = numeric(labels, "labels")
    rows = shape[:-1] if kind == "multiclass" else shape
    if kind == "multiclass" and found.shape == shape:
        return _from_one_hot(found.reshape(-1, width))
    bare = rows[:-1] if kind == "binary" and rows[-1:] == (1,) else rows
    if kind == "binary" and len(bare) == 1 and found.shape == (*bare, 2):
        hard, soft = _from_one_hot(found)
        return hard, None if soft is None else np.ascontiguousarray(soft[:, 1])
    if found.shape not in (rows, bare, (*rows, 1), (*bare, 1)):
        raise ValueError(
            "`labels` must be class numbers for the rows of `scores` or of its shape. "
            f"Received: labels {found.shape}, scores {shape}"
        )
    return _from_numbers(found.reshape(-1), soft_allowed=kind != "multiclass")


def _from_one_hot(rows: NDArray[Any]) -> tuple[IntArray, FloatArray | None]:
    with np.errstate(invalid="ignore"):
        is_hard = bool(((rows == 0) | (rows == 1)).all() and (rows.sum(1) == 1).all())
    hard = rows.argmax(axis=1) if rows.shape[1] else np.zeros(len(rows), np.int64)
    return hard.astype(np.int64), None if is_hard else rows.astype(np.float64)


def _from_numbers(
    y: NDArray[Any], soft_allowed: bool
) -> tuple[IntArray, FloatArray | None]:
    if y.dtype.kind != "f":
        return y.astype(np.int64, copy=False), None
    finite = np.isfinite(y)
    whole = ~finite | (y == np.floor(np.where(finite, y, 0.0)))
    if whole.all():
        within = finite & (np.abs(np.where(finite, y, 0.0)) < 2**53)
        return np.where(within, y, _INVALID).astype(np.int64), None
    if not soft_allowed:
        raise ValueError(
            "`labels` must be whole class numbers, or soft with one column a class. "
            f"Received: shape {y.shape} with fractions"
        )
    soft = y.astype(np.float64)
    inside = finite & (soft >= 0) & (soft <= 1)
    return np.where(inside, soft > 0.5, _INVALID).astype(np.int64), soft


def match_weight(weight: Any, shape: tuple[int, ...], n_rows: int) -> FloatArray | None:
    """Returns (n,) weights; one a first-axis entry is repeated over its rows."""
    if weight is None:
        return None
    found = float64(weight, "sample_weight")
    good = bool(np.isfinite(found).all() and (found >= 0).all())
    check(good, "sample_weight", "finite and non-negative", described(found))
    if found.shape == shape[:1] and shape[0] and n_rows % shape[0] == 0:
        return np.repeat(found, n_rows // shape[0])
    if found.size != n_rows:
        raise ValueError(
            f"`sample_weight` must have one value for each of {n_rows} rows. "
            f"Received: shape {found.shape}"
        )
    return found.reshape(-1)
