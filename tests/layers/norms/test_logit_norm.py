"""LogitNorm, MaxLogitNorm and DecoupledMaxLogit against their definitions."""

import numpy as np
import pytest
from keras import ops

from dl_techniques.layers import DecoupledMaxLogit, LogitNorm, MaxLogitNorm
from tests.layers.slopes import slope

RNG = np.random.default_rng(4)


def run(layer, x, **call):
    return ops.convert_to_numpy(layer(np.asarray(x, "float32"), **call))


def test_formula_and_invariances():
    x = RNG.normal(size=(6, 5))
    y = run(LogitNorm(temperature=0.5, epsilon=0.1), x)
    norm = np.linalg.norm(x, axis=-1, keepdims=True)
    np.testing.assert_allclose(y, x / (norm + 0.1) / 0.5, atol=1e-6)
    sharp = run(LogitNorm(), x)
    np.testing.assert_allclose(np.linalg.norm(sharp, axis=-1), 25, rtol=1e-5)
    np.testing.assert_array_equal(sharp.argmax(-1), x.argmax(-1))
    np.testing.assert_allclose(run(LogitNorm(), 9 * x), sharp, rtol=1e-5)
    one = run(LogitNorm(1.0), x)
    np.testing.assert_allclose(run(MaxLogitNorm(), x), one, atol=1e-7)


def test_gradient_is_orthogonal_to_the_input_and_finite_at_zero():
    x, way = RNG.normal(size=(4, 5)), RNG.normal(size=5).astype("float32")
    layer = LogitNorm(1.0)
    grad = slope(lambda p: ops.multiply(layer(p), way), x)
    np.testing.assert_allclose((grad * x).sum(-1), 0, atol=1e-5)
    for zero in (LogitNorm(), MaxLogitNorm()):
        assert np.isfinite(slope(zero, np.zeros((2, 3)))).all()
        assert not run(zero, np.zeros((2, 3))).any()


@pytest.mark.parametrize(("classes", "temperature"), [(10, 1.0), (5, 0.3)])
def test_smallest_cross_entropy_is_the_documented_one(classes, temperature):
    best = np.full((1, classes), -1 / (classes - 1.0))
    best[0, 0] = 1.0
    y = run(LogitNorm(temperature), best).astype("float64")
    entropy = np.log(np.exp(y).sum()) - y[0, 0]
    margin = np.sqrt(classes / (classes - 1)) / temperature
    floor = np.log(1 + (classes - 1) * np.exp(-margin))
    assert entropy == pytest.approx(floor, rel=1e-4)
    rivals = run(LogitNorm(temperature), RNG.normal(size=(500, classes)))
    others = np.log(np.exp(rivals).sum(-1)) - rivals.max(-1)
    assert (others >= floor - 1e-5).all()


def test_decoupled_score_is_cosine_plus_norm():
    f = RNG.normal(size=(6, 4))
    layer = DecoupledMaxLogit(3, weight=2.0, return_components=True)
    logits, cosine, norm = (ops.convert_to_numpy(t) for t in layer(f.astype("float32")))
    w = ops.convert_to_numpy(layer.kernel).astype("float64")
    np.testing.assert_allclose(logits, f @ w, atol=1e-5)
    length = np.linalg.norm(f, axis=-1)
    all_cosines = f @ w / length[:, None] / np.linalg.norm(w, axis=0)
    np.testing.assert_allclose(cosine, all_cosines.max(-1), atol=1e-5)
    np.testing.assert_allclose(norm, length, rtol=1e-5)
    score = ops.convert_to_numpy(layer.score(f.astype("float32")))
    np.testing.assert_allclose(score, 2 * cosine + norm, atol=1e-5)
    _, scaled, longer = (
        ops.convert_to_numpy(t) for t in layer(3 * f.astype("float32"))
    )
    np.testing.assert_allclose(scaled, cosine, atol=1e-5)
    np.testing.assert_allclose(longer, 3 * norm, rtol=1e-5)


def test_unit_class_weights_give_the_max_logit_as_product():
    f, layer = RNG.normal(size=(6, 4)).astype("float32"), DecoupledMaxLogit(3)
    layer.build(f.shape)
    w = RNG.normal(size=(4, 3))
    layer.set_weights([w / np.linalg.norm(w, axis=0)])
    cosine, norm = layer.components(f)
    product = ops.convert_to_numpy(cosine * norm)
    np.testing.assert_allclose(product, run(layer, f).max(-1), atol=1e-5)


@pytest.mark.parametrize("layer", [MaxLogitNorm, LogitNorm])
def test_epsilon_must_be_positive(layer):
    with pytest.raises(ValueError, match=r"`epsilon` must be .* Received: epsilon=0"):
        layer(epsilon=0)
