"""What a weight array holds, whatever model it comes from; NumPy only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dl_techniques.analysis import flags as flag
from dl_techniques.analysis._arrays import NAN, FloatArray, float64, numeric
from dl_techniques.analysis._fingerprint import FingerprintPCA, model_fingerprint_pca
from dl_techniques.analysis._moments import (
    Histogram,
    Moments,
    finite_values,
    histogram,
    quantiles,
)
from dl_techniques.analysis._unit_directions import (
    DirectionStats,
    TernaryStats,
    direction_statistics,
    ternary_statistics,
)
from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.utils.arguments import is_int
from dl_techniques.utils.validation import check

__all__ = [
    "DirectionStats",
    "FingerprintPCA",
    "Histogram",
    "TernaryStats",
    "WeightStats",
    "direction_statistics",
    "model_fingerprint_pca",
    "ternary_statistics",
    "update_ratio",
    "weight_statistics",
]

_GRAM_LIMIT = 4096


@dataclass(frozen=True, slots=True)
class WeightStats(AnalysisResult):
    """Moments, norms, shares and a histogram of one array.

    Attributes:
        shape: As given.
        count: Number of finite values.
        mean, std, min, max, median: Of the values.
        iqr: Distance of the quartiles.
        mad: Median distance from the median.
        skewness: Biased third standardised moment; NaN of equal values.
        kurtosis: Biased excess kurtosis; NaN of equal values.
        l1, l2, rms, max_abs: Norms of the flat array.
        spectral_norm: Largest singular value of the array as (rest, last axis); NaN
            below two axes, with non-finite values, or when not asked for.
        zero_fraction: Share of exact zeros.
        near_zero_fraction: Share below 1e-3 rms.
        positive_fraction: Share above zero.
        outlier_fraction: Share beyond 1.5 iqr from the quartiles (Tukey).
        nonfinite_fraction: Share of NaN and inf, which everything else leaves out.
        histogram: Between the 0.1 and 99.9 percentiles.
    """

    shape: tuple[int, ...]
    count: int
    mean: float
    std: float
    min: float
    max: float
    median: float
    iqr: float
    mad: float
    skewness: float
    kurtosis: float
    l1: float
    l2: float
    rms: float
    max_abs: float
    spectral_norm: float
    zero_fraction: float
    near_zero_fraction: float
    positive_fraction: float
    outlier_fraction: float
    nonfinite_fraction: float
    histogram: Histogram


def weight_statistics(
    array: Any, *, n_bins: int = 64, with_spectral_norm: bool = True
) -> WeightStats:
    """Describes the values of one weight array.

    Args:
        array: Any shape.
        n_bins: Bins of the histogram.
        with_spectral_norm: Whether to compute the one slow number.
    """
    check(is_int(n_bins) and n_bins > 0, "n_bins", "at least 1", n_bins)
    found = numeric(array, "array")
    x, n_bad = finite_values(found)
    m = Moments.of(x)
    mean, std, low, high = m.shown()
    ends = quantiles(x, (0.001, 0.25, 0.5, 0.75, 0.999))
    size = np.abs(x)
    n = x.size
    doubts = [flag.NONFINITE_DROPPED] if n_bad else []
    doubts += [flag.CONSTANT] if m.constant else []
    doubts += [] if n else [flag.EMPTY]
    reach = 1.5 * (ends[3] - ends[1])
    return WeightStats(
        shape=tuple(found.shape),
        count=n,
        mean=mean,
        std=std,
        min=low,
        max=high,
        median=ends[2],
        iqr=ends[3] - ends[1],
        mad=float(np.median(np.abs(x - ends[2]))) if n else NAN,
        skewness=m.skewness,
        kurtosis=m.kurtosis,
        l1=float(size.sum()) if n else NAN,
        l2=m.rms * np.sqrt(n) if n else NAN,
        rms=m.rms,
        max_abs=max(abs(low), abs(high)),
        spectral_norm=_spectral_norm(found, n_bad) if with_spectral_norm else NAN,
        zero_fraction=_share(x == 0),
        near_zero_fraction=_share(size < 1e-3 * m.rms),
        positive_fraction=_share(x > 0),
        outlier_fraction=_share((x < ends[1] - reach) | (x > ends[3] + reach)),
        nonfinite_fraction=n_bad / found.size if found.size else NAN,
        histogram=histogram(x, n_bins, *((ends[0], ends[4]) if n else ())),
        flags=tuple(doubts),
    )


def update_ratio(before: Any, after: Any) -> Any:
    """Returns ||after - before|| / ||before||; of mappings, for every name in both.

    A healthy step is of the order of 1e-3. NaN when the weights were all zero.
    """
    if isinstance(before, Mapping):
        return {k: update_ratio(v, after[k]) for k, v in before.items() if k in after}
    old, new = float64(before, "before"), float64(after, "after")
    if old.shape != new.shape:
        raise ValueError(
            "`before` and `after` must have the same shape. "
            f"Received: {old.shape} and {new.shape}"
        )
    norm = float(np.linalg.norm(old))
    return float(np.linalg.norm(new - old)) / norm if norm > 0 else NAN


def _share(mask: Any) -> float:
    return float(np.count_nonzero(mask)) / mask.size if mask.size else NAN


def _spectral_norm(array: Any, n_bad: int) -> float:
    if array.ndim < 2 or n_bad or not array.size:
        return NAN
    matrix: FloatArray = array.reshape(-1, array.shape[-1]).astype(np.float64)
    if matrix.shape[0] < matrix.shape[1]:
        matrix = matrix.T
    if matrix.shape[1] > _GRAM_LIMIT:
        return NAN
    peak = float(np.abs(matrix).max())
    if peak == 0:
        return 0.0
    matrix = matrix / peak
    return peak * float(np.sqrt(np.linalg.eigvalsh(matrix.T @ matrix)[-1]))
