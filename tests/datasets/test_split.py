import numpy as np
import pytest

from dl_techniques.datasets import DatasetError, load_dataset
from dl_techniques.datasets.split import (
    allocate,
    flip_labels,
    split,
    statistics,
    subsample,
    thin_out,
)

NAMES = ("a", "b", "c")


def rng():
    return np.random.default_rng(3)


@pytest.mark.parametrize("total", range(6, 60, 7))
def test_allocation_sums_and_stays_proportional(total):
    counts = np.array([50, 8, 3])
    share = allocate(counts, total, 1, 1)
    assert share.sum() == total
    assert (share >= 1).all()
    assert (share <= counts - 1).all()
    if 20 < total < 40:
        np.testing.assert_allclose(share, counts * total / 61, atol=1.01)


def test_split_is_stratified_and_complete():
    y = np.repeat([0, 1, 2], [60, 30, 10])
    train, test = split(y, NAMES, 0.7, rng())
    assert np.bincount(y[train]).tolist() == [42, 21, 7]
    assert sorted([*train, *test]) == list(range(100))


def test_every_class_is_on_both_sides_even_when_rounding_says_no():
    y = np.repeat([0, 1, 2], [60, 30, 2])
    train, test = split(y, NAMES, 0.9, rng())
    assert set(y[train]) == set(y[test]) == {0, 1, 2}


@pytest.mark.parametrize(("size", "part"), [(0.99, "test"), (0.01, "training")])
def test_a_fraction_that_empties_a_class_is_said_in_words(size, part):
    y = np.repeat([0, 1, 2], 30)
    with pytest.raises(DatasetError, match=f"`train_size` must leave .* {part} set"):
        split(y, NAMES, size, rng())


def test_a_class_of_one_sample_cannot_be_split():
    with pytest.raises(DatasetError, match="class 'b' has 1 sample"):
        split(np.array([0, 0, 0, 0, 1, 2, 2, 2]), NAMES, 0.5, rng())


def test_subsample_keeps_shares_and_names_the_cap():
    y = np.repeat([0, 1, 2], [60, 30, 10])
    assert np.bincount(y[subsample(y, NAMES, 50, rng())]).tolist() == [30, 15, 5]
    with pytest.raises(DatasetError, match="`max_samples` must be at least 6"):
        subsample(y, NAMES, 5, rng())


@pytest.mark.parametrize("ratio", [0.5, 0.1, 0.01, 0.001])
def test_imbalance_is_an_exponential_profile(ratio):
    y = np.repeat([0, 1, 2], 400)
    counts = np.bincount(y[thin_out(y, 3, ratio, rng())])
    expected = np.maximum(np.round(400 * ratio ** np.array([0, 0.5, 1])), 1)
    assert counts.tolist() == expected.tolist()


def test_imbalance_reaches_the_ratio_from_unequal_classes():
    y = np.repeat([0, 1], [100, 300])
    assert np.bincount(y[thin_out(y, 2, 0.5, rng())]).tolist() == [100, 50]


def test_label_noise_is_an_exact_share_spread_over_the_other_classes():
    y = np.repeat(np.arange(4, dtype=np.int32), 3000)
    noisy = flip_labels(y, 4, 0.3, rng())
    assert (noisy != y).sum() == 3600
    step = (noisy - y)[noisy != y] % 4
    np.testing.assert_allclose(np.bincount(step)[1:] / 3600, 1 / 3, atol=0.03)


def test_statistics_equal_numpy_in_float64():
    x = rng().normal(1000, 0.1, (50, 20, 20, 3)).astype(np.float32)
    mean, scale = statistics(x)
    wide = x.astype(np.float64)
    np.testing.assert_allclose(mean, wide.mean((0, 1, 2)), rtol=1e-6)
    np.testing.assert_allclose(scale, wide.std((0, 1, 2)), rtol=1e-5)


def test_statistics_leave_constant_entries_alone():
    x = np.array([[1.0, 5.0], [3.0, 5.0]], np.float32)
    mean, scale = statistics(x)
    np.testing.assert_allclose(mean, [2, 5])
    np.testing.assert_allclose(scale, [1, 1])


def test_noise_and_imbalance_touch_training_only():
    plain = load_dataset("blobs", seed=4)
    noisy = load_dataset("blobs", seed=4, label_noise=0.25)
    np.testing.assert_array_equal(plain.y_test, noisy.y_test)
    np.testing.assert_array_equal(plain.x_train, noisy.x_train)
    np.testing.assert_array_equal(noisy.clean_y_train, plain.y_train)
    assert (noisy.y_train != noisy.clean_y_train).sum() == 200
    thin = load_dataset("blobs", seed=4, imbalance=0.1)
    counts = np.bincount(thin.y_train)
    assert counts[-1] / counts[0] == pytest.approx(0.1, abs=0.01)
    assert len(thin.y_test) == len(plain.y_test)


def test_scaling_uses_training_statistics_and_can_be_undone():
    raw = load_dataset("wine", standardise=False)
    scaled = load_dataset("wine")
    np.testing.assert_allclose(scaled.x_train.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(scaled.x_train.std(0), 1, atol=1e-5)
    assert abs(scaled.x_test.mean(0)).max() > 0.01
    back = scaled.x_test * scaled.x_scale + scaled.x_mean
    np.testing.assert_allclose(back, raw.x_test, rtol=1e-4)
    target = load_dataset("diabetes")
    np.testing.assert_allclose(target.y_train.mean(), 0, atol=1e-5)
    back = target.y_test * target.y_scale + target.y_mean
    assert back.min() > 20
    assert back.max() < 350
