"""Spline layers against SciPy's B-splines."""

import numpy as np
import pytest
from keras import ops
from scipy.interpolate import BSpline

from dl_techniques.layers import KAN, KANConv2D, KANLinear
from dl_techniques.layers.kan import splines


@pytest.fixture
def x():
    return np.random.default_rng(0).uniform(-1, 1, (40, 3)).astype("float32")


def numpy(value):
    return ops.convert_to_numpy(value).astype("float64")


@pytest.mark.parametrize("order", [1, 2, 3])
def test_bases_are_b_splines(order):
    knots = splines.uniform_knots(-1, 1, 5, order)
    x = np.linspace(-1.4, 1.4, 57)
    ours = numpy(splines.bases(x[:, None], knots[None], order))[:, 0]
    for i in range(5 + order):
        element = BSpline.basis_element(knots[i : i + order + 2], extrapolate=False)
        np.testing.assert_allclose(ours[:, i], np.nan_to_num(element(x)), atol=1e-6)


def test_bases_sum_to_one_between_the_ends_and_vanish_far_outside():
    knots = splines.uniform_knots(-1, 1, 4, 3)
    total = splines.numpy_bases(np.array([-1, -0.3, 0.7, 1.0]), knots, 3).sum(1)
    np.testing.assert_allclose(total, 1, atol=1e-12)
    far = splines.numpy_bases(np.array([-3.0, 3.0]), knots, 3)
    np.testing.assert_array_equal(far, 0)


def test_formula(x):
    layer = KANLinear(2, use_bias=True)
    layer.build(x.shape)
    layer.bias.assign([0.5, -0.5])
    x64 = x.astype("float64")
    base = (x64 / (1 + np.exp(-x64))) @ numpy(layer.base_weight)
    knots = numpy(layer.grid)
    c = numpy(layer.spline_weight) * numpy(layer.spline_scaler)[..., None]
    spline = sum(splines.numpy_bases(x64[:, i], knots[i], 3) @ c[i].T for i in range(3))
    expected = base + spline + [0.5, -0.5]
    np.testing.assert_allclose(numpy(layer(x)), expected, rtol=1e-4, atol=1e-5)


def test_order_one_interpolates_linearly():
    knots = splines.uniform_knots(0, 4, 4, 1)
    values = np.array([0.0, 2.0, 1.0, 5.0, 3.0])
    at = np.linspace(0, 4, 33)
    curve = splines.numpy_bases(at, knots, 1) @ values
    np.testing.assert_allclose(curve, np.interp(at, np.arange(5), values), atol=1e-9)


def test_cubic_is_reproduced_exactly():
    knots = splines.uniform_knots(-1, 1, 5, 3)
    at = np.linspace(-1, 1, 60)
    cubic = (2 * at**3 - at + 0.3)[:, None]
    fitted = splines.numpy_bases(at, knots, 3) @ splines.fit(at, cubic, knots, 3)
    np.testing.assert_allclose(fitted, cubic, atol=1e-6)


@pytest.mark.parametrize("scaler", [True, False])
def test_moving_the_grid_keeps_smooth_curves(scaler):
    x = np.random.default_rng(0).normal(0, 0.3, (400, 2)).clip(-1, 1).astype("float32")
    layer = KANLinear(1, use_spline_scaler=scaler)
    layer.build(x.shape)
    knots = numpy(layer.grid)
    at = np.linspace(-1, 1, 50)
    wave = splines.fit(at, np.sin(2 * at)[:, None], knots[0], 3).T
    layer.spline_weight.assign(np.stack([wave, -wave]))
    before = numpy(layer(x))
    layer.update_grid(x)
    change = np.abs(numpy(layer(x)) - before).max() / np.abs(before).max()
    assert change < 1e-2
    assert np.abs(numpy(layer.grid) - knots).max() > 1e-2
    assert (np.diff(numpy(layer.grid), axis=1) > 0).all()


def test_edge_curves_add_up_to_the_output():
    layer = KANLinear(1, scale_noise=1.0)
    layer.build((None, 1))
    at, curves = layer.edge_curves(20)
    np.testing.assert_allclose(
        numpy(layer(at.T.astype("float32")))[:-1, 0], curves[0, 0, :-1], atol=1e-5
    )


def test_regularization_loss(x):
    layer = KANLinear(2)
    layer.build(x.shape)
    edges = np.abs(numpy(layer.spline_weight)).mean(-1)
    p = edges / edges.sum()
    expected = 2 * edges.sum() - 3 * (p * np.log(p)).sum()
    assert float(layer.regularization_loss(2, 3)) == pytest.approx(expected, rel=1e-4)


def test_stack_is_its_layers(x):
    kan = KAN([5, 2])
    y = kan(x)
    np.testing.assert_allclose(kan.layers[1](kan.layers[0](x)), y, atol=1e-6)
    kan.update_grid(x)
    assert y.shape == (40, 2)


def test_pointwise_convolution_is_the_dense_layer_at_every_pixel():
    image = np.random.default_rng(1).uniform(-1, 1, (2, 4, 3, 2)).astype("float32")
    conv, dense = KANConv2D(3, kernel_size=1), KANLinear(3, use_spline_scaler=False)
    conv.build(image.shape)
    dense.build((None, 2))
    dense.base_weight.assign(conv.base_kernel[0, 0])
    spline = numpy(conv.spline_kernel)[0, 0].reshape(2, 8, 3)
    dense.spline_weight.assign(spline.transpose(0, 2, 1))
    np.testing.assert_allclose(conv(image), dense(image), atol=1e-5)


def test_convolution_pads_the_maps_and_not_the_image():
    image = np.zeros((1, 3, 3, 1), "float32")
    y = numpy(KANConv2D(1)(image))[0, :, :, 0]
    assert abs(y[0, 0] - y[1, 1]) > 1e-6


def test_empty_batch():
    assert KANLinear(2)(np.zeros((0, 3), "float32")).shape == (0, 2)


def test_both_names_of_the_width():
    assert KANLinear(in_features=3, out_features=2).units == 2
    with pytest.raises(ValueError, match="`in_features` must be"):
        KANLinear(2, in_features=4).build((None, 3))
