"""Curves beside regularizers, initializers and schedules on the Build page."""

import json

import numpy as np
import pytest

from dl_techniques import catalog
from dl_techniques.datasets import dataset_info, load_dataset
from dl_techniques.recipes import Recipe, to_link
from dl_techniques.ui import build_curves, build_questions

DENSE = "field:1:Dense:model.stack.1.args.kernel"
STACK = [
    {"layer": "Flatten"},
    {
        "layer": "Dense",
        "args": {
            "units": 24,
            "kernel_regularizer": {"name": "L2", "args": {"l2": 0.03}},
            "kernel_initializer": "he_normal",
        },
    },
]


def figures(app):
    """The figures on the page: data by key."""
    found = [b.proto for b in app.main if type(b).__name__ == "UnknownElement"]
    known = [p for p in found if hasattr(p, "component_name")]
    return {p.id.partition("-")[2].partition("-")[2]: p for p in known}


def test_curves_are_drawn_once_they_are_opened(compute, page):
    recipe = Recipe.model_validate(
        {"model": {"stack": STACK}, "optimizer": {"schedule": {"name": "CosineDecay"}}}
    )
    app = page("build", m=to_link(recipe))
    app.button(key="open:1").click().run()
    assert not app.exception, app.exception
    assert not [k for k in figures(app) if "figure" in k]
    for key in (f"{DENSE}_regularizer", f"{DENSE}_initializer", "build-schedule"):
        app.session_state[f"{key}:curve"] = True
    app.run()
    assert not app.exception, app.exception
    drawn = {k for k in figures(app) if k.endswith(":figure")}
    assert len(drawn) == 3
    # the strength belongs to this layer and can be set beside its curve
    strength = f"{DENSE}_regularizer".replace("1:Dense", "L2") + ".args.l2"
    (field,) = [n for n in app.number_input if n.key == strength]
    assert field.value == 0.03
    field.set_value(0.2).run()
    told = json.dumps(app.session_state["build"].recipe.model_dump(mode="json"))
    assert '"l2": 0.2' in told


@pytest.mark.parametrize(
    ("kind", "name", "argument", "shown"),
    [
        ("regularizer", "L1", "kernel_regularizer", True),
        ("regularizer", "SRIPRegularizer", "kernel_regularizer", True),
        ("regularizer", "OrthogonalRegularizer", "kernel_regularizer", False),
        ("initializer", "GlorotUniform", "kernel_initializer", True),
        ("initializer", "RandomNormal", "depthwise_kernel_initializer", True),
        ("initializer", "Zeros", "bias_initializer", False),
        ("constraint", "MaxNorm", "kernel_constraint", False),
    ],
)
def test_only_what_has_a_curve_offers_one(kind, name, argument, shown):
    assert build_curves.shown_for(catalog.get(kind, name), argument) is shown


def test_a_kernel_is_as_wide_as_its_layer():
    assert build_curves.kernel_width({"units": 24}) == 24
    assert build_curves.kernel_width({"filters": 5000}) == 256
    assert build_curves.kernel_width({"num_heads": 2}) == 64


def test_keras_draws_what_numpy_has_no_law_for():
    found = build_questions.initial_spectrum("Orthogonal", {"gain": 2.0}, (64, 24))
    np.testing.assert_allclose(found.singular_values, 2.0, rtol=1e-5)
    wide = build_questions.initial_spectrum("RandomNormal", {"stddev": 0.2}, (64, 24))
    assert wide.frobenius == pytest.approx(0.2 * np.sqrt(64 * 24), rel=0.1)


@pytest.mark.parametrize("share", [0.5, 0.8])
def test_steps_are_those_of_the_run(share):
    recipe = Recipe.model_validate(
        {
            "dataset": {"name": "digits", "train_size": share, "max_samples": 500},
            "training": {"epochs": 3, "batch_size": 32},
        }
    )
    rows = len(load_dataset("digits", train_size=share, max_samples=500).x_train)
    steps = build_curves.steps_of(recipe, dataset_info("digits"))
    assert abs(steps - 3 * -(-rows // 32)) <= 3
