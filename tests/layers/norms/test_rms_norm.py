"""RMSNorm against its formula, Keras and PyTorch."""

import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques.layers import RMSNorm, ZeroCenteredRMSNorm
from tests.layers.slopes import slope

RNG = np.random.default_rng(0)


def run(layer, x):
    return ops.convert_to_numpy(layer(np.asarray(x, "float32")))


def reference(x, axes, epsilon, scale=1.0):
    x = np.asarray(x, "float64")
    return x / np.sqrt((x**2).mean(axis=axes, keepdims=True) + epsilon) * scale


@pytest.mark.parametrize(
    ("shape", "axis", "kept"),
    [
        ((4, 6), -1, (6,)),
        ((2, 3, 5), 1, (3, 1)),
        ((2, 3, 4, 5), (-1, 1), (3, 1, 5)),
        ((2, 3, 4, 5), [2, 3], (4, 5)),
    ],
)
def test_formula_with_a_gain_per_feature(shape, axis, kept):
    x, layer = RNG.normal(size=shape), RMSNorm(axis=axis, epsilon=0.1)
    layer.build(shape)
    scale = RNG.normal(size=layer.scale.shape)
    layer.set_weights([scale])
    axes = tuple(axis) if isinstance(axis, tuple | list) else axis
    expected = reference(x, axes, 0.1, scale.reshape(kept))
    np.testing.assert_allclose(run(layer, x), expected, atol=1e-5)


def test_equals_keras():
    x, scale = RNG.normal(size=(3, 4, 6)).astype("float32"), RNG.normal(size=6)
    ours, theirs = RMSNorm(epsilon=1e-5), keras.layers.RMSNormalization(epsilon=1e-5)
    for layer in (ours, theirs):
        layer.build(x.shape)
        layer.set_weights([scale])
    np.testing.assert_allclose(run(ours, x), run(theirs, x), atol=1e-6)


def test_equals_torch():
    torch = pytest.importorskip("torch")
    x, scale = RNG.normal(size=(3, 4, 6)).astype("float32"), RNG.normal(size=6)
    ours = RMSNorm(epsilon=1e-5)
    ours.build(x.shape)
    ours.set_weights([scale])
    other = torch.nn.RMSNorm(6, eps=1e-5)
    with torch.no_grad():
        other.weight.copy_(torch.tensor(scale))
        expected = other(torch.tensor(x)).numpy()
    np.testing.assert_allclose(run(ours, x), expected, atol=1e-5)


def test_size_is_one_and_does_not_depend_on_the_inputs_size():
    x = RNG.normal(size=(5, 9))
    y = run(RMSNorm(), x)
    np.testing.assert_allclose((y**2).mean(axis=-1), 1, atol=1e-4)
    np.testing.assert_allclose(run(RMSNorm(epsilon=1e-12), 7 * x), y, atol=1e-4)


def test_zero_gives_zero_and_a_finite_gradient():
    layer, zero = RMSNorm(), np.zeros((2, 4))
    assert not run(layer, zero).any()
    assert np.isfinite(slope(layer, zero)).all()


def test_float16_does_not_overflow():
    y = RMSNorm(dtype="float16")(np.full((1, 8), 300, "float16"))
    np.testing.assert_allclose(ops.convert_to_numpy(y), 1, atol=1e-2)


def test_config_keeps_the_axis_as_given():
    layer = RMSNorm(axis=-1)
    layer.build((None, 3))
    assert layer.get_config()["axis"] == -1


@pytest.mark.parametrize("axis", [0, [0, 1], 1.5, True, []])
def test_bad_axis_is_named(axis):
    with pytest.raises(ValueError, match=r"`axis` must be .* Received: axis="):
        RMSNorm(axis=axis)


@pytest.mark.parametrize("axis", [-2, 2, [1, -1]])
def test_axis_that_does_not_fit_the_input_is_named(axis):
    with pytest.raises(ValueError, match=r"`axis` must be .* Received: axis="):
        RMSNorm(axis=axis).build((None, 4))


def test_unknown_size_is_named_unless_there_is_no_gain():
    with pytest.raises(ValueError, match="undefined dimension"):
        RMSNorm(axis=1).build((None, None, 3))
    RMSNorm(axis=1, use_scale=False).build((None, None, 3))


def test_zero_centred_form_is_layer_normalization_without_offset():
    x, scale = RNG.normal(1.0, 2.0, (3, 4, 6)), RNG.normal(size=6)
    theirs = keras.layers.LayerNormalization(epsilon=1e-6, center=False)
    ours = ZeroCenteredRMSNorm()
    for layer in (ours, theirs):
        layer.build(x.shape)
        layer.set_weights([scale])
    np.testing.assert_allclose(run(ours, x), run(theirs, x), atol=1e-5)
    plain = run(ZeroCenteredRMSNorm(use_scale=False), x)
    np.testing.assert_allclose(plain.mean(axis=-1), 0, atol=1e-6)
