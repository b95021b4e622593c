"""Losses that read a special last layer, trained from a recipe."""

import numpy as np
import pytest

from dl_techniques.recipes import Component, build_model, check
from tests.recipes.info import CURVE, Info, layer, recipe

PICTURES = Info("image", (12, 12, 1), 3)
CAPSULES = recipe(
    layer("PrimaryCapsule", num_capsules=2, dim_capsules=4, kernel_size=5, strides=3),
    layer("RoutingCapsule", num_capsules=3, dim_capsules=4),
    layer("CapsuleLength"),
    head="none",
    loss=Component(name="CapsuleMarginLoss"),
    metrics=(Component(name="CapsuleAccuracy"),),
)
DENSITY = recipe(
    layer("Dense", units=4, activation="tanh"),
    layer("MDNLayer", num_mixtures=2, output_dimension=1),
    head="none",
    loss=Component(name="MDNLoss", args={"num_mixtures": 2, "output_dimension": 1}),
)


@pytest.mark.parametrize(("spec", "info"), [(CAPSULES, PICTURES), (DENSITY, CURVE)])
def test_recipe_trains(spec, info):
    assert check(spec, info) == ()
    model = build_model(spec, info, steps=4)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(8, *info.input_shape)).astype("float32")
    y = rng.integers(0, 3, 8) if info is PICTURES else x
    told = model.train_on_batch(x, y, return_dict=True)
    assert all(np.isfinite(v) for v in told.values())
    wanted = "capsule_accuracy" if info is PICTURES else "loss"
    assert wanted in told
