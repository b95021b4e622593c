import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques.models import ConvNextV1, ConvNextV1Tiny
from dl_techniques.recipes.sizing import weightless
from tests.models.zoo import images, stir


def formula(depths, dims, classes, channels=3, patch=4, kernel=7, steps=(2, 2, 2)):
    d = dims
    total = patch * patch * channels * d[0] + 3 * d[0]
    for i in range(1, len(d)):
        total += 2 * d[i - 1] + steps[i - 1] ** 2 * d[i - 1] * d[i] + d[i]
    for n, w in zip(depths, d, strict=True):
        total += n * (kernel**2 * w + 9 * w + 8 * w * w)
    return total + 2 * d[-1] + d[-1] * classes + classes


def test_the_readme_call_works():
    with weightless():
        model = ConvNextV1Tiny(
            include_top=True, weights=None, input_shape=(224, 224, 3), classes=1000
        )
    assert model.count_params() == 28_589_128
    assert model.name == "convnext_v1_tiny"
    assert list(model.pyramid_outputs) == ["P2", "P3", "P4", "P5"]
    assert ConvNextV1Tiny.__name__ == "ConvNextV1Tiny"


def test_parameters_follow_the_formula():
    with weightless():
        model = ConvNextV1((1, 2, 1), (8, 12, 20), input_shape=(32, 32, 3), classes=7)
    assert model.count_params() == formula((1, 2, 1), (8, 12, 20), 7)


def test_without_the_top():
    with weightless():
        model = ConvNextV1Tiny(include_top=False)
        assert model.count_params() == 27_820_128
        assert model.input_shape == (None, None, None, 3)
        fixed = ConvNextV1Tiny(include_top=False, input_shape=(224, 224, 3))
        pooled = ConvNextV1Tiny(include_top=False, pooling="avg")
    assert fixed.output_shape == (None, 7, 7, 768)
    assert pooled.output_shape == (None, 768)


def test_sizes_may_vary_without_the_top():
    model = ConvNextV1((1, 1), (4, 8), downsample=(2,), include_top=False, patch_size=4)
    for side in (16, 24):
        x = np.ones((1, side, side, 3), "float32")
        assert tuple(model(x).shape) == (1, side // 8, side // 8, 8)


def test_closed_branches_leave_the_stem_and_halvings():
    model = stir(ConvNextV1.small((8, 8, 1), include_top=False))
    for layer in model.layers:
        if "blocks" in layer.name:
            layer.layer_scale.gamma.assign(ops.zeros_like(layer.layer_scale.gamma))
    x = y = ops.convert_to_tensor(images(model))
    chain = ("stem_conv", "stem_norm", "stages_1_downsample_norm")
    for name in (*chain, "stages_1_downsample_conv", "head_norm"):
        y = model.get_layer(name)(y)
    np.testing.assert_allclose(
        ops.convert_to_numpy(model(x)), ops.convert_to_numpy(y), atol=1e-6
    )


def test_drop_path_rises_and_only_acts_in_training():
    model = stir(ConvNextV1.from_variant("lab32", drop_path_rate=0.5))
    rates = [b.drop_path_rate for b in model.layers if "blocks" in b.name]
    np.testing.assert_allclose(rates, np.linspace(0, 0.5, 6))
    still = stir(ConvNextV1.from_variant("lab8"))
    x = images(still)
    np.testing.assert_array_equal(
        ops.convert_to_numpy(still(x, training=True)),
        ops.convert_to_numpy(still(x, training=False)),
    )


def test_preprocessing_scales_bytes():
    options = {"depths": (1,), "dims": (4,), "classes": 2, "input_shape": (8, 8, 3)}
    plain = stir(ConvNextV1(**options))
    scaled = ConvNextV1(**options, include_preprocessing=True)
    assert scaled.count_params() == plain.count_params()
    scaled.set_weights(plain.get_weights())
    x = np.random.default_rng(0).uniform(0, 255, (2, 8, 8, 3)).astype("float32")
    mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    expected = plain(((x / 255 - mean) / std).astype("float32"))
    np.testing.assert_allclose(
        ops.convert_to_numpy(scaled(x)), ops.convert_to_numpy(expected), atol=1e-5
    )
    own = {"mean": [0.5] * 3, "std": [0.5] * 3}
    other = ConvNextV1(**options, include_preprocessing=own)
    assert other.get_config()["include_preprocessing"] == own
    with pytest.raises(ValueError, match="3 channels"):
        ConvNextV1.small((8, 8, 1), include_preprocessing=True)


def test_the_input_picks_the_small_variant():
    for shape, name in (
        ((8, 8, 1), "lab8"),
        ((28, 28, 1), "lab28"),
        ((32, 32, 3), "lab32"),
        ((64, 64, 3), "lab32"),
    ):
        assert ConvNextV1.variant_for(shape) == name
        with weightless():
            assert ConvNextV1.small(shape, 5).output_shape == (None, 5)


def test_odd_sides_are_refused_with_a_proposal():
    with pytest.raises(ValueError, match=r'28 -> 14 -> 7 .*"lab28" fits'):
        ConvNextV1.from_variant("cifar_atto", input_shape=(28, 28, 1))
    with pytest.raises(ValueError, match="2 -> 0"):
        ConvNextV1.from_variant("tiny", input_shape=(2, 2, 3))


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("depths", []),
        ("depths", [0, 1]),
        ("dims", [4]),
        ("kernel_size", 0),
        ("patch_stride", 0),
        ("downsample", []),
        ("layer_scale_init", -1.0),
        ("head_init_scale", -1.0),
        ("pad_odd", 1.0),
    ],
)
def test_illegal_arguments_are_named(argument, value):
    given = {"depths": (1, 1), "dims": (4, 8), "input_shape": (8, 8, 1)}
    given |= {"patch_size": 1, argument: value}
    with pytest.raises(ValueError, match=f"`{argument}` must be .* Received"):
        ConvNextV1(**given)


def test_unknown_variants_are_listed():
    with pytest.raises(ValueError, match=r"'atto'.*'tiny'.*'lab8'"):
        ConvNextV1.from_variant("enormous")
    with pytest.raises(TypeError):
        ConvNextV1.variants["tiny"] = {}


def test_a_penalty_reaches_every_kernel():
    model = ConvNextV1.from_variant("lab8", kernel_regularizer=keras.regularizers.L2(1))
    kernels = [w for w in model.trainable_weights if w.path.endswith("kernel")]
    expected = sum(float(ops.sum(ops.square(k))) for k in kernels)
    assert float(sum(model.losses)) == pytest.approx(expected, rel=1e-5)
