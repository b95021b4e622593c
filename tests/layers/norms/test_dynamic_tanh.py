"""DynamicTanh against its formula."""

import numpy as np
from keras import ops

from dl_techniques.layers import DynamicTanh
from tests.layers.slopes import slope

RNG = np.random.default_rng(5)


def test_formula_bound_and_slope():
    x, layer = RNG.normal(size=(2, 3, 4)), DynamicTanh(alpha_init_value=0.8)
    layer.build(x.shape)
    assert [w.name for w in layer.weights] == ["alpha", "gamma", "beta"]
    gamma, beta = RNG.normal(size=4), RNG.normal(size=4)
    layer.set_weights([np.array(0.8), gamma, beta])
    y = ops.convert_to_numpy(layer(x.astype("float32")))
    np.testing.assert_allclose(y, gamma * np.tanh(0.8 * x) + beta, atol=1e-6)
    assert (np.abs(y - beta) <= np.abs(gamma) + 1e-6).all()
    grad = slope(layer, np.zeros((1, 3, 4)))
    np.testing.assert_allclose(grad, np.broadcast_to(0.8 * gamma, (1, 3, 4)), rtol=1e-5)


def test_axis_of_an_image_and_oddness():
    x, layer = RNG.normal(size=(2, 3, 4, 5)).astype("float32"), DynamicTanh(axis=[1, 3])
    y = ops.convert_to_numpy(layer(x))
    assert layer.gamma.shape == (3, 5)
    np.testing.assert_allclose(ops.convert_to_numpy(layer(-x)), -y, atol=1e-6)
    assert layer.get_config()["axis"] == [1, 3]
    assert "epsilon" not in layer.get_config()


def test_saturated_share_is_told():
    told = DynamicTanh(1.0).explain(np.array([[0.0, 10.0], [0.1, -10.0]]))
    assert float(told["saturated_share"]) == 0.5
