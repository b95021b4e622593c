"""Squeeze-excitation, CBAM and ConvNeXt blocks against NumPy."""

import keras
import numpy as np
import pytest
from keras import ops
from scipy.special import erf, expit

from dl_techniques import layers


@pytest.fixture
def image():
    return np.random.default_rng(0).normal(size=(2, 6, 5, 8)).astype("float32")


def randomise(layer, seed=1):
    """Fills every weight, so that no term of the formula hides behind a zero."""
    rng = np.random.default_rng(seed)
    layer.set_weights([rng.normal(0, 0.3, w.shape) for w in layer.get_weights()])
    return {w.path.split("/", 1)[1]: w.numpy().astype("float64") for w in layer.weights}


def run(layer, x, **call):
    return ops.convert_to_numpy(layer(x, **call))


def test_squeeze_excitation_formula(image):
    layer = layers.SqueezeExcitation(0.25, use_bias=True)
    layer.build(image.shape)
    w = randomise(layer)
    mean = image.astype("float64").mean((1, 2))
    hidden = np.maximum(mean @ w["reduce/kernel"] + w["reduce/bias"], 0)
    gate = expit(hidden @ w["restore/kernel"] + w["restore/bias"])
    np.testing.assert_allclose(
        run(layer, image), image * gate[:, None, None], rtol=1e-4
    )


def test_squeeze_excitation_leaves_masked_steps_out():
    x = np.random.default_rng(0).normal(size=(2, 5, 4)).astype("float32")
    layer = layers.SqueezeExcitation()
    short = run(layer, x[:, :3])
    mask = np.array([[True] * 3 + [False] * 2] * 2)
    np.testing.assert_allclose(run(layer, x, mask=mask)[:, :3], short, rtol=1e-5)


@pytest.mark.parametrize(
    ("channels", "ratio", "divisor", "squeeze"),
    [(16, 0.25, 1, 4), (4, 0.01, 1, 1), (24, 0.25, 8, 8), (10, 0.25, 1, 2)],
)
def test_squeeze_width(channels, ratio, divisor, squeeze):
    layer = layers.SqueezeExcitation(ratio, divisor=divisor)
    layer.build((None, channels))
    assert layer.reduce.kernel.shape == (channels, squeeze)


def cbam_reference(x, w):
    x = x.astype("float64")

    def mlp(v):
        hidden = np.maximum(v @ w["channel_attention/mlp_1/kernel"], 0)
        return hidden @ w["channel_attention/mlp_2/kernel"]

    channel = expit(mlp(x.mean((1, 2))) + mlp(x.max((1, 2))))[:, None, None]
    x = x * channel
    maps = np.stack([x.mean(-1), x.max(-1)], -1)
    kernel = w["spatial_attention/conv/kernel"]
    k = kernel.shape[0]
    padded = np.pad(maps, ((0, 0), (k // 2,) * 2, (k // 2,) * 2, (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (k, k), (1, 2))
    spatial = expit(np.einsum("bhwcij,ijcf->bhwf", windows, kernel))
    return x * spatial


def test_cbam_formula(image):
    layer = layers.CBAM(ratio=2, kernel_size=3)
    layer.build(image.shape)
    w = randomise(layer)
    np.testing.assert_allclose(run(layer, image), cbam_reference(image, w), rtol=1e-4)


def test_cbam_with_zero_weights_quarters_the_image(image):
    layer = layers.CBAM(ratio=2)
    layer.build(image.shape)
    layer.set_weights([np.zeros_like(w) for w in layer.get_weights()])
    np.testing.assert_allclose(run(layer, image), image / 4, rtol=1e-6)


def test_cbam_survives_fewer_channels_than_the_ratio():
    layer = layers.CBAM(ratio=16)
    layer.build((None, 4, 4, 3))
    assert layer.channel_attention.mlp_1.kernel.shape == (3, 1)


def convnext_reference(x, w, *, grn=False):
    x = x.astype("float64")
    kernel = w["depthwise_conv/kernel"][..., 0]
    k = kernel.shape[0]
    padded = np.pad(x, ((0, 0), (k // 2,) * 2, (k // 2,) * 2, (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (k, k), (1, 2))
    y = np.einsum("bhwcij,ijc->bhwc", windows, kernel) + w["depthwise_conv/bias"]
    y = (y - y.mean(-1, keepdims=True)) / np.sqrt(y.var(-1, keepdims=True) + 1e-6)
    y = y * w["norm/gamma"] + w["norm/beta"]
    y = y @ w["pointwise_expand/kernel"] + w["pointwise_expand/bias"]
    y = y * (1 + erf(y / np.sqrt(2))) / 2
    if grn:
        g = np.sqrt((y**2).sum((1, 2), keepdims=True))
        n = g / (g.mean(-1, keepdims=True) + 1e-6)
        y = w["grn/gamma"] * (y * n) + w["grn/beta"] + y
    y = y @ w["pointwise_project/kernel"] + w["pointwise_project/bias"]
    return x + y * w.get("layer_scale/gamma", 1.0)


@pytest.mark.parametrize(
    ("cls", "grn"), [(layers.ConvNextV1Block, False), (layers.ConvNextV2Block, True)]
)
def test_convnext_formula(image, cls, grn):
    layer = cls(kernel_size=3)
    layer.build(image.shape)
    w = randomise(layer)
    expected = convnext_reference(image, w, grn=grn)
    np.testing.assert_allclose(run(layer, image), expected, rtol=1e-3, atol=1e-4)


def test_convnext_parameter_count(image):
    layer = layers.ConvNextV1Block()
    layer.build(image.shape)
    c, k, r = 8, 7, 4
    assert layer.count_params() == k**2 * c + c + 2 * c + 2 * r * c**2 + r * c + c + c


def test_fresh_convnext_v1_is_almost_the_identity(image):
    difference = run(layers.ConvNextV1Block(), image) - image
    assert 0 < np.abs(difference).max() < 1e-5


def test_drop_path_only_touches_the_branch():
    x = np.ones((64, 4, 4, 2), "float32")
    layer = layers.ConvNextV1Block(layer_scale_init=1.0, drop_path_rate=0.5)
    moved = np.abs(run(layer, x, training=True) - x).max((1, 2, 3)) > 0
    assert 10 < moved.sum() < 54


@pytest.mark.parametrize("name", ["orthogonal", "orthonormal", "srip"])
def test_ortho_regularizer_is_a_loss_of_both_kernels(image, name):
    layer = layers.ConvNextV1Block(ortho_regularizer=name, kernel_regularizer="l2")
    layer(image)
    assert len(layer.losses) == 3  # two pointwise kernels and the depthwise one


@pytest.mark.parametrize(
    ("kwargs", "named"), [({"strides": 2}, "use_residual"), ({"filters": 3}, "filters")]
)
def test_residual_that_cannot_be_added_is_named(image, kwargs, named):
    with pytest.raises(ValueError, match=f"`{named}` must be"):
        layers.ConvNextV1Block(**kwargs)(image)


def test_strided_size_is_rounded_up():
    layer = layers.ConvNextV1Block(6, strides=2, use_residual=False)
    assert layer.compute_output_shape((None, 7, None, 4)) == (None, 4, None, 6)
    assert layer(keras.ops.ones((1, 7, 7, 4))).shape == (1, 4, 4, 6)
