"""Tests of activation statistics."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_techniques.analysis import activations as act
from dl_techniques.analysis import flags
from dl_techniques.analysis.results import AnalysisResult


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def test_relu_of_normal_values():
    a = np.maximum(normal(2000, 10), 0).astype(np.float32)
    s = act.activation_statistics(a)
    assert s.zero_fraction == pytest.approx(0.5, abs=0.02)
    assert s.positive_fraction + s.zero_fraction == pytest.approx(1)
    assert s.dead_fraction == 0
    flat = a.astype(float).ravel()
    root = math.sqrt(flat.size)
    hoyer = (root - flat.sum() / np.linalg.norm(flat)) / (root - 1)
    assert s.hoyer_sparsity == pytest.approx(hoyer)
    np.testing.assert_allclose(s.quantiles, np.quantile(flat, s.levels))
    np.testing.assert_allclose(s.unit_mean, a.mean(0), rtol=1e-5)
    np.testing.assert_allclose(s.unit_std, a.std(0), rtol=1e-5)
    assert AnalysisResult.from_json(s.to_json()) == s


@given(st.integers(0, 2**31), st.integers(1, 9), st.booleans())
def test_batches_equal_the_whole(seed, size, shifted):
    a = normal(30, 4, 5, seed=seed) + 1000 * shifted
    y = np.arange(30) % 3
    stream = act.StreamingStats()
    for i in range(0, 30, size):
        stream.update(a[i : i + size], y[i : i + size])
    got, want = stream.result(), act.activation_statistics(a, labels=y)
    for name, value in want.field_items():
        if isinstance(value, float | np.ndarray):
            np.testing.assert_allclose(
                getattr(got, name), value, rtol=1e-6, atol=1e-6, err_msg=name
            )
    np.testing.assert_array_equal(got.histogram.counts, want.histogram.counts)


def test_a_full_reservoir_is_a_sample():
    a = normal(5000, 4)
    stream = act.StreamingStats(reservoir=2000)
    for part in np.split(a, 10):
        stream.update(part)
    s = stream.result()
    assert flags.SUBSAMPLED in s.flags
    assert s.mean == pytest.approx(a.mean())
    assert s.quantiles[3] == pytest.approx(np.median(a), abs=0.1)
    assert s.histogram.counts.sum() + s.histogram.below + s.histogram.above == a.size


def test_dead_constant_and_saturated_units():
    a = normal(50, 4)
    a[:, 1], a[:, 2] = 0, 3
    s = act.activation_statistics(a, bound=1.0)
    assert s.unit_dead.tolist() == [False, True, False, False]
    assert s.unit_constant.tolist() == [False, True, True, False]
    assert s.unit_saturated_fraction[2] == 1
    assert s.flags == (flags.DEAD_UNITS,)
    s = act.activation_statistics(np.full((4, 2), 0.7), bound=0.5)
    assert s.flags == (flags.CONSTANT, flags.SATURATED)
    assert math.isnan(s.skewness)


def test_nan_is_counted_and_left_out():
    a = np.array([[1.0, np.nan], [3.0, np.inf]])
    s = act.activation_statistics(a)
    assert s.nonfinite_fraction == 0.5
    assert s.unit_mean[0] == 2
    assert np.isnan(s.unit_mean[1])
    assert s.flags == (flags.NONFINITE_DROPPED,)
    s = act.activation_statistics(a.astype(np.float16))
    assert flags.OVERFLOW in s.flags
    s = act.activation_statistics(np.full((2, 2), np.nan))
    assert flags.EMPTY in s.flags
    assert math.isnan(s.mean)
    assert act.activation_statistics(np.zeros((0, 3))).flags == (flags.EMPTY,)


def test_float16_sums_do_not_overflow():
    a = np.full((100, 2), 60000, np.float16)
    assert act.activation_statistics(a).mean == 60000 - 60000 % 32


def test_mask_axis_labels_and_units():
    a = normal(6, 3, 5)
    mask = np.zeros((6, 3), bool)
    mask[:, 0] = True
    got = act.activation_statistics(a, mask=mask)
    assert got.mean == pytest.approx(a[:, 0].mean())
    got = act.activation_statistics(np.moveaxis(a, -1, 1), unit_axis=1)
    np.testing.assert_allclose(got.unit_mean, a.mean((0, 1)))
    y = np.arange(6) % 2
    a[y == 1, :, 2] += 100
    s = act.activation_statistics(a, labels=y)
    assert s.best_class[2] == 1
    assert s.selectivity[2] == pytest.approx(2, rel=0.1)
    few = act.activation_statistics(a, max_units=2)
    assert few.unit_index.tolist() == [0, 4]
    assert few.flags == (flags.SUBSAMPLED,)


def test_wrong_arguments_say_so():
    for bad, text in (
        (
            lambda: act.activation_statistics(np.ones((2, 3)), unit_axis=0),
            "`unit_axis`",
        ),
        (lambda: act.activation_statistics(np.ones((2, 3)), labels=[1]), "`labels`"),
        (lambda: act.activation_statistics(np.ones((2, 3)), mask=[1]), "`mask`"),
        (lambda: act.effective_rank(np.ones(3)), "`features`"),
        (lambda: act.effective_rank(np.ones((2, 2, 2)), position="all"), "`position`"),
    ):
        with pytest.raises(ValueError, match=text):
            bad()


def test_dimensions_of_known_spaces():
    x = normal(2000, 5)
    assert act.effective_rank(x) == pytest.approx(5, abs=0.05)
    assert act.participation_ratio(x) == pytest.approx(5, abs=0.1)
    low = x[:, :2] @ normal(2, 20, seed=1)
    assert act.pca_dimension(low) <= 2
    assert act.effective_rank(low) <= 2
    assert act.twonn_dimension(low) == pytest.approx(2, abs=0.25)
    line = np.outer(np.arange(9.0), np.ones(4))
    assert act.effective_rank(line) == pytest.approx(1)
    d = act.effective_dimension(x[:4])
    assert d.ceiling == 3
    d = act.effective_dimension(np.ones((5, 3)))
    assert d.flags == (flags.CONSTANT,)
    assert math.isnan(d.effective_rank)
    assert math.isnan(act.effective_rank(np.ones((1, 3))))
    maps = normal(6, 4, 4, 3)
    assert act.effective_dimension(maps, position="sample").n == 96
    assert act.effective_dimension(maps).n == 6
    assert math.isnan(act.twonn_dimension(np.ones((9, 2))))
