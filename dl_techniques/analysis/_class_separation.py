"""How far the classes lie apart in a layer's features."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from dl_techniques.analysis import flags as flag
from dl_techniques.analysis._arrays import NAN, FloatArray, IntArray, Seed, rng
from dl_techniques.analysis._dimensions import feature_rows
from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.utils.validation import check


@dataclass(frozen=True, slots=True)
class ClassSeparation(AnalysisResult):
    """Distances between classes against those within.

    Attributes:
        scatter_ratio: Trace of the between-class over the within-class scatter.
        silhouette: Mean silhouette, in [-1, 1].
        nearest_mean_accuracy: Share of rows nearest to their own class' mean.
        nc1: Neural collapse, tr(S_W pinv(S_B)) / K; towards 0 while classes collapse.
        classes: (k,) used; one with fewer than two rows is not.
        support: (k,) rows.
    """

    scatter_ratio: float
    silhouette: float
    nearest_mean_accuracy: float
    nc1: float
    classes: IntArray
    support: IntArray


def _labelled(features: Any, labels: Any) -> tuple[FloatArray, IntArray]:
    x = np.asarray(features)
    x = x[:, None] if x.ndim == 1 else x
    y = np.asarray(labels)
    check(y.shape == x.shape[:1], "labels", f"of shape {x.shape[:1]}", y.shape)
    axes = tuple(range(1, x.ndim))
    good = np.isfinite(x.astype(np.float64)).all(axis=axes)
    return feature_rows(x[good]), y[good].astype(np.int64)


def class_separation(
    features: Any, labels: Any, *, max_rows: int = 2000, seed: Seed = 0
) -> ClassSeparation:
    """Measures (n, ..., d) features, positions averaged, against (n,) classes.

    Args:
        features: Rows with NaN or inf are left out.
        labels: Class numbers.
        max_rows: Rows of the silhouette.
        seed: Of their choice.

    Source: Papyan, Han and Donoho (2020), arXiv 2008.08186, for NC1.
    """
    x, y = _labelled(features, labels)
    classes, inverse, support = np.unique(y, return_inverse=True, return_counts=True)
    enough = support >= 2
    doubts = [] if enough.all() else [flag.TOO_FEW_VALUES]
    kept = enough[inverse] if len(y) else np.zeros(0, bool)
    x, classes, support = x[kept], classes[enough], support[enough]
    y = np.searchsorted(classes, y[kept])
    k, n = len(classes), len(y)
    if k < 2:
        doubts = [flag.TOO_FEW_VALUES]
        return ClassSeparation(
            NAN, NAN, NAN, NAN, classes, support, flags=tuple(doubts)
        )
    means = np.stack([x[y == c].mean(axis=0) for c in range(k)])
    inside, between = x - means[y], means - x.mean(axis=0)
    within = float((inside**2).sum())
    across = float(support @ (between**2).sum(axis=1))
    distance = ((x[:, None] - means) ** 2).sum(-1) if n * k * x.shape[1] < 2e7 else None
    if distance is None:
        distance = (means**2).sum(1) - 2 * x @ means.T
    doubts += [flag.SUBSAMPLED] if n > max_rows else []
    doubts += [] if within > 0 else [flag.CONSTANT]
    return ClassSeparation(
        across / within if within > 0 else NAN,
        _silhouette(x, y, k, max_rows, seed),
        float((distance.argmin(axis=1) == y).mean()),
        _collapse(inside, means, n, k),
        classes,
        support,
        flags=tuple(doubts),
    )


def _collapse(inside: FloatArray, means: FloatArray, n: int, k: int) -> float:
    """tr(S_W pinv(S_B)) / K, through the K class means: no (d, d) matrix."""
    centred = (means - means.mean(axis=0)) / np.sqrt(k)
    _, s, v = np.linalg.svd(centred, full_matrices=False)
    if not s.size or not s[0] > 0:
        return NAN
    used = s > s[0] * max(centred.shape) * np.finfo(float).eps
    projected = (inside @ v[used].T) / s[used]
    return float((projected**2).sum()) / n / k


def _silhouette(x: FloatArray, y: IntArray, k: int, max_rows: int, seed: Seed) -> float:
    if len(x) > max_rows:
        rows = np.sort(rng(seed).choice(len(x), max_rows, replace=False))
        x, y = x[rows], y[rows]
    from scipy.spatial.distance import cdist

    hot = np.eye(k)[y]
    count = hot.sum(axis=0)
    sums = cdist(x, x) @ hot
    at = (np.arange(len(x)), y)
    own = sums[at] / np.maximum(count[y] - 1, 1)
    other = sums / np.where(count > 0, count, np.nan)
    other[at] = np.inf
    nearest = np.nanmin(other, axis=1)
    larger = np.maximum(own, nearest)
    alone = (count[y] < 2) | ~(larger > 0) | ~np.isfinite(nearest)
    safe = np.where(alone, 1.0, larger)
    return float(np.where(alone, 0.0, (nearest - own) / safe).mean())


def linear_probe_accuracy(
    features: Any,
    labels: Any,
    *,
    ridge: float = 1e-3,
    max_features: int = 1024,
    seed: Seed = 0,
) -> float:
    """Returns the accuracy of a ridge classifier on a held-out fifth of the samples.

    Features are standardised by the other four fifths; of more than `max_features` a
    random choice is used. NaN below ten samples or two classes.
    """
    x, y = _labelled(features, labels)
    classes, target = np.unique(y, return_inverse=True)
    if len(y) < 10 or len(classes) < 2:
        return NAN
    generator = rng(seed)
    if x.shape[1] > max_features:
        x = x[:, np.sort(generator.choice(x.shape[1], max_features, replace=False))]
    order = generator.permutation(len(y))
    test, train = order[: len(y) // 5], order[len(y) // 5 :]
    centre, spread = x[train].mean(axis=0), x[train].std(axis=0)
    x = (x - centre) / np.where(spread > 0, spread, 1.0)
    a, hot = x[train], np.eye(len(classes))[target[train]]
    base = hot.mean(axis=0)
    penalty = ridge * len(train)
    if a.shape[1] <= len(a):
        left = a.T @ a + penalty * np.eye(a.shape[1])
        weights = np.linalg.solve(left, a.T @ (hot - base))
    else:
        left = a @ a.T + penalty * np.eye(len(a))
        weights = a.T @ np.linalg.solve(left, hot - base)
    chosen = (x[test] @ weights + base).argmax(axis=1)
    return float((chosen == target[test]).mean())
