"""Samples on the main axes of their features."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from dl_techniques.analysis import flags as flag
from dl_techniques.analysis._arrays import FloatArray, float64
from dl_techniques.analysis._dimensions import feature_rows
from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.utils.arguments import is_int
from dl_techniques.utils.validation import check


@dataclass(frozen=True, slots=True)
class PCAProjection(AnalysisResult):
    """Samples on their main axes.

    Attributes:
        scores: (n, k) places.
        components: (k, d) axes; the largest |loading| of each is positive.
        explained_ratio: (k,) share of the variance; NaN without variance.
        mean: (d,) taken off first.
    """

    scores: FloatArray
    components: FloatArray
    explained_ratio: FloatArray
    mean: FloatArray


def pca_projection(
    features: Any, k: int = 2, *, mean: Any = None, components: Any = None
) -> PCAProjection:
    """Projects (n, ..., d) features, positions averaged, on k axes.

    Args:
        features: Rows with NaN or inf are left out.
        k: Axes; missing ones are zero.
        mean: (d,) of another projection.
        components: (k, d) of another projection, to share its axes.
    """
    check(is_int(k) and k > 0, "k", "at least 1", k)
    x = feature_rows(features)
    n, d = x.shape
    own = x.mean(axis=0) if n else np.zeros(d)
    centre = own if mean is None else float64(mean, "mean", 1)
    check(centre.shape == (d,), "mean", f"of shape ({d},)", centre.shape)
    c = x - centre
    axes = _axes(c, k) if components is None else float64(components, "components", 2)
    check(axes.shape[1] == d, "components", f"of {d} columns", axes.shape)
    scores = c @ axes.T
    spread = x - own
    total = float((spread**2).sum())
    share = ((spread @ axes.T) ** 2).sum(axis=0) / (total if total > 0 else np.nan)
    return PCAProjection(
        scores, axes, share, centre, flags=() if total > 0 else (flag.CONSTANT,)
    )


def _axes(centred: FloatArray, k: int) -> FloatArray:
    axes = np.zeros((k, centred.shape[1]))
    if not centred.any():
        return axes
    v = np.linalg.svd(centred, full_matrices=False)[2][:k]
    sign = np.sign(v[np.arange(len(v)), np.abs(v).argmax(axis=1)])
    axes[: len(v)] = v * np.where(sign == 0, 1.0, sign)[:, None]
    return axes
