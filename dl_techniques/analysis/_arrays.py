"""Array types and conversions that the analysis modules share."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Seed = int | np.random.Generator

NAN = float("nan")


def numeric(value: Any, argument: str) -> NDArray[Any]:
    """Returns `value` as an array of real numbers in a dtype NumPy computes in.

    float16 and the small floats of ml_dtypes become float32; float32 stays.
    """
    array = np.asarray(value)
    kind = array.dtype.kind
    if kind == "V" and "float" in array.dtype.name:  # ml_dtypes' bfloat16, float8_*
        return array.astype(np.float32)
    if kind not in "fiub":
        raise ValueError(
            f"`{argument}` must be an array of real numbers. "
            f"Received: dtype {array.dtype}, shape {array.shape}"
        )
    return array.astype(np.float32) if array.dtype == np.float16 else array


def float64(value: Any, argument: str, ndim: int | None = None) -> FloatArray:
    """Returns `value` as float64; another number of axes raises `ValueError`."""
    array = numeric(value, argument)
    if ndim is not None and array.ndim != ndim:
        raise ValueError(
            f"`{argument}` must have {ndim} axes. Received: shape {array.shape}"
        )
    return np.asarray(array, dtype=np.float64)


def described(array: NDArray[Any]) -> str:
    """Says in a few words what an array holds, for an error message."""
    finite = array[np.isfinite(array)]
    span = f" in [{finite.min():.4g}, {finite.max():.4g}]" if finite.size else ""
    bad = array.size - finite.size
    return f"{array.dtype} {array.shape}{span}" + (f", {bad} not finite" * (bad > 0))


def same_length(**arrays: NDArray[Any]) -> None:
    """Raises `ValueError` unless the arrays agree in their first axis."""
    if len({array.shape[:1] for array in arrays.values()}) > 1:
        shapes = ", ".join(f"{name} {a.shape}" for name, a in arrays.items())
        raise ValueError(f"The arguments must have the same length. Received: {shapes}")


def weighted_mean(values: NDArray[Any], weight: FloatArray | None = None) -> float:
    """Returns the mean in float64; NaN of nothing."""
    if weight is None:
        return float(values.mean(dtype=np.float64)) if values.size else NAN
    total = float(weight.sum())
    return float(weight @ values.astype(np.float64)) / total if total > 0 else NAN


def rng(seed: Seed) -> np.random.Generator:
    """Returns a generator of its own; the global one is never touched."""
    return np.random.default_rng(seed)


def flag_tuple(found: Iterable[str]) -> tuple[str, ...]:
    """Returns the flags once each, in the order they were found."""
    return tuple(dict.fromkeys(found))
