"""How output vectors lie, and how near values are to those of a small set."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dl_techniques.analysis import flags as flag
from dl_techniques.analysis._arrays import NAN, FloatArray, Seed, float64, numeric, rng
from dl_techniques.analysis._moments import finite_values
from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.utils.validation import check


@dataclass(frozen=True, slots=True)
class DirectionStats(AnalysisResult):
    """Lengths of the output vectors and the angles between them.

    Attributes:
        norms: (units,) length of each output vector.
        mean_abs_cosine: Mean |cosine| of two different units.
        max_abs_cosine: Largest.
        duplicate_fraction: Share of pairs with |cosine| above 0.9.
        n_units: Units there are.
        n_compared: Units compared; those of length 0 are not.
    """

    norms: FloatArray
    mean_abs_cosine: float
    max_abs_cosine: float
    duplicate_fraction: float
    n_units: int
    n_compared: int


@dataclass(frozen=True, slots=True)
class TernaryStats(AnalysisResult):
    """How near values are to the nearest of a set.

    Attributes:
        targets: (t,) the set, as given.
        occupancy: (t,) share of values within `tol` of the target, nearest to it.
        nearest: (t,) share of values nearest to the target; sums to 1.
        outside: Share of values near none.
        mean_distance: Mean distance from the nearest.
        max_distance: Largest.
    """

    targets: FloatArray
    occupancy: FloatArray
    nearest: FloatArray
    outside: float
    mean_distance: float
    max_distance: float


def direction_statistics(
    matrix: Any, *, max_units: int = 2048, seed: Seed = 0
) -> DirectionStats:
    """Compares the output vectors (last axis: units) of a weight array.

    Args:
        matrix: (..., units); the other axes are one vector a unit.
        max_units: Of more units a random choice is compared (SUBSAMPLED).
        seed: Of that choice.
    """
    w = float64(matrix, "matrix")
    check(w.ndim >= 2, "matrix", "of at least two axes", w.shape)
    w = w.reshape(-1, w.shape[-1])
    doubts = []
    norms = np.linalg.norm(w, axis=0)
    usable = np.flatnonzero(np.isfinite(norms) & (norms > 0))
    if not np.isfinite(norms).all():
        doubts.append(flag.NONFINITE_DROPPED)
    if (norms == 0).any():
        doubts.append(flag.DEAD_UNITS)
    if len(usable) > max_units:
        usable = np.sort(rng(seed).choice(usable, max_units, replace=False))
        doubts.append(flag.SUBSAMPLED)
    n, units = len(usable), len(norms)
    if n < 2:
        doubts.append(flag.TOO_FEW_VALUES)
        return DirectionStats(norms, NAN, NAN, NAN, units, n, flags=tuple(doubts))
    unit = w[:, usable] / norms[usable]
    cosine = np.minimum(np.abs(unit.T @ unit), 1.0)
    np.fill_diagonal(cosine, 0.0)
    pairs = n * (n - 1)
    return DirectionStats(
        norms,
        float(cosine.sum()) / pairs,
        float(cosine.max()),
        float(np.count_nonzero(cosine > 0.9)) / pairs,
        units,
        n,
        flags=tuple(doubts),
    )


def ternary_statistics(
    array: Any, targets: Sequence[float] = (-1.0, 0.0, 1.0), tol: float = 0.1
) -> TernaryStats:
    """Measures how far a regularizer has pulled weights to a few values.

    Args:
        array: Any shape; NaN and inf are left out.
        targets: The values.
        tol: How near counts as there.
    """
    goal = float64(targets, "targets", 1)
    check(goal.size > 0, "targets", "at least one number", targets)
    check(tol >= 0, "tol", "at least 0", tol)
    x, n_bad = finite_values(numeric(array, "array"))
    doubts = [flag.NONFINITE_DROPPED] if n_bad else []
    if not x.size:
        none = np.full(goal.size, NAN)
        doubts.append(flag.EMPTY)
        return TernaryStats(goal, none, none, NAN, NAN, NAN, flags=tuple(doubts))
    order = np.argsort(goal, kind="stable")
    middles = (goal[order][1:] + goal[order][:-1]) / 2
    near = order[np.searchsorted(middles, x)]
    distance = np.abs(x - goal[near])
    there = distance <= tol
    occupancy = np.bincount(near[there], minlength=goal.size) / x.size
    nearest = np.bincount(near, minlength=goal.size) / x.size
    outside = float(np.count_nonzero(~there)) / x.size
    mean, worst = float(distance.mean()), float(distance.max())
    return TernaryStats(
        goal, occupancy, nearest, outside, mean, worst, flags=tuple(doubts)
    )
