"""DPTHead: numbers against NumPy, files, parts and errors."""

import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques.layers.dpt import DPTHead, FeatureFusion, ResidualConvUnit
from tests.models import depth_reference as reference

SIZES = {"neck_filters": (3, 4, 5, 6), "fusion_filters": 4, "head_filters": 3}


def maps(h=3, w=2, features=5, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(2, h, w, features)).astype("float32") for _ in range(4)]


def head(**more):
    layer = DPTHead(**{**SIZES, "patch_size": 5, **more})
    layer.build([m.shape for m in maps()])
    rng = np.random.default_rng(1)
    layer.set_weights([rng.normal(0, 0.4, w.shape) for w in layer.get_weights()])
    return layer


def test_depth_and_fused_maps_are_those_of_the_reference():
    layer, x = head(), maps()
    w = {
        v.path.split("/", 1)[1]: value.astype("float64")
        for v, value in zip(layer.weights, layer.get_weights(), strict=True)
    }
    told = layer.explain(x)
    assert told["output"].shape == (2, 15, 10)
    for b in range(2):
        mine = [m[b].astype("float64") for m in x]
        want = np.maximum(reference.depth(mine, w, 5, ""), 0)
        np.testing.assert_allclose(told["output"][b], want, rtol=1e-4, atol=1e-3)
        for k, stage in enumerate(reference.fused(mine, w, "")):
            got = told[f"fused_{k}"][b]
            np.testing.assert_allclose(got, stage, rtol=1e-3, atol=2e-3)


def test_a_saved_head_is_the_same(tmp_path):
    inputs = [keras.Input((3, 2, 5)) for _ in range(4)]
    layer = head(depth_type="metric", max_depth=7.0)
    model = keras.Model(inputs, layer(inputs))
    model.save(tmp_path / "a.keras")
    loaded = keras.saving.load_model(tmp_path / "a.keras")
    x = maps()
    got, want = (ops.convert_to_numpy(m(x)) for m in (loaded, model))
    np.testing.assert_array_equal(got, want)
    assert 0 <= want.min() <= want.max() <= 7


def test_parts_can_be_used_alone():
    x = maps(features=4)[0]
    unit = ResidualConvUnit(4)
    unit.build(x.shape)
    unit.set_weights([0 * w for w in unit.get_weights()])
    np.testing.assert_array_equal(ops.convert_to_numpy(unit(x)), x)
    stage = FeatureFusion(4)
    assert stage(x, x, size=(6, 7)).shape == (2, 6, 7, 4)
    revived = FeatureFusion.from_config(FeatureFusion(4, has_skip=False).get_config())
    assert len(revived.weights) == 0
    assert revived(x).shape == x.shape
    assert len(revived.weights) == 6


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("neck_filters", (1, 2, 3)),
        ("neck_filters", (1, 2, 3, 0)),
        ("fusion_filters", 1),
        ("head_filters", 0),
        ("patch_size", 0),
        ("depth_type", "absolute"),
        ("max_depth", 0.0),
    ],
)
def test_illegal_arguments_are_named(argument, value):
    with pytest.raises(ValueError, match=f"`{argument}` must be .* Received"):
        DPTHead(**{argument: value})


def test_other_than_four_maps_are_refused():
    with pytest.raises(ValueError, match="four"):
        DPTHead(**SIZES)(maps()[:3])
