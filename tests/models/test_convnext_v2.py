import numpy as np
import pytest
from keras import ops

from dl_techniques.models import ConvNextV1, ConvNextV2, ConvNextV2Tiny
from dl_techniques.recipes.sizing import weightless
from tests.models.zoo import images, stir


def test_without_the_top():
    with weightless():
        model = ConvNextV2Tiny(include_top=False, pooling="max")
    assert model.count_params() == 27_866_496
    assert model.output_shape == (None, 768)


def test_closed_response_norms_leave_v1_without_gamma():
    shape = {"depths": (1, 1), "dims": (6, 8), "patch_size": 1, "downsample": (2,)}
    shape |= {"input_shape": (8, 8, 1), "classes": 3}
    first = stir(ConvNextV1(**shape, layer_scale_init=None))
    second = ConvNextV2(**shape)
    values = {
        w.path: v for w, v in zip(first.weights, first.get_weights(), strict=True)
    }
    zeros = [np.zeros(w.shape) for w in second.weights]
    second.set_weights(
        [values.get(w.path, z) for w, z in zip(second.weights, zeros, strict=True)]
    )
    x = images(first)
    np.testing.assert_allclose(
        ops.convert_to_numpy(second(x)), ops.convert_to_numpy(first(x)), atol=1e-6
    )


def test_samples_do_not_see_each_other():
    model = stir(ConvNextV2.from_variant("lab8"))
    x = images(model, 3)
    alone = ops.convert_to_numpy(model(x[1:2]))
    np.testing.assert_allclose(ops.convert_to_numpy(model(x))[1:2], alone, atol=1e-6)


def test_illegal_epsilons_are_named():
    with pytest.raises(ValueError, match="`grn_epsilon` must be"):
        ConvNextV2.from_variant("lab8", grn_epsilon=0)
