"""Recipes on data whose every place has a target."""

import pytest

from dl_techniques.catalog import entries, get
from dl_techniques.datasets import dataset_info
from dl_techniques.recipes import (
    DatasetSpec,
    LayerSpec,
    ModelSpec,
    Recipe,
    StackError,
    build_model,
    check,
    inspect_stack,
    to_script,
)
from dl_techniques.recipes.check import model_refusal
from dl_techniques.recipes.repairs import apply_repair

INFO = dataset_info("depth_shapes")
DIGITS = dataset_info("digits")
DATA = DatasetSpec(name="depth_shapes")
SAME = {"filters": 4, "kernel_size": 3, "padding": "same"}


def stack(*args, head="auto"):
    layers = tuple(LayerSpec(layer="Conv2D", args=a) for a in args)
    return Recipe(dataset=DATA, model=ModelSpec(stack=layers, head=head))


def named(zoo, **args):
    return Recipe(dataset=DATA, model=ModelSpec(zoo=zoo, args=args))


def test_a_stack_of_convolutions_gets_a_head_at_every_place():
    recipe = stack(SAME)
    assert check(recipe) == ()
    assert inspect_stack(recipe).ok
    model = build_model(recipe, INFO, steps=10)
    assert model.output_shape == (None, 32, 32, 1)
    assert model.count_params() == 4 * 28 + 5
    assert "GlobalAveragePooling" not in to_script(recipe)


@pytest.mark.parametrize(
    ("recipe", "given"),
    [
        (stack({**SAME, "strides": 2}), "16 x 16 x 4"),
        (stack({**SAME, "padding": "valid"}), "30 x 30 x 4"),
        (stack(SAME, head="none"), "32 x 32 x 4"),
    ],
)
def test_a_stack_of_another_size_is_refused_in_words(recipe, given):
    (problem,) = inspect_stack(recipe).problems
    assert f"it ends with {given}" in problem.message
    assert "32 x 32" in problem.message
    mended = apply_repair(recipe, problem.repair)
    assert mended.model.zoo == "DepthAnything"
    assert check(mended) == ()
    with pytest.raises(StackError, match="UpSampling2D"):
        build_model(recipe, INFO, steps=10)


def test_a_stack_that_ends_as_the_targets_needs_no_head():
    recipe = stack(SAME, {**SAME, "filters": 1}, head="none")
    assert build_model(recipe, INFO, steps=10).output_shape == (None, 32, 32, 1)


def test_the_depth_model_is_built_for_the_data():
    recipe = named("DepthAnything")
    assert check(recipe) == ()
    report = inspect_stack(recipe)
    assert report.ok
    assert report.rows[0].output_shape == (32, 32)
    assert report.total_parameters == 384_193
    code = to_script(recipe)
    compile(code, "script", "exec")
    assert "DepthAnything.from_variant(" in code
    assert "input_shape=data.input_shape" in code


def test_models_of_classes_are_refused_and_say_why():
    (problem,) = check(named("ConvNextV1"))
    assert problem.where == "model.zoo"
    assert "one answer an image" in problem.message
    fitting = [e.name for e in entries("model") if not model_refusal(e, INFO)]
    assert fitting == ["DepthAnything"]
    recipe = Recipe(dataset=DatasetSpec(), model=ModelSpec(zoo="DepthAnything"))
    (problem,) = check(recipe)
    assert "every place" in problem.message
    assert "DepthAnything" not in [
        e.name for e in entries("model") if not model_refusal(e, DIGITS)
    ]


def with_loss(name, **metrics):
    recipe = named("DepthAnything").model_dump(mode="json")
    recipe["loss"] = {"name": name}
    recipe["metrics"] = metrics.get("metrics", [])
    return Recipe.model_validate(recipe)


@pytest.mark.parametrize("name", ["MeanSquaredError", "MeanAbsoluteError", "Huber"])
def test_losses_of_numbers_fit(name):
    assert check(with_loss(name)) == ()
    assert "maps" in get("loss", name).tasks


@pytest.mark.parametrize("name", ["SparseCategoricalCrossentropy", "MDNLoss"])
def test_other_losses_do_not(name):
    problems = check(with_loss(name))
    problems = [p for p in problems if p.where == "loss.name"]
    assert "of maps" in problems[0].message
    assert problems[0].repair["value"] == {"name": "MeanSquaredError"}


def test_metrics_that_need_rows_are_refused():
    (problem,) = check(with_loss("Huber", metrics=[{"name": "R2Score"}]))
    assert problem.where == "metrics.0.name"
    assert check(with_loss("Huber", metrics=[{"name": "RootMeanSquaredError"}])) == ()


def test_metrics_of_distances_fit_and_are_written_out():
    metrics = [{"name": "AbsoluteRelativeError"}, {"name": "DepthAccuracy"}]
    recipe = with_loss("AffineInvariantLoss", metrics=metrics)
    assert check(recipe) == ()
    model = build_model(recipe, INFO, steps=10)
    assert type(model.loss).__name__ == "AffineInvariantLoss"
    code = to_script(recipe)
    for name in ("AffineInvariantLoss(", "AbsoluteRelativeError(", "DepthAccuracy("):
        assert name in code
    digits = Recipe.model_validate({"metrics": [{"name": "DepthAccuracy"}]})
    (problem,) = check(digits)
    assert "a number for every place" in problem.message
    (problem,) = check(with_loss("FeatureAlignmentLoss"))
    assert "features of another model" in problem.message
