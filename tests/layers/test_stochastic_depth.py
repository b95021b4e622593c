"""StochasticDepth drops whole samples and keeps the mean."""

import numpy as np
import pytest
from keras import ops

from dl_techniques.layers import DropPath, StochasticDepth, stochastic_depth_rates

RNG = np.random.default_rng(0)


def run(layer, x, training=True):
    return ops.convert_to_numpy(layer(np.asarray(x, "float32"), training=training))


def test_a_sample_is_gone_or_scaled():
    x = RNG.normal(size=(400, 3, 2)) + 5
    y = run(StochasticDepth(0.25, seed=1), x)
    gone = (y == 0).all(axis=(1, 2))
    np.testing.assert_allclose(y[~gone], x[~gone] / 0.75, rtol=1e-5)
    assert gone.mean() == pytest.approx(0.25, abs=0.07)
    assert y.mean() == pytest.approx(x.mean(), rel=0.1)


def test_identity_at_inference_and_for_rate_zero():
    x = RNG.normal(size=(5, 4)).astype("float32")
    np.testing.assert_array_equal(run(StochasticDepth(0.5), x, training=False), x)
    np.testing.assert_array_equal(run(StochasticDepth(0.0), x), x)


def test_batch_size_may_change_and_draws_differ():
    layer = StochasticDepth(0.5, seed=3)
    layer.build((8, 4))
    for size in (8, 3, 64):
        assert run(layer, np.ones((size, 4))).shape == (size, 4)
    a, b = run(layer, np.ones((64, 1))), run(layer, np.ones((64, 1)))
    assert not np.array_equal(a, b)
    one, two = StochasticDepth(0.5, seed=9), StochasticDepth(0.5, seed=9)
    for _ in range(2):
        np.testing.assert_array_equal(
            run(one, np.ones((9, 1))), run(two, np.ones((9, 1)))
        )


def test_names():
    assert DropPath is StochasticDepth
    assert DropPath(drop_path_rate=0.1).rate == 0.1


@pytest.mark.parametrize("rate", [-0.1, 1.0, float("nan")])
def test_bad_rate_is_named(rate):
    with pytest.raises(ValueError, match=r"`rate` must be .* Received: rate="):
        StochasticDepth(rate)


@pytest.mark.parametrize("rate", ["0.5", None, True])
def test_rate_must_be_a_number(rate):
    with pytest.raises(TypeError, match="`rate` must be a number"):
        StochasticDepth(rate)


def test_rates_rise_linearly():
    np.testing.assert_allclose(stochastic_depth_rates(5, 0.4), [0, 0.1, 0.2, 0.3, 0.4])
    assert stochastic_depth_rates(1, 0.4) == [0.0]
    with pytest.raises(ValueError, match="`num_blocks` must be"):
        stochastic_depth_rates(0, 0.1)
