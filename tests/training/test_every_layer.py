"""Every layer of the catalog trains, is watched and goes home as a script."""

import contextlib
import io
import json
import math

import keras
import pytest

from dl_techniques import catalog
from dl_techniques.recipes import Recipe, to_script
from dl_techniques.tracking import RunStore
from dl_techniques.training import train_here

DATA = {
    "vector": {"name": "moons", "options": {"n": 120}},
    "sequence": {"name": "recall", "options": {"n": 120}},
    "image": {"name": "digits"},
    "tokens": {"name": "recall", "options": {"n": 120}},
}
BEFORE = {
    "vector": [{"layer": "Dense", "args": {"units": 8, "activation": "relu"}}],
    "sequence": [{"layer": "Embedding", "args": {"input_dim": 16, "output_dim": 8}}],
    "image": [
        {"layer": "Conv2D", "args": {"filters": 4, "kernel_size": 3, "padding": "same"}}
    ],
    "tokens": [],
}
FIRST = ("SOM2dLayer",)  # a cell's number passes no gradient to layers before it
QUICK = ("RoutingCapsule",)


def recipe_of(entry):
    """Puts the layer behind one that gives it features to work on."""
    kind = "vector" if "any" in entry.accepts else entry.accepts[0]
    before = [] if entry.name in FIRST else BEFORE[kind]
    node = {"layer": entry.name, "args": entry.example}
    if entry.needs_residual:
        node = {"residual": [{"layer": "Dense", "args": {"units": 8}}, node]}
    return Recipe.model_validate(
        {
            "name": f"a walk with {entry.name}",
            "dataset": {"max_samples": 120, **DATA[kind]},
            "model": {"stack": [*before, node]},
            "training": {"epochs": 1, "batch_size": 32},
            "analysis": {"max_samples": 16, "budget": 1.0},
        }
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return RunStore(tmp_path_factory.mktemp("home"))


ENTRIES = [
    pytest.param(e, id=e.name, marks=() if e.name in QUICK else pytest.mark.slow)
    for e in catalog.entries("layer")
]


@pytest.mark.timeout(1200)  # a second or ten, but slow on a machine that is busy
@pytest.mark.parametrize("entry", ENTRIES)
def test_layer_trains_and_its_script_gives_the_same_numbers(entry, store):
    recipe = recipe_of(entry)
    record = train_here(recipe, home=store.home)
    assert (record.status, record.reason) == ("finished", "")
    assert math.isfinite(record.last["loss"])
    assert math.isfinite(record.last["val_loss"])
    snapshots, _ = store.snapshots_after(record.id)
    assert [s["epoch"] for s in snapshots] == [1]
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        exec(to_script(recipe), {"__name__": "__main__"})  # noqa: S102 (our own script)
    numbers = json.loads(told.getvalue().splitlines()[-1])
    assert numbers["loss"] == pytest.approx(record.last["loss"], rel=1e-4)
    assert numbers["val_loss"] == pytest.approx(record.last["val_loss"], rel=1e-4)
    keras.backend.clear_session()
