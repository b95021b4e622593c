import keras
import numpy as np
from keras import ops

from dl_techniques.models import create_model
from dl_techniques.models.receptive_field import receptive_fields
from dl_techniques.utils.weightless import weightless


def test_fields_grow_by_kernel_and_step():
    with weightless():
        fields = receptive_fields(create_model("convnext_v1_lab8"))
        tiny = receptive_fields(create_model("convnext_v1_tiny"))
    assert fields["stem_conv"] == 1
    assert fields["stages_0_blocks_0"] == 3
    assert fields["stages_1_downsample_conv"] == 4
    assert fields["stages_1_blocks_0"] == 8
    assert fields["head"] is None
    assert tiny["stages_0_blocks_2"] == 4 + 3 * 6 * 4


def test_attention_sees_everything():
    with weightless():
        vit = receptive_fields(create_model("vit_lab8"))
        mobile = receptive_fields(create_model("mobilenet_v4_hybrid_medium"))
    assert vit["patch_embed"] == 2
    assert vit["blocks_0_norm1"] == 2
    assert vit["blocks_0_attention"] is None
    assert mobile["stages_2_blocks_3"] is not None
    assert mobile["stages_2_blocks_4"] is None


def test_the_field_is_where_a_pixel_is_seen():
    x = keras.Input((21, 21, 1))
    y = keras.layers.Conv2D(1, 3, padding="same", name="a")(x)
    z = keras.layers.Conv2D(1, 3, 2, padding="valid", name="b")(y)
    z = keras.layers.DepthwiseConv2D(3, name="c")(z)
    model = keras.Model(x, z)
    fields = receptive_fields(model)
    assert fields == {"a": 3, "b": 5, "c": 9}
    model.set_weights([np.ones(w.shape) for w in model.get_weights()])
    image = np.zeros((1, 21, 21, 1), "float32")
    plain = ops.convert_to_numpy(model(image))
    seen = 0
    for column in range(21):
        image[0, 10, column, 0] = 1
        moved = ops.convert_to_numpy(model(image)) - plain
        seen += bool(moved[0, moved.shape[1] // 2, moved.shape[2] // 2, 0])
        image[0, 10, column, 0] = 0
    assert seen == 9
