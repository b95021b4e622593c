"""Contrastive losses against float64 formulas and torch."""

import math

import keras
import numpy as np
import pytest
from keras import ops
from scipy.special import log_softmax

from dl_techniques.losses import (
    CLIPContrastiveLoss,
    CLIPContrastiveLossLayer,
    SigLIPLoss,
)
from tests.gradients import gradient

RNG = np.random.default_rng(0)
Z = RNG.normal(size=(5, 5)) * 3


def value(loss, y_pred, **kwargs):
    return float(ops.convert_to_numpy(loss(None, y_pred, **kwargs)))


def clip(image, text, wi=0.5, wt=0.5, smooth=0.0):
    n = len(image)
    target = (1 - smooth) * np.eye(n) + smooth / n
    rows = [-(target * log_softmax(z, -1)).sum(-1) for z in (image, text)]
    return (wi * rows[0] + wt * rows[1]).mean()


def siglip(z):
    sign = 2 * np.eye(len(z)) - 1
    return np.logaddexp(0, -sign * z).sum(-1).mean()


@pytest.mark.parametrize("smooth", [0.0, 0.2])
def test_clip_formula_in_every_form(smooth):
    loss = CLIPContrastiveLoss(0.5, smooth, 0.3, 0.7)
    expected = clip(Z / 0.5, Z.T / 0.5, 0.3, 0.7, smooth)
    pair = {"logits_per_image": Z, "logits_per_text": Z.T}
    for form in (Z, (Z, Z.T), [Z, Z.T], pair, {"logits_per_image": Z}):
        assert value(loss, form) == pytest.approx(expected, rel=1e-5)
    other = RNG.normal(size=(5, 5))
    got = value(loss, (Z, other))
    assert got == pytest.approx(clip(Z / 0.5, other / 0.5, 0.3, 0.7, smooth), rel=1e-5)


def test_siglip_formula():
    assert value(SigLIPLoss(), Z) == pytest.approx(siglip(Z), rel=1e-5)
    assert value(SigLIPLoss(2.0), Z) == pytest.approx(siglip(Z / 2), rel=1e-5)


def test_clip_invariants():
    loss = CLIPContrastiveLoss()
    assert value(loss, np.full((7, 7), 3.0)) == pytest.approx(math.log(7), rel=1e-6)
    assert value(loss, 1e4 * np.eye(4)) == pytest.approx(0, abs=1e-6)
    order = RNG.permutation(5)
    assert value(loss, Z[order][:, order]) == pytest.approx(value(loss, Z), rel=1e-5)
    turned = CLIPContrastiveLoss(None, 0.0, 0.7, 0.3)
    assert value(CLIPContrastiveLoss(None, 0.0, 0.3, 0.7), Z) == pytest.approx(
        value(turned, Z.T), rel=1e-5
    )
    image_only = CLIPContrastiveLoss(None, 0.0, 1.0, 0.0)
    rows = gradient(lambda z: image_only(None, z), Z).sum(-1)
    np.testing.assert_allclose(rows, 0, atol=1e-6)


def test_weights_count_pairs():
    w = np.array([1.0, 0, 2, 0, 1])
    got = value(CLIPContrastiveLoss(), Z, sample_weight=w)
    rows = [clip_rows(z) for z in (Z, Z.T)]
    assert got == pytest.approx((w * (rows[0] + rows[1]) / 2).mean(), rel=1e-5)


def clip_rows(z):
    return -np.diag(log_softmax(z, -1))


def test_torch_agrees():
    torch = pytest.importorskip("torch")
    z, own = torch.tensor(Z), torch.arange(5)
    rows = [torch.nn.functional.cross_entropy(t, own) for t in (z, z.T)]
    expected = float(sum(rows)) / 2
    assert value(CLIPContrastiveLoss(), Z) == pytest.approx(expected, rel=1e-5)
    signed = z * (2 * torch.eye(5) - 1)
    expected = float(-torch.nn.functional.logsigmoid(signed).sum(-1).mean())
    assert value(SigLIPLoss(), Z) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("shape", [(4, 5), (4,), (2, 4, 4)])
def test_logits_must_be_square(shape):
    for loss in (CLIPContrastiveLoss(), SigLIPLoss()):
        with pytest.raises(ValueError, match="`y_pred` must be"):
            loss(None, np.zeros(shape))


@pytest.mark.parametrize(
    ("kwargs", "named"),
    [
        ({"temperature": 0.0}, "temperature"),
        ({"label_smoothing": 1.0}, "label_smoothing"),
        ({"loss_weight_i2t": -1.0}, "loss_weight_i2t"),
        ({"loss_weight_i2t": 0.0, "loss_weight_t2i": 0.0}, "loss_weight_t2i"),
    ],
)
def test_bad_argument_is_named(kwargs, named):
    with pytest.raises(ValueError, match=f"`{named}` must be"):
        CLIPContrastiveLoss(**kwargs)


def test_other_sums_of_weights_warn():
    with pytest.warns(UserWarning, match="sum to 2"):
        loss = CLIPContrastiveLoss(None, 0.0, 1.0, 1.0)
    assert value(loss, Z) == pytest.approx(2 * clip(Z, Z.T), rel=1e-5)


U, V = RNG.normal(size=(2, 6, 4))


def unit(x):
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


@pytest.mark.parametrize("kind", ["clip", "siglip"])
def test_layer_adds_the_loss(kind):
    layer = CLIPContrastiveLossLayer(kind)
    logits = ops.convert_to_numpy(layer([U, V]))
    scale, bias = (1 / 0.07, 0.0) if kind == "clip" else (10.0, -10.0)
    expected = scale * unit(U) @ unit(V).T + bias
    np.testing.assert_allclose(logits, expected, rtol=1e-4, atol=1e-4)
    loss = clip(expected, expected.T) if kind == "clip" else siglip(expected)
    assert float(ops.convert_to_numpy(layer.losses[0])) == pytest.approx(loss, rel=1e-4)
    np.testing.assert_allclose(ops.convert_to_numpy(layer(U, V)), logits, rtol=1e-5)
    assert layer.compute_output_shape([(6, 4), (6, 4)]) == (6, 6)
    count = len(layer.trainable_weights)
    assert count == (1 if kind == "clip" else 2)


def test_layer_trains_saves_and_keeps_the_scale(tmp_path):
    inputs = [keras.Input((4,)), keras.Input((3,))]
    towers = [keras.layers.Dense(5)(x) for x in inputs]
    layer = CLIPContrastiveLossLayer(initial_logit_scale=math.log(100.0))
    model = keras.Model(inputs, layer(towers))
    model.compile(keras.optimizers.Adam(0.05))
    x = [U.astype("float32"), RNG.normal(size=(6, 3)).astype("float32")]
    history = model.fit(x, epochs=30, batch_size=4, verbose=0).history["loss"]
    assert history[-1] < history[0]
    assert float(ops.convert_to_numpy(layer.logit_scale)) <= math.log(100.0) + 1e-6
    model.save(tmp_path / "m.keras")
    again = keras.saving.load_model(tmp_path / "m.keras")
    np.testing.assert_allclose(again.predict(x, verbose=0), model.predict(x, verbose=0))


def test_layer_in_half_precision():
    layer = CLIPContrastiveLossLayer(dtype="mixed_float16")
    logits = layer([U.astype("float16"), V.astype("float16")])
    assert keras.backend.standardize_dtype(logits.dtype) == "float16"
    assert layer.logit_scale.dtype == "float32"
    full = ops.convert_to_numpy(CLIPContrastiveLossLayer()([U, V]))
    np.testing.assert_allclose(
        ops.convert_to_numpy(logits).astype("float32"), full, atol=2e-2
    )


def test_layer_names_what_is_wrong():
    for kwargs, named in (
        ({"loss": "triplet"}, "loss"),
        ({"initial_logit_scale": 9.0}, "initial_logit_scale"),
        ({"label_smoothing": 2.0}, "label_smoothing"),
    ):
        with pytest.raises(ValueError, match=f"`{named}` must be"):
            CLIPContrastiveLossLayer(**kwargs)
    with pytest.raises(ValueError, match="`inputs` must be"):
        CLIPContrastiveLossLayer()([U, V[:, :3]])
