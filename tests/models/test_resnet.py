import numpy as np
import pytest
from keras import ops

from dl_techniques.models import ResNet, ResNet50, ResNetSmall
from dl_techniques.recipes.sizing import weightless
from tests.models.zoo import images, stir


def trained(model):
    return sum(int(np.prod(w.shape)) for w in model.trainable_weights)


def test_published_sizes():
    with weightless():
        assert trained(ResNet50(include_top=False)) == 23_508_032
        small = ResNet.from_variant(
            "18", stem="small", input_shape=(32, 32, 3), classes=10
        )
        assert trained(small) == 11_173_962
        deep = ResNetSmall(3)
    assert 0.26e6 < trained(deep) < 0.28e6
    kernels = [w for w in deep.trainable_weights if "_conv" in w.path]
    assert len([w for w in kernels if "shortcut" not in w.path]) + 1 == 6 * 3 + 2


def test_a_closed_branch_leaves_relu_of_the_shortcut():
    model = stir(ResNet.from_variant("lab8", include_top=False))
    name = "stages_1_blocks_0"
    gamma = model.get_layer(f"{name}_bn2").gamma
    beta = model.get_layer(f"{name}_bn2").beta
    gamma.assign(ops.zeros_like(gamma))
    beta.assign(ops.zeros_like(beta))
    part = type(model).feature_extractor
    x = images(model)
    maps = part(model)(x)
    before = maps["P0"]
    y = model.get_layer(f"{name}_shortcut_conv")(before)
    y = ops.relu(model.get_layer(f"{name}_shortcut_bn")(y))
    np.testing.assert_allclose(
        ops.convert_to_numpy(maps["P1"]), ops.convert_to_numpy(y), atol=1e-5
    )


def test_the_imagenet_stem_pools_and_odd_sides_round_up():
    model = ResNet("basic", (1, 1), include_top=False, input_shape=(33, 47, 3))
    shapes = {k: tuple(v.shape[1:3]) for k, v in model.pyramid_outputs.items()}
    assert shapes == {"P2": (9, 12), "P3": (5, 6)}


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("block", "wide"),
        ("depths", []),
        ("depths", [0]),
        ("widths", [8]),
        ("stem", "none"),
        ("stem_filters", 0),
    ],
)
def test_illegal_arguments_are_named(argument, value):
    given = {"block": "basic", "depths": (1, 1), argument: value}
    with pytest.raises(ValueError, match=f"`{argument}` must be .* Received"):
        ResNet(**given)
