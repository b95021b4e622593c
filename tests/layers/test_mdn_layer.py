"""The mixture head against SciPy's normal distribution and numeric integrals."""

import numpy as np
import pytest
from keras import ops
from scipy import stats
from scipy.special import softmax

from dl_techniques.layers import MDNLayer


def parameters(k=3, d=2, n=4, seed=0):
    rng = np.random.default_rng(seed)
    mu = rng.normal(0, 2, (n, k * d))
    sigma = rng.uniform(0.3, 1.5, (n, k * d))
    return np.concatenate([mu, sigma, rng.normal(size=(n, k))], -1).astype("float32")


def density(y, params, k, d):
    mu = params[:, : k * d].reshape(-1, k, d).astype("float64")
    sigma = params[:, k * d : 2 * k * d].reshape(-1, k, d)
    pi = softmax(params[:, 2 * k * d :].astype("float64"), -1)
    return (pi * stats.norm(mu, sigma).pdf(y[:, None]).prod(-1)).sum(-1)


@pytest.mark.parametrize(("k", "d"), [(1, 1), (3, 2), (5, 1)])
def test_likelihood(k, d):
    params = parameters(k, d)
    y = np.random.default_rng(1).normal(size=(4, d)).astype("float32")
    nll = ops.convert_to_numpy(MDNLayer(d, k).nll(y, params))
    np.testing.assert_allclose(nll, -np.log(density(y, params, k, d)), rtol=1e-5)


def test_likelihood_far_away_is_finite_with_a_slope():
    tf = pytest.importorskip("tensorflow")
    params = tf.constant(parameters(2, 1))
    y = np.full((4, 1), 60.0, "float32")
    with tf.GradientTape() as tape:
        tape.watch(params)
        nll = tf.reduce_sum(MDNLayer(1, 2).nll(y, params))
    gradient = tape.gradient(nll, params).numpy()
    assert np.isfinite(float(nll))
    assert np.isfinite(gradient).all()
    assert (np.abs(gradient[:, :2]).max(1) > 0.1).all()


def test_order_of_components_does_not_matter():
    params = parameters(3, 1)
    swapped = params[:, [2, 0, 1, 5, 3, 4, 8, 6, 7]]
    layer, y = MDNLayer(1, 3), np.zeros((4, 1), "float32")
    np.testing.assert_allclose(layer.nll(y, swapped), layer.nll(y, params), rtol=1e-6)
    np.testing.assert_allclose(layer.mean(swapped), layer.mean(params), rtol=1e-6)


def test_moments_are_those_of_the_samples():
    params, layer = parameters(3, 2), MDNLayer(2, 3)
    draws = layer.sample(params, 20_000, seed=0)
    total, aleatoric, epistemic = layer.variance(params)
    np.testing.assert_allclose(total, aleatoric + epistemic)
    np.testing.assert_allclose(draws.mean(0), layer.mean(params), atol=0.08)
    np.testing.assert_allclose(draws.var(0), total, rtol=0.05)
    low, high = layer.prediction_interval(params, 0.9)
    inside = ((draws >= low) & (draws <= high)).mean(0)
    assert (np.abs(inside - 0.9) < 0.02).all()


def test_quantile_inverts_the_distribution_function():
    params, layer = parameters(3, 2), MDNLayer(2, 3)
    for q in (0.01, 0.5, 0.97):
        at = layer.quantile(params, q)
        np.testing.assert_allclose(layer.mixture(params).cdf(at), q, atol=1e-9)


def test_gaussian_interval_of_one_component_is_the_quantile_interval():
    params, layer = parameters(1, 1), MDNLayer(1, 1)
    for a, b in zip(
        layer.prediction_interval(params, 0.8),
        layer.prediction_interval(params, 0.8, method="gaussian"),
        strict=True,
    ):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_mode_is_the_mean_of_the_heaviest_component():
    params = parameters(3, 1)
    heaviest = params[:, 6:].argmax(-1)
    expected = params[np.arange(4), heaviest][:, None]
    np.testing.assert_allclose(MDNLayer(1, 3).mode(params), expected)


@pytest.mark.parametrize("activation", ["elu_plus_one", "softplus", "exp"])
def test_deviations_are_positive(activation):
    layer = MDNLayer(2, 3, sigma_activation=activation)
    x = np.random.default_rng(0).normal(0, 100, (5, 4)).astype("float32")
    _, sigma, _ = layer.split_mixture_params(layer(x))
    sigma = ops.convert_to_numpy(sigma)
    assert (sigma >= 1e-4 * 0.999).all()
    assert np.isfinite(sigma).all()


def test_means_start_spread_out():
    layer = MDNLayer(2, 3, mu_bias_spread=4.0)
    layer.build((None, 5))
    np.testing.assert_allclose(layer.mdn_mus.bias, [-4, -4, 0, 0, 4, 4])


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda m, p: m.quantile(p, 1.5), "q"),
        (lambda m, p: m.prediction_interval(p, 0), "level"),
        (lambda m, p: m.prediction_interval(p, 0.9, "magic"), "method"),
        (lambda m, p: m.sample(p, pi_temperature=0), "pi_temperature"),
        (lambda m, p: m.mean(p[:, :-1]), "params"),
    ],
)
def test_bad_argument_is_named(call, named):
    with pytest.raises(ValueError, match=f"`{named}` must be"):
        call(MDNLayer(1, 3), parameters(3, 1))
