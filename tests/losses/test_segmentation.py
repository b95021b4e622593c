"""Segmentation losses against float64 references, and their minima."""

import inspect

import keras
import numpy as np
import pytest
from keras import ops
from scipy.special import softmax

from dl_techniques.losses import segmentation as seg
from dl_techniques.losses.segmentation.combo import NAMES
from tests.gradients import gradient
from tests.losses import segmentation_reference as ref

RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 3, size=(2, 4, 5))
LABELS[0][LABELS[0] == 2] = 1  # class 2 is absent from the first image
Y = np.eye(3)[LABELS]
Z = RNG.normal(size=(2, 4, 5, 3)) * 2
P = softmax(Z, -1)
EVERY = sorted(set(NAMES) - {"iou"})


def value(loss, y=Y, p=P, w=None):
    return float(ops.convert_to_numpy(loss(y, p, sample_weight=w)))


def make(name, **kwargs):
    return seg.create_segmentation_loss(name, **kwargs)


EXPECTED = {
    "dice": lambda y, p: ref.tversky(y, p, 0.5, 0.5),
    "jaccard": lambda y, p: ref.tversky(y, p, 1, 1),
    "tversky": lambda y, p: ref.tversky(y, p, 0.3, 0.7),
    "focal_tversky": lambda y, p: ref.tversky(y, p, 0.3, 0.7) ** 0.75,
    "boundary": lambda y, p: (ref.phi(y) * p).mean(),
    "hausdorff": lambda y, p: (
        (p - y) ** 2 * (ref.field(y) ** 2 + ref.field(p) ** 2)
    ).mean(),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_value_of_every_image_and_class(name):
    expected = ref.mean_of(EXPECTED[name], Y, P)
    assert value(make(name)) == pytest.approx(expected, rel=1e-5)
    assert value(make(name, from_logits=True), p=Z) == pytest.approx(expected, rel=1e-4)
    both = ref.mean_of(EXPECTED[name], Y, P, (1, 2))
    got = value(make(name, include_background=False))
    assert got == pytest.approx(both, rel=1e-5)
    each = [ref.mean_of(EXPECTED[name], Y, P, (c,)) for c in range(3)]
    got = value(make(name, class_weights=[1.0, 0.0, 3.0]))
    assert got == pytest.approx((each[0] + 3 * each[2]) / 4, rel=1e-5)


@pytest.mark.parametrize(
    ("name", "fp", "fn", "smooth"),
    [("dice", 0.5, 0.5, 0.5), ("tversky", 0.3, 0.7, 1.0), ("jaccard", 1, 1, 1.0)],
)
def test_smooth_and_the_batch_as_one(name, fp, fn, smooth):
    expected = ref.mean_of(lambda y, p: ref.tversky(y, p, fp, fn, smooth), Y, P)
    assert value(make(name, smooth=1.0)) == pytest.approx(expected, rel=1e-5)
    joined = Y.reshape(1, -1, 3), P.reshape(1, -1, 3)
    expected = ref.mean_of(lambda y, p: ref.tversky(y, p, fp, fn), *joined)
    assert value(make(name, per_image=False)) == pytest.approx(expected, rel=1e-5)


def test_keras_dice_agrees_when_told_the_axes():
    own = keras.losses.Dice(axis=(1, 2))
    expected = [
        1
        - 2 * (Y[b, ..., c] * P[b, ..., c]).sum() / (Y[b, ..., c] + P[b, ..., c]).sum()
        for b in range(2)
        for c in range(3)
    ]
    assert value(make("dice")) == pytest.approx(np.mean(expected), rel=1e-5)
    keras_value = float(np.mean(ops.convert_to_numpy(own(Y, P))))
    assert value(make("dice")) == pytest.approx(keras_value, rel=1e-3)


def test_tversky_is_asymmetric():
    y = np.zeros((1, 2, 2, 1))
    y[0, 0] = 1
    more, less = np.ones((1, 2, 2, 1)), y.copy()
    less[0, 0, 0] = 0
    high = {"alpha": 0.9, "beta": 0.1}
    assert value(make("tversky", **high), y, more) > value(make("tversky"), y, more)
    assert value(make("tversky", **high), y, less) < value(make("tversky"), y, less)


def test_generalized_dice():
    losses = []
    for y, p in zip(Y, P, strict=True):
        size, both = y.sum((0, 1)), (y * p).sum((0, 1))
        w = np.where(size > 0, 1 / np.maximum(size, 1) ** 2, 0)
        w = np.where(size > 0, w, w.max())
        losses.append(1 - 2 * (w * both).sum() / (w * (size + p.sum((0, 1)))).sum())
    assert value(make("generalized_dice")) == pytest.approx(np.mean(losses), rel=1e-5)


@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
def test_focal_and_cross_entropy(gamma, from_logits):
    p = Z if from_logits else P
    alpha = np.array([0.2, 0.5, 1.0])
    expected = -(alpha * Y * (1 - P) ** gamma * np.log(P)).sum(-1).mean()
    loss = make("focal", gamma=gamma, alpha=[0.2, 0.5, 1], from_logits=from_logits)
    assert value(loss, p=p) == pytest.approx(expected, rel=1e-5)
    plain = -(Y * np.log(P)).sum(-1).mean()
    entropy = make("cross_entropy", from_logits=from_logits)
    assert value(entropy, p=p) == pytest.approx(plain, rel=1e-5)
    zero = make("focal", gamma=0, from_logits=from_logits)
    assert value(zero, p=p) == pytest.approx(plain, rel=1e-5)
    w = np.array([1.0, 2.0, 0.0])[LABELS]
    weighted = -(w[..., None] * Y * np.log(P)).sum(-1)
    expected = np.mean([weighted[b].sum() / w[b].sum() for b in range(2)])
    entropy = make("cross_entropy", class_weights=[1.0, 2.0, 0.0])
    assert value(entropy) == pytest.approx(expected, rel=1e-5)


def test_one_channel_is_binary():
    y, z = Y[..., 1], Z[..., :1]
    p = 1 / (1 + np.exp(-z[..., 0]))
    expected = -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean()
    for form in (y, y[..., None], y.astype("int32")):
        got = value(make("cross_entropy", from_logits=True), form, z)
        assert got == pytest.approx(expected, rel=1e-5)
    q = np.where(y == 1, p, 1 - p)
    a = np.where(y == 1, 0.25, 0.75)
    focal = -(a * (1 - q) ** 2 * np.log(q)).mean()
    loss = make("focal", alpha=0.25, from_logits=True)
    assert value(loss, y, z) == pytest.approx(focal, rel=1e-5)
    dice = make("dice", from_logits=True)
    expected = np.mean([ref.tversky(y[b], p[b], 0.5, 0.5) for b in range(2)])
    assert value(dice, y, z) == pytest.approx(expected, rel=1e-5)


def test_lovasz_softmax():
    each = [
        [ref.lovasz(np.abs(y - p)[..., c].ravel(), y[..., c].ravel()) for c in range(3)]
        for y, p in zip(Y, P, strict=True)
    ]
    present = np.mean([np.mean(each[0][:2]), np.mean(each[1])])
    assert value(make("lovasz_softmax")) == pytest.approx(present, rel=1e-5)
    got = value(make("lovasz_softmax", classes="all"))
    assert got == pytest.approx(np.mean(each), rel=1e-5)
    got = value(make("lovasz_softmax", classes=[0, 2]))
    assert got == pytest.approx(np.mean(np.array(each)[:, [0, 2]]), rel=1e-5)


def test_lovasz_of_hard_answers_is_one_minus_iou():
    guess = RNG.integers(0, 3, size=LABELS.shape)
    hard = np.eye(3)[guess]
    expected = [
        ref.jaccard(LABELS[b] == c, guess[b] == c)
        for b in range(2)
        for c in range(3)
        if (LABELS[b] == c).any()
    ]
    groups = [expected[:2], expected[2:]]
    got = value(make("lovasz_softmax"), p=hard)
    assert got == pytest.approx(np.mean([np.mean(g) for g in groups]), rel=1e-5)


def test_lovasz_hinge():
    y, z = Y[..., 1], Z[..., :1]
    errors = [1 - (2 * y[b] - 1) * z[b, ..., 0] for b in range(2)]
    expected = np.mean([ref.lovasz(errors[b].ravel(), y[b].ravel()) for b in range(2)])
    loss = make("lovasz_hinge", from_logits=True)
    assert value(loss, y, z) == pytest.approx(expected, rel=1e-5)
    p = 1 / (1 + np.exp(-z))
    assert value(make("lovasz_hinge"), y, p) == pytest.approx(expected, rel=1e-4)


def test_distances_are_those_of_scipy():
    masks = RNG.random(size=(2, 5, 4, 3, 2)) > 0.7
    masks[0, ..., 1] = False
    y = masks.astype("float32")
    expected = seg.signed_distance_map(y)
    for b in range(2):
        for c in range(2):
            np.testing.assert_allclose(expected[b, ..., c], ref.phi(y[b, ..., c]))
    p = RNG.random(size=y.shape).astype("float32")
    given = value(make("boundary", from_distance_map=True), expected, p)
    assert value(make("boundary"), y, p) == pytest.approx(given, rel=1e-5)
    numbers = RNG.integers(0, 3, size=(1, 4, 4))
    np.testing.assert_array_equal(
        seg.signed_distance_map(numbers, 3), seg.signed_distance_map(np.eye(3)[numbers])
    )


def test_combo_is_the_weighted_sum():
    parts = value(make("dice")), value(make("cross_entropy"))
    assert value(make("combo")) == pytest.approx(sum(parts) / 2, rel=1e-5)
    named = make("combo", losses=["dice", seg.TverskyLoss(0.1, 0.9)], weights=[2, 0.5])
    expected = 2 * parts[0] + 0.5 * value(seg.TverskyLoss(0.1, 0.9))
    assert value(named) == pytest.approx(expected, rel=1e-5)
    again = keras.losses.deserialize(keras.losses.serialize(named))
    assert value(again) == value(named)


@pytest.mark.parametrize("name", EVERY)
def test_the_perfect_answer_is_the_minimum(name):
    loss = make(name)
    perfect, even = value(loss, p=Y), value(loss, p=np.full(Y.shape, 1 / 3))
    wrong = value(loss, p=np.roll(Y, 1, axis=-1))
    assert perfect < even < wrong or perfect < wrong
    assert perfect < even
    if name != "boundary":
        assert perfect == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("name", EVERY)
def test_empty_masks_are_finite(name):
    y = np.zeros((2, 3, 3, 1), "float32")
    loss = make(name)
    for p in (y, 0.5 + y, 1 + y):
        assert np.isfinite(value(loss, y, p))
        assert np.isfinite(gradient(lambda q: ops.sum(loss(y, q)), p)).all()
    assert value(make(name), y, y) == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("name", EVERY)
def test_forms_of_targets_and_order_of_classes(name):
    loss = make(name)
    first = value(loss)
    for form in (LABELS, LABELS[..., None], LABELS.astype("float32")):
        assert value(loss, form) == pytest.approx(first, rel=1e-6)
    order = [2, 0, 1]
    turned = value(loss, Y[..., order], P[..., order])
    assert turned == pytest.approx(first, rel=1e-5)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("per_image", [True, False])
def test_ignored_pixels_count_nowhere(name, per_image):
    if name in ("boundary", "hausdorff"):
        pytest.skip("distances see the whole mask")
    labels = LABELS.copy()
    labels[:, :, 3:] = 255
    loss = make(name, ignore_index=255, per_image=per_image)
    cut = make(name, per_image=per_image)
    expected = value(cut, LABELS[:, :, :3], P[:, :, :3])
    assert value(loss, labels) == pytest.approx(expected, rel=1e-5)
    w = np.ones(LABELS.shape)
    w[:, :, 3:] = 0
    assert value(cut, LABELS, w=w) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("name", EVERY)
def test_ranks_and_weights_of_images(name):
    line = value(make(name), Y.reshape(2, 20, 3), P.reshape(2, 20, 3))
    assert np.isfinite(line)
    volume = value(make(name), Y[:, :, None], P[:, :, None])
    assert volume == pytest.approx(value(make(name)), rel=1e-5)
    alone = [value(make(name), Y[b : b + 1], P[b : b + 1]) for b in range(2)]
    got = value(make(name), w=np.array([2.0, 0.0]))
    assert got == pytest.approx(alone[0], rel=1e-5)
    kept = value(make(name, per_image=False), w=np.array([0.0, 1.0]))
    assert kept == pytest.approx(alone[1], rel=1e-5)


def test_dice_and_jaccard_of_hard_masks():
    y, p = (RNG.random(size=(2, 1, 6, 6, 1)) > 0.5).astype("float64")
    dice, iou = 1 - value(make("dice"), y, p), 1 - value(make("jaccard"), y, p)
    assert dice == pytest.approx(2 * iou / (1 + iou), rel=1e-5)
    half = make("tversky", alpha=0.5, beta=0.5)
    assert value(half) == pytest.approx(value(make("dice")), rel=1e-6)


def test_names():
    assert isinstance(make("Lovasz Softmax"), seg.LovaszSoftmaxLoss)
    assert isinstance(make("DiceLoss"), seg.DiceLoss)
    with pytest.raises(ValueError, match="`name` must be one of boundary, combo"):
        make("surface")
    classes = {c for _, c in inspect.getmembers(seg, inspect.isclass)}
    assert classes - {seg.SegmentationLoss} == set(NAMES.values())


@pytest.mark.parametrize(
    ("name", "kwargs", "named"),
    [
        ("dice", {"smooth": -1.0}, "smooth"),
        ("dice", {"epsilon": 0.0}, "epsilon"),
        ("dice", {"class_weights": [0.0, 0.0]}, "class_weights"),
        ("dice", {"class_weights": 3}, "class_weights"),
        ("dice", {"ignore_index": 1.5}, "ignore_index"),
        ("dice", {"per_image": False, "reduction": "sum"}, "reduction"),
        ("tversky", {"alpha": -1.0}, "alpha"),
        ("tversky", {"alpha": 0.0, "beta": 0.0}, "beta"),
        ("focal_tversky", {"gamma": 0.0}, "gamma"),
        ("focal", {"gamma": -1.0}, "gamma"),
        ("focal", {"alpha": [-1.0]}, "alpha"),
        ("lovasz_softmax", {"classes": "some"}, "classes"),
        ("hausdorff", {"alpha": 0.0}, "alpha"),
        ("boundary", {"from_distance_map": True, "ignore_index": 0}, "ignore_index"),
        ("combo", {"losses": []}, "losses"),
        ("combo", {"losses": [keras.losses.Dice()]}, "losses"),
        ("combo", {"weights": [1.0]}, "weights"),
        ("combo", {"weights": [1.0, -1.0]}, "weights"),
    ],
)
def test_bad_argument_is_named(name, kwargs, named):
    with pytest.raises(ValueError, match=f"`{named}` must be"):
        make(name, **kwargs)


@pytest.mark.parametrize(
    ("y", "p", "named"),
    [
        (Y[:1], P, "y_true"),
        (Y[..., :2], P, "y_true"),
        (LABELS[:, :2], P, "y_true"),
        (LABELS[0, 0], P, "y_true"),
        (Y[0], P[0, 0], "y_pred"),
    ],
)
def test_bad_shapes_are_refused(y, p, named):
    with pytest.raises(ValueError, match=f"`{named}` must be"):
        make("dice")(y, p)
    with pytest.raises(ValueError, match="`class_weights` must be"):
        make("dice", class_weights=[1.0])(Y, P)
