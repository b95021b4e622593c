import numpy as np
import pytest
from keras import ops

from dl_techniques.models import ViT, ViTTiny16
from dl_techniques.recipes.sizing import weightless
from tests.models.zoo import images, stir


def test_without_the_top():
    with weightless():
        model = ViTTiny16(include_top=False)
        pooled = ViTTiny16(include_top=False, pooling="avg")
    assert model.count_params() == 5_524_416
    assert model.output_shape == (None, 197, 192)
    assert pooled.output_shape == (None, 192)


def test_parameters_follow_the_formula():
    model = ViT(4, 12, 3, 2, 2.0, input_shape=(8, 12, 3), classes=5)
    d, hidden, patches = 12, 24, 6
    block = 4 * d * d + 4 * d + 4 * d + 2 * d * hidden + hidden + d
    total = (4 * 4 * 3 + 1) * d + d + (patches + 1) * d + 3 * block + 2 * d
    assert model.count_params() == total + 5 * d + 5


def test_without_positions_patches_may_be_permuted():
    model = stir(ViT.from_variant("lab8", pool="avg", pos_embed="none"))
    x = images(model)
    tiles = x.reshape(2, 4, 2, 4, 2, 1).transpose(0, 1, 3, 2, 4, 5).reshape(2, 16, 4)
    tiles = tiles[:, np.random.default_rng(0).permutation(16)].reshape(2, 4, 4, 2, 2, 1)
    mixed = tiles.transpose(0, 1, 3, 2, 4, 5).reshape(x.shape)
    np.testing.assert_allclose(
        ops.convert_to_numpy(model(mixed)), ops.convert_to_numpy(model(x)), atol=1e-5
    )


def test_attention_maps_are_those_of_the_model():
    model = stir(ViT.from_variant("lab8", layer_scale_init=0.1))
    maps = model.attention_maps()(images(model))
    assert list(maps) == ["L0", "L1"]
    first = ops.convert_to_numpy(maps["L0"])
    assert first.shape == (2, 2, 17, 17)
    np.testing.assert_allclose(first.sum(-1), 1, atol=1e-5)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("patch_size", 0),
        ("num_heads", 3),
        ("mlp_ratio", 0),
        ("pool", "max"),
        ("pos_embed", "rope"),
        ("input_shape", (9, 8, 1)),
        ("input_shape", (None, 8, 1)),
    ],
)
def test_illegal_arguments_are_named(argument, value):
    with pytest.raises(ValueError, match=f"`{argument}` must be .* Received"):
        ViT.from_variant("lab8", **{argument: value})
