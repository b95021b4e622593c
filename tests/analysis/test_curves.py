"""Curves in NumPy against the components they stand for."""

import subprocess
import sys

import keras
import numpy as np
import pytest
from keras import ops
from sklearn import metrics as sk

from dl_techniques import catalog, initializers, losses, regularizers
from dl_techniques.analysis import curves
from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.recipes import Component, OptimizerSpec
from dl_techniques.recipes.objectives import learning_rate

RNG = np.random.default_rng(0)
ARGS = {
    "L1": {"l1": 0.3},
    "L2": {},
    "L1L2": {"l1": 0.1, "l2": 0.2},
    "BinaryPreferenceRegularizer": {"multiplier": 2.0, "scale": 2.0},
    "TriStatePreferenceRegularizer": {"scale": 0.5},
    "SoftOrthonormalConstraintRegularizer": {
        "lambda_coefficient": 0.3,
        "l2_coefficient": 0.1,
    },
    "SRIPRegularizer": {"strength": 0.3, "squared": True},
}


def real(name, args):
    home = regularizers if hasattr(regularizers, name) else keras.regularizers
    return getattr(home, name)(**args)


@pytest.mark.parametrize("name", curves.PENALTIES)
def test_penalty_is_that_of_the_regularizer(name):
    found = curves.penalty_curve(name, ARGS[name], points=41)
    penalty = real(name, ARGS[name])
    for x, value in zip(found.x[::8], found.value[::8], strict=True):
        weight = np.float32([[x]])
        got = float(ops.convert_to_numpy(penalty(weight)))
        assert got == pytest.approx(value, rel=1e-4, abs=1e-5)
    fine = curves.penalty_curve(name, ARGS[name], points=20_001)
    slope = np.gradient(fine.value, fine.x)
    smooth = np.abs(np.diff(fine.slope, prepend=fine.slope[0])) < 0.05
    np.testing.assert_allclose(slope[smooth][2:-2], fine.slope[smooth][2:-2], atol=0.02)
    lowest = fine.x[np.isclose(fine.value, fine.value.min(), atol=1e-6)]
    for minimum in fine.minima:
        assert np.abs(lowest - minimum).min() < 1e-3
    assert AnalysisResult.from_json(found.to_json()) == found


def test_penalty_minima_and_aliases():
    assert curves.penalty_curve("BinaryPreference", {"scale": 4.0}).minima == (0, 0.25)
    assert curves.penalty_curve("TriStatePreference").minima == (-1, 0, 1)
    frame = {"lambda_coefficient": 1e-3, "l2_coefficient": 1e-4}
    (root,) = curves.penalty_curve("SoftOrthonormal", frame).minima
    assert root == pytest.approx(np.sqrt(0.95))
    assert curves.penalty_curve("SRIP").variable == "singular value"
    with pytest.raises(ValueError, match="`name` must be"):
        curves.penalty_curve("EntropyRegularizer")
    with pytest.raises(ValueError, match="`scale` must be"):
        curves.penalty_curve("BinaryPreference", {"scale": 0.0})
    with pytest.raises(ValueError, match="`high` must be"):
        curves.penalty_curve("L2", low=1.0, high=0.0)


def test_spectrum_of_a_kernel():
    w = RNG.normal(size=(3, 3, 2, 5))
    found = curves.kernel_spectrum(w)
    m = w.reshape(18, 5)
    eigenvalues = np.linalg.eigvalsh(m.T @ m)[::-1]
    np.testing.assert_allclose(found.singular_values**2, eigenvalues)
    assert (found.rows, found.columns) == (18, 5)
    assert found.frobenius == pytest.approx(np.linalg.norm(m))
    assert found.gap == pytest.approx(np.abs(eigenvalues - 1).max())
    large = curves.kernel_spectrum(RNG.normal(size=(600, 300)))
    np.testing.assert_allclose(
        large.edges, large.singular_values[[-1, 0]], rtol=0.05, atol=0.5
    )
    assert curves.kernel_spectrum(w, "depthwise").columns == 10
    with pytest.raises(ValueError, match="`kernel` must be"):
        curves.kernel_spectrum(w[0, 0, 0])


@pytest.mark.parametrize("name", curves.INITIAL_LAWS)
def test_initial_kernels_follow_the_law_of_the_class(name):
    home = initializers if hasattr(initializers, name) else keras.initializers
    shape = (3, 3, 8, 64)
    own = curves.initial_kernel(name, shape, seed=1)
    theirs = ops.convert_to_numpy(getattr(home, name)(seed=1)(shape))
    assert own.std() == pytest.approx(theirs.std(), rel=0.05)
    a, b = (curves.kernel_spectrum(w).singular_values for w in (own, theirs))
    np.testing.assert_allclose(a[[0, 16, 40]], b[[0, 16, 40]], rtol=0.1)
    np.testing.assert_array_equal(own, curves.initial_kernel(name, shape, seed=1))
    with pytest.raises(ValueError, match="`shape` must be"):
        curves.initial_kernel(name, (4,))


SCHEDULES = {
    None: {},
    "CosineDecay": {"alpha": 0.1, "decay_fraction": 0.8},
    "CosineDecayRestarts": {"first_decay_fraction": 0.2, "m_mul": 0.7, "alpha": 0.1},
    "ExponentialDecay": {"decay_rate": 0.5, "staircase": True},
    "PolynomialDecay": {"power": 2.0, "decay_steps": 30, "cycle": True},
    "PiecewiseConstantDecay": {
        "boundary_fractions": [0.3, 0.6],
        "factors": [1.0, 0.5, 0.1],
    },
    "InverseTimeDecay": {"decay_rate": 2.0},
    "OneCycleSchedule": {"start_fraction": 0.4},
}


@pytest.mark.parametrize("normalization", ["square", "abs", "softmax"])
def test_entropy_is_that_of_the_regularizer(normalization):
    w = RNG.normal(size=(4, 6))
    for axis in (0, -1):
        penalty = regularizers.EntropyRegularizer(
            axis=axis, normalization=normalization
        )
        expected = ops.convert_to_numpy(penalty.entropy(w))
        found = curves.weight_entropy(w, axis, normalization)
        np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_array_equal(curves.weight_entropy(np.zeros((2, 3)), 1, "abs"), 0)
    with pytest.raises(ValueError, match="`axis` must be"):
        curves.weight_entropy(w, 2)


def test_state_shares():
    found = curves.state_shares([[0.0, 0.04, 0.5], [0.96, 1.2, -0.05]], (0, 1))
    np.testing.assert_allclose(found.shares, [0.5, 1 / 6])
    assert found.elsewhere == pytest.approx(1 / 3)
    assert AnalysisResult.from_json(found.to_json()) == found
    with pytest.raises(ValueError, match="`states` must be"):
        curves.state_shares([1.0], [])


def test_every_schedule_of_the_catalog_has_a_curve():
    assert {e.name for e in catalog.entries("schedule")} == set(curves.SCHEDULES)


@pytest.mark.parametrize("warmup", [0.0, 0.25])
@pytest.mark.parametrize("name", SCHEDULES)
def test_rates_are_those_of_the_recipe(name, warmup):
    found = curves.schedule_curve(100, 0.1, name, SCHEDULES[name], warmup)
    component = Component(name=name, args=SCHEDULES[name]) if name else None
    spec = OptimizerSpec(learning_rate=0.1, schedule=component, warmup_fraction=warmup)
    made = learning_rate(spec, 100)
    schedule = made if isinstance(made, float) else made.make()
    assert found.steps[0] == 0
    assert found.steps[-1] == 100
    for step, rate in list(zip(found.steps, found.rates, strict=True))[::7]:
        right = schedule if isinstance(schedule, float) else schedule(int(step))
        right = float(ops.convert_to_numpy(right))
        assert rate == pytest.approx(right, rel=1e-3, abs=1e-8), step


def test_restarts_of_equal_length_and_long_runs():
    args = {"first_decay_fraction": 0.25, "t_mul": 1.0}
    found = curves.schedule_curve(40, 0.1, "CosineDecayRestarts", args)
    np.testing.assert_allclose(found.rates[[0, 10, 20, 30]], 0.1)
    assert len(curves.schedule_curve(10**6, points=50).steps) <= 51
    with pytest.raises(ValueError, match="`name` must be"):
        curves.schedule_curve(10, 0.1, "Sawtooth")
    with pytest.raises(ValueError, match="`decay_rate` must be given"):
        curves.schedule_curve(10, 0.1, "ExponentialDecay")
    args = {"boundary_fractions": [0.5], "factors": [1.0]}
    with pytest.raises(ValueError, match="`factors` must be"):
        curves.schedule_curve(10, 0.1, "PiecewiseConstantDecay", args)


def test_approximation():
    found = curves.approximation_curve(20.0)
    layer = losses.ApproximationFunction(20.0)
    got = ops.convert_to_numpy(layer(found.p.astype("float32")))
    np.testing.assert_allclose(found.value, got, atol=1e-5)
    slope = np.gradient(found.value, found.p)
    np.testing.assert_allclose(found.slope[1:-1], slope[1:-1], atol=0.1)


Y = RNG.integers(0, 3, 60)
P = RNG.dirichlet(np.ones(3), 60)
CLASSES = {
    "accuracy": losses.AccuracyLoss,
    "precision": losses.PrecisionLoss,
    "recall": losses.RecallLoss,
    "specificity": losses.SpecificityLoss,
    "f1": losses.F1Loss,
    "balanced_accuracy": losses.BalancedAccuracyLoss,
    "geometric_mean": losses.GeometricMeanLoss,
    "youden_j": losses.YoudenJLoss,
    "mcc": losses.MCCLoss,
    "cohen_kappa": losses.CohenKappaLoss,
    "iou": losses.IoULoss,
}


@pytest.mark.parametrize("metric", curves.SOFT_METRICS)
def test_soft_metric_is_that_of_the_loss(metric):
    for y, p in ((Y, P), ((Y > 0).astype(int), P[:, 1])):
        found = curves.soft_metric_curve(y, p, metric, (1.0, 20.0, 1e6))
        for scale, soft in zip(found.scales[:2], found.soft[:2], strict=True):
            loss = CLASSES[metric](amplifying_scale=float(scale))
            got = 1 - float(ops.convert_to_numpy(loss(y, p)))
            assert soft == pytest.approx(got, abs=1e-4)
        assert found.soft[-1] == pytest.approx(found.hard, abs=1e-3)
        assert found.flat[0] == 0
        assert found.flat[-1] > 0.9


def test_hard_metrics_are_those_of_scikit_learn():
    chosen = P.argmax(-1)
    pairs = {
        "accuracy": sk.accuracy_score(Y, chosen),
        "f1": sk.f1_score(Y, chosen, average="macro"),
        "balanced_accuracy": sk.balanced_accuracy_score(Y, chosen),
        "iou": sk.jaccard_score(Y, chosen, average="macro"),
    }
    for metric, expected in pairs.items():
        found = curves.soft_metric_curve(Y, P, metric)
        assert found.hard == pytest.approx(expected, abs=1e-6)
    micro = curves.soft_metric_curve(Y, P, "f1", average="micro")
    assert micro.hard == pytest.approx(pairs["accuracy"], abs=1e-6)
    two = (Y > 0).astype(int)
    found = curves.soft_metric_curve(two, P[:, 1], "mcc")
    expected = sk.matthews_corrcoef(two, P[:, 1] > 0.5)
    assert found.hard == pytest.approx(expected, abs=1e-6)
    with pytest.raises(ValueError, match="`metric` must be"):
        curves.soft_metric_curve(Y, P, "auc")
    with pytest.raises(ValueError, match="`y_prob` must be"):
        curves.soft_metric_curve(Y[:5], P)


def test_curves_need_no_keras():
    code = (
        "import sys; from dl_techniques.analysis import curves;"
        "print([m for m in ('keras', 'sklearn', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
