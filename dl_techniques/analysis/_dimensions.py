"""How many directions a set of features really uses."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from dl_techniques.analysis import flags as flag
from dl_techniques.analysis._arrays import NAN, FloatArray, Seed, float64, rng
from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.utils.validation import check

Position = Literal["mean", "sample"]


@dataclass(frozen=True, slots=True)
class EffectiveDimension(AnalysisResult):
    """Measures of dimension; a value near the ceiling says "too few samples".

    Attributes:
        effective_rank: exp of the entropy of the singular values' shares.
        participation_ratio: (sum s^2)^2 / sum s^4.
        pca_dimension: Components that hold 95 % of the variance.
        ceiling: min(n - 1, d).
        n: Rows used.
        d: Features.
    """

    effective_rank: float
    participation_ratio: float
    pca_dimension: float
    ceiling: int
    n: int
    d: int


def feature_rows(
    features: Any,
    position: str = "mean",
    max_rows: int = 4096,
    seed: Seed = 0,
    argument: str = "features",
) -> FloatArray:
    """Returns (rows, d): positions averaged, or each a row (at most `max_rows`)."""
    x = float64(features, argument)
    check(position in ("mean", "sample"), "position", "'mean' or 'sample'", position)
    check(x.ndim >= 2, argument, "of at least two axes", x.shape)
    if x.ndim > 2 and position == "mean":
        x = x.mean(axis=tuple(range(1, x.ndim - 1)))
    x = x.reshape(-1, x.shape[-1])
    if position == "sample" and len(x) > max_rows:
        x = x[np.sort(rng(seed).choice(len(x), max_rows, replace=False))]
    return x[np.isfinite(x).all(axis=1)]


def singular_values(x: FloatArray) -> FloatArray:
    """Returns the singular values of centred columns, rounding set to 0."""
    if min(x.shape) == 0:
        return np.zeros(0)
    centred = x - x.mean(axis=0)
    s = np.linalg.svd(centred, compute_uv=False)
    scale = max(float(np.abs(x).max()), float(s[0]))
    return np.where(s > scale * max(x.shape) * np.finfo(float).eps, s, 0.0)


def _rank(s: FloatArray) -> float:
    total = s.sum()
    if not total > 0:
        return NAN
    p = s[s > 0] / total
    return float(np.exp(-(p * np.log(p)).sum()))


def _participation(s: FloatArray) -> float:
    square = s**2 / (s[0] ** 2 if s.size and s[0] > 0 else 1.0)
    total = float((square**2).sum())
    return float(square.sum() ** 2 / total) if total > 0 else NAN


def _components(s: FloatArray, share: float) -> float:
    total = float((s**2).sum())
    if not total > 0:
        return NAN
    held = np.cumsum(s**2) / total
    return float(np.searchsorted(held, share * (1 - 1e-12)) + 1)


def effective_dimension(
    features: Any,
    *,
    position: Position = "mean",
    max_rows: int = 4096,
    seed: Seed = 0,
) -> EffectiveDimension:
    """Computes every measure from one decomposition of (n, ..., d) features."""
    x = feature_rows(features, position, max_rows, seed)
    s = singular_values(x)
    n, d = x.shape
    doubts = () if s.any() else (flag.CONSTANT,)
    return EffectiveDimension(
        _rank(s), _participation(s), _components(s, 0.95), max(0, min(n - 1, d)), n, d,
        flags=doubts,
    )  # fmt: skip


def effective_rank(features: Any, *, position: Position = "mean") -> float:
    """Returns exp of the entropy of the centred singular values' shares.

    NaN without variance. Source: Roy and Vetterli (2007), EUSIPCO.
    """
    return _rank(singular_values(feature_rows(features, position)))


def participation_ratio(features: Any, *, position: Position = "mean") -> float:
    """Returns (sum s^2)^2 / sum s^4 of the centred singular values."""
    return _participation(singular_values(feature_rows(features, position)))


def pca_dimension(
    features: Any, share: float = 0.95, *, position: Position = "mean"
) -> float:
    """Returns how many components hold `share` of the variance."""
    check(0 < share <= 1, "share", "above 0 and at most 1", share)
    return _components(singular_values(feature_rows(features, position)), share)


def twonn_dimension(
    features: Any, *, position: Position = "mean", max_rows: int = 2000, seed: Seed = 0
) -> float:
    """Estimates the intrinsic dimension from the two nearest neighbours' distances.

    With mu = r2 / r1, fits -log(1 - F(mu)) = d log mu without the top tenth; rows that
    coincide are left out. NaN below four rows.

    Source: Facco et al. (2017), Scientific Reports 7.
    """
    from scipy.spatial.distance import cdist

    x = feature_rows(features, position, max_rows, seed)
    x = np.unique(x, axis=0)
    if len(x) > max_rows:
        x = x[np.sort(rng(seed).choice(len(x), max_rows, replace=False))]
    if len(x) < 4:
        return NAN
    distance = cdist(x, x)
    np.fill_diagonal(distance, np.inf)
    near = np.partition(distance, 1, axis=1)[:, :2]
    ratio = np.sort(np.log(near[:, 1] / near[:, 0]))
    n = len(ratio)
    kept = max(2, int(0.9 * n))
    rise = -np.log1p(-np.arange(1, kept + 1) / n)
    square = float(ratio[:kept] @ ratio[:kept])
    return float(ratio[:kept] @ rise) / square if square > 0 else NAN
