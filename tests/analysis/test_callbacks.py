"""The live callback: invisible to training, inside its budget, strict JSON."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest
from keras import layers

from dl_techniques.analysis import JsonlSink, LiveAnalysisCallback, read_snapshots
from dl_techniques.analysis.callbacks import SECTIONS


def blobs(n=120, features=6, classes=3, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, classes, n)
    x = rng.normal(size=(n, features)) + y[:, None]
    return x.astype("float32"), y.astype("int32")


def compiled(features=6, outputs=3, loss=None, activation=None, seed=0):
    keras.utils.set_random_seed(seed)
    inputs = keras.Input((features,))
    x = layers.Dense(16, activation="relu", name="hidden")(inputs)
    x = layers.Dropout(0.2)(layers.BatchNormalization()(x))
    outputs = layers.Dense(outputs, activation=activation, name="head")(x)
    model = keras.Model(inputs, outputs)
    loss = loss or keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss)
    return model


def watch(model, x, y, epochs=3, **options):
    given = {"sections": SECTIONS, "spectra_every": 1, "grace": 60.0} | options
    callback = LiveAnalysisCallback(x, y, **given)
    model.fit(x, y, epochs=epochs, batch_size=32, verbose=0, callbacks=[callback])
    return list(callback.snapshots)


@pytest.mark.parametrize("background", [False, True])
def test_training_is_bitwise_the_same_with_and_without(background):
    x, y = blobs()
    plain, watched = compiled(), compiled()
    plain.fit(x, y, epochs=3, batch_size=32, verbose=0)
    worker = ThreadPoolExecutor(1) if background else None
    snapshots = watch(watched, x, y, worker=worker)
    assert snapshots[-1].epoch == 3
    for a, b in zip(plain.get_weights(), watched.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    x1 = plain.train_on_batch(x, y)
    assert x1 == watched.train_on_batch(x, y)


def test_snapshot_tells_what_the_model_does():
    x, y = blobs(features=10)
    model = compiled(10)
    last = watch(model, x, y)[-1]
    logits = model.predict(x, verbose=0).astype("float64")
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    right = p.argmax(1) == y
    assert last.calibration["accuracy"] == pytest.approx(right.mean())
    assert last.calibration["mean_confidence"] == pytest.approx(
        p.max(1).mean(), rel=1e-4
    )
    matrix = np.asarray(last.confusion["matrix"])
    assert matrix.trace() == right.sum()
    np.testing.assert_array_equal(matrix.sum(1), np.bincount(y))
    counts = last.confidence["right"] + last.confidence["wrong"]
    assert counts.sum() == len(y)
    names = [r["path"] for r in last.activations]
    assert names[:1] == ["hidden"]
    assert {r["path"].split("/")[0] for r in last.weights} == {"hidden", "head"}
    assert 0 < last.weights[0]["update_ratio"] < 1
    assert last.spectra[0]["fit"]["verdict"]


def test_json_is_strict_and_small():
    x, y = blobs()
    x[0] = np.nan
    for snapshot in watch(compiled(), x, y):
        text = json.dumps(snapshot.to_dict(), allow_nan=False)
        assert len(text) < 30_000


def test_dead_units_are_told_in_words():
    x, y = blobs()
    model = compiled()
    hidden = model.get_layer("hidden")
    kernel, bias = hidden.get_weights()
    kernel[:, :10], bias[:10] = 0, -1
    hidden.set_weights([kernel, bias])
    hidden.trainable = False
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    assert "hidden: 62% dead units" in watch(model, x, y, epochs=1)[0].alerts


def test_plane_gives_a_decision_boundary():
    x, y = blobs(features=2)
    grid = watch(compiled(features=2), x, y, epochs=1)[0].boundary
    assert np.shape(grid["classes"]) == (40, 40)
    assert set(np.unique(grid["classes"])) <= {0, 1, 2}


def test_regression_has_a_fit_and_no_calibration():
    x = np.linspace(-1, 1, 64, dtype="float32")[:, None]
    snapshot = watch(compiled(1, 1, "mse"), x, x**2, epochs=1)[0]
    assert snapshot.calibration is None
    assert snapshot.regression["rmse"] > 0
    np.testing.assert_allclose(snapshot.regression["x"], x[:, 0])


@pytest.mark.parametrize("one_hot", [False, True])
def test_probabilities_are_known_by_the_loss(one_hot):
    x, y = blobs()
    name = "categorical_crossentropy" if one_hot else "sparse_categorical_crossentropy"
    model = compiled(loss=name, activation="softmax")
    given = np.eye(3, dtype="float32")[y] if one_hot else y
    last = watch(model, x, given)[-1]
    p = model.predict(x, verbose=0)
    assert last.calibration["mean_confidence"] == pytest.approx(
        p.max(1).mean(), rel=1e-4
    )


def test_single_sigmoid_output_is_binary():
    x, y = blobs(classes=2)
    model = compiled(outputs=1, activation="sigmoid", loss="binary_crossentropy")
    last = watch(model, x, y)[-1]
    assert np.shape(last.confusion["matrix"]) == (2, 2)
    assert last.calibration["n"] == len(y)


class Clock:
    """Time that passes only when told."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def test_budget_holds_on_a_fake_clock(monkeypatch):
    x, y = blobs()
    clock = Clock()
    callback = LiveAnalysisCallback(x, y, budget=0.1, clock=clock, sections=SECTIONS)
    callback.set_model(compiled())

    def slow(*_):
        clock.now += 0.03
        return {}

    names = set(SECTIONS) - {"pictures"}  # this model makes none
    for name in names:
        monkeypatch.setattr(callback, f"_{name}_section", slow)
    callback.on_train_begin()
    trained = 0.0
    for epoch in range(60):
        clock.now += 0.5
        trained += 0.5
        callback.on_epoch_end(epoch, {"loss": 1.0})
        spent = clock.now - trained
        assert spent <= 0.1 * trained + 5 * 0.03
    skipped = [name for s in callback.snapshots for name in s.skipped]
    assert set(skipped) - {"looks"} == names
    assert all(skipped.count(name) < len(callback.snapshots) for name in names)


def test_first_look_needs_training_time_first():
    x, y = blobs()
    clock = Clock()
    callback = LiveAnalysisCallback(x, y, clock=clock)
    callback.set_model(compiled())
    callback.on_train_begin()
    callback.on_epoch_end(0, {})
    assert len(callback.snapshots) == 0
    clock.now += 10
    callback.on_epoch_end(1, {})
    assert len(callback.snapshots) == 1
    assert callback.snapshots[0].skipped["looks"] == "1 left out for time"


def test_broken_section_and_sink_do_not_stop_training(monkeypatch):
    x, y = blobs()

    def broken(*_):
        raise RuntimeError("out of order")

    monkeypatch.setattr("dl_techniques.analysis._live_sections.calibration", broken)
    snapshots = watch(compiled(), x, y, sink=broken)
    assert len(snapshots) == 3
    assert snapshots[0].skipped["calibration"] == "RuntimeError: out of order"
    assert snapshots[0].confidence is not None


def test_batches_can_be_watched():
    x, y = blobs()
    snapshots = watch(compiled(), x, y, epochs=2, on="batch", every=3)
    assert [s.step for s in snapshots] == [3, 6]


def test_sample_is_stratified():
    y = np.repeat([0, 1, 2], [900, 90, 10])
    callback = LiveAnalysisCallback(np.zeros((1000, 2)), y, max_samples=100)
    assert len(callback.x) == 100
    assert list(np.bincount(callback._y)) == [90, 9, 1]


def test_file_of_snapshots_tolerates_a_half_written_line(tmp_path):
    x, y = blobs()
    path = tmp_path / "deep" / "live.jsonl"
    watch(compiled(), x, y, sink=JsonlSink(path))
    with path.open("a") as file:
        file.write('{"epoch": 4, "st')
    assert [s["epoch"] for s in read_snapshots(path)] == [1, 2, 3]
    assert [s["epoch"] for s in read_snapshots(path, since=2)] == [3]


@pytest.mark.slow
def test_hundred_layers_stay_in_the_budget():
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((32,))])
    for _ in range(100):
        model.add(layers.Dense(32, activation="relu"))
    model.add(layers.Dense(3))
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    x, y = blobs(600, 32)
    callback = LiveAnalysisCallback(x, y, sections=SECTIONS, budget=0.1)
    begin = time.perf_counter()
    model.fit(x, y, epochs=40, batch_size=8, verbose=0, callbacks=[callback])
    total = time.perf_counter() - begin
    assert callback.snapshots
    assert callback._budget.spent <= 0.15 * (total - callback._budget.spent)
    for snapshot in callback.snapshots:
        assert len(json.dumps(snapshot.to_dict(), allow_nan=False)) < 256 * 1024


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"every": 0}, "every"),
        ({"on": "step"}, "on"),
        ({"sections": ("colour",)}, "sections"),
        ({"budget": 0}, "budget"),
    ],
)
def test_bad_argument_is_named(options, named):
    with pytest.raises(ValueError, match=f"`{named}` must be"):
        LiveAnalysisCallback(*blobs(), **options)
