"""The margin loss against its formula in float64."""

import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques.losses import CapsuleMarginLoss
from dl_techniques.metrics import CapsuleAccuracy
from tests.gradients import gradient

RNG = np.random.default_rng(0)
Y = np.array([0, 2, 1, 2])
V = RNG.uniform(0, 1.2, size=(4, 3))


def numpy_loss(y, v, m_plus=0.9, m_minus=0.1, down=0.5):
    t = np.eye(3)[y]
    short, long = np.maximum(0, m_plus - v), np.maximum(0, v - m_minus)
    return (t * short**2 + down * (1 - t) * long**2).sum(-1)


def value(y, v, reduction="none", **kwargs):
    loss = CapsuleMarginLoss(**kwargs, reduction=reduction)
    return ops.convert_to_numpy(loss(y, v))


@pytest.mark.parametrize("y", [Y, Y[:, None], np.eye(3)[Y]])
def test_formula(y):
    np.testing.assert_allclose(value(y, V), numpy_loss(Y, V), rtol=1e-5)
    got = value(y, V, m_plus=0.8, m_minus=0.3, downweight=0.7)
    np.testing.assert_allclose(got, numpy_loss(Y, V, 0.8, 0.3, 0.7), rtol=1e-5)


def test_capsules_are_measured():
    capsules = RNG.normal(size=(4, 3, 5))
    lengths = np.linalg.norm(capsules, axis=-1)
    np.testing.assert_allclose(value(Y, capsules), numpy_loss(Y, lengths), rtol=1e-5)
    zeros = np.zeros((4, 3, 5), "float32")
    slope = gradient(lambda v: CapsuleMarginLoss()(Y, v), zeros)
    assert np.isfinite(slope).all()


def test_nothing_inside_the_margins_and_no_interaction():
    inside = np.where(np.eye(3)[Y] == 1, 0.95, 0.05)
    np.testing.assert_array_equal(value(Y, inside), 0)
    moved = V.copy()
    moved[:, 0] = 0.6
    others = gradient(lambda v: CapsuleMarginLoss()(Y, v), V)[:, 1:]
    again = gradient(lambda v: CapsuleMarginLoss()(Y, v), moved)[:, 1:]
    np.testing.assert_allclose(others, again, rtol=1e-6)


def test_reconstruction():
    images, guess = RNG.normal(size=(2, 4, 2, 2)).astype("float32")
    got = value((Y, images), (V, guess), reconstruction_weight=0.1)
    expected = numpy_loss(Y, V) + 0.1 * ((images - guess) ** 2).sum((1, 2))
    np.testing.assert_allclose(got, expected, rtol=1e-5)
    with pytest.raises(ValueError, match="pairs"):
        value(Y, V, reconstruction_weight=0.1)


def test_trains_symbolically():
    inputs = keras.Input((4,))
    model = keras.Model(inputs, keras.layers.Dense(3, "sigmoid")(inputs))
    model.compile("sgd", CapsuleMarginLoss(), metrics=[CapsuleAccuracy()])
    history = model.fit(RNG.normal(size=(4, 4)), Y, epochs=1, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    assert 0 <= history["capsule_accuracy"][0] <= 1


@pytest.mark.parametrize(
    ("kwargs", "named"),
    [
        ({"m_plus": 1.5}, "m_plus"),
        ({"m_plus": 0.1, "m_minus": 0.1}, "m_minus"),
        ({"m_minus": -0.1}, "m_minus"),
        ({"downweight": -1.0}, "downweight"),
        ({"reconstruction_weight": -1.0}, "reconstruction_weight"),
    ],
)
def test_bad_argument_is_named(kwargs, named):
    with pytest.raises(ValueError, match=f"`{named}` must be"):
        CapsuleMarginLoss(**kwargs)


def test_bad_shapes_are_refused():
    with pytest.raises(ValueError, match="y_true"):
        value(Y[:3], V)
    with pytest.raises(ValueError, match="y_pred"):
        value(Y, V[0])


def test_accuracy_counts_the_longest():
    metric = CapsuleAccuracy()
    assert float(metric.result()) == 0
    metric.update_state(Y, V)
    metric.update_state(Y[:2, None], RNG.normal(size=(2, 3, 4)), [0.0, 0.0])
    assert float(metric.result()) == pytest.approx((V.argmax(-1) == Y).mean())
