"""Optimizers from dictionaries: what was asked for arrives."""

import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques.optimization import WarmupSchedule, optimizer_builder
from dl_techniques.optimization.optimizer_builder import OPTIMIZER_TYPES

COSINE = {
    "type": "cosine_decay",
    "warmup_steps": 2,
    "config": {"learning_rate": 0.01, "decay_steps": 10},
}
ARGS = {
    "adam": {"beta_1": 0.8, "beta_2": 0.9, "epsilon": 1e-5, "amsgrad": True},
    "adamw": {"weight_decay": 0.02, "beta_1": 0.8},
    "sgd": {"momentum": 0.7, "nesterov": True},
    "rmsprop": {"rho": 0.8, "momentum": 0.1, "epsilon": 1e-6, "centered": True},
    "adadelta": {"rho": 0.8},
    "adagrad": {"initial_accumulator_value": 0.2},
    "adamax": {"beta_2": 0.9},
    "nadam": {"beta_1": 0.8},
    "lion": {"beta_2": 0.95},
    "adafactor": {"relative_step": False},
    "lamb": {"beta_1": 0.8},
    "muon": {"momentum": 0.9, "ns_steps": 3},
}


@pytest.mark.parametrize("name", OPTIMIZER_TYPES)
def test_arguments_arrive_and_it_trains(name):
    extra = {"use_ema": True, "ema_momentum": 0.9, "gradient_clipping_by_norm": 2.0}
    config = {"type": name.upper(), "schedule": COSINE, **ARGS[name], **extra}
    optimizer, schedule = optimizer_builder(config)
    told = optimizer.get_config()
    for key, value in {**ARGS[name], "use_ema": True, "ema_momentum": 0.9}.items():
        assert told[key] == value
    assert (told["global_clipnorm"], told["clipnorm"]) == (2.0, None)
    assert isinstance(schedule, WarmupSchedule)
    assert optimizer._learning_rate is schedule
    weight = keras.Variable(np.ones((3, 2), "float32"))
    optimizer.build([weight])
    optimizer.apply([ops.ones((3, 2))])
    assert np.isfinite(ops.convert_to_numpy(weight)).all()
    again = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(optimizer)
    )
    assert again.get_config().keys() == told.keys()


def test_defaults():
    optimizer, schedule = optimizer_builder({"learning_rate": 0.02})
    assert isinstance(optimizer, keras.optimizers.RMSprop)
    told = optimizer.get_config()
    assert [told[k] for k in ("rho", "momentum", "epsilon")] == [0.9, 0.0, 1e-7]
    assert float(ops.convert_to_numpy(schedule(7))) == pytest.approx(0.02)
    rate = float(ops.convert_to_numpy(optimizer.learning_rate))
    assert rate == pytest.approx(0.02)
    adadelta, _ = optimizer_builder({"type": "adadelta", "learning_rate": 1.0})
    assert adadelta.rho == 0.9
    adamw, _ = optimizer_builder({"type": "adamw", "learning_rate": 1e-3})
    assert adamw.weight_decay == 0.004


@pytest.mark.parametrize(
    ("key", "argument"),
    [
        ("gradient_clipping_by_value", "clipvalue"),
        ("gradient_clipping_by_norm", "global_clipnorm"),
        ("gradient_clipping_by_norm_local", "clipnorm"),
    ],
)
def test_clipping(key, argument):
    optimizer, _ = optimizer_builder({"type": "sgd", "learning_rate": 1.0, key: 0.5})
    weights = [keras.Variable(np.zeros((2,), "float32")) for _ in range(2)]
    optimizer.build(weights)
    optimizer.apply([ops.array([3.0, 4.0]), ops.array([0.0, 12.0])])
    got = [-ops.convert_to_numpy(w) for w in weights]
    expected = {
        "clipvalue": ([0.5, 0.5], [0, 0.5]),
        "global_clipnorm": ([1.5 / 13, 2 / 13], [0, 6 / 13]),
        "clipnorm": ([0.3, 0.4], [0, 0.5]),
    }[argument]
    np.testing.assert_allclose(got, expected, rtol=1e-5)


def test_loss_scale_and_half_precision():
    optimizer, _ = optimizer_builder({"learning_rate": 0.1, "loss_scale": 8.0})
    assert optimizer.loss_scale_factor == 8.0


def decayed(config):
    optimizer, _ = optimizer_builder({"learning_rate": 0.1, **config})
    weights = [
        keras.Variable(np.ones((2,), "float32"), name=n)
        for n in ("kernel", "bias", "gamma", "scale")
    ]
    optimizer.build(weights)
    optimizer.apply([ops.zeros((2,))] * 4)
    return [w.name for w in weights if float(ops.convert_to_numpy(w)[0]) != 1.0]


def test_which_weights_decay():
    assert decayed({"type": "adamw"}) == ["kernel"]
    assert decayed({"type": "adamw", "exclude_from_weight_decay": ["kern"]}) == [
        "bias",
        "gamma",
        "scale",
    ]
    assert len(decayed({"type": "adamw", "exclude_from_weight_decay": []})) == 4
    assert len(decayed({"type": "adam", "weight_decay": 0.1})) == 4


@pytest.mark.parametrize(
    ("config", "named"),
    [
        ({"type": "adam"}, "learning_rate"),
        ({"type": "adam", "learning_rate": 0.1, "schedule": COSINE}, "schedule"),
        ({"type": "adan", "learning_rate": 0.1}, "type"),
        ({"type": "adam", "learning_rate": 0.1, "momentum": 0.9}, "momentum"),
        ({"type": "adam", "learning_rate": 0.1, "clipnorm": 0.9}, "clipnorm"),
        ({"type": "adam", "learning_rate": -0.1}, "learning_rate"),
        ({"learning_rate": 0.1, "loss_scale": 0}, "loss_scale"),
        (
            {"learning_rate": 0.1, "gradient_clipping_by_value": 0},
            "gradient_clipping_by_value",
        ),
        (
            {"learning_rate": 0.1, "exclude_from_weight_decay": "bias"},
            "exclude_from_weight_decay",
        ),
        ({"schedule": {"type": "cosine_decay"}}, "learning_rate"),
    ],
)
def test_what_is_wrong_is_named(config, named):
    with pytest.raises(ValueError, match=f"`{named}`"):
        optimizer_builder(config)


def test_two_ways_to_clip_are_both_named():
    config = {
        "learning_rate": 0.1,
        "gradient_clipping_by_value": 1.0,
        "gradient_clipping_by_norm": 1.0,
    }
    line = "gradient_clipping_by_value` and `gradient_clipping_by_norm`"
    with pytest.raises(ValueError, match=line):
        optimizer_builder(config)
