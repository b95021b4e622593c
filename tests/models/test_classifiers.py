"""What every image classifier of the registry does; small variants stand for all."""

import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques.models import registry
from dl_techniques.recipes.flops import model_flops
from dl_techniques.recipes.sizing import weightless
from tests.models.zoo import FIRST, SMALL, every_card, every_small, images, stir

PROBE = """
import sys, dl_techniques.models, keras, numpy as np
folder, *names = sys.argv[1:]
for name in names:
    model = keras.saving.load_model(f"{folder}/{name}.keras")
    x = np.load(f"{folder}/{name}.npz")["x"]
    y = keras.ops.convert_to_numpy(model(x, training=False))
    np.save(f"{folder}/{name}.npy", y)
"""


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A folder with every small model, its input and its output."""
    folder = tmp_path_factory.mktemp("models")
    for name in FIRST:
        model = stir(registry.create_model(name))
        x = images(model)
        y = ops.convert_to_numpy(model(x, training=False))
        model.save(folder / f"{name}.keras")
        np.savez(folder / f"{name}.npz", x=x, y=y)
    return folder


def answers_of(folder, backend):
    env = {**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": os.getcwd()}
    command = [sys.executable, "-c", PROBE, str(folder), *FIRST]
    subprocess.run(command, check=True, env=env)
    for name in FIRST:
        yield np.load(folder / f"{name}.npy"), np.load(folder / f"{name}.npz")["y"]


@pytest.mark.slow
def test_a_fresh_process_loads_the_same_function(saved):
    for got, expected in answers_of(saved, keras.backend.backend()):
        np.testing.assert_array_equal(got, expected)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_backends_agree(saved, backend):
    pytest.importorskip(backend)
    for got, expected in answers_of(saved, backend):
        np.testing.assert_allclose(got, expected, atol=1e-4, rtol=1e-4)


@every_card
def test_parameters_are_those_of_the_card(card):
    with weightless():
        model = registry.create_model(card["name"])
    assert tuple(model.input_shape[1:]) == tuple(card["input"])
    assert model.output_shape[-1] == card["classes"]
    trained = sum(int(np.prod(w.shape)) for w in model.trainable_weights)
    assert trained == card["params"]
    if card["macs"]:
        assert model_flops(model) / 2 == pytest.approx(card["macs"], rel=0.03)


@every_small
def test_config_and_clone_rebuild_the_same_graph(name):
    model = registry.create_model(name, dropout_rate=0.1, drop_path_rate=0.2)
    config = json.loads(json.dumps(model.get_config()))
    revived = type(model).from_config(config)
    assert type(revived) is type(model)
    assert revived.get_config() == model.get_config()
    for twin in (revived, keras.models.clone_model(model)):
        assert [(w.path, w.shape) for w in twin.weights] == [
            (w.path, w.shape) for w in model.weights
        ]


@pytest.mark.slow
@every_small
@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_a_step_in_half_precision_is_finite(name, policy):
    model = registry.create_model(name, dtype=policy, classifier_activation=None)
    assert model.dtype_policy.name == policy
    x = images(model, 4)
    y = model(x)
    assert keras.backend.standardize_dtype(y.dtype) == "float32"
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, run_eagerly=True)
    history = model.fit(x, np.arange(4), epochs=1, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    assert {w.dtype for w in model.weights} == {"float32"}


@every_small
def test_one_step_moves_every_weight(name):
    keras.utils.set_random_seed(
        3
    )  # one outlier of a batch can hide the rest from a norm
    model = stir(registry.create_model(name))
    before = [ops.convert_to_numpy(w).copy() for w in model.trainable_weights]
    loss = "sparse_categorical_crossentropy"
    model.compile(keras.optimizers.SGD(0.5), loss, run_eagerly=True)
    model.train_on_batch(images(model, 8), np.arange(8))
    still = [
        w.path
        for old, w in zip(before, model.trainable_weights, strict=True)
        if np.array_equal(old, ops.convert_to_numpy(w))
    ]
    # softmax attention does not see an offset that all keys share, nor a batch
    # normalisation one that linear maps hand on to it from an earlier one
    unseen = ("key/bias", "_bn/beta")
    assert [path for path in still if not path.endswith(unseen)] == []


@every_small
def test_the_pyramid_shares_the_weights(name, tmp_path):
    model = registry.create_model(name)
    levels = model.pyramid_outputs
    x = images(model)
    maps = model.feature_extractor()(x)
    assert list(maps) == list(levels)
    for key, value in maps.items():
        assert tuple(value.shape[1:]) == tuple(levels[key].shape[1:])
        if key.startswith("P"):
            side = model.input_shape[1] / 2 ** int(key[1:])
            assert abs(value.shape[1] - side) < 1, key
    first = next(iter(levels))
    one = model.feature_extractor([first])
    assert list(one(x)) == [first]
    shared = {id(w) for w in model.weights}
    assert all(id(w) in shared for w in one.weights)
    with pytest.raises(ValueError, match="levels"):
        model.feature_extractor(["P9"])
    path = tmp_path / "a.weights.h5"
    model.save_weights(path)
    twin = registry.create_model(name)
    twin.load_weights(path)
    np.testing.assert_array_equal(
        ops.convert_to_numpy(twin(x)), ops.convert_to_numpy(model(x))
    )


@every_small
def test_equal_layers_start_differently(name):
    model = registry.create_model(name)
    seen = {}
    for weight in model.trainable_weights:
        value = ops.convert_to_numpy(weight)
        if value.ndim < 2 or not value.any():
            continue
        key = value.tobytes()
        assert key not in seen, (weight.path, seen.get(key))
        seen[key] = weight.path


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("classes", 0),
        ("classes", 2.5),
        ("pooling", "sum"),
        ("dropout_rate", 1.0),
        ("drop_path_rate", -0.1),
        ("include_top", "yes"),
        ("include_preprocessing", "maybe"),
        ("input_shape", (8, 8)),
        ("input_shape", (8, 8, None)),
    ],
)
def test_illegal_arguments_are_named(argument, value):
    with pytest.raises(ValueError, match=f"`{argument}` must be .* Received"):
        registry.create_model(SMALL[0], **{argument: value})


def test_channels_first_is_refused():
    before = keras.config.image_data_format()
    keras.config.set_image_data_format("channels_first")
    try:
        with pytest.raises(ValueError, match="channels_last"):
            registry.create_model(SMALL[0])
    finally:
        keras.config.set_image_data_format(before)
