"""Projections: fixed points, ranges and progress."""

from itertools import pairwise

import numpy as np
import pytest
from keras import ops

from dl_techniques.constraints import OrthonormalConstraint, ValueRangeConstraint
from dl_techniques.initializers import OrthonormalInitializer


def apply(constraint, w):
    return ops.convert_to_numpy(constraint(w))


def test_range():
    w = np.random.default_rng(0).normal(size=(50,)).astype("float32")
    for low, high in ((-0.5, 0.5), (None, 0.3), (0.1, None)):
        constraint = ValueRangeConstraint(low, high)
        once = apply(constraint, w)
        np.testing.assert_array_equal(once, np.clip(w, low, high).astype("float32"))
        np.testing.assert_array_equal(apply(constraint, once), once)
    assert apply(ValueRangeConstraint(0, 1), w.astype("float16")).dtype == "float16"


def test_range_arguments():
    with pytest.raises(ValueError, match="`max_value` must be at least"):
        ValueRangeConstraint(1.0, 0.0)
    with pytest.raises(ValueError, match="`max_value` must be a number"):
        ValueRangeConstraint(None)
    old = {"min_value": 0.0, "max_value": 1.0, "clip_gradients": True}
    assert ValueRangeConstraint.from_config(old).max_value == 1.0


def distance(w):
    m = w.reshape(-1, w.shape[-1]).astype("float64")
    g = m.T @ m if m.shape[0] >= m.shape[1] else m @ m.T
    return np.linalg.norm(g - np.eye(len(g)))


@pytest.mark.parametrize("shape", [(8, 5), (5, 8), (3, 3, 2, 6)])
def test_orthonormal_kernels_stay(shape):
    w = ops.convert_to_numpy(OrthonormalInitializer(seed=1)(shape))
    np.testing.assert_allclose(apply(OrthonormalConstraint(), w), w, atol=1e-6)


@pytest.mark.parametrize("scale", [0.05, 0.4, 1.0, 30.0])
@pytest.mark.parametrize("shape", [(20, 6), (6, 20), (3, 3, 2, 6)])
def test_distance_shrinks_to_nothing(shape, scale):
    w = (np.random.default_rng(0).normal(size=shape) * scale).astype("float32")
    distances = [distance(w)]
    for _ in range(30):
        w = apply(OrthonormalConstraint(1), w)
        distances.append(distance(w))
    pairs = list(pairwise(distances))
    assert all(b < a or b < 1e-4 for a, b in pairs[1:])
    assert distances[-1] < 1e-4
