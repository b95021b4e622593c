"""Clustering numbers against NumPy and their limits."""

import math

import numpy as np
import pytest

from dl_techniques.metrics import clustering_metrics

RNG = np.random.default_rng(0)
X = np.concatenate([RNG.normal(size=(6, 2)), RNG.normal(size=(5, 2)) + 5])
OWN = np.array([0] * 6 + [1] * 5)


def silhouette(x, own):
    d = np.linalg.norm(x[:, None] - x, axis=-1)
    scores = []
    for i, c in enumerate(own):
        same = own == c
        a = d[i, same].sum() / (same.sum() - 1)
        b = min(d[i, own == o].mean() for o in set(own) - {c})
        scores.append((b - a) / max(a, b))
    return np.mean(scores)


def test_values():
    told = clustering_metrics(X, OWN, num_clusters=3)
    centers = np.stack([X[c == OWN].mean(0) for c in (0, 1)])
    far = np.linalg.norm(X - centers[OWN], axis=-1)
    assert told.silhouette == pytest.approx(silhouette(X, OWN))
    assert told.inertia == pytest.approx((far**2).sum())
    assert told.mean_distance == pytest.approx(far.mean())
    assert told.sizes.tolist() == [6, 5, 0]
    assert told.empty_clusters == 1
    assert told.adjusted_rand is None
    soft = np.eye(2)[OWN] * 0.8 + 0.1
    again = clustering_metrics(X, soft, 1 - OWN, centers)
    assert again.inertia == pytest.approx(told.inertia)
    assert again.adjusted_rand == pytest.approx(1)
    assert again.normalized_mutual_information == pytest.approx(1)


def test_one_cluster_has_no_silhouette():
    assert math.isnan(clustering_metrics(X, np.zeros(11, int)).silhouette)
    assert math.isnan(clustering_metrics(X, np.arange(11)).silhouette)


@pytest.mark.parametrize(
    ("args", "named"),
    [
        ((X, OWN[:3]), "assignments"),
        ((X, OWN - 1), "assignments"),
        ((X, OWN, OWN[:3]), "labels"),
        ((X, OWN, None, None, 1), "assignments"),
        ((X, OWN, None, None, 0), "num_clusters"),
    ],
)
def test_what_is_wrong_is_named(args, named):
    with pytest.raises(ValueError, match=f"`{named}` must be"):
        clustering_metrics(*args)
