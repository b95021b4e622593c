"""The weights really weigh the losses, epoch by epoch."""

import keras
import numpy as np
import pytest

from dl_techniques.callbacks import (
    DeepSupervisionCallback,
    DeepSupervisionLossWeights,
)
from dl_techniques.optimization import deep_supervision_schedule_builder

X = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")
Y = X[:, :1] * 2


def model(loss="mse", rate=0.0):
    keras.utils.set_random_seed(0)
    inputs = keras.Input((3,))
    outputs = [keras.layers.Dense(1, name=f"out_{i}")(inputs) for i in range(3)]
    built = keras.Model(inputs, outputs)
    weights = DeepSupervisionLossWeights(3)
    built.compile(keras.optimizers.SGD(rate), loss=weights.losses(loss))
    return built, weights


def squared_errors(built):
    return [float(np.mean((p - Y) ** 2)) for p in built.predict(X, verbose=0)]


def test_training_loss_is_the_weighted_sum():
    built, weights = model()
    schedule = deep_supervision_schedule_builder({"type": "linear_low_to_high"}, 3)
    callback = DeepSupervisionCallback(schedule, 3)
    errors = squared_errors(built)  # the rate is 0: they stay
    history = built.fit(
        X, [Y] * 3, epochs=3, batch_size=4, verbose=0, callbacks=[callback]
    ).history
    for epoch, loss in enumerate(history["loss"]):
        expected = schedule(epoch / 2)
        told = [history[f"ds_weight_{i}"][epoch] for i in range(3)]
        np.testing.assert_allclose(told, expected)
        assert loss == pytest.approx(float(np.dot(expected, errors)), rel=1e-5)
    np.testing.assert_allclose(weights.numpy(), schedule(1.0), rtol=1e-6)


def test_an_output_without_weight_does_not_move():
    built, _ = model(rate=0.1)
    last = built.get_layer("out_2").kernel
    before = keras.ops.convert_to_numpy(last).copy()
    callback = DeepSupervisionCallback(lambda t: [1.0, 0.0, 0.0], 2)
    built.fit(X, [Y] * 3, epochs=2, verbose=0, callbacks=[callback])
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(last), before)


def test_a_reloaded_model_goes_on(tmp_path):
    built, weights = model()
    weights.assign([0.5, 0.25, 0.25])
    value = built.evaluate(X, [Y] * 3, verbose=0)
    built.save(tmp_path / "m.keras")
    again = keras.saving.load_model(tmp_path / "m.keras")
    np.testing.assert_allclose(again.evaluate(X, [Y] * 3, verbose=0), value, rtol=1e-6)
    callback = DeepSupervisionCallback(lambda t: [0.0, 0.0, 1.0], 1)
    loss = again.fit(X, [Y] * 3, verbose=0, callbacks=[callback]).history["loss"][0]
    assert loss == pytest.approx(squared_errors(again)[2], rel=1e-5)


def test_sample_weights_and_other_losses():
    built, weights = model([keras.losses.MeanAbsoluteError(), "mse", "mse"])
    weights.assign([2.0, 0.0, 0.0])
    w = np.arange(8.0)
    got = built.evaluate(X, [Y] * 3, sample_weight=[w] * 3, batch_size=8, verbose=0)
    error = np.abs(built.predict(X, verbose=0)[0] - Y)[:, 0]
    assert got[0] == pytest.approx(2 * float(np.mean(w * error)), rel=1e-5)


def test_what_is_wrong_is_named(capsys):
    built, _ = model()
    bad = DeepSupervisionCallback(lambda t: [1.0], 1)
    with pytest.raises(ValueError, match="`schedule`"):
        built.fit(X, [Y] * 3, verbose=0, callbacks=[bad])
    built.compile("sgd", "mse")
    callback = DeepSupervisionCallback(lambda t: [1.0] * 3, 1)
    with pytest.raises(ValueError, match="`model`"):
        built.fit(X, [Y] * 3, verbose=0, callbacks=[callback])
    for args, named in (((None, 1), "schedule"), ((len, 0), "total_epochs")):
        with pytest.raises(ValueError, match=f"`{named}`"):
            DeepSupervisionCallback(*args)
    for args, named in (((0,), "num_outputs"), ((2, [1.0]), "initial")):
        with pytest.raises(ValueError, match=f"`{named}`"):
            DeepSupervisionLossWeights(*args)
    with pytest.raises(ValueError, match="`weight`"):
        DeepSupervisionLossWeights(2, [1.0, -1.0])
    with pytest.raises(ValueError, match="`loss`"):
        DeepSupervisionLossWeights(2).losses(["mse"])


def test_verbose_tells_the_weights(capsys):
    built, _ = model()
    callback = DeepSupervisionCallback(lambda t: [0.25, 0.25, 0.5], 1, verbose=1)
    built.fit(X, [Y] * 3, verbose=0, callbacks=[callback])
    assert "0.2500, 0.2500, 0.5000" in capsys.readouterr().out
