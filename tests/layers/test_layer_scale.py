"""LayerScale and LearnableMultiplier multiply by one learned vector."""

import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques.layers import LayerScale, LearnableMultiplier
from tests.layers.slopes import weight_slopes

RNG = np.random.default_rng(0)


def run(layer, x):
    return ops.convert_to_numpy(layer(np.asarray(x, "float32")))


def test_gain_per_channel_and_its_gradient():
    x, layer = RNG.normal(size=(2, 3, 4)), LayerScale(0.1)
    layer.build(x.shape)
    gamma = RNG.normal(size=4)
    layer.set_weights([gamma])
    np.testing.assert_allclose(run(layer, x), gamma * x, atol=1e-6)
    grad = weight_slopes(layer, x.astype("float32"))["gamma"]
    np.testing.assert_allclose(grad, x.sum(axis=(0, 1)), rtol=1e-4)


def test_one_is_the_identity_and_zero_closes_the_branch():
    x = RNG.normal(size=(2, 4)).astype("float32")
    np.testing.assert_array_equal(run(LayerScale(1.0), x), x)
    assert not run(LayerScale(0), x).any()


@pytest.mark.parametrize(("kind", "size"), [("GLOBAL", 1), ("channel", 4)])
def test_multiplier_shapes(kind, size):
    layer = LearnableMultiplier(kind)
    layer.build((None, 3, 4))
    assert layer.gamma.shape == (size,)
    assert isinstance(layer.gamma.constraint, keras.constraints.NonNeg)
    assert layer.get_config()["multiplier_type"] == kind
    if size == 1:
        LearnableMultiplier("GLOBAL").build((None, None))


def test_tiny_gain_is_kept_in_half_precision():
    layer = LayerScale(1e-8, dtype="mixed_float16")
    layer.build((None, 2))
    assert ops.convert_to_numpy(layer.gamma) == pytest.approx(1e-8)


@pytest.mark.parametrize("kind", ["LAYER", 1, None])
def test_other_kinds_are_refused(kind):
    with pytest.raises(ValueError, match=r"`multiplier_type` must be .* Received:"):
        LearnableMultiplier(kind)
