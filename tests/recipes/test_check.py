"""Checking without Keras."""

import subprocess
import sys

import pytest

from dl_techniques import catalog
from dl_techniques.recipes import (
    Component,
    DatasetSpec,
    ModelSpec,
    OptimizerSpec,
    Recipe,
    advise,
    apply_repair,
    check,
)
from tests.recipes.info import CURVE, IMAGE, SEQUENCE, TOKENS, VECTOR, layer, recipe

SPECIAL = {"masks", "pairs", "clusters"}


def found(recipe_, info=IMAGE):
    return {p.where: p.message for p in check(recipe_, info)}


def repaired(recipe_, info=IMAGE):
    problem = check(recipe_, info)[0]
    assert problem.repair["label"]
    return apply_repair(recipe_, problem.repair)


def test_importing_recipes_loads_no_backend():
    code = (
        "import sys; from dl_techniques import recipes as r; r.check(r.Recipe());"
        "print([m for m in ('keras', 'tensorflow', 'sklearn') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_the_default_recipe_is_fine():
    assert check(Recipe()) == ()


def test_an_unknown_layer_gets_a_hint_and_a_repair():
    wrong = recipe(layer("Flatten"), {"residual": [layer("dens", units=3)]})
    where = "model.stack.1.residual.0.layer"
    assert "Did you mean Dense" in found(wrong)[where]
    assert check(repaired(wrong), IMAGE) == ()
    assert check(wrong, IMAGE)[0].path == "1.residual.0"


@pytest.mark.parametrize(
    ("args", "field", "words"),
    [
        ({"units": 0}, "units", "at least 1 and at most 65536. Received: units=0"),
        ({"units": 2.5}, "units", "an integer"),
        ({}, "units", "needs `units`"),
        ({"units": 3, "unit": 4}, "unit", "not an argument of Dense"),
        ({"units": 3, "activation": "rleu"}, "activation", "Did you mean relu"),
        ({"units": 3, "activation": 3}, "activation", "a component or None"),
        (
            {"units": 3, "kernel_regularizer": {"name": "L3"}},
            "kernel_regularizer",
            "no regularizer called 'L3'",
        ),
        (
            {"units": 3, "kernel_regularizer": {"name": "L2", "args": {"l2": -1}}},
            "kernel_regularizer.args.l2",
            "at least 0",
        ),
        ({"units": 3, "kernel_regularizer": {"l2": 1}}, "kernel_regularizer", "name"),
    ],
)
def test_wrong_arguments_are_named(args, field, words):
    wrong = recipe(layer("Flatten"), layer("Dense", **args))
    assert words in found(wrong)[f"model.stack.1.args.{field}"]
    problem = check(wrong, IMAGE)[0]
    assert problem.path == "1"
    if problem.repair:
        assert check(apply_repair(wrong, problem.repair), IMAGE) == ()


def test_kind_flows_through_the_stack():
    stack = [layer("Flatten"), layer("Conv2D", filters=2, kernel_size=3)]
    wrong = recipe(*stack)
    assert "takes an image" in found(wrong)["model.stack.1"]
    assert [n.layer for n in repaired(wrong).model.stack] == ["Conv2D"]
    wrong = recipe(layer("LSTM", units=3), layer("LSTM", units=3))
    assert list(found(wrong, SEQUENCE)) == ["model.stack.1"]
    fine = recipe(layer("LSTM", units=3, return_sequences=True), layer("LSTM", units=3))
    assert found(fine, SEQUENCE) == {}


def test_a_missing_reshape_is_offered():
    wrong = recipe(layer("Conv1D", filters=2, kernel_size=1))
    assert check(repaired(wrong, VECTOR), VECTOR) == ()


def test_a_repeat_must_accept_its_own_output():
    wrong = recipe({"repeat": [layer("GlobalMaxPooling2D")], "times": 2})
    assert list(found(wrong)) == ["model.stack.0.repeat.0"]
    assert found(recipe({"repeat": [layer("GlobalMaxPooling2D")], "times": 1})) == {}


def test_a_branch_must_keep_the_kind():
    assert (
        "adds a vector"
        in found(recipe({"residual": [layer("Flatten")]}))["model.stack.0"]
    )


def test_tokens_are_embedded_unless_a_layer_does_it():
    attention = layer("MultiHeadAttention", num_heads=1, key_dim=2)
    assert found(recipe(attention), TOKENS) == {}
    embedding = layer("Embedding", input_dim=17, output_dim=4)
    assert found(recipe(embedding, attention), TOKENS) == {}
    assert list(found(recipe(attention, embedding), TOKENS)) == ["model.stack.1"]


def test_muted_layers_do_not_count():
    stack = [{"layer": "Flatten", "muted": True}]
    stack.append(layer("Conv2D", filters=2, kernel_size=1))
    assert found(recipe(*stack)) == {}
    empty = recipe({"residual": stack[:1]})
    assert "not muted" in found(empty)["model.stack.0"]
    assert check(repaired(empty), IMAGE) == ()


def test_names_are_unique_and_not_reserved():
    twice = recipe(*({"layer": "Flatten", "name": n} for n in ("a", "a", "head")))
    assert set(found(twice)) == {f"model.stack.{i}.name" for i in range(3)}


def test_size_is_bounded():
    node = layer("Flatten")
    for _ in range(3):
        node = {"repeat": [node], "times": 64}
    assert "262144 layers" in found(recipe(node))["model.stack"]
    node = layer("Flatten")
    for _ in range(20):
        node = {"residual": [node]}
    assert "deep" in found(recipe(node))["model.stack"]


@pytest.mark.parametrize(
    ("loss", "info", "fits"),
    [
        ("MeanSquaredError", IMAGE, False),
        ("SparseCategoricalCrossentropy", IMAGE, True),
        ("SparseCategoricalCrossentropy", CURVE, False),
        ("Huber", CURVE, True),
    ],
)
def test_loss_must_fit_the_task(loss, info, fits):
    checked = Recipe(loss=Component(name=loss))
    assert (check(checked, info) == ()) is fits
    if not fits:
        assert check(repaired(checked, info), info) == ()


def test_optimizer_and_schedule_are_checked():
    schedule = Component(
        name="PiecewiseConstantDecay",
        args={"boundary_fractions": [0.5, 0.2], "factors": [1.0, 0.1]},
    )
    wrong = Recipe(
        optimizer=OptimizerSpec(name="Adm", args={"beta": 1}, schedule=schedule)
    )
    assert set(found(wrong)) == {
        "optimizer.name",
        "optimizer.schedule.args.factors",
        "optimizer.schedule.args.boundary_fractions",
    }


@pytest.mark.parametrize(
    ("spec", "where"),
    [
        ({"name": "digts"}, "dataset.name"),
        ({"name": "moons", "options": {"noize": 1}}, "dataset.options.noize"),
        ({"name": "moons", "options": {"noise": "much"}}, "dataset.options.noise"),
        ({"name": "inverse_sine", "label_noise": 0.1}, "dataset.label_noise"),
    ],
)
def test_data_sets_are_checked(spec, where):
    wrong = Recipe(dataset=DatasetSpec(**spec))
    problem = check(wrong)[0]
    assert problem.where == where
    if problem.repair:
        assert check(apply_repair(wrong, problem.repair)) == ()


def test_zoo_models_are_checked():
    both = Recipe(model=ModelSpec(zoo="NoSuchModel", stack=(layer("Flatten"),)))
    assert set(found(both)) == {"model.stack", "model.zoo"}
    assert set(found(Recipe(model=ModelSpec(args={"a": 1})))) == {"model.args"}


@pytest.mark.parametrize(
    "repair",
    [
        {"op": "explode"},
        {"op": "set", "where": "model.stack.7.args.units", "value": 1},
        {"op": "remove", "where": "model.nothing"},
        {"op": "set", "where": "training.epochs", "value": "many"},
        {"op": "insert", "path": "9", "node": {"layer": "Flatten"}},
    ],
)
def test_a_repair_that_does_not_fit_is_refused(repair):
    with pytest.raises(ValueError, match=r"`|epochs"):
        apply_repair(recipe(), repair)


def test_advice_is_no_error():
    pixelwise = recipe(layer("Dense", units=3))
    (hint,) = advise(pixelwise, IMAGE)
    assert check(pixelwise, IMAGE) == ()
    assert advise(apply_repair(pixelwise, hint.repair), IMAGE) == ()
    assert advise(pixelwise, VECTOR) == ()
    assert advise(Recipe()) == ()


def test_a_decoder_wants_images_that_are_not_standardised():
    drawn = Recipe(model={"zoo": "CapsNet", "args": {"reconstruction": True}})
    (hint,) = advise(drawn, IMAGE)
    assert hint.where == "dataset.standardise"
    assert check(drawn, IMAGE) == ()
    assert advise(apply_repair(drawn, hint.repair), IMAGE) == ()
    assert advise(Recipe(model={"zoo": "CapsNet"}), IMAGE) == ()


def test_a_layer_for_branches_is_noticed_outside():
    alone = recipe(layer("Flatten"), layer("StochasticDepth"))
    assert [p.path for p in advise(alone, IMAGE)] == ["1"]
    assert advise(recipe({"residual": [layer("StochasticDepth")]}), IMAGE) == ()


def test_gradients_are_clipped_one_way():
    clip = {"clipnorm": 1.0, "clipvalue": 0.5, "global_clipnorm": None}
    wrong = recipe(optimizer=OptimizerSpec(name="SGD", args=clip))
    assert found(wrong) == {
        "optimizer.args.clipvalue": "gradients are clipped by clipnorm already; "
        "keep one of the two"
    }
    assert check(repaired(wrong), IMAGE) == ()


@pytest.mark.parametrize("info", [IMAGE, CURVE])
@pytest.mark.parametrize(
    "name", [e.name for e in catalog.entries("loss") if set(e.tasks) <= SPECIAL]
)
def test_losses_whose_targets_no_data_set_has_are_refused(name, info):
    wrong = recipe(loss=Component(name=name))
    told = found(wrong, info)["loss.name"]
    assert f"{name} needs targets that give" in told
    assert f"the data set is a {info.task} problem" in told
    assert check(repaired(wrong, info), info) == ()


MIXTURE = {"num_mixtures": 3, "output_dimension": 1}


def test_a_loss_that_reads_a_layer_wants_it_last():
    density = Component(name="MDNLoss", args=MIXTURE)
    wrong = recipe(layer("Dense", units=3), loss=density)
    assert "reads the output of MDNLayer; end" in found(wrong, CURVE)["loss.name"]
    assert check(repaired(wrong, CURVE), CURVE) == ()
    headed = recipe(layer("MDNLayer", **MIXTURE), loss=density)
    assert list(found(headed, CURVE)) == ["model.head"]
    assert check(repaired(headed, CURVE), CURVE) == ()
    other = {"num_mixtures": 2, "output_dimension": 2}
    mixed = recipe(layer("MDNLayer", **other), loss=density, head="none")
    assert list(found(mixed, CURVE)) == [
        "loss.args.num_mixtures",
        "loss.args.output_dimension",
        "model.stack.0.args.output_dimension",
    ]
    capsules = recipe(layer("Flatten"), loss=Component(name="CapsuleMarginLoss"))
    assert "reads the output of CapsuleLength" in found(capsules)["loss.name"]
    assert check(repaired(capsules), IMAGE) == ()
    assert "a regression problem" in found(capsules, CURVE)["loss.name"]
