"""Schedules from dictionaries against the Keras classes they stand for."""

import copy

import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques.optimization import (
    ConstantSchedule,
    OneCycleSchedule,
    WarmupSchedule,
    learning_rate_schedule_builder,
    schedule_builder,
)

ks = keras.optimizers.schedules
RATE = {"learning_rate": 0.1, "decay_steps": 20}


def rates(schedule, steps=range(0, 60, 3)):
    return np.array([float(ops.convert_to_numpy(schedule(s))) for s in steps])


PAIRS = [
    (
        "exponential_decay",
        {**RATE, "decay_rate": 0.5},
        ks.ExponentialDecay(0.1, 20, 0.5),
    ),
    (
        "exponential_decay",
        {**RATE, "decay_rate": 0.5, "staircase": True},
        ks.ExponentialDecay(0.1, 20, 0.5, staircase=True),
    ),
    ("cosine_decay", RATE, ks.CosineDecay(0.1, 20, alpha=1e-4)),
    (
        "cosine_decay_restarts",
        RATE,
        ks.CosineDecayRestarts(0.1, 20, t_mul=2.0, m_mul=0.9, alpha=1e-3),
    ),
    ("polynomial_decay", RATE, ks.PolynomialDecay(0.1, 20, 0.0, 1.0)),
    (
        "piecewise_constant",
        {"boundaries": (10, 20), "values": [0.1, 0.01, 0.001]},
        ks.PiecewiseConstantDecay([10, 20], [0.1, 0.01, 0.001]),
    ),
    (
        "inverse_time_decay",
        {**RATE, "decay_rate": 0.5},
        ks.InverseTimeDecay(0.1, 20, 0.5),
    ),
]


@pytest.mark.parametrize(("name", "args", "own"), PAIRS)
def test_each_type_is_its_keras_class(name, args, own):
    config = {"type": name, "config": args}
    before = copy.deepcopy(config)
    built = schedule_builder(config)
    assert config == before
    assert type(built) is type(own)
    np.testing.assert_allclose(rates(built), rates(own))
    again = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(built)
    )
    np.testing.assert_allclose(rates(again), rates(own))
    warm = schedule_builder({**config, "warmup_steps": 6, "warmup_start_lr": 0.01})
    np.testing.assert_allclose(rates(warm), rates(WarmupSchedule(6, 0.01, own)))


def test_names_are_read_leniently():
    for name in ("cosine_decay", " Cosine Decay ", "COSINEDECAY"):
        built = learning_rate_schedule_builder({"type": name, "config": RATE})
        assert isinstance(built, ks.CosineDecay)


def test_constant_and_one_cycle():
    built = schedule_builder({"type": "constant", "config": {"learning_rate": 0.2}})
    assert isinstance(built, ConstantSchedule)
    np.testing.assert_allclose(rates(built), 0.2)
    cycle = schedule_builder({"type": "one_cycle", "config": RATE})
    assert isinstance(cycle, OneCycleSchedule)
    s = np.arange(0.0, 60, 3)
    up = 0.004 + 0.096 * (1 - np.cos(np.pi * s / 6)) / 2
    u = np.minimum((s - 6) / 14, 1)
    down = 0.1 + (4e-7 - 0.1) * (1 - np.cos(np.pi * u)) / 2
    np.testing.assert_allclose(rates(cycle), np.where(s < 6, up, down), rtol=1e-4)


@pytest.mark.parametrize("fraction", [0.0, 1.0])
def test_one_cycle_without_one_half(fraction):
    cycle = OneCycleSchedule(0.1, 10, fraction)
    expected = [0.1, 4e-7, 4e-7] if fraction == 0 else [0.004, 0.1, 4e-7]
    np.testing.assert_allclose(rates(cycle, [0, 10, 30]), expected, 1e-4)


@pytest.mark.parametrize(
    ("config", "named"),
    [
        ({"config": RATE}, "type"),
        ({"type": "sawtooth", "config": RATE}, "type"),
        ({"type": "cosine_decay", "config": {"learning_rate": 0.1}}, "decay_steps"),
        ({"type": "cosine_decay", "config": {**RATE, "decay_rate": 1}}, "decay_rate"),
        ({"type": "cosine_decay", "config": RATE, "warm_up": 3}, "warm_up"),
        ({"type": "cosine_decay", "config": RATE, "warmup_steps": -1}, "warmup_steps"),
        (
            {"type": "cosine_decay", "config": RATE, "warmup_start_lr": -1.0},
            "warmup_start_lr",
        ),
        ({"type": "cosine_decay", "config": {**RATE, "alpha": -1}}, "alpha"),
        ({"type": "cosine_decay", "config": {**RATE, "decay_steps": 0}}, "decay_steps"),
        ({"type": "constant", "config": {"learning_rate": 0}}, "learning_rate"),
        (
            {
                "type": "piecewise_constant",
                "config": {"boundaries": [1, 2], "values": [0.1]},
            },
            "values",
        ),
        ("cosine_decay", "config"),
    ],
)
def test_what_is_wrong_is_named(config, named):
    with pytest.raises(ValueError, match=f"`{named}`"):
        schedule_builder(config)
