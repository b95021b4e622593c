"""Masks pass through, and seeds decide what is random."""

import inspect

import keras
import numpy as np
import pytest
from keras import ops

from tests.contract.case import CASES

SEQUENCES = [c for c in CASES if c.is_sequence and c.is_float and len(c.shapes) == 1]
SEEDED = [c for c in CASES if "seed" in inspect.signature(c.cls).parameters]


class Probe(keras.layers.Layer):
    """Remembers the mask it is given."""

    def __init__(self):
        super().__init__()
        self.supports_masking = True
        self.seen = None

    def call(self, inputs, mask=None):
        self.seen = mask
        return inputs


@pytest.mark.parametrize("case", SEQUENCES, ids=lambda c: c.name)
def test_mask_passes(case):
    """The next layer sees the mask, or none where the time axis is gone."""
    x = case.batch()[0]
    x[:, -1] = 0.0
    probe, layer = Probe(), case.layer()
    y = keras.tree.flatten(layer(keras.layers.Masking()(x), **case.call))[0]
    probe(y)
    keeps_time = len(y.shape) == 3 and y.shape[1] == x.shape[1]
    assert (probe.seen is not None) == keeps_time
    if keeps_time:
        np.testing.assert_array_equal(ops.convert_to_numpy(probe.seen), x.any(-1))
    assert np.isfinite(ops.convert_to_numpy(y)).all()


@pytest.mark.parametrize("case", SEEDED, ids=lambda c: c.name)
def test_seed_decides_the_noise(case):
    """One seed gives one sequence of outputs; noise changes from call to call."""
    x = case.batch(8)
    one, two, other = (case.layer(seed=s) for s in (7, 7, 8))
    quiet = case.answer(one, x, training=False)[0]
    for layer in (two, other):
        case.tensors(layer, x, training=False)
        layer.set_weights(one.get_weights())
    a, b, c = (case.answer(m, x, training=True)[0] for m in (one, two, other))
    np.testing.assert_allclose(a, b, atol=1e-6)
    again = case.answer(one, x, training=True)[0]
    np.testing.assert_allclose(again, case.answer(two, x, training=True)[0], atol=1e-6)
    if not np.array_equal(a, quiet):
        assert not np.array_equal(a, c)
        assert not np.array_equal(a, again)
