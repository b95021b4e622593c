"""Tests of confusion counts and decision grids."""

import math

import numpy as np
import pytest

from dl_techniques.analysis import flags
from dl_techniques.analysis.classification import (
    classification_report,
    confusion_matrix,
    decision_grid,
)


def test_it_agrees_with_sklearn():
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    y, p = rng.integers(0, 7, 300), rng.dirichlet(np.ones(7), 300)
    got, chosen = classification_report(y, p), p.argmax(1)
    np.testing.assert_array_equal(got.confusion, metrics.confusion_matrix(y, chosen))
    want = metrics.precision_recall_fscore_support(y, chosen)
    for name, value in zip(("precision", "recall", "f1", "support"), want, strict=True):
        np.testing.assert_allclose(getattr(got, name), value)
    assert got.macro_f1 == pytest.approx(metrics.f1_score(y, chosen, average="macro"))
    assert got.balanced_accuracy == pytest.approx(
        metrics.balanced_accuracy_score(y, chosen)
    )
    assert got.top_k == pytest.approx(metrics.top_k_accuracy_score(y, p, k=5))


def test_absent_class_nothing_and_binary():
    r = classification_report([0, 1], np.eye(3)[:2])
    assert r.flags == (flags.CLASS_ABSENT,)
    assert math.isnan(r.recall[2])
    assert r.balanced_accuracy == 1
    r = classification_report([], np.zeros((0, 3)))
    assert math.isnan(r.accuracy)
    assert confusion_matrix([0, 1, 1], [0.2, 0.7, 0.4]).tolist() == [[1, 0], [1, 1]]


def test_the_grid_holds_the_points():
    points = np.array([[0.0, 0.0], [1.0, 2.0]])
    g = decision_grid(points, lambda x: (x[:, 0] > 0.5).astype(float), n=11)
    assert g.x[0] < 0 < 1 < g.x[-1]
    assert g.classes[:, 0].tolist() == [0] * 11
    assert g.classes[:, -1].tolist() == [1] * 11
    r = decision_grid(points, lambda x: x[:, 1], n=11, regression=True)
    np.testing.assert_allclose(r.values[:, 0], r.y, rtol=1e-6)
    with pytest.raises(ValueError, match="`predict`"):
        decision_grid(points, lambda x: x[:3], n=11)
