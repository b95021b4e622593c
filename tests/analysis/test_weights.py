"""Tests of weight statistics."""

import math

import numpy as np
import pytest

from dl_techniques.analysis import flags
from dl_techniques.analysis import weights as w
from dl_techniques.analysis.results import AnalysisResult


def test_moments_and_norms_agree_with_scipy():
    stats = pytest.importorskip("scipy.stats")
    x = np.random.default_rng(0).gamma(2.0, size=(3, 3, 4, 8))
    s = w.weight_statistics(x)
    flat = x.ravel()
    assert s.skewness == pytest.approx(stats.skew(flat))
    assert s.kurtosis == pytest.approx(stats.kurtosis(flat))
    assert s.iqr == pytest.approx(stats.iqr(flat))
    assert s.mad == pytest.approx(stats.median_abs_deviation(flat))
    assert s.l1 == pytest.approx(np.abs(flat).sum())
    assert s.l2 == pytest.approx(np.linalg.norm(flat))
    assert s.spectral_norm == pytest.approx(np.linalg.norm(x.reshape(-1, 8), 2))
    h = s.histogram
    assert h.counts.sum() + h.below + h.above == x.size
    assert len(h.counts) == 64
    assert AnalysisResult.from_json(s.to_json()) == s


def test_shares_do_not_depend_on_scale():
    x = np.random.default_rng(0).normal(size=500)
    x[:100], x[100:110] = 0, 1e-6
    a, b = w.weight_statistics(x), w.weight_statistics(x * 1e-4)
    assert a.zero_fraction == b.zero_fraction == 0.2
    assert a.near_zero_fraction == b.near_zero_fraction == 0.22
    assert a.outlier_fraction == b.outlier_fraction


def test_constant_empty_and_nan():
    s = w.weight_statistics(np.full((3, 3), 0.1))
    assert s.flags == (flags.CONSTANT,)
    assert s.std == 0
    assert math.isnan(s.skewness)
    s = w.weight_statistics(np.zeros((0, 3)))
    assert s.flags == (flags.EMPTY,)
    assert math.isnan(s.l2)
    s = w.weight_statistics([1.0, np.nan, 3.0])
    assert s.flags == (flags.NONFINITE_DROPPED,)
    assert s.mean == 2


def test_float16_does_not_overflow():
    assert w.weight_statistics(np.full(9, 60000, np.float16)).l2 == pytest.approx(
        180000, rel=0.01
    )


def test_directions_find_duplicates():
    m = np.random.default_rng(0).normal(size=(50, 4))
    m[:, 3] = -2 * m[:, 0]
    d = w.direction_statistics(m)
    assert d.max_abs_cosine == pytest.approx(1)
    assert d.duplicate_fraction == pytest.approx(1 / 6)
    m[:, 1] = 0
    d = w.direction_statistics(m, max_units=2)
    assert set(d.flags) == {flags.DEAD_UNITS, flags.SUBSAMPLED}
    one = w.direction_statistics(m[:, :1])
    assert one.flags == (flags.TOO_FEW_VALUES,)
    with pytest.raises(ValueError, match="`matrix` must be"):
        w.direction_statistics(np.ones(3))


def test_ternary():
    t = w.ternary_statistics([-1, -0.95, 0, 0.5, 1.2])
    np.testing.assert_allclose(t.occupancy, [0.4, 0.2, 0])
    assert t.outside == pytest.approx(0.4)
    assert t.nearest.sum() == pytest.approx(1)
    assert t.max_distance == pytest.approx(0.5)
    assert w.ternary_statistics([]).flags == (flags.EMPTY,)


def test_update_ratio():
    assert w.update_ratio(np.ones(4), np.full(4, 1.01)) == pytest.approx(0.01)
    assert w.update_ratio({"a": np.ones(2)}, {"a": np.zeros(2)}) == {"a": 1.0}
    assert math.isnan(w.update_ratio(np.zeros(2), np.ones(2)))
    with pytest.raises(ValueError, match="same shape"):
        w.update_ratio(np.ones(2), np.ones(3))


def test_fingerprint():
    rng = np.random.default_rng(0)
    make = lambda s: {k: w.weight_statistics(rng.normal(size=50) * s) for k in "ab"}  # noqa: E731
    found = w.model_fingerprint_pca(
        {"x": make(1), "y": make(2), "z": {**make(3), "c": make(1)["a"]}}
    )
    assert found.layers == ("a", "b")
    assert found.scores.shape == (3, 2)
    assert w.model_fingerprint_pca({"x": make(1)}).scores is None
    assert w.model_fingerprint_pca({}).flags == (flags.TOO_FEW_VALUES,)
