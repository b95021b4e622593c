"""Sparse maps and pruned softmaxes against float64 references, values and slopes."""

import numpy as np
import pytest
from keras import ops

from dl_techniques.layers.attention import entmax, entmax15, sparsemax
from dl_techniques.layers.attention.pruned_softmax import (
    iterative_softmax,
    soft_threshold_softmax,
    threshold_softmax,
    top_k_softmax,
)
from tests.gradients import gradient, numeric_gradient
from tests.layers.attention.softmaxes import softmax

RNG = np.random.default_rng(0)
SCORES = RNG.normal(0, 2, (4, 3, 7)).astype("float32")
MAPS = {
    "sparsemax": (sparsemax, 2.0),
    "entmax15": (entmax15, 1.5),
    "entmax": (lambda z, allowed=None: entmax(z, 1.3, allowed), 1.3),
    "entmax2": (lambda z, allowed=None: entmax(z, 2.0, allowed), 2.0),
}


def reference(z, alpha, allowed=None):
    """Entmax by 200 bisections in float64; forbidden scores are left out."""
    z = np.asarray(z, "float64")
    allowed = np.broadcast_to(True if allowed is None else allowed, z.shape)
    y = np.where(allowed, (alpha - 1) * z, -1e30)
    top = y.max(-1, keepdims=True)
    low, high = top - 1, top
    for _ in range(200):
        tau = (low + high) / 2
        heavy = (np.maximum(y - tau, 0) ** (1 / (alpha - 1))).sum(-1, keepdims=True)
        low, high = np.where(heavy >= 1, tau, low), np.where(heavy >= 1, high, tau)
    return np.maximum(y - low, 0) ** (1 / (alpha - 1))


def run(function, z, *args):
    return ops.convert_to_numpy(function(ops.convert_to_tensor(z), *args))


every_map = pytest.mark.parametrize(
    ("function", "alpha"), MAPS.values(), ids=list(MAPS)
)


@every_map
def test_values(function, alpha):
    for z in (SCORES, SCORES * 50, SCORES[..., :1], SCORES * 0, SCORES + 1000):
        p = run(function, z)
        np.testing.assert_allclose(p, reference(z, alpha), atol=1e-5)
        np.testing.assert_allclose(p.sum(-1), 1, atol=1e-5)
        assert (p >= 0).all()


def test_known_rows():
    row = np.array([-2.0, 0.0, 0.5], "float32")
    np.testing.assert_allclose(run(sparsemax, row), [0, 0.25, 0.75], atol=1e-7)
    far = np.array([0.0, 1.2], "float32")
    np.testing.assert_array_equal(run(sparsemax, far), [0, 1])
    large = np.array([3e38, -3e38, 0.0], "float32")
    for function, _ in MAPS.values():
        np.testing.assert_array_equal(run(function, large), [1, 0, 0])


@every_map
def test_slopes(function, alpha):
    z, pull = SCORES[0], RNG.normal(size=SCORES[0].shape)
    weights = ops.convert_to_tensor(pull.astype("float32"))
    got = gradient(lambda x: ops.sum(function(x) * weights), z)
    expected = numeric_gradient(lambda x: (reference(x, alpha) * pull).sum(), z)
    np.testing.assert_allclose(got, expected, atol=2e-5)


def test_slope_in_alpha():
    z, pull = SCORES[:, :1], RNG.normal(size=SCORES[:, :1].shape)
    alphas = np.array([1.05, 1.3, 1.5, 1.9]).reshape(4, 1, 1)
    weights = ops.convert_to_tensor(pull.astype("float32"))
    got = gradient(lambda a: ops.sum(entmax(z, a) * weights), alphas)
    expected = numeric_gradient(lambda a: (reference(z, a) * pull).sum(), alphas)
    np.testing.assert_allclose(got, expected, rtol=2e-3, atol=1e-4)


@every_map
def test_forbidden_scores_do_not_count(function, alpha):
    allowed = RNG.random(SCORES.shape) > 0.4
    allowed[0, 0] = False
    allowed[0, 1] = np.arange(7) == 3
    p = run(function, np.where(allowed, SCORES, 1e30), allowed)
    expected = reference(SCORES, alpha, allowed)
    some = allowed.any(-1)
    np.testing.assert_allclose(p[some], expected[some], atol=1e-5)
    np.testing.assert_array_equal(p[0, 0], 0)
    slope = gradient(lambda x: ops.sum(function(x, allowed) ** 2), SCORES)
    assert np.isfinite(slope).all()
    np.testing.assert_array_equal(slope[~allowed], 0)


def test_supports_are_nested_and_softmax_is_the_limit():
    z = RNG.normal(0, 1.5, (50, 12)).astype("float32")
    sizes = [(run(f, z) > 0).sum(-1) for f in (sparsemax, entmax15)]
    assert (sizes[0] <= sizes[1]).all()
    assert (sizes[0] < 12).all()
    near = run(entmax, z, 1.05)
    np.testing.assert_allclose(near, softmax(z), atol=0.08)
    assert np.abs(near - softmax(z)).max() < np.abs(run(entmax15, z) - softmax(z)).max()


def test_top_k():
    p = run(top_k_softmax, SCORES, 3)
    expected = softmax(SCORES, np.sort(SCORES)[..., -3:-2] <= SCORES)
    np.testing.assert_allclose(p, expected, atol=1e-6)
    np.testing.assert_allclose(
        run(top_k_softmax, SCORES, 9), softmax(SCORES), atol=1e-6
    )
    ties = np.array([1.0, 1, 1, 0], "float32")
    np.testing.assert_allclose(
        run(top_k_softmax, ties, 2), [1 / 3] * 3 + [0], atol=1e-6
    )
    allowed = np.array([True, False, False, True])
    np.testing.assert_allclose(
        run(top_k_softmax, ties, 3, allowed), softmax(ties, allowed), atol=1e-6
    )


def pruned(p, limit):
    kept = np.where((p >= limit * (1 - 1e-6)) | (p == p.max(-1, keepdims=True)), p, 0)
    return kept / np.maximum(kept.sum(-1, keepdims=True), 1e-300)


@pytest.mark.parametrize("masked", [False, True])
def test_thresholds(masked):
    allowed = RNG.random(SCORES.shape) > 0.3
    allowed = allowed if masked else np.ones_like(allowed)
    p = softmax(SCORES, allowed)
    n = np.maximum(allowed.sum(-1, keepdims=True), 1)
    np.testing.assert_allclose(
        run(threshold_softmax, SCORES, None, allowed), pruned(p, 1 / n), atol=1e-6
    )
    np.testing.assert_allclose(
        run(threshold_softmax, SCORES, 0.2, allowed), pruned(p, 0.2), atol=1e-6
    )
    soft = np.maximum(p - 0.3 * p.max(-1, keepdims=True), 0)
    soft /= np.maximum(soft.sum(-1, keepdims=True), 1e-300)
    np.testing.assert_allclose(
        run(soft_threshold_softmax, SCORES, 0.3, allowed), soft, atol=1e-6
    )
    sizes = []
    for rounds in (1, 2, 3, 4):
        p = pruned(p, np.minimum(1 / (n * 0.6 ** (rounds - 1)), 1))
        got = run(iterative_softmax, SCORES, 0.6, rounds, allowed)
        np.testing.assert_allclose(got, p, atol=1e-6)
        sizes.append((got > 0).sum())
    assert sizes == sorted(sizes, reverse=True)


def test_uniform_rows_stay_whole_and_the_threshold_has_a_slope():
    flat = np.full((1, 30), 0.3, "float32")
    for function in (threshold_softmax, iterative_softmax):
        np.testing.assert_allclose(run(function, flat), 1 / 30, rtol=1e-5)
    slope = gradient(
        lambda t: ops.sum(soft_threshold_softmax(SCORES, t)[..., 0]), np.array([0.2])
    )
    assert abs(slope[0]) > 1e-3
