"""The imports and the model that the README shows."""

import keras
import numpy as np

from dl_techniques.layers import OrthoBlock
from dl_techniques.layers.norms import GlobalResponseNorm
from dl_techniques.losses.any_loss import F1Loss


def test_dense_ortho_block_and_response_norm_train_together():
    inputs = keras.Input((64,))
    x = OrthoBlock(units=128, activation="relu")(inputs)
    x = GlobalResponseNorm()(x)
    model = keras.Model(inputs, keras.layers.Dense(10, activation="softmax")(x))
    model.compile("adam", "sparse_categorical_crossentropy")
    rng = np.random.default_rng(0)
    loss = model.train_on_batch(rng.normal(size=(8, 64)), rng.integers(0, 10, 8))
    assert np.isfinite(loss)
    assert model.output_shape == (None, 10)


def test_f1_loss_compiles_as_shown():
    model = keras.Sequential([keras.layers.Dense(10, activation="softmax")])
    model.compile("adam", F1Loss(ce_weight=0.1), metrics=["accuracy"])
    rng = np.random.default_rng(0)
    logs = model.train_on_batch(rng.normal(size=(8, 4)), rng.integers(0, 10, 8))
    assert np.isfinite(logs).all()
