"""Runs on data whose every place has a target."""

import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from dl_techniques.analysis.run_outputs import RunOutputs, compare_runs
from dl_techniques.recipes import Recipe, to_script
from dl_techniques.tracking import RunStore
from dl_techniques.training import train_here
from tests.training.test_zoo import named

SAME = {"filters": 6, "kernel_size": 3, "padding": "same", "activation": "relu"}


def scenes(n, **options):
    return {"name": "depth_shapes", "options": {"n": n, **options}}


def small(n=40, epochs=1):
    data = named("DepthAnything", epochs=epochs, dataset=scenes(n))
    data = data.model_dump(mode="json")
    layers = [{"layer": "Conv2D", "args": SAME}]
    metrics = [{"name": "AbsoluteRelativeError"}]
    more = {"model": {"stack": layers}, "metrics": metrics}
    return Recipe.model_validate({**data, **more})


def test_a_stack_trains_on_maps_and_shows_them(tmp_path):
    record = train_here(small(epochs=2), home=tmp_path)
    assert (record.status, record.reason) == ("finished", "")
    assert record.last["val_mean_absolute_error"] > 0
    assert record.last["val_abs_rel"] > 0
    store = RunStore(tmp_path)
    snapshots, _ = store.snapshots_after(record.id, 0)
    drawn = snapshots[-1]["pictures"]["depth"]
    assert len(drawn["mae"]) == 4
    fit = snapshots[-1]["regression"]
    assert fit["mae"] > 0
    assert len(set(fit["target"])) > 100
    assert len(fit["prediction"]) == len(fit["target"]) == 256
    assert "calibration" not in snapshots[-1]["skipped"]
    folder = store.artifact_dir(record.id)
    told = RunOutputs.load(folder)
    assert told.y_true.shape == told.outputs.shape == (8, 32, 32, 1)
    report = json.loads((folder / "analysis" / "report.json").read_text())
    assert report["errors"] in ({}, None, [])
    compared = compare_runs({"a": told, "b": told})
    assert compared.n == 8
    model = keras.saving.load_model(folder / "model.keras")
    assert model.output_shape == (None, 32, 32, 1)


@pytest.mark.slow
def test_the_script_of_a_map_reproduces_the_run(tmp_path):
    recipe = small(epochs=2)
    record = train_here(recipe, home=tmp_path)
    script = tmp_path / "run.py"
    script.write_text(to_script(recipe))
    env = {**os.environ, "PYTHONPATH": os.getcwd(), "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        env=env,
        timeout=280,
        check=True,
    )
    told = json.loads(done.stdout.strip().splitlines()[-1])
    for name in ("loss", "val_loss", "val_abs_rel"):
        assert told[name] == pytest.approx(record.last[name], rel=1e-4)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_depth_model_learns_how_far_things_are(tmp_path):
    recipe = named("DepthAnything", epochs=6, dataset=scenes(300))
    often = recipe.training.model_copy(update={"batch_size": 16})
    recipe = recipe.model_copy(update={"training": often})
    record = train_here(recipe, home=tmp_path)
    assert (record.status, record.reason) == ("finished", "")
    store = RunStore(tmp_path)
    folder = store.artifact_dir(record.id)
    with np.load(folder / "predictions.npz") as data:
        true, given = data["y_true"], data["outputs"]
    assert true.shape == given.shape == (60, 32, 32, 1)
    usual = np.median(true, axis=0)  # a model that does not look
    error = abs(given - true).mean()
    assert error < 0.75 * abs(usual - true).mean()
    model = keras.saving.load_model(folder / "model.keras")
    assert type(model).__name__ == "DepthAnything"
    snapshots, _ = store.snapshots_after(record.id, 0)
    drawn = snapshots[-1]["pictures"]["depth"]
    assert np.mean(drawn["mae"]) < np.mean(snapshots[0]["pictures"]["depth"]["mae"])
