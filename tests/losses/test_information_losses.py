"""LogitNorm, confidence penalty and Goodhart-aware loss against NumPy and Keras."""

import keras
import numpy as np
import pytest
from keras import ops
from scipy.special import log_softmax, softmax

from dl_techniques import losses, metrics
from dl_techniques.layers import LogitNorm
from tests.gradients import gradient, numeric_gradient

RNG = np.random.default_rng(0)
Z = RNG.normal(size=(12, 4))
Y = RNG.integers(0, 4, 12)
ROWS = np.eye(4)[Y]
CE = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def entropy(p, axis=-1):
    return -(p * np.log(p)).sum(axis)


def test_logit_norm_loss_is_cross_entropy_behind_the_layer():
    expected = float(CE(Y, LogitNorm(0.1)(Z)))
    loss = losses.LogitNormLoss(0.1)
    assert float(loss(Y, Z)) == pytest.approx(expected, rel=1e-5)
    scales = RNG.uniform(0.1, 50, (12, 1))
    assert float(loss(Y, scales * Z)) == pytest.approx(expected, rel=1e-4)


def test_logit_norm_gradient_is_orthogonal_to_the_logits():
    slope = gradient(lambda t: losses.LogitNormLoss(0.5)(Y, t), Z)
    assert np.abs(slope).max() > 1e-3
    np.testing.assert_allclose((slope * Z).sum(1), 0, atol=1e-6)
    with pytest.raises(ValueError, match="y_pred"):
        losses.LogitNormLoss()(np.ones((3, 1)), np.ones((3, 1)))


def test_confidence_penalty_subtracts_the_entropy():
    p = softmax(Z, -1)
    plain = -(ROWS * np.log(p)).sum(-1)
    got = losses.ConfidencePenaltyLoss(0.3, reduction="none")(Y, Z)
    np.testing.assert_allclose(got, plain - 0.3 * entropy(p), rtol=1e-5)
    hinge = losses.ConfidencePenaltyLoss(0.3, threshold=1.0, reduction="none")
    expected = plain + 0.3 * np.maximum(0, 1 - entropy(p))
    np.testing.assert_allclose(hinge(Y, Z), expected, rtol=1e-5)
    zero = losses.ConfidencePenaltyLoss(0.0)
    assert float(zero(Y, Z)) == pytest.approx(float(CE(Y, Z)), rel=1e-6)


def test_penalty_and_smoothing_are_the_two_divergences_from_uniform():
    p, beta = softmax(Z, -1), 0.1
    to_uniform = (p * np.log(p * 4)).sum(-1)
    penalty = losses.ConfidencePenaltyLoss(beta, reduction="none")(Y, Z)
    plain = -log_softmax(Z, -1)[np.arange(12), Y]
    expected = plain + beta * (to_uniform - np.log(4))
    np.testing.assert_allclose(penalty, expected, rtol=1e-5)
    smooth = keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=beta, reduction="none"
    )(ROWS.astype("float32"), Z.astype("float32"))
    from_uniform = -np.log(4 * p).mean(-1)
    expected = (1 - beta) * plain + beta * (from_uniform + np.log(4))
    np.testing.assert_allclose(smooth, expected, rtol=1e-5)


def goodhart(z, y, w, smoothing=0.0, a=0.1, b=0.01):
    p = softmax(z, -1)
    c = p.shape[-1]
    target = y * (1 - smoothing) + smoothing / c
    h = entropy(p)
    w = w / w.sum()
    information = entropy(w @ p) - w @ h
    return -(target * np.log(p)).sum(-1) - a * h + b * information


def test_goodhart_loss_follows_the_formula_with_weights():
    w = RNG.uniform(size=12)
    loss = losses.GoodhartAwareLoss(0.1, 0.3, 0.05)
    got = float(loss(Y, Z, sample_weight=w))
    each = goodhart(Z, ROWS, w, 0.1, 0.3, 0.05)
    assert got == pytest.approx((w * each).mean(), rel=1e-5)
    from_p = losses.GoodhartAwareLoss(0.1, 0.3, 0.05, from_logits=False)
    assert float(from_p(Y, softmax(Z, -1), w)) == pytest.approx(got, rel=1e-5)


def test_goodhart_gradient_agrees_with_differences():
    if keras.backend.backend() == "jax":
        pytest.skip("JAX has no float64 unless asked at start")
    loss = losses.GoodhartAwareLoss(0.1, 0.3, 0.05, dtype="float64")
    slope = gradient(lambda t: loss(Y, t), Z, "float64")
    number = numeric_gradient(
        lambda t: goodhart(t, ROWS, np.ones(12), 0.1, 0.3, 0.05).mean(), Z
    )
    np.testing.assert_allclose(slope, number, atol=1e-8)


def test_goodhart_limits():
    plain = losses.GoodhartAwareLoss(0.2, 0, 0)
    smooth = keras.losses.CategoricalCrossentropy(True, label_smoothing=0.2)
    expected = float(smooth(ROWS.astype("float32"), Z.astype("float32")))
    assert float(plain(Y, Z)) == pytest.approx(expected, rel=1e-6)
    loss = losses.GoodhartAwareLoss()
    uniform = loss.loss_components(Y, np.zeros((12, 4)))
    assert float(uniform["entropy"]) == pytest.approx(np.log(4), rel=1e-6)
    assert float(uniform["mutual_information"]) == pytest.approx(0, abs=1e-6)
    same = loss.loss_components(Y, np.repeat(Z[:1], 12, 0))
    assert float(same["mutual_information"]) == pytest.approx(0, abs=1e-6)
    sure = loss.loss_components(np.arange(12) % 4, 50 * np.eye(4)[np.arange(12) % 4])
    assert float(sure["mutual_information"]) == pytest.approx(np.log(4), rel=1e-5)
    assert float(loss(Y, Z + 7)) == pytest.approx(float(loss(Y, Z)), rel=1e-5)
    parts = loss.loss_components(Y, Z)
    total = sum(float(parts[k]) for k in ("cross_entropy", "entropy_term", "mi_term"))
    assert total == pytest.approx(float(parts["total"]), rel=1e-6)
    assert float(parts["total"]) == pytest.approx(float(loss(Y, Z)), rel=1e-6)
    floor = float(losses.GoodhartAwareLoss(0, 1.0)(ROWS, np.zeros((12, 4))))
    assert floor >= -np.log(4)


def test_goodhart_warns_of_heavy_weights_and_of_probabilities():
    with pytest.warns(UserWarning, match="entropy_weight"):
        losses.GoodhartAwareLoss(entropy_weight=1.5)
    with pytest.warns(UserWarning, match="mi_weight"):
        losses.GoodhartAwareLoss(mi_weight=0.2)
    with pytest.warns(UserWarning, match="probabilities"):
        losses.GoodhartAwareLoss()(Y, softmax(Z, -1))


def test_metrics_of_entropy_and_information():
    p = softmax(Z, -1)
    for cls, expected in (
        (metrics.PredictionEntropy, entropy(p).mean()),
        (metrics.PredictionMutualInformation, entropy(p.mean(0)) - entropy(p).mean()),
    ):
        assert float(cls()(Y, Z)) == pytest.approx(expected, rel=1e-5)
        assert float(cls(from_logits=False)(Y, p)) == pytest.approx(expected, rel=1e-5)
        one, two = Z[:, :1], np.concatenate([0 * Z[:, :1], Z[:, :1]], 1)
        as_two = float(cls()(Y % 2, two))
        assert float(cls()(Y % 2, one)) == pytest.approx(as_two, rel=1e-5)


def test_binary_answers_are_a_choice_of_two():
    z = Z[:, :1]
    two = np.concatenate([0 * z, z], 1)
    for loss in (losses.GoodhartAwareLoss(0.1), losses.ConfidencePenaltyLoss(0.2)):
        assert float(loss(Y % 2, z)) == pytest.approx(float(loss(Y % 2, two)), rel=1e-5)
    column = float(losses.ConfidencePenaltyLoss(0)(Y % 2, z))
    entropy_loss = keras.losses.BinaryCrossentropy(from_logits=True)
    labels = ops.cast((Y % 2)[:, None], "float32")
    assert column == pytest.approx(float(entropy_loss(labels, z)), rel=1e-5)
