"""Metrics as losses against scikit-learn and a float64 reference."""

import keras
import numpy as np
import pytest
from keras import ops
from sklearn import metrics

from dl_techniques import losses
from dl_techniques.losses.any_loss import F1Loss
from tests.gradients import gradient, numeric_gradient

RNG = np.random.default_rng(0)
Y2 = RNG.integers(0, 2, 64)
HARD2 = RNG.integers(0, 2, 64)
P2 = np.where(HARD2 == 1, 0.999, 0.001)
Y4 = RNG.integers(0, 4, 80)
HARD4 = RNG.integers(0, 4, 80)
P4 = np.where(np.eye(4)[HARD4] == 1, 0.999, 0.001)
ROW4 = np.eye(4)[Y4]


def specificity(y, hard, **_):
    return metrics.recall_score(y, hard, pos_label=0)


def gmean(y, hard, **_):
    return np.sqrt(metrics.recall_score(y, hard) * specificity(y, hard))


def youden(y, hard, **_):
    return metrics.recall_score(y, hard) + specificity(y, hard) - 1


SCORES = {
    losses.AccuracyLoss: metrics.accuracy_score,
    losses.PrecisionLoss: metrics.precision_score,
    losses.RecallLoss: metrics.recall_score,
    losses.SpecificityLoss: specificity,
    losses.F1Loss: metrics.f1_score,
    losses.BalancedAccuracyLoss: metrics.balanced_accuracy_score,
    losses.GeometricMeanLoss: gmean,
    losses.YoudenJLoss: youden,
    losses.MCCLoss: metrics.matthews_corrcoef,
    losses.CohenKappaLoss: metrics.cohen_kappa_score,
    losses.IoULoss: metrics.jaccard_score,
}
every_score = pytest.mark.parametrize("cls", SCORES, ids=lambda c: c.__name__)
ONE_COUNT = (losses.AccuracyLoss, losses.BalancedAccuracyLoss)


def softmax(z):
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def counts(y, a, w):
    """TN, FP, FN and TP in float64."""
    return [(w * u * v).sum(0) for u in (1 - y, y) for v in (1 - a, a)]


@every_score
def test_certain_binary_answers_give_the_hard_metric(cls):
    expected = 1 - SCORES[cls](Y2, HARD2)
    assert float(cls()(Y2, P2)) == pytest.approx(expected, abs=1e-5)
    two = np.stack([1 - P2, P2], 1)
    assert float(cls()(np.eye(2)[Y2], two)) == pytest.approx(expected, abs=1e-5)


@every_score
@pytest.mark.parametrize("form", ["softmax", "sigmoid"])
def test_certain_answers_over_classes_give_the_macro_metric(cls, form):
    if cls in ONE_COUNT:
        expected = SCORES[cls](Y4, HARD4)
    else:
        expected = np.mean([SCORES[cls](k == Y4, k == HARD4) for k in range(4)])
    got = float(cls(multiclass=form)(Y4, P4))
    assert got == pytest.approx(1 - expected, abs=1e-5)


@pytest.mark.parametrize("average", ["micro", "weighted"])
@pytest.mark.parametrize(
    "cls", [losses.PrecisionLoss, losses.RecallLoss, losses.F1Loss, losses.IoULoss]
)
def test_averages_are_those_of_scikit_learn(cls, average):
    expected = 1 - SCORES[cls](Y4, HARD4, average=average)
    assert float(cls(average=average)(Y4, P4)) == pytest.approx(expected, abs=1e-5)


def test_f_beta_against_scikit_learn_and_f1():
    for beta in (0.5, 1.0, 3.0):
        expected = 1 - metrics.fbeta_score(Y2, HARD2, beta=beta)
        assert float(losses.FBetaLoss(beta)(Y2, P2)) == pytest.approx(expected, 1e-5)
    p = RNG.uniform(size=64)
    assert float(losses.FBetaLoss()(Y2, p)) == pytest.approx(float(F1Loss()(Y2, p)))


def test_soft_values_follow_the_formula():
    z = RNG.normal(size=(20, 3))
    y, w = RNG.integers(0, 3, 20), RNG.uniform(0.5, 2, (20, 1))
    a = softmax(5 * softmax(z))
    _, fp, fn, tp = counts(np.eye(3)[y], a, w)
    expected = 1 - np.mean(2 * tp / (2 * tp + fn + fp + 1e-7))
    loss = F1Loss(10.0, from_logits=True)
    assert float(loss(y, z, sample_weight=w[:, 0])) == pytest.approx(expected, 1e-6)
    a = 1 / (1 + np.exp(-10 * (1 / (1 + np.exp(-z)) - 0.5)))
    _, fp, fn, tp = counts(np.eye(3)[y], a, w)
    expected = 1 - np.mean(2 * tp / (2 * tp + fn + fp + 1e-7))
    loss = F1Loss(10.0, from_logits=True, multi_label=True)
    assert float(loss(np.eye(3)[y], z, w)) == pytest.approx(expected, 1e-6)


@every_score
def test_slope_agrees_with_differences(cls):
    y, z = RNG.integers(0, 3, 6), RNG.normal(size=(6, 3))
    if keras.backend.backend() == "jax":
        pytest.skip("JAX has no float64 unless asked at start")
    loss = cls(10.0, from_logits=True, ce_weight=0.1, dtype="float64")
    slope = gradient(lambda t: loss(y, t), z, "float64")
    number = numeric_gradient(lambda t: float(loss(y, t)), z)
    np.testing.assert_allclose(slope, number, atol=1e-8)


def test_the_softmax_form_starts_and_the_sigmoid_form_does_not():
    for classes, slope in ((3, 8.1), (5, 5.8), (10, 3.3)):
        p = np.full((1, classes), 1 / classes)

        def first(t):
            return ops.softmax(36.5 * t)[0, 0]

        assert gradient(first, p)[0, 0] == pytest.approx(slope, abs=0.06)
    layer = losses.ApproximationFunction()
    slope = gradient(lambda t: ops.sum(layer(t)), np.array([0.1]))
    assert 0 < slope[0] < 1e-10


@every_score
def test_order_weights_and_empty_classes(cls):
    loss, p, w = cls(5.0), RNG.uniform(size=30), RNG.integers(0, 3, 30)
    y = RNG.integers(0, 2, 30)
    whole = float(loss(y, p))
    assert float(loss(y[::-1], p[::-1])) == pytest.approx(whole, rel=1e-5)
    repeated = float(loss(np.repeat(y, w), np.repeat(p, w)))
    assert float(loss(y, p, sample_weight=w)) == pytest.approx(repeated, rel=1e-5)
    assert 0 <= whole <= 2
    for only in (np.zeros(4), np.ones(4)):
        q = np.array([0.0, 0.2, 0.9, 1.0])
        assert np.isfinite(float(loss(only, q)))
        assert np.isfinite(gradient(lambda t, o=only: loss(o, t), q)).all()


def test_absent_classes_do_not_count():
    y, p = np.array([0, 1, 0, 1]), softmax(RNG.normal(size=(4, 3)) * 3)
    a = softmax(36.5 * p)
    _, fp, fn, tp = counts(np.eye(3)[y], a, np.ones((4, 1)))
    f1 = 2 * tp / (2 * tp + fn + fp)
    assert float(F1Loss()(y, p)) == pytest.approx(1 - f1[:2].mean(), rel=1e-5)


def test_column_labels_do_not_broadcast():
    assert float(F1Loss()(Y4[:, None], ROW4)) == pytest.approx(0, abs=1e-5)


def test_cross_entropy_revives_a_certain_wrong_answer():
    y, z = np.zeros(4), np.array([9.0, -3, -3, -3])
    dead = gradient(lambda t: losses.SpecificityLoss(from_logits=True)(y, t), z)
    loss = losses.SpecificityLoss(from_logits=True, ce_weight=0.1)
    alive = gradient(lambda t: loss(y, t), z)
    assert dead[0] == 0
    assert alive[0] == pytest.approx(0.1 / 4, rel=1e-2)


def test_mixture_of_scores():
    p = RNG.uniform(size=(16, 3))
    y = RNG.integers(0, 3, 16)
    parts = {"f1": 2.0, "MCCLoss": 1.0, "accuracy": 1.0}
    mixed = losses.WeightedAnyLoss(parts, 20.0)
    classes = (losses.F1Loss, losses.MCCLoss, losses.AccuracyLoss)
    values = [float(cls(20.0)(y, p)) for cls in classes]
    assert float(mixed(y, p)) == pytest.approx(np.dot(values, [0.5, 0.25, 0.25]))


@pytest.mark.parametrize("logits", [True, False])
def test_mixture_with_cross_entropy_is_its_parts(logits):
    z = RNG.normal(size=(16, 3))
    z = z if logits else softmax(z)
    y = RNG.integers(0, 3, 16)
    f1 = F1Loss(from_logits=logits)
    entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=logits)

    def mixed(alpha):
        return float(losses.WeightedCrossEntropyWithAnyLoss(f1, alpha)(y, z))

    one, zero = float(f1(y, z)), float(entropy(y, z))
    assert mixed(1.0) == pytest.approx(one, rel=1e-6)
    assert mixed(0.0) == pytest.approx(zero, rel=1e-5)
    assert mixed(0.25) == pytest.approx(0.25 * one + 0.75 * zero, rel=1e-5)


def test_one_column_takes_binary_cross_entropy():
    z, f1 = RNG.normal(size=(16, 1)), F1Loss(from_logits=True)
    y = RNG.integers(0, 2, 16)
    entropy = keras.losses.BinaryCrossentropy(from_logits=True)
    mixed = losses.WeightedCrossEntropyWithAnyLoss(f1, 0.0, from_logits=True)
    assert float(mixed(y, z)) == pytest.approx(float(entropy(y[:, None], z)), rel=1e-5)


def test_approximation_is_symmetric_and_stable_in_half_precision():
    p = np.linspace(0, 1, 11).astype("float32")
    a = ops.convert_to_numpy(losses.ApproximationFunction(20.0)(p))
    np.testing.assert_allclose(a + a[::-1], 1, atol=1e-6)
    np.testing.assert_allclose(a, 1 / (1 + np.exp(-20 * (p - 0.5))), rtol=1e-5)
    half = losses.ApproximationFunction(1000.0, dtype="float16")(p)
    assert np.isfinite(ops.convert_to_numpy(half)).all()
    near = losses.ApproximationFunction(1e-6)(p)
    np.testing.assert_allclose(ops.convert_to_numpy(near), 0.5, atol=1e-5)


def test_what_does_not_fit_is_refused():
    for y, p in ((Y4, P4[:5]), (np.zeros((4, 2)), np.zeros((4, 3)))):
        with pytest.raises(ValueError, match="y_true"):
            F1Loss()(y, p)
    with pytest.raises(ValueError, match="y_true"):
        F1Loss()(np.zeros((4, 2)), np.zeros((4, 1)))
    with pytest.raises(ValueError, match="reduction"):
        F1Loss(reduction="sum")
    with pytest.raises(ValueError, match="from_logits"):
        losses.WeightedCrossEntropyWithAnyLoss(F1Loss(), from_logits=True)
    with pytest.raises(TypeError, match="anyloss"):
        losses.WeightedCrossEntropyWithAnyLoss(keras.losses.MeanSquaredError())
    for weights in ({"f1": -1.0}, {"f2": 1.0}, {"f1": 0.0}, {}):
        with pytest.raises(ValueError, match="weights"):
            losses.WeightedAnyLoss(weights)
    with pytest.raises(NotImplementedError, match="score"):
        losses.AnyLoss()(Y2, P2)
