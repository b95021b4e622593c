import numpy as np
import pytest
from keras import ops

from dl_techniques.layers import UIB
from dl_techniques.layers.mobilenet_v4_blocks import (
    ConvNorm,
    FusedInvertedBottleneck,
)
from dl_techniques.layers.mobilenet_v4_blocks.parts import make_divisible
from tests.layers.mobilenet_v4_blocks.reference import conv, norm_at, stirred

X = np.random.default_rng(0).normal(size=(2, 5, 6, 8)).astype("float32")


def relu(x):
    return np.maximum(x, 0)


def expected(x, w, layer):
    y = x.astype("float64")
    for name, depthwise, active in (
        ("dw_start", True, False),
        ("pw_expand", False, True),
        ("dw_mid", True, True),
        ("pw_project", False, False),
        ("dw_end", True, False),
    ):
        if f"{name}/kernel" in w:
            stride = layer.steps.get(name, 1)
            y = conv(y, w[f"{name}/kernel"], stride, depthwise)
            y = norm_at(w, y, f"{name}_bn")
            y = relu(y) if active else y
    y = y * w.get("layer_scale/gamma", 1.0)
    return x + y if y.shape == x.shape and layer.strides == 1 else y


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ({"start_kernel": 3, "mid_kernel": 5}, "ExtraDW"),
        ({"mid_kernel": 3, "layer_scale_init": 0.3}, "IB"),
        ({"start_kernel": 3, "mid_kernel": 0}, "ConvNext"),
        ({"mid_kernel": 0}, "FFN"),
        ({"start_kernel": 3, "mid_kernel": 5, "strides": 2}, "ExtraDW"),
        ({"start_kernel": 5, "mid_kernel": 0, "strides": 2}, "ConvNext"),
        ({"mid_kernel": 0, "end_kernel": 3, "strides": 2}, "FFN"),
        ({"mid_kernel": 3, "filters": 6, "expansion_ratio": 2}, "IB"),
    ],
)
def test_every_kind_equals_the_formula(arguments, kind):
    layer = UIB(**{"filters": 8, **arguments})
    w = stirred(layer, X)
    assert layer.kind == kind
    got = ops.convert_to_numpy(layer(X, training=False))
    want = expected(X, w, layer)
    np.testing.assert_allclose(got, want, rtol=2e-4, atol=2e-4 * np.abs(want).max())


def test_the_input_is_added_exactly_where_shapes_agree():
    for arguments, residual in (
        ({"filters": 8}, True),
        ({"filters": 6}, False),
        ({"filters": 8, "strides": 2}, False),
    ):
        layer = UIB(**arguments)
        layer.build(X.shape)
        assert layer.residual is residual


def test_work_rises_from_ffn_to_extra_dw():
    kinds = ((0, 0), (3, 0), (0, 3), (3, 3))
    work = [
        UIB(8, start_kernel=a, mid_kernel=k).multiply_adds((None, 6, 6, 8))
        for a, k in kinds
    ]
    assert work == sorted(set(work))
    assert work[0] == 36 * 2 * 8 * 32


def test_a_kernel_may_be_larger_than_the_image():
    layer = UIB(8, mid_kernel=5, strides=2)
    assert layer(X[:, :3, :2]).shape == (2, 2, 1, 8)


def test_a_step_needs_a_depthwise_kernel():
    with pytest.raises(ValueError, match=r"`strides` must be 1 without"):
        UIB(8, mid_kernel=0, strides=2)


def test_widths_are_multiples_of_eight():
    assert [make_divisible(n) for n in (3, 12, 17, 33, 90)] == [8, 16, 16, 32, 88]
    layer = UIB(8, expansion_ratio=3)
    layer.build((None, 4, 4, 5))
    assert layer.width == 16


def test_plain_and_fused_rows_equal_the_formula():
    plain = ConvNorm(6, 3, 2)
    w = stirred(plain, X)
    want = relu(norm_at(w, conv(X, w["conv/kernel"], 2), "bn"))
    got = ops.convert_to_numpy(plain(X, training=False))
    np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-3)
    for filters, stride in ((8, 1), (6, 2)):
        fused = FusedInvertedBottleneck(filters, 3, stride)
        w = stirred(fused, X)
        y = relu(norm_at(w, conv(X, w["expand/kernel"], stride), "expand_bn"))
        y = norm_at(w, conv(y, w["project/kernel"]), "project_bn")
        want = X + y if stride == 1 else y
        got = ops.convert_to_numpy(fused(X, training=False))
        np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-2)
