"""Paired differences against direct resampling."""

import numpy as np
import pytest

from dl_techniques.analysis import (
    brier_score,
    expected_calibration_error,
    mcnemar,
    negative_log_likelihood,
    paired_differences,
)
from dl_techniques.analysis.flags import EMPTY, NONFINITE_DROPPED


@pytest.fixture
def pair():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 300)
    good = 2.0 * np.eye(3)[y] + rng.normal(size=(300, 3))
    poor = 0.5 * np.eye(3)[y] + rng.normal(size=(300, 3))
    softmax = [np.exp(z) / np.exp(z).sum(1, keepdims=True) for z in (good, poor)]
    return y, {"good": softmax[0], "poor": softmax[1]}


MEASURES = {
    "accuracy": lambda y, p: (p.argmax(1) == y).mean(),
    "ece": lambda y, p: expected_calibration_error(y, p, n_bins=10),
    "nll": negative_log_likelihood,
    "brier": brier_score,
}


def test_intervals_equal_resampling_by_hand(pair):
    y, scores = pair
    found = paired_differences(
        y, scores, metrics=tuple(MEASURES), n_bins=10, n_boot=40, seed=3
    )
    rng = np.random.default_rng(3)
    draws = [rng.integers(0, 300, 300) for _ in range(40)]
    for result in found:
        measure = MEASURES[result.metric]
        values = [measure(y, scores[m]) for m in ("good", "poor")]
        assert result.value_a == pytest.approx(values[0], abs=1e-9)
        assert result.difference == pytest.approx(values[1] - values[0], abs=1e-9)
        spread = [
            measure(y[r], scores["poor"][r]) - measure(y[r], scores["good"][r])
            for r in draws
        ]
        low, high = np.quantile(spread, (0.025, 0.975))
        assert (result.low, result.high) == pytest.approx((low, high), abs=1e-9)
    right = [scores[m].argmax(1) == y for m in ("good", "poor")]
    assert found[0].p_value == mcnemar(*right).p_value
    assert found[0].certain


def test_a_model_does_not_differ_from_itself(pair):
    y, scores = pair
    for result in paired_differences(y, {"a": scores["good"], "b": scores["good"]}):
        assert result.low == result.high == result.difference == 0
        assert not result.certain


def test_one_column_is_binary(pair):
    y = pair[0] > 0
    p = np.clip(y * 0.6 + 0.2 * np.sin(np.arange(300)) + 0.1, 0, 1)
    accuracy, ece, nll = paired_differences(y.astype(int), {"a": p, "b": 1 - p})
    assert accuracy.value_a == pytest.approx(((p > 0.5) == y).mean())
    assert nll.value_b == pytest.approx(negative_log_likelihood(y.astype(int), 1 - p))
    assert ece.value_a == pytest.approx(expected_calibration_error(y.astype(int), p))


def test_rows_that_are_not_finite_are_left_out_for_both(pair):
    y, scores = pair
    holed = scores["poor"].copy()
    holed[:10] = np.nan
    found = paired_differences(y, {"a": scores["good"], "b": holed})[0]
    assert found.n == 290
    assert found.flags == (NONFINITE_DROPPED,)
    assert found.value_a == (scores["good"][10:].argmax(1) == y[10:]).mean()


def test_no_rows_give_nan(pair):
    empty = {"a": np.empty((0, 3)), "b": np.empty((0, 3))}
    found = paired_differences(np.empty(0, int), empty)[0]
    assert np.isnan(found.difference)
    assert EMPTY in found.flags


def test_bad_arguments_are_named(pair):
    y, scores = pair
    with pytest.raises(ValueError, match="`metrics` must be"):
        paired_differences(y, scores, metrics=("beauty",))
    with pytest.raises(ValueError, match="`scores` must be"):
        paired_differences(y[:5], scores)
