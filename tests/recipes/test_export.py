"""Scripts and notebooks."""

import json
import os
import subprocess
import sys

import keras
import nbformat
import numpy as np
import pytest

from dl_techniques import datasets, recipes
from dl_techniques.recipes import build_model, loads, to_notebook, to_script

MLP = """
name: an "MLP"
dataset: {name: moons, options: {n: 200}, label_noise: 0.1, seed: 2}
model:
  stack:
    - {layer: Dense, args: {units: 16, activation: relu}}
    - {layer: Dropout, args: {rate: 0.2}}
    - layer: Dense
      args:
        units: 8
        kernel_regularizer: {name: L1L2, args: {l1: 1e-4, l2: 1e-3}}
        kernel_initializer: {name: TruncatedNormal, args: {stddev: 0.2}}
loss: {name: CategoricalCrossentropy, args: {label_smoothing: 0.1}}
training: {epochs: 3, seed: 4, early_stopping: {patience: 2, restore_best: false}}
"""
CONVNET = """
name: convnet
dataset: {name: digits, max_samples: 300}
model:
  stack:
    - {layer: Conv2D, args: {filters: 4, kernel_size: 3, padding: same}, name: stem}
    - residual:
        - {layer: Conv2D, args: {filters: 8, kernel_size: 3, padding: same, strides: 2}}
        - residual:
            - {layer: BatchNormalization}
      name: down
    - repeat:
        - {layer: SeparableConv2D, args: {filters: 8, kernel_size: 3, padding: same}}
        - residual:
            - {layer: Activation, args: {activation: gelu}, muted: true}
            - {layer: Dense, args: {units: 8}}
      times: 3
    - repeat:
        - {layer: Dense, args: {units: 6}}
      times: 2
optimizer:
  name: AdamW
  learning_rate: 3e-3
  args: {weight_decay: 0.01}
  schedule: {name: CosineDecay, args: {alpha: 0.1, decay_fraction: 0.5}}
training: {epochs: 2, batch_size: 64}
"""
REGRESSION = """
name: regression
dataset: {name: inverse_sine, options: {n: 200}}
model: {stack: [{layer: Dense, args: {units: 16, activation: tanh}}]}
loss: {name: Huber, args: {delta: 0.5}}
metrics: [{name: RootMeanSquaredError}]
training: {epochs: 2, precision: float32}
"""
TOKENS = """
name: tokens
dataset: {name: recall, options: {n: 200}}
model:
  stack: [{layer: MultiHeadAttention, args: {num_heads: 2, key_dim: 4}}]
training: {epochs: 1, jit: "off"}
"""
ALL = {"mlp": MLP, "convnet": CONVNET, "regression": REGRESSION, "tokens": TOKENS}
every = pytest.mark.parametrize("text", ALL.values(), ids=ALL)


def model_part(script):
    """Runs the script down to its model."""
    scope = {}
    code = script.partition("# Loss and optimizer")[0].replace("model.summary()", "")
    lines = [x for x in code.splitlines() if "dl_techniques.training" not in x]
    exec(compile("\n".join(lines), "script", "exec"), scope)  # noqa: S102 - our own script
    return scope["model"]


@every
def test_the_script_builds_the_very_model_of_the_recipe(text):
    recipe = loads(text)
    info = datasets.dataset_info(recipe.dataset.name, **recipe.dataset.options)
    ours, theirs = build_model(recipe, info), model_part(to_script(recipe))
    assert json.dumps(ours.get_config()) == json.dumps(theirs.get_config())
    assert len(ours.weights) == len(theirs.weights)
    for a, b in zip(ours.weights, theirs.weights, strict=True):
        if "seed" not in a.path:
            assert a.path == b.path
        np.testing.assert_array_equal(*map(keras.ops.convert_to_numpy, (a, b)))


@every
def test_the_script_is_formatted_and_clean(text, tmp_path):
    (tmp_path / "script.py").write_text(to_script(loads(text)))
    for command in (["format", "--check"], ["check", "--select", "E,F,I"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", "script.py"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout


def test_the_script_uses_loops_and_public_names():
    script = to_script(loads(CONVNET))
    assert "for i in range(3):\n    x = layers.SeparableConv2D(" in script
    assert 'name=f"separable_conv2d_2_0_r{i}"' in script
    assert "shortcut_2 = x" in script
    assert "keras.src" not in script
    assert "recipes" not in script


@pytest.mark.slow
@pytest.mark.parametrize("text", [MLP, CONVNET, REGRESSION], ids=list(ALL)[:3])
def test_two_runs_of_the_script_give_the_same_numbers(text, tmp_path):
    (tmp_path / "script.py").write_text(to_script(loads(text)))
    env = {**os.environ, "PYTHONPATH": os.getcwd(), "TF_CPP_MIN_LOG_LEVEL": "3"}
    last = []
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "script.py"],
            cwd=tmp_path,
            env=env,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        last.append(json.loads(done.stdout.splitlines()[-1]))
    assert last[0] == last[1]
    assert set(last[0]) >= {"loss", "val_loss"}


@pytest.mark.slow
def test_the_script_gives_the_numbers_of_the_run(tmp_path):
    from dl_techniques.training.run import train_here

    recipe = loads(CONVNET + "analysis: {enabled: false}\n")
    (tmp_path / "script.py").write_text(to_script(recipe))
    env = {**os.environ, "PYTHONPATH": os.getcwd(), "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [sys.executable, "script.py"],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
    )
    told = json.loads(done.stdout.splitlines()[-1])
    record = train_here(recipe, home=tmp_path / "home")
    assert record.status == "finished", record.reason
    assert {name: record.last[name] for name in told} == told


@every
def test_the_notebook_holds_the_same_code(text):
    recipe = loads(text)
    written = to_notebook(recipe)
    assert written == to_notebook(recipe)
    book = nbformat.reads(written, as_version=4)
    nbformat.validate(book)
    script = to_script(recipe)
    code = [c.source for c in book.cells if c.cell_type == "code"]
    assert len(code) == 5
    assert all(part in script for part in code)


def test_other_settings_are_written():
    recipe = loads(
        "training: {backend: jax, precision: mixed_bfloat16, steps_per_execution: 4}\n"
        "optimizer: {warmup_fraction: 0.1}\nmetrics: []\n"
        "dataset: {train_size: 0.5, standardise: false, max_samples: 100}\n"
    )
    script = to_script(recipe)
    assert 'os.environ["KERAS_BACKEND"] = "jax"\n\nimport' in script
    assert 'keras.config.set_dtype_policy("mixed_bfloat16")' in script
    assert "steps_per_execution=4" in script
    assert "train_size=0.5" in script
    assert "standardise=False" in script
    assert "warmup_steps = round(0.1 * total_steps)" in script


def test_a_recipe_that_cannot_be_built_has_no_script():
    with pytest.raises(recipes.RecipeError, match="digts"):
        to_script(loads("dataset: {name: digts}"))
    with pytest.raises(recipes.StackError, match="Dens"):
        to_script(loads("model: {stack: [{layer: Dens}]}"))
