"""Reading and writing recipes."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dl_techniques import recipes
from dl_techniques.recipes import RecipeError, dumps, loads, loads_with_warnings

FULL = """
version: 1
name: everything
dataset: {name: moons, options: {noise: 0.3}, label_noise: 1e-1, seed: 3}
model:
  stack:
    - {layer: Dense, args: {units: 8, kernel_regularizer: {name: L2, args: {l2: 1e-4}}}}
    - {layer: Dropout, args: {rate: 0.1}, muted: true}
    - residual:
        - {layer: Dense, args: {units: 16}, name: wide}
        - repeat:
            - {layer: Activation, args: {activation: gelu}}
          times: 3
loss: {name: CategoricalCrossentropy, args: {label_smoothing: 0.1}}
optimizer:
  name: SGD
  learning_rate: 1e-2
  schedule: {name: CosineDecay, args: {alpha: 0.1}}
  warmup_fraction: 0.1
training: {epochs: 3, jit: on, early_stopping: {patience: 2}}
"""


def problems(text):
    with pytest.raises(RecipeError) as error:
        loads(text)
    for line in str(error.value).splitlines():
        assert len(line) < 400
    return {p.where: p.message for p in error.value.problems}


@pytest.mark.parametrize("fmt", ["yaml", "json"])
def test_a_recipe_survives_writing_and_reading(fmt):
    recipe = loads(FULL)
    assert loads(dumps(recipe, fmt)) == recipe
    assert recipe.optimizer.learning_rate == 0.01
    assert recipe.training.jit == "on"


def test_file_is_read(tmp_path):
    (tmp_path / "r.yaml").write_text(FULL)
    assert recipes.load(tmp_path / "r.yaml") == loads(FULL)
    (tmp_path / "bad.yaml").write_bytes(b"\xff\xfe\x00name")
    with pytest.raises(RecipeError, match="UTF-8"):
        recipes.load(tmp_path / "bad.yaml")


@pytest.mark.parametrize("cut", range(60, len(FULL), 97))
def test_truncated_text_is_a_recipe_error_or_a_recipe(cut):
    with contextlib.suppress(RecipeError):
        loads(FULL[:cut])


def test_each_wrong_field_gets_one_line():
    found = problems(
        "training: {epochs: many, batch_size: 0, precision: float8, jit: 1}\n"
        "optimizer: {learning_rate: .nan}\n"
    )
    assert found == {"optimizer.learning_rate": found["optimizer.learning_rate"]}
    found = problems("training: {epochs: many, batch_size: 0, precision: float8}")
    assert found["training.epochs"] == "must be a whole number. Received: 'many'"
    assert found["training.batch_size"] == "must be at least 1. Received: 0"
    assert "'mixed_float16'" in found["training.precision"]


def test_a_wrong_node_is_named_by_its_path():
    found = problems(
        "model: {stack: [{layer: Dense}, {residual: [{layer: 3}]}, {depth: 2}]}"
    )
    assert set(found) == {"model.stack.1.residual.0.layer", "model.stack.2"}
    assert found["model.stack.1.residual.0.layer"].startswith("must be a text")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "mapping"),
        ("- 1", "mapping"),
        ("name: [", "line"),
        ("name: a\nname: b", "twice"),
        ("a: &x [1]\nb: *x", "aliases"),
        ("dataset: {options: {a: .inf}}", "finite"),
        ("dataset: {options: {a: !!binary aGk=}}", "bytes"),
        ("dataset: !!python/object/apply:os.system [ls]", "constructor"),
        ("model: {args: {a: " + "[" * 80 + "]" * 80 + "}}", "nested"),
        ("[" * 5000, "nested"),
        ("1: 2", "names are texts"),
        ("version: 99", "newer"),
        ("version: two", "whole number"),
        ("training: {steps_per_execution: fast}", "steps_per_execution"),
    ],
)
def test_bad_text_is_refused_in_one_clear_line(text, words):
    with pytest.raises(RecipeError, match=words) as error:
        loads(text)
    assert "Traceback" not in str(error.value)


def test_unknown_fields_warn_and_are_ignored():
    recipe, warnings = loads_with_warnings(
        "nme: x\ntraining: {epoch: 3, epochs: 2}\n"
        "model: {stack: [{layer: Dense, arg: {}, args: {units: 3}}]}\n"
    )
    assert recipe.training.epochs == 2
    assert warnings == (
        "nme: unknown field, ignored. Did you mean `name`?",
        "training.epoch: unknown field, ignored. Did you mean `epochs`?",
        "model.stack.0.arg: unknown field, ignored. Did you mean `args`?",
    )


def test_version_0_is_migrated():
    recipe, notes = loads_with_warnings(
        "version: 0\nname: old\ndataset: moons\nlayers: [{layer: Dense}]\n"
        "epochs: 4\nseed: 9\noptimizer: SGD\nlearning_rate: 0.1\n"
    )
    assert notes == ("version 0 was brought to version 1",)
    assert recipe.dataset.name == "moons"
    assert recipe.model.stack[0].layer == "Dense"
    assert (recipe.training.epochs, recipe.training.seed) == (4, 9)
    assert (recipe.optimizer.name, recipe.optimizer.learning_rate) == ("SGD", 0.1)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_damage_to_a_text_breaks_the_reader(data):
    text = FULL
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        gone = data.draw(st.integers(0, 12))
        new = data.draw(
            st.text("{}[]:,-&*!|>'\"#%@ \n\t0123456789.einfatrul", max_size=6)
        )
        text = text[:at] + new + text[at + gone :]
    with contextlib.suppress(RecipeError):
        assert loads(dumps(loads(text))) == loads(text)
