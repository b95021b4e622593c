import numpy as np
import pytest

from dl_techniques.pretrained.transforms import TRANSFORMS, shape_after
from dl_techniques.utils.resize import resize_grid, resize_matrix

RNG = np.random.default_rng(0)
X = RNG.normal(size=(2, 3, 5, 7)).astype("float32")


def test_layouts():
    conv = TRANSFORMS["conv"](X, ())
    assert conv.shape == (5, 7, 3, 2)
    assert conv[4, 6, 2, 1] == X[1, 2, 4, 6]
    depthwise = TRANSFORMS["dwconv"](X[:, :1], ())
    assert depthwise.shape == (5, 7, 2, 1)
    assert depthwise[3, 4, 1, 0] == X[1, 0, 3, 4]
    turned = TRANSFORMS["convT"](X, ())  # (in, out, kh, kw) -> (kh, kw, out, in)
    assert turned[4, 6, 2, 1] == X[1, 2, 4, 6]
    matrix = X[0, :, :, 0]
    np.testing.assert_array_equal(TRANSFORMS["dense"](matrix, ()), matrix.T)
    one = matrix[:, :, None, None]
    np.testing.assert_array_equal(TRANSFORMS["dense"](one, ()), matrix.T)
    assert TRANSFORMS["flat"](X[:1, :, :1, :1], ()).shape == (3,)


def test_heads():
    fused = RNG.normal(size=(18, 6))
    for part, name in enumerate(("query", "key", "value")):
        got = TRANSFORMS[f"{name}_of_qkv"](fused, (6, 2, 3))
        own = fused[6 * part : 6 * part + 6]
        assert got[4, 1, 2] == own[1 * 3 + 2, 4]
        bias = TRANSFORMS[f"{name}_of_qkv"](fused[:, 0], (2, 3))
        assert bias[1, 2] == fused[6 * part + 5, 0]
    out = TRANSFORMS["heads_out"](fused[:6], (2, 3, 6))
    assert out[1, 2, 4] == fused[4, 5]


@pytest.mark.parametrize("name", sorted(TRANSFORMS))
def test_shapes_are_known_without_values(name):
    for shape, target in (
        ((18, 6), (6, 2, 3)),
        ((6,), (2, 3)),
        ((2, 3, 5, 7), (5, 7, 3, 2)),
        ((1, 10, 6), (5, 6)),
    ):
        real = TRANSFORMS[name](np.zeros(shape, "float32"), target).shape
        assert shape_after(name, shape, target) == real


def test_the_position_grid_keeps_the_class():
    x = RNG.normal(size=(1, 1 + 16, 3)).astype("float32")
    same = TRANSFORMS["pos_grid"](x, (17, 3))
    np.testing.assert_array_equal(same, x[0])
    larger = TRANSFORMS["pos_grid"](x, (1 + 36, 3))
    np.testing.assert_array_equal(larger[0], x[0, 0])
    want = resize_grid(x[0, 1:].reshape(4, 4, 3), 6, 6, kind="bicubic")
    np.testing.assert_allclose(larger[1:].reshape(6, 6, 3), want, atol=1e-6)


def test_rows_of_a_resize_matrix_sum_to_one():
    for kind in ("nearest", "bilinear", "bicubic"):
        for aligned in (False, True):
            for n_in, n_out in ((5, 5), (5, 9), (9, 5), (1, 4), (7, 1)):
                matrix = resize_matrix(n_in, n_out, kind, aligned)
                assert matrix.shape == (n_out, n_in)
                np.testing.assert_allclose(matrix.sum(1), 1)
        np.testing.assert_allclose(resize_matrix(6, 6, kind), np.eye(6), atol=1e-12)


def test_aligned_corners_keep_the_ends():
    matrix = resize_matrix(4, 7, "bilinear", align_corners=True)
    x = np.array([1.0, 4.0, 2.0, 8.0])
    np.testing.assert_allclose(matrix @ x, [1, 2.5, 4, 3, 2, 5, 8])


@pytest.mark.peers
@pytest.mark.parametrize("sizes", [(7, 12), (12, 7), (14, 9)])
def test_matrices_equal_torch(sizes):
    torch = pytest.importorskip("torch")
    n_in, n_out = sizes
    x = RNG.normal(size=(n_in, n_in))
    tensor = torch.tensor(x)[None, None]
    for kind, aligned, antialias in (
        ("bilinear", False, False),
        ("bilinear", True, False),
        ("bicubic", False, False),
        ("bicubic", True, False),
        ("bilinear", False, True),
        ("bicubic", False, True),
    ):
        want = torch.nn.functional.interpolate(
            tensor,
            (n_out, n_out),
            mode=kind,
            align_corners=aligned,
            antialias=antialias,
        )[0, 0].numpy()
        slope = -0.5 if antialias else -0.75
        matrix = resize_matrix(n_in, n_out, kind, aligned, slope, antialias)
        np.testing.assert_allclose(matrix @ x @ matrix.T, want, atol=1e-6)
