"""CapsNet: counts, a float64 forward pass, losses, labels, drawing."""

import json

import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques.models import CapsNet, create_model, model_card
from dl_techniques.recipes.sizing import weightless

RNG = np.random.default_rng(0)
TINY = {
    "num_classes": 3,
    "input_shape": (6, 5, 2),
    "conv_filters": 4,
    "conv_kernel": 2,
    "primary_capsules": 2,
    "primary_dim": 3,
    "primary_kernel": 2,
    "primary_strides": 2,
    "digit_dim": 4,
    "decoder_units": (7,),
}
X = RNG.uniform(size=(5, 6, 5, 2)).astype("float32")
Y = np.array([0, 2, 1, 1, 0])


def tiny(**more):
    model = CapsNet(**{**TINY, **more})
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(0, 0.4, w.shape) for w in model.get_weights()])
    return model


def conv(x, kernel, bias, step=1):
    k = kernel.shape[0]
    rows, columns = ((n - k) // step + 1 for n in x.shape[1:3])
    y = np.zeros((len(x), rows, columns, kernel.shape[-1]))
    for i, j in np.ndindex(rows, columns):
        part = x[:, i * step : i * step + k, j * step : j * step + k]
        y[:, i, j] = np.einsum("bhwc,hwcf->bf", part, kernel)
    return y + bias


def squash(s):
    size = (s**2).sum(-1, keepdims=True)
    return size / (1 + size) * s / np.sqrt(size)


def reference(model, x, label=None, rounds=3):
    w = {v.path: ops.convert_to_numpy(v).astype("float64") for v in model.weights}
    h = np.maximum(conv(x.astype("float64"), w["conv/kernel"], w["conv/bias"]), 0)
    name = "primary_capsules/conv"
    u = conv(h, w[f"{name}/kernel"], w[f"{name}/bias"], 2)
    u = squash(u.reshape(len(x), -1, 3))
    votes = np.einsum("bik,ijdk->bijd", u, w["class_capsules/kernel"])
    b = np.zeros(votes.shape[:3])
    for number in range(rounds):
        c = np.exp(b) / np.exp(b).sum(-1, keepdims=True)
        v = squash(np.einsum("bij,bijd->bjd", c, votes))
        if number < rounds - 1:
            b = b + np.einsum("bijd,bjd->bij", votes, v)
    length = np.linalg.norm(v, axis=-1)
    label = length.argmax(-1) if label is None else label
    flat = (v * np.eye(3)[label][..., None]).reshape(len(x), -1)
    h = np.maximum(flat @ w["decoder/hidden_0/kernel"] + w["decoder/hidden_0/bias"], 0)
    raw = h @ w["decoder/pixels/kernel"] + w["decoder/pixels/bias"]
    return length, v, (1 / (1 + np.exp(-raw))).reshape(x.shape)


def losses(length, drawn, x, y):
    t = np.eye(3)[y]
    short, long = np.maximum(0.9 - length, 0) ** 2, np.maximum(length - 0.1, 0) ** 2
    margin = (t * short + 0.5 * (1 - t) * long).sum(-1)
    return margin.mean(), ((x - drawn) ** 2).sum((1, 2, 3)).mean()


def arrays(outputs):
    return {k: ops.convert_to_numpy(v) for k, v in outputs.items()}


@pytest.mark.parametrize("name", ["capsnet_paper", "capsnet_lab8", "capsnet_lab28"])
def test_parameters_are_those_of_the_card(name):
    card = model_card(name)
    with weightless():
        model = create_model(name)
        encoder = create_model(name, reconstruction=False)
    assert model.count_params() == card["params"]
    assert encoder.count_params() == card["params_without_top"]
    assert list(model.input_shape[1:]) == card["input"]


def test_the_paper_has_1152_primary_capsules():
    with weightless():
        model = CapsNet()
    assert model.get_layer("primary_capsules").output.shape == (None, 1152, 8)


@pytest.mark.parametrize("rounds", [1, 3])
@pytest.mark.parametrize("label", [None, Y])
def test_forward_pass(rounds, label):
    model = tiny(routing_iterations=rounds)
    inputs = X if label is None else {"image": X, "label": label}
    got = arrays(model(inputs))
    expected = reference(model, X, label, rounds)
    names = ("length", "capsules", "reconstruction")
    for name, value in zip(names, expected, strict=True):
        np.testing.assert_allclose(got[name], value, atol=1e-5)


@pytest.mark.parametrize("labels", [Y, Y[:, None], np.eye(3)[Y]])
@pytest.mark.parametrize("inside", [False, True])
def test_losses_are_reported(labels, inside):
    model = tiny()
    length, _, drawn = reference(model, X, Y)
    margin, error = losses(length, drawn, X, Y)
    model.compile("sgd", metrics=["accuracy"])
    data = ({"image": X, "label": labels},) if inside else (X, labels)
    told = model.evaluate(*data, verbose=0, return_dict=True)
    assert told["margin_loss"] == pytest.approx(margin, rel=1e-5)
    assert told["reconstruction_loss"] == pytest.approx(error, rel=1e-5)
    assert told["loss"] == pytest.approx(margin + 5e-4 * error, rel=1e-5)
    assert told["accuracy"] == pytest.approx((length.argmax(-1) == Y).mean())


def test_sample_weights_scale_the_loss():
    model = tiny()
    model.compile("sgd")
    half = model.evaluate(X, Y, sample_weight=np.full(5, 0.5), verbose=0)[0]
    whole = model.evaluate(X, Y, verbose=0)[0]
    assert half == pytest.approx(whole / 2, rel=1e-5)


def test_a_step_moves_every_weight_and_drawings_follow_the_label():
    model = tiny()
    before = [w.copy() for w in model.get_weights()]
    model.compile(keras.optimizers.SGD(1.0))
    model.fit(X, Y, verbose=0)
    after = model.get_weights()
    assert all((a != b).any() for a, b in zip(before, after, strict=True))
    one, two = (arrays(model({"image": X, "label": Y * 0 + k})) for k in (0, 1))
    assert np.abs(one["reconstruction"] - two["reconstruction"]).max() > 1e-3


def test_perturbing_draws_one_image_a_value():
    model = tiny()
    drawn = model.perturb(X[0], 1, [-0.25, 0.0, 0.25])
    assert drawn.shape == (3, 6, 5, 2)
    np.testing.assert_allclose(
        drawn[1], arrays(model(X[:1]))["reconstruction"][0], atol=1e-6
    )
    assert np.abs(drawn[0] - drawn[2]).max() > 1e-3
    np.testing.assert_array_equal(
        model.predict_classes(X), reference(model, X)[0].argmax(-1)
    )
    with pytest.raises(ValueError, match="dim"):
        model.perturb(X[0], 4, [0.0])


def test_saved_files_and_configs_rebuild_the_model(tmp_path):
    model = tiny(reconstruction_weight=0.1)
    model.compile("adam")
    model.train_on_batch(X, Y)
    model.save(tmp_path / "a.keras")
    loaded = keras.saving.load_model(tmp_path / "a.keras")
    assert type(loaded) is CapsNet
    for name, value in arrays(loaded(X)).items():
        np.testing.assert_array_equal(value, arrays(model(X))[name])
    config = json.loads(json.dumps(model.get_config()))
    assert CapsNet.from_config(config).get_config() == model.get_config()
    loaded.evaluate(X, Y, verbose=0)


def test_the_classifier_gives_lengths_alone():
    model = CapsNet.classifier(input_shape=(9, 8, 1), num_classes=4)
    assert model.name == "capsnet_lab8"
    assert model.output_shape == (None, 4)
    model.compile("adam", metrics=["accuracy"])
    told = model.evaluate(np.ones((4, 9, 8, 1)), np.arange(4), verbose=0)
    assert np.isfinite(told).all()
    assert model.predict_classes(np.ones((2, 9, 8, 1))).shape == (2,)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision_keeps_exact_outputs(policy):
    model = tiny(dtype=policy)
    model.compile("sgd", jit_compile=False)
    assert np.isfinite(model.fit(X, Y, verbose=0).history["loss"]).all()
    outputs = model(X)
    for name in ("length", "reconstruction"):
        assert keras.backend.standardize_dtype(outputs[name].dtype) == "float32"


@pytest.mark.slow
def test_digits_are_learned_in_an_epoch():
    from sklearn.datasets import load_digits

    keras.utils.set_random_seed(0)
    data = load_digits()
    order = np.random.default_rng(0).permutation(len(data.target))
    x, y = data.images[order, ..., None] / 16, data.target[order]
    model = CapsNet.from_variant("lab8")
    model.compile(keras.optimizers.Adam(0.01))
    model.fit(x[:1400], y[:1400], batch_size=16, verbose=0)
    assert (
        model.evaluate(x[1400:], y[1400:], verbose=0, return_dict=True)["accuracy"]
        > 0.9
    )


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"input_shape": (2, 5, 2)}, "at least 3 x 3"),
        ({"input_shape": (6, 5)}, "input_shape"),
        ({"num_classes": 0}, "num_classes"),
        ({"decoder_units": (0,)}, "decoder_units"),
        ({"reconstruction_weight": -1.0}, "reconstruction_weight"),
        ({"lengths_only": True}, "lengths_only"),
    ],
)
def test_illegal_arguments(bad, words):
    with pytest.raises(ValueError, match=words):
        CapsNet(**{**TINY, **bad})
