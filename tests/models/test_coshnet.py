"""CoShNet: counts, a complex float64 forward pass, shifts, limits."""

import json

import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques.models import CoShNet, create_model, model_card
from dl_techniques.recipes.sizing import weightless

RNG = np.random.default_rng(0)


def count(filters, units, side, kernel=5, channels=16, classes=10):
    total = 0
    for f in filters:
        total += 2 * (kernel**2 * channels * f + f)
        channels, side = f, (side - kernel + 1) // 2
    width = side * side * channels
    for u in units:
        total += 2 * (width * u + u)
        width = u
    return total + 2 * width * classes + classes


def complex_weight(weights, name):
    return weights[f"{name}_real"] + 1j * weights[f"{name}_imag"]


def both(function, z):
    return function(z.real) + 1j * function(z.imag)


def reference(model, z):
    """The head on complex maps (batch, height, width, channels), in complex128."""
    w = {v.path: ops.convert_to_numpy(v).astype("float64") for v in model.weights}
    for i in range(len(model.get_config()["conv_filters"])):
        kernel = complex_weight(w, f"conv_{i}/kernel")
        k = len(kernel)
        rows, columns = (n - k + 1 for n in z.shape[1:3])
        y = np.zeros((len(z), rows, columns, kernel.shape[-1]), complex)
        for r, c in np.ndindex(rows, columns):
            part = z[:, r : r + k, c : c + k]
            y[:, r, c] = np.einsum("bhwc,hwcf->bf", part, kernel)
        y = both(lambda t: np.maximum(t, 0), y + complex_weight(w, f"conv_{i}/bias"))
        y = y[:, : rows // 2 * 2, : columns // 2 * 2]
        z = (y[:, ::2, ::2] + y[:, 1::2, ::2] + y[:, ::2, 1::2] + y[:, 1::2, 1::2]) / 4
    z = z.reshape(len(z), -1)
    for i in range(len(model.get_config()["dense_units"])):
        z = z @ complex_weight(w, f"dense_{i}/kernel")
        z = both(lambda t: np.maximum(t, 0), z + complex_weight(w, f"dense_{i}/bias"))
    y = np.concatenate([z.real, z.imag], -1) @ w["head/kernel"] + w["head/bias"]
    e = np.exp(y - y.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


@pytest.mark.parametrize("name", ["coshnet_base", "coshnet_tiny", "coshnet_lab8"])
def test_parameters_are_those_of_the_card_and_the_formula(name):
    card = model_card(name)
    with weightless():
        model = create_model(name)
    config = model.get_config()
    assert model.count_params() == card["params"]
    assert list(model.input_shape[1:]) == card["input"]
    sizes = config["conv_filters"], config["dense_units"], card["input"][0]
    assert card["params"] == count(*sizes, kernel=config["conv_kernel"])


def test_the_papers_size():
    with weightless():
        model = CoShNet(directions=10)
        assert model.count_params() == 1_366_390
        bare = CoShNet((32, 32, 40), front_end="none")
    assert bare.count_params() == 1_366_390
    assert model.get_layer("shearlets").output.shape == (None, 32, 32, 40)
    assert model.get_layer("conv_1_pool").output.shape == (None, 5, 5, 100)


def test_head_is_complex_arithmetic():
    model = CoShNet(
        (13, 12, 6),
        3,
        conv_filters=(4, 2),
        conv_kernel=3,
        dense_units=(5, 4),
        front_end="none",
    )
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(0, 0.4, w.shape) for w in model.get_weights()])
    x = RNG.normal(size=(4, 13, 12, 6)).astype("float32")
    expected = reference(model, x[..., :3] + 1j * x[..., 3:])
    np.testing.assert_allclose(ops.convert_to_numpy(model(x)), expected, atol=1e-5)


def test_nothing_is_learned_before_the_first_convolution():
    model = CoShNet.from_variant("lab8")
    names = [layer.name for layer in model.layers]
    before = model.layers[: names.index("conv_0")]
    assert [w for layer in before for w in layer.weights] == []


def test_a_shift_by_the_total_step_shifts_the_map():
    model = CoShNet((32, 32, 1), conv_filters=(3, 2), conv_kernel=3, dense_units=(2,))
    maps = keras.Model(model.input, model.get_layer("conv_1_pool").output)
    x = np.zeros((1, 32, 32, 1), "float32")
    x[0, 12:20, 12:20, 0] = RNG.normal(size=(8, 8))
    y = ops.convert_to_numpy(maps(x))
    moved = ops.convert_to_numpy(maps(np.roll(x, 4, axis=(1, 2))))
    np.testing.assert_allclose(moved[:, 1:, 1:], y[:, :-1, :-1], atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("activation", ["crelu", "modrelu"])
@pytest.mark.parametrize("to_real", ["concat", "magnitude", "magnitude_squared"])
def test_options_train_save_and_rebuild(activation, to_real, tmp_path):
    options = {"activation": activation, "to_real": to_real, "dropout_rate": 0.3}
    model = CoShNet.from_variant("lab8", **options)
    model.compile("adam", "sparse_categorical_crossentropy")
    x = RNG.uniform(size=(8, 8, 8, 1)).astype("float32")
    before = [w.copy() for w in model.get_weights()]
    assert np.isfinite(model.train_on_batch(x, np.arange(8)))
    after = model.get_weights()
    moved = [(a != b).any() for a, b in zip(before, after, strict=True)]
    assert sum(moved) >= len(moved) - 2  # dropout's seed, a silent offset
    model.save(tmp_path / "a.keras")
    loaded = keras.saving.load_model(tmp_path / "a.keras")
    np.testing.assert_array_equal(
        ops.convert_to_numpy(loaded(x)), ops.convert_to_numpy(model(x))
    )
    config = json.loads(json.dumps(model.get_config()))
    assert CoShNet.from_config(config).get_config() == model.get_config()


def test_dropout_drops_both_parts():
    model = CoShNet.from_variant("lab8", dropout_rate=0.5)
    tap = keras.Model(model.input, model.get_layer("dense_0_drop").output)
    x = np.repeat(RNG.normal(size=(1, 8, 8, 1)).astype("float32"), 64, axis=0)
    y = ops.convert_to_numpy(tap(x, training=True))
    kept = y != 0
    alive = (ops.convert_to_numpy(tap(x[:1], training=False)) != 0)[0].all(axis=0)
    assert alive.any()
    np.testing.assert_array_equal(kept[:, 0, alive], kept[:, 1, alive])
    assert 0.2 < kept[:, 0, alive].mean() < 0.8


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision_keeps_exact_outputs(policy):
    model = CoShNet.from_variant("lab8", dtype=policy)
    model.compile("sgd", "sparse_categorical_crossentropy", jit_compile=False)
    x = RNG.uniform(size=(8, 8, 8, 1)).astype("float32")
    assert np.isfinite(model.train_on_batch(x, np.arange(8)))
    assert keras.backend.standardize_dtype(model(x).dtype) == "float32"


@pytest.mark.slow
def test_digits_are_learned():
    from sklearn.datasets import load_digits

    keras.utils.set_random_seed(0)
    data = load_digits()
    order = np.random.default_rng(0).permutation(len(data.target))
    x, y = data.images[order, ..., None] / 16, data.target[order]
    model = CoShNet.from_variant("lab8")
    model.compile(
        keras.optimizers.Adam(0.01),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(x[:1400], y[:1400], batch_size=32, epochs=4, verbose=0)
    assert model.evaluate(x[1400:], y[1400:], verbose=0)[1] > 0.9


def test_the_input_picks_the_variant():
    assert CoShNet.variant_for((8, 8, 1)) == "lab8"
    with weightless():
        assert CoShNet.from_variant(input_shape=(28, 28, 3)).count_params() > 9e5


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"input_shape": (12, 32, 1)}, "12 x 32 -> 4 x 14 -> 0 x 5"),
        ({"input_shape": (32, 32)}, "input_shape"),
        ({"scales": 0}, "scales"),
        ({"dense_units": (0,)}, "dense_units"),
        ({"activation": "relu"}, "activation"),
        ({"to_real": "phase"}, "to_real"),
        ({"front_end": "wavelet"}, "front_end"),
        ({"dropout_rate": 1.0}, "dropout_rate"),
    ],
)
def test_illegal_arguments(bad, words):
    with pytest.raises(ValueError, match=words):
        CoShNet(**bad)
