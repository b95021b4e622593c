"""Tests of similarity, projection and class separation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_techniques.analysis import flags
from dl_techniques.analysis import representations as rep
from dl_techniques.analysis.results import AnalysisResult

SEEDS = st.integers(0, 2**31)


def pair(seed=0, n=30, d=5, e=8):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)), rng.normal(size=(n, e))


def rotation(seed, d):
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(d, d)))[0]


@given(SEEDS, st.booleans())
def test_cka_ignores_rotation_scale_and_shift(seed, unbiased):
    x, y = pair(seed)
    want = rep.linear_cka(x, y, unbiased=unbiased)
    moved = 7 * x @ rotation(seed, 5) + 3
    assert rep.linear_cka(moved, y, unbiased=unbiased) == pytest.approx(want, abs=1e-9)
    assert rep.linear_cka(x, moved, unbiased=unbiased) == pytest.approx(1)
    if not unbiased:
        assert 0 <= want <= 1


@given(SEEDS)
def test_gram_and_feature_forms_agree(seed):
    x, y = pair(seed, 12, 5, 9)
    c, d = x - x.mean(0), y - y.mean(0)
    a, b = c @ c.T, d @ d.T
    want = (a * b).sum() / np.linalg.norm(a) / np.linalg.norm(b)
    assert rep.linear_cka(x, y) == pytest.approx(want)
    wide = np.concatenate([y, np.zeros((12, 9))], axis=1)
    assert rep.linear_cka(x, wide) == pytest.approx(want)


def test_unbiased_cka_of_noise_is_near_zero():
    x, y = pair(n=60, d=200, e=200)
    assert abs(rep.linear_cka(x, y, unbiased=True)) < 0.1
    assert rep.linear_cka(x, y) > 0.5


def test_cka_edges():
    x, _ = pair()
    assert math.isnan(rep.linear_cka(x, np.ones((30, 2))))
    for bad, text in (
        (lambda: rep.linear_cka(x, x[:3]), "same number of samples"),
        (lambda: rep.linear_cka(x[:3], x[:3], unbiased=True), "at least 4"),
    ):
        with pytest.raises(ValueError, match=text):
            bad()
    half = rep.linear_cka(x.astype(np.float16) * 100, x)
    assert half == pytest.approx(1, abs=1e-3)


def test_the_matrix_is_made_of_pairs():
    x, y = pair()
    found = rep.cka_matrix({"x": x, "y": y, "c": np.ones((30, 2))}, {"y": y, "x": x})
    names_a, names_b, matrix = found
    assert (names_a, names_b) == (("x", "y", "c"), ("y", "x"))
    want = rep.linear_cka(x, y, unbiased=True)
    np.testing.assert_allclose(matrix[:2], [[want, 1], [1, want]])
    assert np.isnan(matrix[2]).all()
    assert found.flags == (flags.CONSTANT,)
    few = rep.cka_matrix({"x": x}, max_samples=10)
    assert (few.n, few.flags) == (10, (flags.SUBSAMPLED,))
    batches = rep.cka_matrix({"x": x, "y": y}, minibatch=10)
    np.testing.assert_allclose(np.diag(batches.matrix), 1)
    assert AnalysisResult.from_json(found.to_json()) == found
    assert rep.cka_matrix({}).matrix.shape == (0, 0)


def test_rsa_and_procrustes():
    x, y = pair()
    assert rep.rsa(x, x[:, ::-1]) == pytest.approx(1)
    assert abs(rep.rsa(x, y)) < 0.3
    assert rep.procrustes_distance(x, 3 * x @ rotation(1, 5)) == pytest.approx(
        0, abs=1e-6
    )
    assert 0 < rep.procrustes_distance(x, y) < math.sqrt(2)
    assert math.isnan(rep.rsa(x[:2], y[:2]))


def test_pca():
    x, _ = pair()
    found = rep.pca_projection(x, 5)
    assert found.explained_ratio.sum() == pytest.approx(1)
    np.testing.assert_allclose(found.scores @ found.components + found.mean, x)
    rows = np.arange(5), np.abs(found.components).argmax(1)
    assert (found.components[rows] > 0).all()
    again = rep.pca_projection(x, 5, mean=found.mean, components=found.components)
    assert again == found
    assert rep.pca_projection(np.ones((4, 3))).flags == (flags.CONSTANT,)
    with pytest.raises(ValueError, match="`components`"):
        rep.pca_projection(x, components=np.ones((2, 3)))


def test_class_separation():
    metrics = pytest.importorskip("sklearn.metrics")
    x, _ = pair(n=60)
    y = np.arange(60) % 3
    x[y == 1] += 3
    got = rep.class_separation(x, y)
    assert got.silhouette == pytest.approx(metrics.silhouette_score(x, y))
    means = np.stack([x[y == k].mean(0) for k in range(3)])
    within = np.cov((x - means[y]).T, bias=True)
    between = np.cov(means.T, bias=True)
    nc1 = np.trace(within @ np.linalg.pinv(between)) / 3
    assert got.nc1 == pytest.approx(nc1)
    assert (
        rep.class_separation(100 * np.eye(3)[y] + x[:, :3], y).nearest_mean_accuracy
        == 1
    )
    y[0] = 7
    got = rep.class_separation(x, y)
    assert got.classes.tolist() == [0, 1, 2]
    assert got.flags == (flags.TOO_FEW_VALUES,)
    assert math.isnan(rep.class_separation(x, np.zeros(60)).nc1)


def test_information_flow():
    x, y = pair(n=100)
    labels = (x[:, 0] > 0).astype(int)
    acts = {"a": x, "b": 2 * x @ rotation(0, 5), "c": np.ones((100, 3)), "d": y}
    flow = rep.information_flow(acts, labels, x)
    np.testing.assert_allclose(flow.cka_input[:2], 1)
    assert flow.norm_ratio[1] == pytest.approx(2)
    assert flow.probe_accuracy[0] >= 0.8
    assert flow.probe_accuracy[3] < 0.75
    assert flags.CONSTANT in flow.flags
    assert math.isnan(flow.effective_rank[2])
    assert len(flow.to_frame()) == 4
    assert rep.information_flow({}).layers == ()
    alone = rep.information_flow(acts)
    assert np.isnan(alone.cka_input).all()
    assert np.isnan(alone.cka_previous[0])
