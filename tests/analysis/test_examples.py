"""Samples worth looking at, and parts of the data."""

import numpy as np
import pytest

from dl_techniques.analysis import (
    Examples,
    expected_calibration_error,
    negative_log_likelihood,
    pick_examples,
    slice_metrics,
)
from dl_techniques.analysis.flags import EMPTY, NONFINITE_DROPPED

P = np.array([[0.9, 0.1], [0.2, 0.8], [0.55, 0.45], [0.99, 0.01]])
Y = np.array([0, 0, 1, 1])


def test_hardest_have_the_largest_loss():
    found = pick_examples(Y, P, k=3)
    assert found.rows.tolist() == [3, 1, 2]
    np.testing.assert_allclose(found.loss, -np.log([0.01, 0.2, 0.45]))
    assert found.chosen.tolist() == [0, 1, 0]
    assert Examples.from_json(found.to_json()) == found


def test_overconfident_are_wrong_and_sure():
    assert pick_examples(Y, P, order="overconfident").rows.tolist() == [3, 1, 2]
    assert pick_examples(Y, P, order="unsure", k=1).rows.tolist() == [2]
    assert pick_examples(Y, P, order="easiest", k=1).rows.tolist() == [0]
    none = pick_examples(P.argmax(1), P, order="overconfident")
    assert none.flags == (EMPTY,)


def test_one_column_equals_two():
    one, two = pick_examples(Y, P[:, 1]), pick_examples(Y, P)
    assert one.rows.tolist() == two.rows.tolist()
    np.testing.assert_allclose(one.loss, two.loss)


def test_rows_that_are_not_finite_are_left_out():
    holed = P.copy()
    holed[3] = np.nan
    found = pick_examples(Y, holed)
    assert found.rows.tolist() == [1, 2, 0]
    assert found.flags == (NONFINITE_DROPPED,)


def test_parts_equal_the_same_measures_of_their_rows():
    rng = np.random.default_rng(0)
    p, y = rng.dirichlet(np.ones(4), size=200), rng.integers(0, 4, 200)
    group = np.array(["old", "young"])[rng.integers(0, 2, 200)]
    found = slice_metrics(y, p, group)
    assert found.names == ("old", "young")
    for i, name in enumerate(found.names):
        mine = group == name
        assert found.n[i] == mine.sum()
        assert found.accuracy[i] == (p[mine].argmax(1) == y[mine]).mean()
        ece = expected_calibration_error(y[mine], p[mine])
        assert found.ece[i] == pytest.approx(ece)
        assert found.nll[i] == pytest.approx(negative_log_likelihood(y[mine], p[mine]))
    empty = slice_metrics(y, p, {"nobody": np.zeros(200, bool)})
    assert np.isnan(empty.accuracy[0])
    assert len(found.to_frame()) == 2


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="order"):
        pick_examples(Y, P, order="nicest")
    with pytest.raises(ValueError, match="`k` must be"):
        pick_examples(Y, P, k=0)
