"""Weights of supervised outputs: values, limits, errors."""

import math

import numpy as np
import pytest

from dl_techniques.optimization import (
    cosine_relaxation,
    deep_supervision_schedule_builder,
)
from dl_techniques.optimization.deep_supervision import SUPERVISION_TYPES

MOVING = [
    "linear_low_to_high",
    "non_linear_low_to_high",
    "custom_sigmoid_low_to_high",
    "scale_by_scale_low_to_high",
    "step_wise",
]


def weights(name, t, n=4, order="low_to_high", **config):
    build = deep_supervision_schedule_builder
    return build({"type": name, "config": config}, n, order)(t)


@pytest.mark.parametrize("name", SUPERVISION_TYPES)
def test_weights_are_a_distribution(name):
    for n in (1, 2, 5):
        for t in (-1.0, 0.0, 0.25, 0.3, 0.5, 0.999, 1.0, 7.0):
            w = weights(name, t, n)
            assert w.dtype == np.float64
            assert w.shape == (n,)
            assert (w >= 0).all()
            assert w.sum() == pytest.approx(1)
            turned = weights(name, t, n, "high_to_low")
            np.testing.assert_array_equal(turned, w[::-1])
    np.testing.assert_array_equal(weights(name, -1.0), weights(name, 0.0))
    assert weights(name, 0.4, 1).tolist() == [1.0]
    with pytest.raises(ValueError, match="`progress`"):
        weights(name, math.nan)


@pytest.mark.parametrize("name", MOVING)
def test_moving_ones_go_from_the_deepest_to_the_final(name):
    assert weights(name, 0.0).argmax() == 0
    assert weights(name, 1.0).argmax() == 3


@pytest.mark.parametrize(
    ("name", "t", "config", "expected"),
    [
        ("constant_equal", 0.2, {}, [1, 1, 1, 1]),
        ("constant_low_to_high", 0.2, {}, [1, 2, 3, 4]),
        ("constant_high_to_low", 0.2, {}, [4, 3, 2, 1]),
        ("linear_low_to_high", 0.25, {}, [3.25, 2.75, 2.25, 1.75]),
        ("non_linear_low_to_high", 0.5, {}, [3.25, 2.75, 2.25, 1.75]),
        ("custom_sigmoid_low_to_high", 0.625, {}, [2.5, 2.5, 2.5, 2.5]),
        ("scale_by_scale_low_to_high", 0.49, {}, [0, 1, 0, 0]),
        ("scale_by_scale_low_to_high", 1.0, {}, [0, 0, 0, 1]),
        ("cosine_annealing", 0.0, {}, [4, 3, 2, 1]),
        ("cosine_annealing", 1 / 6, {}, [3.4, 2.6, 1.8, 1]),
        ("curriculum", 0.0, {}, [1, 0, 0, 0]),
        ("curriculum", 0.75, {}, [1, 1, 1, 0]),
        ("curriculum", 0.75, {"activation_strategy": "exp"}, [1, 1, 0, 0]),
        ("curriculum", 1.0, {"max_active_outputs": 2}, [1, 1, 0, 0]),
        ("step_wise", 0.25, {}, [2.5, 2.5, 2.5, 2.5]),
        ("step_wise", 0.5, {}, [0, 0, 0, 1]),
        ("step_wise", 0.0, {"threshold": 0.0}, [0, 0, 0, 1]),
    ],
)
def test_values(name, t, config, expected):
    expected = np.array(expected, float) / np.sum(expected)
    np.testing.assert_allclose(weights(name, t, **config), expected, atol=1e-12)


def test_sigmoid_value():
    k, x0, tp, t = 6.0, 0.4, 0.2, 0.7
    g = 1 / (1 + math.exp(-k * ((t - tp) / (1 - tp) - x0)))
    w = (1 - g) * np.array([3, 2, 1]) + g * np.array([1, 2, 3])
    got = weights("custom_sigmoid_low_to_high", t, 3, k=k, x0=x0, transition_point=tp)
    np.testing.assert_allclose(got, w / 6)


def test_rounding_drops_no_output():
    assert np.count_nonzero(weights("curriculum", 0.29, 100)) == 29
    assert weights("scale_by_scale_low_to_high", 0.29, 100).argmax() == 29


def test_linear_transfer_is_monotone():
    path = np.array([weights("linear_low_to_high", t) for t in np.linspace(0, 1, 11)])
    assert (np.diff(path[:, 0]) < 0).all()
    assert (np.diff(path[:, -1]) > 0).all()


def test_inverting_is_the_other_order():
    build = deep_supervision_schedule_builder
    schedule = build({"type": "Linear Low To High"}, 3, invert_order=True)
    np.testing.assert_allclose(schedule(0.0), [1 / 6, 2 / 6, 3 / 6])
    again = build({"type": "linear_low_to_high"}, 3, "high_to_low", invert_order=True)
    np.testing.assert_allclose(again(0.0), [3 / 6, 2 / 6, 1 / 6])


@pytest.mark.parametrize(
    ("config", "n", "order", "named"),
    [
        ({"type": "round_robin"}, 3, "low_to_high", "type"),
        ({}, 3, "low_to_high", "type"),
        ({"type": "constant_equal"}, 0, "low_to_high", "num_outputs"),
        ({"type": "constant_equal"}, 3, "upwards", "order"),
        ({"type": "constant_equal", "config": {"k": 1}}, 3, "low_to_high", "k"),
        ({"type": "step_wise", "config": {"threshold": 2}}, 3, ..., "threshold"),
        (
            {"type": "curriculum", "config": {"max_active_outputs": 4}},
            3,
            ...,
            "max_active_outputs",
        ),
        (
            {"type": "curriculum", "config": {"activation_strategy": "cubic"}},
            3,
            ...,
            "activation_strategy",
        ),
        (
            {"type": "custom sigmoid low to high", "config": {"transition_point": 1}},
            3,
            ...,
            "transition_point",
        ),
    ],
)
def test_what_is_wrong_is_named(config, n, order, named):
    order = "low_to_high" if order is ... else order
    with pytest.raises(ValueError, match=f"`{named}`"):
        deep_supervision_schedule_builder(config, n, order)


def test_cosine_relaxation():
    fade = cosine_relaxation(0.4, 10)
    got = [fade(t) for t in (0, 2.5, 5, 10, 30)]
    expected = [0.4, 0.2 * (1 + math.sqrt(0.5)), 0.2, 0, 0]
    np.testing.assert_allclose(got, expected, atol=1e-12)
    with pytest.raises(ValueError, match="`max`"):
        cosine_relaxation(-1, 10)
    with pytest.raises(ValueError, match="`total`"):
        cosine_relaxation(1, 0)
