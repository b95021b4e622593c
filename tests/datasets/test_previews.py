import pickle

import numpy as np
import pytest

from dl_techniques.datasets import dataset_infos, load_dataset, preview

OFFLINE = [info.name for info in dataset_infos() if not info.needs_download]


@pytest.mark.parametrize("name", OFFLINE)
def test_previews_are_small_and_repeatable(name):
    data = load_dataset(name)
    first, again = preview(data, 12, seed=2), preview(data, 12, seed=2)
    assert len(pickle.dumps(first)) < 100_000
    np.testing.assert_array_equal(first.labels, again.labels)
    shown = [v for v in (first.images, first.rows, first.sequences) if v is not None]
    assert [len(v) for v in shown] == [12]
    assert len(first.labels) == 12
    if data.num_classes:
        assert first.train_counts.sum() == len(data.y_train)
        assert first.test_counts.sum() == len(data.y_test)


def test_samples_are_in_their_own_units():
    digits = preview(load_dataset("digits"), 10)
    assert digits.images.dtype == np.uint8
    assert digits.images.max() == 255
    assert sorted(digits.labels) == list(range(10))
    raw = load_dataset("wine", standardise=False)
    rows = preview(load_dataset("wine"), 8).rows
    np.testing.assert_allclose(rows, preview(raw, 8).rows, rtol=1e-3, atol=1e-3)
    assert preview(load_dataset("diabetes")).labels.min() > 20


def test_points_are_for_the_plane_and_for_curves():
    moons = preview(load_dataset("moons"))
    assert moons.points.shape == (500, 2)
    assert moons.extent[0] < moons.points[:, 0].min()
    curve = preview(load_dataset("inverse_sine"))
    assert curve.points[:, 1].max() <= 1.001
    assert preview(load_dataset("iris")).points is None


def test_noisy_labels_can_be_told():
    shown = preview(load_dataset("blobs", label_noise=0.5), 100)
    assert 0.3 < (shown.labels != shown.clean_labels).mean() < 0.7
    with pytest.raises(ValueError, match="`n` must be at least 1"):
        preview(load_dataset("iris"), 0)
