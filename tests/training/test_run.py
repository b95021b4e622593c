import json
import os

import keras
import numpy as np
import pytest

from dl_techniques.recipes import Recipe
from dl_techniques.tracking import RunStore
from dl_techniques.training import checkpoint, request, run_recipe, train_here
from dl_techniques.training.feed import ShuffledBatches
from dl_techniques.training.pace import multiplications, set_pace
from tests.training.recipes import mlp, numbers


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return RunStore(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def finished(store):
    return train_here(mlp(), home=store.home)


def weights(store, run_id):
    path = store.artifact_dir(run_id) / "model.keras"
    return keras.saving.load_model(path).get_weights()


def test_a_run_leaves_numbers_and_files(store, finished):
    assert (finished.status, finished.epoch, finished.reason) == ("finished", 3, "")
    rows = numbers(store, finished.id)
    assert list(rows) == [1, 2, 3]
    names = {"loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"}
    assert set(rows[3]) == names
    folder = store.artifact_dir(finished.id)
    found = {p.name for p in folder.iterdir()}
    assert {"model.keras", "recipe.yaml", "environment.json"} <= found
    assert json.loads((folder / "environment.json").read_text())["versions"]["keras"]
    with np.load(folder / "predictions.npz") as data:
        accuracy = (data["y_prob"].argmax(-1) == data["y_true"]).mean()
        assert accuracy == pytest.approx(rows[3]["val_accuracy"])
        np.testing.assert_allclose(data["y_prob"].sum(-1), 1, rtol=1e-5)
    with np.load(folder / "representation.npz") as data:
        assert data["features"].shape == (80, 16)
    assert not (store.run_dir(finished.id) / "checkpoint").exists()


def test_the_same_recipe_gives_the_same_numbers(store, finished):
    again = train_here(mlp(), home=store.home)
    assert numbers(store, again.id) == numbers(store, finished.id)
    other = train_here(mlp(seed=1), home=store.home)
    assert numbers(store, other.id) != numbers(store, finished.id)


@pytest.mark.parametrize("steps", [1, 4])
def test_steps_per_execution_changes_no_weight(store, finished, steps):
    record = train_here(mlp(steps_per_execution=steps), home=store.home)
    for a, b in zip(
        weights(store, record.id), weights(store, finished.id), strict=True
    ):
        np.testing.assert_array_equal(a, b)


def test_a_resumed_run_equals_one_that_never_stopped(store, finished):
    def fail(epoch, values):
        if epoch == 2:
            raise RuntimeError("the power went")

    run_id = store.create(mlp())
    assert run_recipe(run_id, store.home, progress=fail) == "failed"
    assert "the power went" in store.get(run_id).reason
    store.log(run_id, 3, {"loss": 99.0}, hold=True)  # an epoch the crash took
    assert run_recipe(run_id, store.home) == "finished"
    assert numbers(store, run_id) == numbers(store, finished.id)
    for a, b in zip(weights(store, run_id), weights(store, finished.id), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_nan_names_the_step_and_keeps_good_weights(store):
    recipe = mlp().model_dump()
    recipe["optimizer"] = {"name": "SGD", "learning_rate": 1.0}
    recipe["loss"] = {"name": "MeanSquaredError"}
    recipe["dataset"] = {"name": "diabetes", "max_samples": 200}
    recipe["model"] = {"stack": [{"layer": "Dense", "args": {"units": 64}}] * 4}
    record = train_here(Recipe.model_validate(recipe), home=store.home)
    assert record.status == "failed"
    assert "at step" in record.reason
    assert "of epoch 1" in record.reason
    assert all(np.isfinite(w).all() for w in weights(store, record.id))


def test_a_layer_that_does_not_fit_is_named(store):
    stack = [{"layer": "Flatten"}, {"layer": "Conv2D", "args": {"filters": 2}}]
    stack[1]["args"]["kernel_size"] = 3
    record = train_here(mlp(stack=stack), home=store.home)
    assert record.status == "failed"
    assert "Conv2D" in record.reason


def test_early_stopping_ends_with_the_best_weights(store):
    stopping = {"monitor": "val_loss", "patience": 1, "min_delta": 10.0}
    record = train_here(mlp(9, early_stopping=stopping), home=store.home)
    assert (record.status, record.epoch) == ("finished", 2)
    assert "early stopping" in record.reason
    one = train_here(mlp(1), home=store.home)
    for a, b in zip(weights(store, record.id), weights(store, one.id), strict=True):
        np.testing.assert_array_equal(a, b)


def test_stop_and_a_new_learning_rate_are_followed(store):
    run_id = store.create(mlp(50))

    def progress(epoch, values):
        if epoch == 1:
            request(store, run_id, "learning_rate", value=0.25)
        if epoch == 3:
            request(store, run_id, "stop")

    assert run_recipe(run_id, store.home, progress=progress) == "stopped"
    rows = numbers(store, run_id)
    assert list(rows) == [1, 2, 3]
    assert rows[2]["learning_rate"] == 0.25


def test_batches_depend_on_seed_and_epoch_only():
    x = np.arange(10, dtype="float32")[:, None]
    feed = ShuffledBatches(x, np.arange(10), 4, seed=3)
    assert feed.steps == 3
    seen = []
    for epoch in (1, 0, 1):
        feed.on_epoch_begin(epoch)
        seen.append(np.concatenate([y.numpy() for _, y in feed.dataset]))
    np.testing.assert_array_equal(seen[0], seen[2])
    np.testing.assert_array_equal(
        seen[0], np.random.default_rng((3, 1)).permutation(10)
    )
    assert (seen[0] != seen[1]).any()
    assert sorted(seen[1]) == list(range(10))


def test_torch_takes_one_step_at_once(monkeypatch):
    pytest.importorskip("torch")
    small = keras.Sequential([keras.Input((8,)), keras.layers.Dense(4)])
    small.compile("sgd", "mse")
    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    assert set_pace(small, batch_size=8, steps=30) == 1
    assert set_pace(small, batch_size=8, steps=30, wanted=7) == 1


def test_small_models_take_many_steps_at_once():
    small = keras.Sequential([keras.Input((8,)), keras.layers.Dense(4)])
    small.compile("sgd", "mse")
    assert multiplications(small) == 32
    assert set_pace(small, batch_size=8, steps=30) == 30
    assert set_pace(small, batch_size=8, steps=30, wanted=7) == 7
    image = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 3)])
    image.compile("sgd", "mse")
    assert multiplications(image) == 3 * 3 * 3 * 4 * 36


def test_a_checkpoint_comes_back_bit_for_bit(tmp_path):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    state = checkpoint.capture(model, 4, {"a": 1})
    checkpoint.save(tmp_path / "x" / "last.npz", state)
    loaded = checkpoint.load(tmp_path / "x" / "last.npz")
    assert (loaded.epoch, loaded.notes) == (4, {"a": 1})
    model.set_weights([w + 1 for w in model.get_weights()])
    checkpoint.restore(model, loaded)
    for a, b in zip(model.variables, state.model, strict=True):
        np.testing.assert_array_equal(a, b)
    other = keras.Sequential([keras.Input((3,)), keras.layers.Dense(5)])
    other.compile("adam", "mse")
    with pytest.raises(ValueError, match="another model"):
        checkpoint.restore(other, loaded)
    assert checkpoint.load(tmp_path / "none.npz") is None


def test_the_heartbeat_is_fresh(store, finished):
    path = store.run_dir(finished.id) / "heartbeat"
    assert path.exists()
    assert finished.pid == os.getpid()
