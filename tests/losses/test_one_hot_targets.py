"""Class numbers for losses that want one-hot targets."""

import keras
import numpy as np
import pytest

from dl_techniques.losses.one_hot_targets import OneHotTargets

LOGITS = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")
Y = np.array([0, 2, 1, 2])


@pytest.mark.parametrize("y", [Y, Y[:, None], np.eye(3)[Y]])
def test_every_form_of_target_gives_the_loss_of_one_hot_rows(y):
    plain = keras.losses.CategoricalFocalCrossentropy(from_logits=True)
    wrapped = OneHotTargets(plain, 3)
    expected = float(plain(np.eye(3, dtype="float32")[Y], LOGITS))
    assert float(wrapped(y, LOGITS)) == pytest.approx(expected, rel=1e-6)


def test_sample_weights_and_reduction_are_those_of_the_loss():
    plain = keras.losses.CategoricalCrossentropy(from_logits=True, reduction="none")
    wrapped = OneHotTargets(plain, 3)
    weights = np.array([1.0, 0.0, 2.0, 1.0])
    np.testing.assert_allclose(
        wrapped(Y, LOGITS, sample_weight=weights),
        plain(np.eye(3)[Y], LOGITS, sample_weight=weights),
        rtol=1e-6,
    )


def test_config_round_trip():
    loss = OneHotTargets(
        keras.losses.CategoricalCrossentropy(True, label_smoothing=0.1), 3
    )
    revived = keras.losses.deserialize(keras.losses.serialize(loss))
    assert revived.get_config() == loss.get_config()
    assert float(revived(Y, LOGITS)) == float(loss(Y, LOGITS))


def test_no_classes_are_refused():
    with pytest.raises(ValueError, match="num_classes"):
        OneHotTargets(keras.losses.CategoricalCrossentropy(), 0)
