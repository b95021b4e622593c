"""Warm-up against its formula and against Keras' own."""

import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques.optimization import WarmupSchedule

schedules = keras.optimizers.schedules


def rates(schedule, steps):
    return np.array([float(ops.convert_to_numpy(schedule(s))) for s in steps])


def test_line_then_primary():
    primary = schedules.ExponentialDecay(0.1, 10, 0.5)
    got = rates(WarmupSchedule(8, 0.01, primary), range(20))
    p = 0.1 * 0.5 ** (np.arange(20) / 10)
    line = 0.01 + (p - 0.01) * np.arange(20) / 8
    np.testing.assert_allclose(got, np.where(np.arange(20) < 8, line, p), rtol=1e-5)


def test_constant_primary_starts_at_the_start():
    schedule = WarmupSchedule(4, 0.0, 0.2)
    np.testing.assert_allclose(
        rates(schedule, range(6)), [0, 0.05, 0.1, 0.15, 0.2, 0.2]
    )
    np.testing.assert_array_equal(rates(schedule, [2, 2, 2]), rates(schedule, [2] * 3))


def test_shifted_cosine_is_kerass_own_warmup():
    ours = WarmupSchedule(5, 1e-3, schedules.CosineDecay(0.1, 20), shift_primary=True)
    keras_own = schedules.CosineDecay(1e-3, 20, warmup_target=0.1, warmup_steps=5)
    steps = range(30)
    np.testing.assert_allclose(rates(ours, steps), rates(keras_own, steps), rtol=1e-4)


def test_no_steps_is_the_primary():
    np.testing.assert_allclose(rates(WarmupSchedule(0, 0.0, 0.3), [0, 5]), 0.3)


def test_model_with_nested_schedule_reloads(tmp_path):
    primary = schedules.CosineDecay(0.1, 20)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(WarmupSchedule(3, 0.0, primary)), "mse")
    model.fit(np.ones((4, 2)), np.ones(4), verbose=0)
    model.save(tmp_path / "m.keras")
    loaded = keras.saving.load_model(tmp_path / "m.keras")
    rate = loaded.optimizer._learning_rate
    assert isinstance(rate, WarmupSchedule)
    assert float(rate(2)) == pytest.approx(float(WarmupSchedule(3, 0.0, primary)(2)))


@pytest.mark.parametrize(
    ("args", "named"),
    [
        ((-1, 0.0, 0.1), "warmup_steps"),
        ((1, -1.0, 0.1), "warmup_start_lr"),
        ((1, 0.0, None), "primary_schedule"),
        ((1, 0.0, -0.1), "primary_schedule"),
    ],
)
def test_bad_argument_is_named(args, named):
    with pytest.raises(ValueError, match=f"`{named}` must be"):
        WarmupSchedule(*args)
