"""Tests of training dynamics."""

import math

import numpy as np
import pytest

from dl_techniques.analysis import flags
from dl_techniques.analysis.dynamics import smooth, training_dynamics


def test_a_falling_loss():
    d = training_dynamics({"loss": [4, 2, 1, 1], "val_loss": [4, 2, 1.1, 1.5]})
    assert (d.metric, d.mode, d.best_epoch) == ("val_loss", "min", 3)
    assert d.epochs_to_convergence == 3
    assert d.final_gap == d.overfitting_index == 0.5
    assert d.generalisation_gap == pytest.approx(0.1)
    assert d.plateau_epochs == 1
    assert d.stability == pytest.approx(np.std([4, 2, 1.1, 1.5]))
    assert not d.diverged


def test_a_rising_metric_that_starts_high():
    d = training_dynamics({"accuracy": [0.96, 0.97, 0.999, 1.0]})
    assert d.epochs_to_convergence == 3
    assert d.best_value == 1
    assert math.isnan(d.final_gap)


def test_divergence_nothing_and_ambiguity():
    assert training_dynamics({"loss": [1.0, math.nan]}).diverged
    assert training_dynamics({"loss": [1.0, 11.0]}).diverged
    assert training_dynamics({}).flags == (flags.EMPTY,)
    assert training_dynamics({"loss": [math.nan]}).best_epoch is None
    with pytest.raises(ValueError, match="`mode`"):
        training_dynamics({"loss": [1.0], "depth": [1.0]}, metric="depth")
    with pytest.raises(ValueError, match="`metric`"):
        training_dynamics({"loss": [1.0]}, metric="f1")


@pytest.mark.parametrize("window", [1, 2, 4, 5, 99])
@pytest.mark.parametrize("kind", ["mean", "ema"])
def test_smoothing_keeps_length_and_constants(window, kind):
    got = smooth([2.0, math.nan, 2.0, 2.0], window, kind)
    assert len(got) == 4
    np.testing.assert_allclose(got[~np.isnan(got)], 2.0)
    np.testing.assert_allclose(smooth([1.0, 2, 3], 3), [1.5, 2, 2.5])
