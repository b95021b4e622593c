"""How good a clustering is, with and without known classes."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dl_techniques.utils.validation import check, check_int


@dataclass(frozen=True, eq=False)
class ClusteringMetrics:
    """Numbers that describe a clustering.

    Attributes:
        silhouette: Mean silhouette in [-1, 1]; NaN with fewer than two clusters or as
            many as samples.
        inertia: Sum of squared distances to the own centre, at least 0.
        mean_distance: Mean distance to the own centre, at least 0.
        sizes: Samples of every cluster, empty ones included.
        adjusted_rand: Adjusted Rand index with the labels, or None.
        normalized_mutual_information: In [0, 1], or None without labels.
    """

    silhouette: float
    inertia: float
    mean_distance: float
    sizes: NDArray[np.int64]
    adjusted_rand: float | None = None
    normalized_mutual_information: float | None = None

    @property
    def empty_clusters(self) -> int:
        """Number of clusters without a sample."""
        return int((self.sizes == 0).sum())


def clustering_metrics(
    x: ArrayLike,
    assignments: ArrayLike,
    labels: ArrayLike | None = None,
    centroids: ArrayLike | None = None,
    num_clusters: int | None = None,
) -> ClusteringMetrics:
    """Returns silhouette, inertia, sizes and, with labels, agreement.

    Args:
        x: Samples (N, ...), flattened.
        assignments: Cluster numbers (N,), or soft assignments (N, K), cut to the
            largest.
        labels: True classes (N,), or None.
        centroids: Centres (K, features); None takes the means of the clusters.
        num_clusters: K; taken from the assignments or centres by default.

    Raises:
        ValueError: If the shapes do not match or a number is out of range.
    """
    data = np.asarray(x, dtype=np.float64)
    data = data.reshape(len(data), -1)
    given = np.asarray(assignments)
    rule = f"one row for each of {len(data)} samples"
    check(given.ndim in (1, 2) and len(given) == len(data), "assignments", rule, given)
    check(len(data) > 0, "x", "at least one sample", data.shape)
    own = (given.argmax(-1) if given.ndim == 2 else given).astype(np.int64)
    count = _count(given, own, centroids, num_clusters)
    legal = int(own.min()) >= 0 and int(own.max()) < count
    check(legal, "assignments", f"from 0 to {count - 1}", (own.min(), own.max()))
    sizes = np.bincount(own, minlength=count)
    centers = _centers(data, own, sizes) if centroids is None else np.asarray(centroids)
    squares = ((data - centers.reshape(count, -1)[own]) ** 2).sum(-1)
    return ClusteringMetrics(
        silhouette=_silhouette(data, own, int((sizes > 0).sum())),
        inertia=float(squares.sum()),
        mean_distance=float(np.sqrt(squares).mean()),
        sizes=sizes,
        **_agreement(own, labels),
    )


def _count(
    given: NDArray[Any],
    own: NDArray[np.int64],
    centroids: ArrayLike | None,
    num_clusters: int | None,
) -> int:
    check_int("num_clusters", num_clusters, optional=True)
    if num_clusters is not None:
        return num_clusters
    if centroids is not None:
        return len(np.asarray(centroids))
    return given.shape[1] if given.ndim == 2 else int(own.max()) + 1


def _centers(
    data: NDArray[np.float64], own: NDArray[np.int64], sizes: NDArray[np.int64]
) -> NDArray[np.float64]:
    centers = np.zeros((len(sizes), data.shape[1]))
    np.add.at(centers, own, data)
    return np.asarray(centers / np.maximum(sizes, 1)[:, None])


def _silhouette(
    data: NDArray[np.float64], own: NDArray[np.int64], filled: int
) -> float:
    if not 2 <= filled < len(data):
        return float("nan")
    from sklearn.metrics import silhouette_score  # slow to import

    return float(silhouette_score(data, own))


def _agreement(own: NDArray[np.int64], labels: ArrayLike | None) -> dict[str, float]:
    if labels is None:
        return {}
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    true = np.asarray(labels).reshape(-1)
    check(len(true) == len(own), "labels", f"{len(own)} classes", true.shape)
    return {
        "adjusted_rand": float(adjusted_rand_score(true, own)),
        "normalized_mutual_information": float(normalized_mutual_info_score(true, own)),
    }
