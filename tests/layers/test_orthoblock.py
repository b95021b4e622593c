"""OrthoBlock and its convolution: start, formula, gains, one penalty."""

import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques.layers import OrthoBlock, OrthoConv2DBlock
from dl_techniques.regularizers import SoftOrthonormalConstraintRegularizer

RNG = np.random.default_rng(0)


def run(layer, x):
    return ops.convert_to_numpy(layer(np.asarray(x, "float32")))


def normalised(z, how, epsilon=1e-6):
    c = z - z.mean(-1, keepdims=True)
    return {
        "none": z,
        "center": c,
        "center_l2": c / np.linalg.norm(c, axis=-1, keepdims=True),
        "center_rms": c / np.sqrt((c**2).mean(-1, keepdims=True) + epsilon),
    }[how]


@pytest.mark.parametrize(("inputs", "units"), [(64, 128), (128, 64), (64, 64)])
def test_starts_orthonormal_with_penalty_zero(inputs, units):
    layer = OrthoBlock(units, scale_regularizer=None)
    layer.build((None, inputs))
    w = ops.convert_to_numpy(layer.kernel).astype("float64")
    gram = w.T @ w if inputs >= units else w @ w.T
    assert np.abs(gram - np.eye(len(gram))).max() < 1e-5
    assert ops.convert_to_numpy(layer.losses[0]) < 1e-6
    told = layer.explain(RNG.normal(size=(2, inputs)))
    np.testing.assert_allclose(told["singular_values"], 1, atol=1e-5)
    np.testing.assert_allclose(told["gram"], gram, atol=1e-5)


@pytest.mark.parametrize("how", ["center", "center_l2", "center_rms", "none"])
@pytest.mark.parametrize("mode", ["clip", "sigmoid"])
def test_formula(how, mode):
    x = RNG.normal(size=(3, 2, 5))
    layer = OrthoBlock(4, "tanh", normalization=how, scale_mode=mode)
    layer.build(x.shape)
    w, b, u = RNG.normal(size=(5, 4)), RNG.normal(size=4), RNG.uniform(size=4)
    layer.set_weights([w, b, u])
    gain = u if mode == "clip" else 1 / (1 + np.exp(-u))
    expected = np.tanh(gain * normalised(x @ w + b, how))
    np.testing.assert_allclose(run(layer, x), expected, atol=1e-5)


@pytest.mark.parametrize("mode", ["clip", "sigmoid"])
def test_gains_start_where_told(mode):
    layer = OrthoBlock(4, scale_mode=mode, scale_initial_value=0.3)
    layer.build((None, 3))
    np.testing.assert_allclose(ops.convert_to_numpy(layer.gain()), 0.3, rtol=1e-6)


def test_centring_takes_only_the_mean_away():
    x = RNG.normal(size=(4, 6))
    layer = OrthoBlock(6, scale_initial_value=1.0)
    y = run(layer, x)
    z = x @ ops.convert_to_numpy(layer.kernel)
    expected = (x**2).sum(-1) - 6 * z.mean(-1) ** 2
    np.testing.assert_allclose((y**2).sum(-1), expected, rtol=1e-4)
    np.testing.assert_allclose(y.sum(-1), 0, atol=1e-5)


def test_center_rms_is_layer_normalization():
    x = RNG.normal(size=(4, 6))
    layer = OrthoBlock(5, normalization="center_rms", scale_initial_value=1.0)
    y = run(layer, x)
    theirs = keras.layers.LayerNormalization(center=False, scale=False, epsilon=1e-6)
    z = x @ ops.convert_to_numpy(layer.kernel)
    np.testing.assert_allclose(y, run(theirs, z), atol=1e-5)


def test_a_shared_layer_is_penalised_once():
    layer = OrthoBlock(4, kernel_regularizer="l2")
    x = RNG.normal(size=(2, 4)).astype("float32")
    layer(x)
    once = [ops.convert_to_numpy(v).item() for v in layer.losses]
    for _ in range(3):
        layer(x)
    assert [ops.convert_to_numpy(v).item() for v in layer.losses] == once
    assert len(once) == 2  # kernel and scale
    w = ops.convert_to_tensor(layer.kernel)
    parts = SoftOrthonormalConstraintRegularizer(0.01)(w) + keras.regularizers.L2()(w)
    assert once[0] == pytest.approx(ops.convert_to_numpy(parts).item(), rel=1e-5)


def test_no_factor_no_loss():
    layer = OrthoBlock(4, ortho_reg_factor=0, scale_regularizer=None)
    layer.build((None, 3))
    assert layer.losses == []
    assert layer.kernel.regularizer is None


def test_gains_stay_in_range_after_fitting():
    x, y = RNG.normal(size=(64, 6)), RNG.normal(size=(64, 4)) * 20
    layer = OrthoBlock(4)
    model = keras.Sequential([keras.Input((6,)), layer])
    model.compile(keras.optimizers.SGD(1.0), "mse")
    model.fit(x, y, epochs=2, verbose=0)
    gain = ops.convert_to_numpy(layer.scale)
    assert gain.min() >= 0
    assert gain.max() <= 1


def test_regularizer_default_survives_and_none_means_none():
    assert OrthoBlock(4).get_config()["scale_regularizer"] == "l1(1e-5)"
    assert OrthoBlock(4).get_config()["kernel_initializer"] == "orthonormal"
    assert OrthoBlock(4, scale_regularizer=None).scale_regularizer is None
    config = OrthoBlock(4, scale_regularizer=keras.regularizers.L2(0.5)).get_config()
    assert isinstance(
        OrthoBlock.from_config(config).scale_regularizer, keras.Regularizer
    )


@pytest.mark.parametrize(("padding", "strides"), [("same", 2), ("valid", (1, 2))])
def test_convolution_is_the_dense_form_on_patches(padding, strides):
    x = RNG.normal(size=(2, 7, 6, 3)).astype("float32")
    layer = OrthoConv2DBlock(4, (3, 2), strides, padding, scale_initial_value=1.0)
    conv = keras.layers.Conv2D(4, (3, 2), strides, padding)
    conv.build(x.shape)
    layer.build(x.shape)
    conv.set_weights(layer.get_weights()[:2])
    expected = normalised(run(conv, x), "center")
    np.testing.assert_allclose(run(layer, x), expected, atol=1e-5)
    matrix = ops.convert_to_numpy(layer.kernel).reshape(18, 4)
    np.testing.assert_allclose(matrix.T @ matrix, np.eye(4), atol=1e-5)


@pytest.mark.parametrize(
    ("kwargs", "named"),
    [
        ({"units": 1}, "units"),
        ({"units": 4, "ortho_reg_factor": -1}, "ortho_reg_factor"),
        ({"units": 4, "normalization": "layer"}, "normalization"),
        ({"units": 4, "scale_initial_value": 1.5}, "scale_initial_value"),
        (
            {"units": 4, "scale_initial_value": 0, "scale_mode": "sigmoid"},
            "scale_initial_value",
        ),
    ],
)
def test_bad_argument_is_named(kwargs, named):
    with pytest.raises(ValueError, match=f"`{named}` must be .* Received: {named}="):
        OrthoBlock(**kwargs)


@pytest.mark.parametrize("size", [0, (3,), (3, 0)])
def test_bad_kernel_size_is_named(size):
    with pytest.raises(ValueError, match="`kernel_size` must be"):
        OrthoConv2DBlock(4, size)
