import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques.utils.resize import resize_matrix
from dl_techniques.utils.resize_map import resize_map

X = np.random.default_rng(0).normal(size=(2, 5, 4, 3)).astype("float32")
RULES = [
    {"kind": "bilinear", "align_corners": True},
    {"kind": "bilinear"},
    {"kind": "bicubic", "a": -0.75},
    {"kind": "bicubic", "a": -0.5, "align_corners": True},
]


class Resize(keras.layers.Layer):
    """Resizes to the size of a second map."""

    def __init__(self, rule):
        super().__init__()
        self.rule = rule

    def call(self, x, like):
        return resize_map(x, *ops.shape(like)[1:3], **self.rule)

    def compute_output_shape(self, x_shape, like_shape):
        return (*like_shape[:3], x_shape[-1])


@pytest.mark.parametrize("rule", RULES, ids=str)
@pytest.mark.parametrize("size", [(5, 4), (10, 7), (2, 1), (1, 9)])
def test_known_and_unknown_sizes_are_products_with_the_matrix(rule, size):
    down, across = (
        resize_matrix(n, m, **rule) for n, m in zip(X.shape[1:3], size, strict=True)
    )
    want = np.einsum("rh,bhwc,sw->brsc", down, X.astype("float64"), across)
    got = ops.convert_to_numpy(resize_map(X, *size, **rule))
    np.testing.assert_allclose(got, want, atol=1e-5)
    free = keras.Input((None, None, 3)), keras.Input((None, None, 1))
    model = keras.Model(free, Resize(rule)(*free))
    like = np.zeros((2, *size, 1), "float32")
    np.testing.assert_allclose(model.predict([X, like], verbose=0), want, atol=1e-5)


def test_half_precision_stays_half_and_is_resized_exactly():
    x = ops.cast(X, "bfloat16")
    y = resize_map(x, 9, 9, align_corners=True)
    assert keras.backend.standardize_dtype(y.dtype) == "bfloat16"
    exact = resize_map(ops.cast(x, "float32"), 9, 9, align_corners=True)
    want = ops.convert_to_numpy(ops.cast(ops.cast(exact, "bfloat16"), "float32"))
    np.testing.assert_array_equal(ops.convert_to_numpy(ops.cast(y, "float32")), want)


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_it_equals_torch(rule):
    torch = pytest.importorskip("torch")
    if rule.get("a") == -0.5:
        return
    options = {"mode": rule["kind"], "align_corners": rule.get("align_corners", False)}
    x = torch.tensor(X.transpose(0, 3, 1, 2))
    want = torch.nn.functional.interpolate(x, (11, 3), **options).numpy()
    got = ops.convert_to_numpy(resize_map(X, 11, 3, **rule))
    np.testing.assert_allclose(got, want.transpose(0, 2, 3, 1), atol=1e-5)
