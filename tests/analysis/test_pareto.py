"""Tests of the Pareto front."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_techniques.analysis.pareto import pareto_front, pareto_mask


@given(st.integers(0, 2**31), st.integers(0, 25), st.integers(1, 3))
def test_the_mask_is_its_definition(seed, n, m):
    c = np.random.default_rng(seed).integers(0, 4, (n, m)).astype(float)
    want = [not any((d <= r).all() and (d < r).any() for d in c) for r in c]
    assert pareto_mask(c).tolist() == want


def test_nan_is_never_on_the_front_and_duplicates_stay():
    mask = pareto_mask([[1, 1], [1, 1], [np.nan, 0], [2, 2]])
    assert mask.tolist() == [True, True, False, False]


def test_directions_and_order():
    table = {"a": {"accuracy": 0.9, "parameters": 9}, "b": {"accuracy": 0.8}}
    table |= {"c": {"accuracy": 0.95, "parameters": 20}}
    front = pareto_front(table)
    assert front.mask.tolist() == [True, False, True]
    assert front.order.tolist() == [2, 0]
    assert len(front.to_frame()) == 3
    with pytest.raises(ValueError, match="`objectives`"):
        pareto_front(table, [("accuracy", "up")])
