"""The mixture likelihood against SciPy's normal densities."""

import keras
import numpy as np
import pytest
from keras import ops
from scipy.stats import norm

from dl_techniques.layers import MDNLayer
from dl_techniques.losses import MDNLoss

RNG = np.random.default_rng(0)


def likelihood(y, params, k, d):
    mu = params[:, : k * d].reshape(-1, k, d)
    sigma = params[:, k * d : 2 * k * d].reshape(-1, k, d)
    pi = np.exp(params[:, 2 * k * d :])
    pi /= pi.sum(-1, keepdims=True)
    density = norm.pdf(y[:, None, :], mu, sigma).prod(-1)
    return -np.log((pi * density).sum(-1))


@pytest.mark.parametrize(("k", "d"), [(1, 1), (3, 1), (2, 3)])
def test_value_is_the_likelihood(k, d):
    params = RNG.normal(size=(5, 2 * k * d + k))
    params[:, k * d : 2 * k * d] = np.exp(params[:, k * d : 2 * k * d])
    y = RNG.normal(size=(5, d))
    loss = MDNLoss(k, d, reduction="none")
    got = ops.convert_to_numpy(loss(y, params))
    np.testing.assert_allclose(got, likelihood(y, params, k, d), rtol=1e-4)
    if d == 1:
        np.testing.assert_allclose(ops.convert_to_numpy(loss(y[:, 0], params)), got)


def test_far_targets_stay_finite():
    params = np.array([[0.0, 1.0, 1e-3, 1e-3, 0.0, 0.0]], "float32")
    got = ops.convert_to_numpy(MDNLoss(2, 1)(np.array([[1e3]]), params))
    assert np.isfinite(got)
    assert got > 1e10


def test_it_is_the_layers_loss_and_trains():
    inputs = keras.Input((2,))
    layer = MDNLayer(1, 3)
    model = keras.Model(inputs, layer(inputs))
    x, y = RNG.normal(size=(2, 8, 2)).astype("float32")
    y = y[:, :1]
    model.compile(keras.optimizers.Adam(0.05), MDNLoss(3, 1))
    before = model.evaluate(x, y, verbose=0)
    own = float(ops.convert_to_numpy(ops.mean(layer.nll(y, model(x)))))
    assert before == pytest.approx(own, rel=1e-5)
    model.fit(x, y, epochs=20, verbose=0)
    assert model.evaluate(x, y, verbose=0) < before


@pytest.mark.parametrize(
    ("y", "width", "named"),
    [((4, 1), 7, "y_pred"), ((4, 1), 10, "y_true"), ((4,), 10, "y_true")],
)
def test_shapes_that_do_not_match_are_refused(y, width, named):
    with pytest.raises(ValueError, match=f"`{named}` must be"):
        MDNLoss(2, 2)(np.zeros(y), np.ones((4, width)))


@pytest.mark.parametrize("named", ["num_mixtures", "output_dimension"])
def test_bad_argument_is_named(named):
    with pytest.raises(ValueError, match=f"`{named}` must be"):
        MDNLoss(**{"num_mixtures": 1, "output_dimension": 1, named: 0})
