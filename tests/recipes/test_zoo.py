"""Recipes that name a model of the catalog."""

import keras
import pytest

from dl_techniques import catalog
from dl_techniques.recipes import (
    ModelSpec,
    Recipe,
    StackError,
    build_model,
    check,
    inspect_stack,
    to_script,
)
from tests.recipes.info import IMAGE, VECTOR, Info


def named(zoo, **args):
    return Recipe(model=ModelSpec(zoo=zoo, args=args))


MODELS = [
    e
    for e in catalog.entries("model")
    if "image" in e.accepts and "maps" not in e.tasks
]


@pytest.mark.parametrize("entry", MODELS, ids=lambda e: e.name)
def test_every_image_model_fits_the_digits_by_itself(entry):
    recipe = named(entry.name)
    assert check(recipe, IMAGE) == ()
    report = inspect_stack(recipe, IMAGE)
    assert report.ok, report.problems
    assert report.total_parameters > 0
    assert sum(r.parameters for r in report.rows[1:]) == report.total_parameters
    assert sum(r.flops for r in report.rows[1:]) == report.total_flops
    code = to_script(recipe, IMAGE)
    compile(code, "script", "exec")
    assert entry.target.rpartition(".")[0].rpartition(".")[2] in code


def test_the_data_decide_shape_and_outputs():
    penalty = {"name": "L2", "args": {"l2": 1e-3}}
    recipe = named("ConvNextV1", dropout_rate=0.1, kernel_regularizer=penalty)
    model = build_model(recipe, IMAGE, steps=10)
    assert model.input_shape == (None, 8, 8, 1)
    assert model.output_shape == (None, 10)
    assert model.loss.get_config()["from_logits"]
    assert model.losses
    assert model.layers[-1].activation is keras.activations.linear
    curve = Info("image", (8, 8, 1), 2, "regression")
    assert build_model(recipe, curve, steps=10).output_shape == (None, 2)


def test_half_precision_reaches_the_model():
    recipe = named("ConvNextV1")
    training = recipe.training.model_copy(update={"precision": "mixed_bfloat16"})
    model = build_model(recipe.model_copy(update={"training": training}), IMAGE)
    assert model.dtype_policy.name == "mixed_bfloat16"
    assert model.layers[-1].compute_dtype == "float32"


def test_data_of_another_kind_are_refused():
    (problem,) = check(named("ConvNextV1"), VECTOR)
    assert problem.where == "model.zoo"
    assert "vector" in problem.message


def test_what_cannot_be_built_is_said_in_words():
    (problem,) = inspect_stack(named("ConvNextV1", variant="tiny"), IMAGE).problems
    assert 'the variant "lab8" fits' in problem.message
    (problem,) = check(named("ConvNextV1", variant="lab9"), IMAGE)
    assert "lab8" in problem.message


def test_models_beyond_the_memory_are_not_built():
    large = Info("image", (224, 224, 3), 10)
    with pytest.raises(StackError, match="at most"):
        build_model(named("ConvNextV1", variant="xlarge"), large)
