"""DepthAnything: sizes, numbers against NumPy, any image size, pictures."""

import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques.models import DepthAnything, DINOv2Backbone, registry
from dl_techniques.recipes.flops import model_flops
from dl_techniques.utils.weightless import weightless
from tests.models import depth_reference as reference

TINY = {
    "encoder": {"hidden_size": 12, "depth": 5, "num_heads": 3, "patch_size": 4},
    "image_size": 16,
    "neck_filters": (3, 4, 5, 6),
    "fusion_filters": 4,
    "head_filters": 3,
    "input_shape": (None, None, 3),
}
PUBLIC = {
    "small": ((9, 10, 11, 12), (3, 6, 9, 12), 22_056_576, 2_728_513, 64),
    "base": ((9, 10, 11, 12), (3, 6, 9, 12), 86_580_480, 10_890_305, 128),
    "large": ((21, 22, 23, 24), (5, 12, 18, 24), 304_368_640, 30_947_009, 256),
}


def tiny(seed=0, **more):
    model = DepthAnything(**{**TINY, **more})
    rng = np.random.default_rng(seed)
    model.set_weights([w + rng.normal(0, 0.3, w.shape) for w in model.get_weights()])
    return model


def images(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def numbers(value):
    return ops.convert_to_numpy(value)


@pytest.mark.parametrize("name", PUBLIC)
@pytest.mark.parametrize("version", [1, 2])
def test_public_sizes(name, version):
    encoder, head, width = PUBLIC[name][2:]
    with weightless():
        model = DepthAnything(name, f"v{version}")
    assert model.taps == PUBLIC[name][version - 1]
    assert model.variant == f"v{version}_{name}"
    # neither the mask token nor the unit that no input reaches
    part = model.get_layer("backbone")
    assert part.count_params() == encoder - part.get_config()["hidden_size"]
    unused = 2 * (9 * width * width + width)
    assert model.get_layer("dpt").count_params() == head - unused


@pytest.mark.slow
@pytest.mark.parametrize("name", registry.list_models("depth estimation"))
def test_cards_tell_what_is_built(name):
    card = registry.model_card(name)
    given = {} if card["macs"] is None else {"input_shape": (518, 518, 3)}
    with weightless():
        model = registry.create_model(name, **given)
    assert model.count_params() == card["params"]
    assert list(type(model).from_variant("lab").input_shape[1:]) == [32, 32, 3]
    if card["macs"]:
        part = model.get_layer("backbone")
        assert part.count_params() == card["params_without_top"]
        assert model_flops(model) / 2 == pytest.approx(card["macs"], rel=0.03)
        assert card["hub"]
        assert card["licence"]


@pytest.mark.parametrize("size", [(16, 16), (8, 24), (20, 12)])
def test_depth_is_that_of_the_reference(size):
    model = tiny()
    x = images(2, *size, 3)
    w = reference.weights_of(model)
    got = numbers(model(x))
    maps = model.feature_extractor()(x)
    assert list(maps) == ["L1", "L2", "L3", "L5"]
    fused = model.fused_maps(x)
    for b in range(2):
        wanted = reference.backbone(x[b].astype("float64"), w, 4, 5, model.taps)
        for tap, want in zip(maps.values(), wanted, strict=True):
            np.testing.assert_allclose(numbers(tap)[b], want, atol=2e-4, rtol=2e-4)
        stages = reference.fused(wanted, w)
        for stage, want in zip(fused, stages, strict=True):
            scale = abs(want).max()
            np.testing.assert_allclose(
                numbers(stage)[b] / scale, want / scale, atol=1e-4
            )
        want = np.maximum(reference.depth(wanted, w, 4), 0)
        assert got[b].shape == want.shape == size
        np.testing.assert_allclose(got[b] / want.max(), want / want.max(), atol=1e-4)


def test_metric_depth_ends_at_its_largest():
    model = tiny(depth_type="metric", max_depth=20.0)
    x = images(1, 16, 16, 3)
    w = reference.weights_of(model)
    maps = reference.backbone(x[0].astype("float64"), w, 4, 5, model.taps)
    want = 20 / (1 + np.exp(-reference.depth(maps, w, 4)))
    np.testing.assert_allclose(numbers(model(x))[0], want, atol=2e-3)


def test_known_and_unknown_sizes_agree():
    free, fixed = tiny(), tiny(input_shape=(8, 20, 3))
    fixed.set_weights(free.get_weights())
    x = images(2, 8, 20, 3)
    assert free.output_shape == (None, None, None)
    assert fixed.output_shape == (None, 8, 20)
    got, want = free.predict(x, verbose=0), fixed.predict(x, verbose=0)
    np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-4)


def test_versions_read_other_blocks():
    one, two = tiny(version="v1"), tiny(version="v2")
    two.set_weights(one.get_weights())
    assert one.taps == (2, 3, 4, 5)
    x = images(1, 16, 16, 3)
    assert abs(numbers(one(x)) - numbers(two(x))).max() > 1e-2


def test_taps_move_with_the_picture_without_positions():
    model = tiny()
    layer = model.get_layer("backbone").get_layer("position_embedding")
    layer.set_weights([np.zeros_like(layer.get_weights()[0])])
    x = images(1, 16, 16, 3)
    still, moved = (model.feature_extractor()(v) for v in (x, np.roll(x, 4, axis=2)))
    for key, tap in still.items():
        want = np.roll(numbers(tap), 1, axis=2)
        np.testing.assert_allclose(numbers(moved[key]), want, atol=1e-5)


def test_one_step_moves_every_weight():
    model = tiny(depth_type="metric")
    before = [numbers(w).copy() for w in model.trainable_weights]
    model.compile(keras.optimizers.SGD(1.0), "mse", run_eagerly=True)
    model.train_on_batch(images(4, 12, 16, 3), np.ones((4, 12, 16), "float32"))
    pairs = zip(before, model.trainable_weights, strict=True)
    still = [w.path for old, w in pairs if np.array_equal(old, numbers(w))]
    # softmax attention does not see an offset that all keys share
    assert [p for p in still if not p.endswith("key/bias")] == []


@pytest.mark.slow
def test_the_lab_variant_learns_and_is_small():
    card = registry.model_card("depth_anything_lab")
    keras.utils.set_random_seed(0)
    model = registry.create_model("depth_anything_lab")
    assert model.count_params() == card["params"] < 500_000
    x = images(8, 32, 32, 3)
    y = np.broadcast_to(x.mean((2, 3))[:, :, None], (8, 32, 32)) + 2
    model.compile(keras.optimizers.Adam(1e-3), "mse", jit_compile=False)
    losses = model.fit(x, y, epochs=8, batch_size=8, verbose=0).history["loss"]
    assert losses[-1] < 0.6 * losses[0]


def test_preprocessing_and_depth_of_a_picture():
    model = tiny()
    image = np.random.default_rng(1).integers(0, 256, (10, 15, 3)).astype("uint8")
    x = model.preprocess(image)
    assert x.shape == (1, 16, 24, 3)
    depth = model.predict_depth(image)
    assert depth.shape == (10, 15)
    assert depth.dtype == np.float32
    mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    want = reference.cubic(image.astype("float64"), 16)
    want = reference.cubic(want.swapaxes(0, 1), 24).swapaxes(0, 1)
    np.testing.assert_allclose(x[0], (want / 255 - mean) / std, atol=1e-5)
    back = reference.linear(numbers(model(x))[0].astype("float64")[..., None], 10, 15)
    np.testing.assert_allclose(depth, back[..., 0], rtol=1e-4, atol=1e-5)
    inside = tiny(include_preprocessing=True)
    inside.set_weights(model.get_weights())
    np.testing.assert_allclose(inside.predict_depth(image), depth, rtol=1e-3, atol=1e-3)
    assert inside.preprocess(image, 30).shape == (1, 32, 44, 3)


def test_the_backbone_stands_alone():
    sizes = {**TINY["encoder"], "image_size": 16, "input_shape": (16, 8, 1)}
    model = DINOv2Backbone(**sizes, taps=(2, 5))
    assert model.output_shape == [(None, 4, 2, 12)] * 2
    with weightless():
        small = DINOv2Backbone.from_variant("small")
    assert small.count_params() == 22_056_576 - 384


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("encoder", "huge"),
        ("encoder", {"hidden_size": 8}),
        ("encoder", {**TINY["encoder"], "heads": 2}),
        ("version", "v3"),
        ("image_size", 18),
        ("taps", (1, 2, 3)),
        ("taps", (1, 2, 3, 6)),
        ("taps", (4, 3, 2, 1)),
        ("neck_filters", (3, 4, 5)),
        ("fusion_filters", 1),
        ("head_filters", 0),
        ("depth_type", "log"),
        ("max_depth", 0),
        ("input_shape", (18, 16, 3)),
        ("input_shape", (16, 16)),
        ("include_preprocessing", "maybe"),
    ],
)
def test_illegal_arguments_are_named(argument, value):
    with pytest.raises(ValueError, match=f"`{argument}` must be .* Received"):
        DepthAnything(**{**TINY, argument: value})
