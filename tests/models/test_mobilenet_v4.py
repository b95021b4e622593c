import numpy as np
import pytest
from keras import ops

from dl_techniques.models import MobileNetV4, MobileNetV4ConvSmall
from dl_techniques.models.mobilenet_v4_stages import read_stage
from dl_techniques.recipes.sizing import weightless
from tests.models.zoo import images, stir

TINY = {
    "stem_filters": 8,
    "stages": [["fused 3 2 2 8"], ["uib 3 5 2 2 16", "mqa 2 2 4"], ["conv 1 1 24"]],
    "head_filters": (24, 32),
    "layer_scale_init": 0.1,
    "input_shape": (33, 31, 3),
    "classes": 5,
}
SIDES = {"P1": (17, 16), "P2": (9, 8), "P3": (5, 4)}


def test_counts_of_moving_statistics_and_headless():
    with weightless():
        model = MobileNetV4ConvSmall()
        bare = MobileNetV4ConvSmall(include_top=False)
    still = sum(int(np.prod(w.shape)) for w in model.non_trainable_weights)
    assert still == 25_088
    assert bare.output_shape == (None, None, None, 960)
    head = 960 * 1280 + 2 * 1280 + 1281 * 1000
    trained = sum(int(np.prod(w.shape)) for w in bare.trainable_weights)
    assert trained == 3_774_024 - head


def test_default_sizes_are_those_of_the_checkpoints():
    with weightless():
        sizes = {
            name: MobileNetV4.from_variant(name).input_shape[1]
            for name in ("conv_small", "conv_medium", "hybrid_large")
        }
    assert sizes == {"conv_small": 224, "conv_medium": 256, "hybrid_large": 384}


def test_odd_sides_round_up():
    model = stir(MobileNetV4(**TINY))
    sides = {k: tuple(v.shape[1:3]) for k, v in model.pyramid_outputs.items()}
    assert sides == SIDES
    assert np.isfinite(ops.convert_to_numpy(model(images(model)))).all()


def test_training_moves_the_averages():
    model = MobileNetV4(**TINY)
    before = [ops.convert_to_numpy(w).copy() for w in model.non_trainable_weights]
    model(images(model, 4), training=True)
    moved = [
        not np.array_equal(a, ops.convert_to_numpy(b))
        for a, b in zip(before, model.non_trainable_weights, strict=True)
    ]
    assert all(moved)


def test_a_stage_without_its_last_convolution_gets_it():
    given = {**TINY, "stages": TINY["stages"][:2]}
    names = [w.path for w in MobileNetV4(**TINY).weights]
    assert [w.path for w in MobileNetV4(**given).weights] == names


def test_rows_are_read_with_repeats():
    rows = read_stage(["uib 5 3 2 4 96 x3", "mqa 2 8 48"])
    assert [kind for kind, _ in rows] == ["uib", "uib", "uib", "mqa"]
    assert [row.get("strides") for _, row in rows] == [2, 1, 1, None]
    assert rows[3][1] == {"kv_stride": 2, "num_heads": 8, "key_dim": 48}


@pytest.mark.parametrize("row", ["uib 3 5 2 4", "swin 1 2", "conv 3 2 x", "", 7])
def test_illegible_rows_are_named(row):
    with pytest.raises(ValueError, match="`stages` must be rows"):
        MobileNetV4(**{**TINY, "stages": [[row]]})


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("stem_filters", 0),
        ("head_filters", (8,)),
        ("width_multiplier", 0),
        ("layer_scale_init", -1.0),
        ("stem_strides", 0),
    ],
)
def test_illegal_arguments_are_named(argument, value):
    with pytest.raises(ValueError, match=f"`{argument}` must be .* Received"):
        MobileNetV4(**{**TINY, argument: value})
