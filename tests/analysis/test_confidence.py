"""Tests of confidence and agreement."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_techniques.analysis import confidence as conf
from dl_techniques.analysis import flags
from dl_techniques.analysis.results import AnalysisResult

SEEDS = st.integers(0, 2**31)


@given(SEEDS, st.integers(2, 12))
def test_measures_stay_in_their_ranges(seed, k):
    p = np.random.default_rng(seed).dirichlet(np.full(k, 0.3), 30)
    s = conf.confidence_statistics(p)
    assert (s.entropy >= 0).all()
    assert (s.normalised_entropy <= 1).all()
    top = np.sort(p)[:, ::-1]
    np.testing.assert_allclose(s.margin, top[:, 0] - top[:, 1])
    np.testing.assert_allclose(s.gini_impurity, 1 - (p**2).sum(1))
    assert s.energy is None
    assert s.correct is None


def test_certain_and_uniform_rows_are_exact():
    s = conf.confidence_statistics(np.eye(3, dtype=np.float32))
    assert (s.entropy == 0).all()
    assert (s.margin == 1).all()
    s = conf.confidence_statistics(np.full((2, 7), 1 / 7))
    np.testing.assert_allclose(s.entropy, np.log(7))
    assert (s.entropy <= np.log(7)).all()


def test_one_column_and_logits():
    s = conf.confidence_statistics(np.array([0.2, 0.9]), labels=[1, 1])
    np.testing.assert_allclose(s.margin, [0.6, 0.8])
    assert s.correct.tolist() == [False, True]
    assert s.mean_right["margin"] == pytest.approx(0.8)
    z = np.array([[1.0, 2.0], [1000.0, 0.0]])
    s = conf.confidence_statistics(z, kind="logits")
    np.testing.assert_allclose(s.energy, [np.log(np.exp(z[0]).sum()), 1000.0])
    assert s.quantiles["energy"].shape == (7,)


def test_nothing_and_no_wrong_row():
    s = conf.confidence_statistics(np.zeros((0, 3)), labels=[])
    assert s.flags == (flags.EMPTY,)
    assert np.isnan(s.quantiles["margin"]).all()
    s = conf.confidence_statistics(np.eye(2), labels=[0, 1])
    assert math.isnan(s.mean_wrong["entropy"])
    assert AnalysisResult.from_json(s.to_json()) == s


@given(SEEDS)
def test_auroc_is_the_share_of_ordered_pairs(seed):
    rng = np.random.default_rng(seed)
    c, y = rng.integers(0, 6, 30) / 6, rng.integers(0, 2, 30)
    pairs = c[y == 1][:, None] - c[y == 0][None]
    got = conf.confidence_auroc(c, y)
    if pairs.size:
        assert got == pytest.approx(((pairs > 0) + (pairs == 0) / 2).mean())
    else:
        assert math.isnan(got)


def test_rejecting_the_least_sure():
    curve = conf.accuracy_coverage_curve([0.9, 0.8, 0.7, 0.6], [1, 1, 0, 0])
    coverage, accuracy, aurc = curve
    np.testing.assert_allclose(coverage, [0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(accuracy, [1, 1, 2 / 3, 0.5])
    assert aurc == pytest.approx((1 / 3 + 1 / 2) / 4)
    tied = conf.accuracy_coverage_curve([0.5] * 4, [1, 0, 0, 1])
    np.testing.assert_allclose(tied.accuracy, 0.5)
    assert conf.accuracy_coverage_curve([], []).flags == (flags.EMPTY,)


def test_thresholds():
    table = conf.threshold_table([0.2, 0.6, 0.9], [0, 0, 1], [0.0, 0.5, 0.95])
    np.testing.assert_allclose(table["coverage"], [1, 2 / 3, 0])
    np.testing.assert_allclose(table["accuracy"], [1 / 3, 1 / 2, np.nan])
    np.testing.assert_allclose(table["errors_kept"], [1, 0.5, 0])


def test_agreement():
    names, matrix = conf.agreement_matrix(
        {"a": np.eye(3), "b": np.eye(3)[[0, 1, 1]], "c": np.eye(3)}
    )
    assert names == ("a", "b", "c")
    np.testing.assert_allclose(
        matrix, [[1, 2 / 3, 1], [2 / 3, 1, 2 / 3], [1, 2 / 3, 1]]
    )
    with pytest.raises(ValueError, match="same length"):
        conf.agreement_matrix({"a": np.eye(2), "b": np.eye(3)})


def test_distances():
    p, q = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    d = conf.distribution_distances(p, q)
    assert d["kl_pq"] == math.inf
    assert d["jensen_shannon_divergence"] == pytest.approx(math.log(2))
    assert d["total_variation"] == d["hellinger"] == 1
    same = conf.distribution_distances(p, p)
    assert set(same.values()) == {0.0}
    a = np.random.default_rng(0).dirichlet(np.ones(4), 20)
    b = np.random.default_rng(1).dirichlet(np.ones(4), 20)
    d = conf.distribution_distances(a, b)
    assert d["kl_pq"] == pytest.approx((a * np.log(a / b)).sum(1).mean())
    with pytest.raises(ValueError, match="`q` must be"):
        conf.distribution_distances(a, b[:3])


def test_mcnemar():
    stats = pytest.importorskip("scipy.stats")
    a, b = np.array([0] * 3 + [1] * 9), np.array([1] * 3 + [0] * 9)
    n01, n10, p = conf.mcnemar(a, b)
    assert (n01, n10) == (3, 9)
    assert p == pytest.approx(stats.binomtest(3, 12).pvalue)
    assert conf.mcnemar(a, a).p_value == 1
    many = conf.mcnemar(np.repeat(a, 5), np.repeat(b, 5))
    assert many.p_value == pytest.approx(stats.chi2.sf(29**2 / 60, 1))
