"""Brier score and Spiegelhalter's Z against scikit-learn and NumPy."""

import numpy as np
import pytest
from keras import ops
from scipy.stats import norm
from sklearn.metrics import brier_score_loss

from dl_techniques import losses, metrics
from tests.gradients import gradient

RNG = np.random.default_rng(0)
Y, P = RNG.integers(0, 2, 40), RNG.uniform(size=40)
Y3 = RNG.integers(0, 3, 40)
P3 = RNG.dirichlet(np.ones(3), 40)


def z_of(y, p):
    weights = 1 - 2 * p
    return (weights * (y - p)).sum() / np.sqrt((weights**2 * p * (1 - p)).sum())


def test_brier_score_is_that_of_scikit_learn():
    expected = brier_score_loss(Y, P)
    assert float(losses.BrierScoreLoss()(Y, P)) == pytest.approx(expected, rel=1e-5)
    expected = brier_score_loss(Y3, P3, labels=[0, 1, 2], scale_by_half=False)
    got = float(losses.BrierScoreLoss()(Y3, P3))
    assert got == pytest.approx(expected, rel=1e-5)
    mean = float(losses.BrierScoreLoss(multiclass_sum=False)(Y3, P3))
    assert mean == pytest.approx(got / 3, rel=1e-5)


def test_two_columns_score_twice_one_column():
    two = float(losses.BrierScoreLoss()(Y, np.stack([1 - P, P], 1)))
    assert two == pytest.approx(2 * float(losses.BrierScoreLoss()(Y, P)), rel=1e-5)


def test_logits_go_through_softmax():
    got = float(losses.BrierScoreLoss(from_logits=True)(Y3, np.log(P3)))
    assert got == pytest.approx(float(losses.BrierScoreLoss()(Y3, P3)), rel=1e-5)
    uniform = float(losses.BrierScoreLoss(from_logits=True)(Y3, np.zeros((40, 3))))
    assert uniform == pytest.approx(2 / 3, rel=1e-6)


def test_the_true_probabilities_score_best():
    truth = np.array([0.5, 0.3, 0.2])
    loss = losses.BrierScoreLoss(reduction="none")

    def expected(p):
        values = loss(np.eye(3), np.repeat([p], 3, 0))
        return float(truth @ ops.convert_to_numpy(values))

    best = expected(truth)
    for other in RNG.dirichlet(np.ones(3), 20):
        assert expected(other) >= best


def test_brier_metric_weighs_both_sums():
    weights = RNG.uniform(size=40)
    metric = metrics.BrierScoreMetric()
    for cut in (slice(0, 7), slice(7, 40)):
        metric.update_state(Y[cut], P[cut], weights[cut])
    expected = brier_score_loss(Y, P, sample_weight=weights)
    assert float(metric.result()) == pytest.approx(expected, rel=1e-5)


def test_z_follows_the_formula_in_every_form():
    z = z_of(Y, P)
    assert float(metrics.SpiegelhalterZMetric()(Y, P)) == pytest.approx(z, rel=1e-5)
    assert float(losses.SpiegelhalterZLoss()(Y, P)) == pytest.approx(z**2, rel=1e-5)
    size = losses.SpiegelhalterZLoss(use_squared=False)
    assert float(size(Y, P)) == pytest.approx(abs(z), rel=1e-5)
    large = (Y - P).sum() / np.sqrt((P * (1 - P)).sum())
    metric = metrics.SpiegelhalterZMetric(weighting="in_the_large")
    assert float(metric(Y, P)) == pytest.approx(large, rel=1e-5)
    flipped = float(metrics.SpiegelhalterZMetric()(1 - Y, 1 - P))
    assert flipped == pytest.approx(z, rel=1e-5)


def test_several_classes():
    columns = [z_of(c == Y3, P3[:, c]) ** 2 for c in range(3)]
    got = float(losses.SpiegelhalterZLoss()(Y3, P3))
    assert got == pytest.approx(np.mean(columns), rel=1e-4)
    top = z_of(P3.argmax(1) == Y3, P3.max(1))
    assert float(metrics.SpiegelhalterZMetric()(Y3, P3)) == pytest.approx(top, rel=1e-4)


def test_z_of_labels_drawn_from_p_is_standard_normal():
    p = RNG.uniform(0.05, 0.95, (2000, 60))
    y = RNG.uniform(size=p.shape) < p
    weights = 1 - 2 * p
    z = (weights * (y - p)).sum(1) / np.sqrt((weights**2 * p * (1 - p)).sum(1))
    assert 0.9 < (z**2).mean() < 1.1
    for i in range(3):
        metric = metrics.SpiegelhalterZMetric()
        assert float(metric(y[i], p[i])) == pytest.approx(z[i], rel=1e-4)
        p_value = float(metric.result_p_value())
        assert p_value == pytest.approx(2 * norm.sf(abs(z[i])), abs=1e-5)


def test_no_variance_gives_zero_and_a_finite_slope():
    half = np.full(6, 0.5)
    loss = losses.SpiegelhalterZLoss()
    assert float(loss(Y[:6], half)) == 0
    assert np.isfinite(gradient(lambda t: loss(Y[:6], t), half)).all()


def test_a_constant_base_rate_satisfies_z_but_not_brier():
    base = np.full(40, Y.mean())
    assert float(losses.SpiegelhalterZLoss()(Y, base)) == pytest.approx(0, abs=1e-6)
    assert float(losses.BrierScoreLoss()(Y, base)) > 0.2


@pytest.mark.parametrize("copies", [1, 4])
def test_combination_does_not_grow_with_the_batch(copies):
    y, p = np.tile(Y3, copies), np.tile(P3, (copies, 1))
    brier = float(losses.BrierScoreLoss()(Y3, P3))
    z2 = float(losses.SpiegelhalterZLoss()(Y3, P3))
    got = float(losses.CombinedCalibrationLoss(0.3)(y, p))
    assert got == pytest.approx(0.3 * brier + 0.7 * z2 / 40, rel=1e-4)
