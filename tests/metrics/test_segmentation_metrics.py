"""Counts of segmented classes against Keras and NumPy."""

import keras
import numpy as np
import pytest

from dl_techniques.metrics import SegmentationDice, SegmentationIoU

RNG = np.random.default_rng(0)
Y = RNG.integers(0, 3, size=(4, 5, 6))
Z = RNG.normal(size=(4, 5, 6, 4))  # class 3 is predicted, never true


def dice(y, chosen):
    both = np.logical_and(y, chosen).sum()
    return 2 * both / (y.sum() + chosen.sum())


def test_iou_is_kerass_mean():
    own = keras.metrics.MeanIoU(4, sparse_y_pred=False)
    for metric in (SegmentationIoU(4), own):
        metric.update_state(Y[:1], Z[:1])
        metric.update_state(Y[1:], Z[1:])
    metric = SegmentationIoU(4)
    metric.update_state(Y, Z)
    assert float(metric.result()) == pytest.approx(float(own.result()), rel=1e-6)
    assert metric.per_class()[3] == 0


def test_dice_of_every_class():
    metric = SegmentationDice(4)
    assert float(metric.result()) == 0
    for form in (Y, Y[..., None], np.eye(4)[Y]):
        metric.reset_state()
        metric.update_state(form, Z)
        each = [dice(c == Y, Z.argmax(-1) == c) for c in range(4)]
        np.testing.assert_allclose(metric.per_class(), each, rtol=1e-6)
        assert float(metric.result()) == pytest.approx(np.mean(each))
    part = SegmentationDice(4, include_background=False)
    part.update_state(Y, Z)
    assert float(part.result()) == pytest.approx(np.mean(each[1:]))
    single = SegmentationDice(4, class_id=2)
    single.update_state(Y, Z)
    assert float(single.result()) == pytest.approx(each[2])


def test_a_class_not_seen_is_left_out():
    metric = SegmentationDice(3)
    metric.update_state(np.zeros((1, 2, 2)), np.eye(3)[np.zeros((1, 2, 2), int)])
    assert float(metric.result()) == 1
    np.testing.assert_array_equal(metric.per_class(), [1, np.nan, np.nan])


def test_one_channel_ignored_pixels_and_weights():
    y, z = (Y > 0).astype("int32"), Z[..., :1]
    expected = dice(y == 1, z[..., 0] > 0)
    metric = SegmentationDice(1, from_logits=True)
    metric.update_state(y, z)
    assert float(metric.result()) == pytest.approx(expected)
    cut = np.where(np.arange(6) < 3, y, 9)
    metric = SegmentationDice(1, from_logits=True, ignore_index=9)
    metric.update_state(cut, z)
    expected = dice(y[:, :, :3] == 1, z[:, :, :3, 0] > 0)
    assert float(metric.result()) == pytest.approx(expected)
    metric = SegmentationDice(1, from_logits=True)
    metric.update_state(y, z, np.array([1.0, 0, 0, 0]))
    expected = dice(y[:1] == 1, z[:1, ..., 0] > 0)
    assert float(metric.result()) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("kwargs", "named"),
    [
        ({"num_classes": 0}, "num_classes"),
        ({"num_classes": 3, "class_id": 3}, "class_id"),
        ({"num_classes": 3, "ignore_index": 0.5}, "ignore_index"),
        ({"num_classes": 3, "from_logits": 1}, "from_logits"),
    ],
)
def test_bad_argument_is_named(kwargs, named):
    with pytest.raises(ValueError, match=f"`{named}` must be"):
        SegmentationIoU(**kwargs)


def test_bad_shape_is_named():
    with pytest.raises(ValueError, match="`y_pred` must be"):
        SegmentationIoU(3)(Y, Z)
