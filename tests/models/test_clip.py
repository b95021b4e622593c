"""CLIP: counts, float64 forward passes, training, towers alone, half precision."""

import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques.losses import SigLIPLoss
from dl_techniques.metrics import CLIPAccuracy
from dl_techniques.models import (
    CLIP,
    CLIPModel,
    CLIPOpenAI,
    create_clip_model,
    create_clip_variant,
    create_model,
    model_card,
)
from dl_techniques.recipes.sizing import weightless
from tests.models import clip_reference as reference

SIZES = {
    "image_size": 6,
    "patch_size": 2,
    "vision_layers": 2,
    "vision_width": 16,
    "vision_heads": 2,
    "text_layers": 2,
    "text_width": 24,
    "text_heads": 3,
    "embed_dim": 5,
    "channels": 2,
    "vocab_size": 20,
    "context_length": 6,
}
MODERN = {
    **SIZES,
    "vision_kv_heads": 1,
    "text_kv_heads": 3,
    "ffn_multiple_of": 4,
    "drop_path_rate": 0.0,
}
SCALE = 1.5
RNG = np.random.default_rng(0)
IMAGES = RNG.normal(size=(3, 6, 6, 2)).astype("float32")
IDS = np.array(
    [
        [3, 4, 0, 5, 0, 0],
        [19, 7, 7, 2, 1, 6],
        [0, 0, 0, 0, 0, 0],
        [8, 0, 0, 0, 0, 0],
    ]
)
X = {"image": IMAGES, "text": IDS[[0, 1, 3]]}


def stirred(model):
    """Gives every weight the same value of its own in each model of this make."""
    rng = np.random.default_rng(1)
    for v in model.weights:
        start = 1.0 if v.path.endswith(("scale", "gamma")) else 0.0
        v.assign(start + rng.normal(0, 0.3, v.shape))
    model.get_layer("logits").logit_scale.assign(SCALE)
    return model


def modern(**more):
    return stirred(CLIP(**{**MODERN, **more}))


def openai(**more):
    return stirred(CLIPOpenAI(**{**SIZES, "eos_token_id": 7, **more}))


BOTH = pytest.mark.parametrize("make", [modern, openai])


def arrays(outputs):
    return {k: ops.convert_to_numpy(v) for k, v in outputs.items()}


def assert_equal(got, want, atol=1e-5):
    got = arrays(got)
    assert set(got) == set(want)
    for name, value in want.items():
        np.testing.assert_allclose(got[name], value, atol=atol, err_msg=name)


@pytest.mark.parametrize("rope", ["1d", "2d"])
@pytest.mark.parametrize("fraction", [0.5, 1.0])
def test_the_modern_forward_pass(rope, fraction):
    model = modern(vision_rope=rope, rope_fraction=fraction)
    got = model({"image": IMAGES, "text": IDS})
    assert_equal(got, reference.modern(model, IMAGES, IDS), 1e-4)
    assert got["logits_per_image"].shape == (3, 4)


@pytest.mark.parametrize("act", ["quick_gelu", "gelu"])
@pytest.mark.parametrize(
    ("eot", "ends"), [("argmax", [3, 0, 0, 0]), ("first_eos", [0, 1, 0, 0])]
)
def test_the_openai_forward_pass(act, eot, ends):
    model = openai(hidden_act=act, eot=eot)
    got = model({"image": IMAGES, "text": IDS})
    assert_equal(got, reference.openai(model, IMAGES, IDS, ends), 1e-4)


MADE = [
    *((f"clip_{n}", n.startswith("lab")) for n in CLIP.variants),
    *((f"clip_openai_{n}", False) for n in CLIPOpenAI.variants),
]


@pytest.mark.parametrize(("name", "lab"), MADE)
def test_parameters_are_those_of_the_card(name, lab):
    card = model_card(name)
    with weightless():
        model = create_model(name)
    assert model.count_params() == card["params"]
    assert list(model.input["image"].shape[1:]) == card["input"]
    assert (card["params"] < 500_000) == lab


def test_towers_count_what_the_table_says():
    for name, vision, text in (
        ("ViT-B/32", 77_876_736, 66_204_160),
        ("ViT-B/16", 76_107_264, 66_204_160),
        ("ViT-L/14", 271_185_920, 122_899_200),
        ("ViT-H/14", 572_311_040, 204_760_064),
    ):
        with weightless():
            model = create_clip_variant(name)
        for tower, known in (("vision", vision), ("text", text)):
            own = [w for w in model.weights if w.path.startswith(tower)]
            own = [w for w in own if not w.path.endswith("_projection/kernel")]
            assert sum(int(np.prod(w.shape)) for w in own) == known


def test_names_and_variants():
    assert CLIPModel is CLIP
    assert create_clip_model(**MODERN).get_config()["embed_dim"] == 5
    assert CLIP.from_variant("lab").name == "clip_lab8"
    assert CLIP.from_variant(image_size=28).name == "clip_lab28"
    with pytest.raises(ValueError, match="'vit_b32'"):
        CLIP.from_variant("ViT-X")
    with pytest.raises(ValueError, match="'vit_base_patch16'"):
        CLIPOpenAI.from_variant("ViT-X")


@BOTH
def test_features_have_length_one_and_logits_are_scaled_cosines(make):
    told = arrays(make()(X))
    u, v = told["image_features"], told["text_features"]
    for features in (u, v):
        np.testing.assert_allclose(np.linalg.norm(features, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(
        told["logits_per_image"], np.exp(SCALE) * u @ v.T, atol=1e-4
    )
    order = [2, 0, 1]
    again = arrays(make()({k: x[order] for k, x in X.items()}))
    np.testing.assert_allclose(
        again["logits_per_image"], told["logits_per_image"][order][:, order], atol=1e-4
    )


@BOTH
def test_what_stands_after_the_end_changes_nothing(make):
    model = make()
    ids = np.array([[3, 4, 7, 0, 0, 0]])
    want = ops.convert_to_numpy(model.encode_text(ids))
    np.testing.assert_allclose(
        ops.convert_to_numpy(model.encode_text(ids[:, :4])), want, atol=1e-6
    )
    np.testing.assert_allclose(
        ops.convert_to_numpy(model.encode_text(ids[:, :3])), want, atol=1e-6
    )
    if make is openai:
        # transformers pads with the end token, and any smaller id may follow
        for tail in ([7, 7, 7], [1, 2, 3]):
            other = np.array([[3, 4, 7, *tail]])
            np.testing.assert_allclose(
                ops.convert_to_numpy(model.encode_text(other)), want, atol=1e-6
            )


@pytest.mark.slow
def test_a_scale_above_the_highest_is_cut_and_can_come_back():
    model = modern(max_logit_scale=2.0, logit_scale_init=2.0)
    scale = model.get_layer("logits").logit_scale
    scale.assign(3.0)
    assert float(model(X)["logit_scale"]) == pytest.approx(np.exp(2.0), rel=1e-6)
    scale.assign(2.0)
    model.compile(keras.optimizers.SGD(0.01))
    model.fit(X, verbose=0)
    assert float(ops.convert_to_numpy(scale)) < 2.0


@BOTH
def test_every_weight_learns(make):
    model = make()
    before = model.get_weights()
    metrics = [CLIPAccuracy(), "accuracy"]
    model.compile(keras.optimizers.SGD(0.1), metrics=metrics, run_eagerly=True)
    told = model.fit(X, verbose=0).history
    assert set(told) == {"loss", "clip_accuracy", "accuracy", "logit_scale"}
    assert told["logit_scale"] == pytest.approx([np.exp(SCALE)], rel=1e-5)
    still = [
        v.path
        for v, a, b in zip(model.weights, before, model.get_weights(), strict=True)
        if np.array_equal(a, b)
    ]
    # softmax does not see an offset that all keys share
    assert [p for p in still if not p.endswith("key/bias")] == []


@BOTH
def test_the_loss_is_that_of_the_library(make):
    model = make()
    z = arrays(model(X))["logits_per_image"].astype("float64")

    def entropy(z):
        return -np.diag(z - np.log(np.exp(z).sum(1, keepdims=True))).mean()

    want = (entropy(z) + entropy(z.T)) / 2
    model.compile("sgd", metrics=[CLIPAccuracy(direction="i2t"), "accuracy"])
    model.run_eagerly = True
    told = model.evaluate(X, np.zeros(3), verbose=0, return_dict=True)
    assert told["loss"] == pytest.approx(want, rel=1e-4)
    hits = (z.argmax(1) == np.arange(3)).mean()
    assert told["accuracy"] == pytest.approx(hits)
    assert told["clip_accuracy"] == pytest.approx(hits)
    model.compile("sgd", SigLIPLoss(), run_eagerly=True)
    signs = 2 * np.eye(3) - 1
    want = np.log1p(np.exp(-signs * z)).sum(1).mean()
    told = model.evaluate(X, verbose=0, return_dict=True)
    assert told["loss"] == pytest.approx(want, rel=1e-4)


@pytest.mark.slow
def test_matched_pairs_are_learned():
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    x = {
        "image": rng.uniform(size=(32, 8, 8, 1)).astype("float32"),
        "text": rng.integers(1, 64, (32, 8)),
    }
    model = create_model("clip_lab8")
    model.compile(keras.optimizers.Adam(3e-4), metrics=[CLIPAccuracy()])
    told = model.fit(x, epochs=80, batch_size=32, verbose=0).history
    assert told["loss"][-1] < 0.1
    assert told["clip_accuracy"][-1] == 1


def test_predicting_compares_all_samples():
    model = modern()
    x = {k: np.concatenate([v] * 3) for k, v in X.items()}
    told = model.predict(dict(reversed(x.items())), batch_size=2, verbose=0)
    assert_equal(told, arrays(model(x)), 1e-5)


def test_prompts_are_chosen_by_likeness():
    model = modern()
    p = model.zero_shot(IMAGES[:1], IDS)
    logits = arrays(model({"image": IMAGES[:1], "text": IDS}))["logits_per_image"]
    want = np.exp(logits - logits.max())
    np.testing.assert_allclose(p, want / want.sum(), atol=1e-6)


def test_equal_heads_are_multi_head_attention():
    model = modern(vision_kv_heads=2)
    layer = model.get_layer("vision_blocks_0_attention")
    assert layer.num_key_value_heads == layer.num_query_heads
    assert_equal(model(X), reference.modern(model, IMAGES, X["text"]), 1e-4)


@BOTH
def test_weight_decay_leaves_gains_tokens_and_embeddings(make):
    model = make()
    kept = {v.path for v in model.no_weight_decay()}
    rest = {v.path for v in model.weights} - kept
    assert all(path.endswith("kernel") for path in rest)
    assert not any(path.endswith("kernel") for path in kept)
    for path in (
        "logits/logit_scale",
        "vision_class_token/token",
        "text_token_embedding/embeddings",
    ):
        assert path in kept


@BOTH
@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision_keeps_exact_outputs(make, policy):
    model = make(dtype=policy)
    model.compile("sgd", run_eagerly=True)
    assert np.isfinite(model.fit(X, verbose=0).history["loss"]).all()
    for value in model(X).values():
        assert keras.backend.standardize_dtype(value.dtype) == "float32"
    assert {v.dtype for v in model.weights} == {"float32"}


PROBE = """
import sys, dl_techniques.models, keras, numpy as np
folder = sys.argv[1]
x = dict(np.load(f"{folder}/x.npz"))
for name in ("modern", "openai"):
    model = keras.saving.load_model(f"{folder}/{name}.keras")
    y = {k: keras.ops.convert_to_numpy(v) for k, v in model(x).items()}
    for tower, part in (("image", "image_features"), ("text", "text_features")):
        alone = keras.saving.load_model(f"{folder}/{name}_{tower}.keras")
        y[tower] = keras.ops.convert_to_numpy(alone(x[tower]))
    np.savez(f"{folder}/{name}.npz", **y)
"""


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clip")
    np.savez(folder / "x.npz", **X)
    for make in (modern, openai):
        model = make()
        model.save(folder / f"{make.__name__}.keras")
        for tower in ("image", "text"):
            part = getattr(model, f"{tower}_tower")
            part.save(folder / f"{make.__name__}_{tower}.keras")
    return folder


def answers(folder, backend, atol):
    env = {**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": os.getcwd()}
    command = [sys.executable, "-c", PROBE, str(folder)]
    subprocess.run(command, check=True, env=env)
    for make in (modern, openai):
        want = arrays(make()(X))
        with np.load(folder / f"{make.__name__}.npz") as file:
            got = dict(file)
        for name, value in want.items():
            np.testing.assert_allclose(got[name], value, atol=atol, rtol=atol)
        for tower in ("image", "text"):
            np.testing.assert_allclose(got[tower], want[f"{tower}_features"], atol=atol)


@pytest.mark.slow
def test_a_fresh_process_loads_models_and_towers(saved):
    answers(saved, keras.backend.backend(), 0)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_backends_agree(saved, backend):
    pytest.importorskip(backend)
    answers(saved, backend, 1e-4)


@BOTH
def test_configs_and_weights_rebuild_the_model(make, tmp_path):
    model = make()
    config = json.loads(json.dumps(model.get_config()))
    twin = type(model).from_config(config)
    assert twin.get_config() == model.get_config()
    assert [(w.path, w.shape) for w in twin.weights] == [
        (w.path, w.shape) for w in model.weights
    ]
    model.save_weights(tmp_path / "a.weights.h5")
    twin.load_weights(tmp_path / "a.weights.h5")
    for name, value in arrays(twin(X)).items():
        np.testing.assert_array_equal(value, arrays(model(X))[name])
    clone = keras.models.clone_model(model)
    assert [w.path for w in clone.weights] == [w.path for w in model.weights]


@pytest.mark.parametrize(
    ("family", "argument", "value"),
    [
        (CLIP, "patch_size", 0),
        (CLIP, "image_size", 7),
        (CLIP, "vision_heads", 3),
        (CLIP, "vision_kv_heads", 4),
        (CLIP, "vision_rope", "3d"),
        (CLIP, "rope_fraction", 1.5),
        (CLIP, "drop_path_rate", 1.0),
        (CLIP, "pad_token_id", 20),
        (CLIP, "logit_scale_init", 5.0),
        (CLIPOpenAI, "image_size", 7),
        (CLIPOpenAI, "text_heads", 5),
        (CLIPOpenAI, "hidden_act", "relu"),
        (CLIPOpenAI, "eot", "count"),
        (CLIPOpenAI, "epsilon", 0.0),
    ],
)
def test_illegal_arguments_are_named(family, argument, value):
    sizes = MODERN if family is CLIP else SIZES
    with pytest.raises(ValueError, match=f"{argument}` must be .* Received"):
        family(**{**sizes, argument: value})
