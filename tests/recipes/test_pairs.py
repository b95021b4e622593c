"""Recipes whose data are images with texts."""

import json
import os
import subprocess
import sys

import pytest

from dl_techniques import catalog, datasets
from dl_techniques.recipes import (
    LayerSpec,
    ModelSpec,
    Recipe,
    apply_repair,
    build_model,
    check,
    inspect_stack,
    to_script,
)

PAIRS = {"name": "captioned_shapes", "options": {"n": 200}}
INFO = datasets.dataset_info("captioned_shapes", n=200)


def recipe(zoo="CLIP", *, loss=None, metrics=(), **args):
    return Recipe.model_validate(
        {
            "dataset": PAIRS,
            "model": {"zoo": zoo, "args": args},
            "loss": loss and {"name": loss},
            "metrics": [{"name": m} for m in metrics],
        }
    )


def test_the_data_decide_sizes_and_words():
    assert check(recipe()) == ()
    model = build_model(recipe(embed_dim=16), INFO, steps=10)
    assert model.name == "clip_lab32"
    assert model.input["image"].shape == (None, 32, 32, 3)
    assert model.input["text"].shape == (None, 5)
    own = model.get_config()
    assert (own["vocab_size"], own["embed_dim"]) == (INFO.vocabulary, 16)
    assert model.loss is None


@pytest.mark.parametrize("loss", ["CLIPContrastiveLoss", "SigLIPLoss"])
def test_losses_of_pairs_fit(loss):
    made = recipe(loss=loss, metrics=("CLIPRecallAtK",))
    assert [p.where for p in check(made)] == ["metrics.0.args.k"]  # needs k
    assert check(recipe(loss=loss, metrics=("CLIPAccuracy",))) == ()


@pytest.mark.parametrize("loss", ["SparseCategoricalCrossentropy", "MeanSquaredError"])
def test_other_losses_are_refused_and_repaired(loss):
    (problem,) = check(recipe(loss=loss))
    assert problem.where == "loss.name"
    repaired = apply_repair(recipe(loss=loss), problem.repair)
    assert repaired.loss.name == "CLIPContrastiveLoss"
    assert check(repaired) == ()


def test_a_stack_is_refused_and_repaired():
    stack = Recipe(
        dataset=datasets_spec(), model=ModelSpec(stack=(LayerSpec(layer="Flatten"),))
    )
    (problem,) = check(stack)
    assert "CLIP" in problem.message
    repaired = apply_repair(stack, problem.repair)
    assert repaired.model.zoo == "CLIP"
    assert check(repaired) == ()


def datasets_spec():
    return recipe().dataset


@pytest.mark.parametrize("zoo", ["ViT", "MDNModel", "CapsNet"])
def test_other_models_are_refused(zoo):
    (problem,) = check(recipe(zoo))
    assert problem.where == "model.zoo"
    assert "kind is pairs" in problem.message


def test_clip_is_refused_for_other_data():
    (problem,) = check(Recipe(model=ModelSpec(zoo="CLIP")))
    assert problem.where == "model.zoo"
    assert "takes pairs data" in problem.message


def test_layers_are_listed():
    report = inspect_stack(recipe())
    assert report.ok, report.problems
    entry = catalog.get("model", "CLIP")
    assert report.rows[0].label == entry.name
    assert sum(r.parameters for r in report.rows[1:]) == report.total_parameters
    assert report.total_flops > 0


def test_the_script_gives_images_and_texts():
    script = to_script(recipe())
    compile(script, "script", "exec")
    assert "ShuffledBatches(data.inputs_train, data.y_train" in script
    assert "validation_data=(data.inputs_test, data.y_test)" in script
    assert "vocab_size=data.info.vocabulary" in script
    assert "CLIPAccuracy()" in script


@pytest.mark.slow
def test_the_script_gives_the_numbers_of_the_run(tmp_path):
    from dl_techniques.training.run import train_here

    made = Recipe.model_validate(
        {
            "dataset": PAIRS,
            "model": {"zoo": "CLIP", "args": {"embed_dim": 8}},
            "training": {"epochs": 2, "batch_size": 64},
            "analysis": {"enabled": False},
        }
    )
    (tmp_path / "script.py").write_text(to_script(made))
    env = {**os.environ, "PYTHONPATH": os.getcwd(), "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [sys.executable, "script.py"],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout.splitlines()[-1])
    record = train_here(made, home=tmp_path / "home")
    assert record.status == "finished", record.reason
    assert {"loss", "clip_accuracy", "val_clip_accuracy"} <= set(told)
    assert {name: record.last[name] for name in told} == told
