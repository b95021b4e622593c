"""Starting values: their laws, seeds and shapes."""

import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques import initializers as init

SHAPES = [(7, 4), (4, 7), (5, 5), (3, 3, 2, 6), (1, 1, 8, 4)]


def draw(initializer, shape, dtype=None):
    return ops.convert_to_numpy(initializer(shape, dtype))


def small_gram(w):
    m = w.reshape(-1, w.shape[-1]).astype("float64")
    return m.T @ m if m.shape[0] >= m.shape[1] else m @ m.T


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("gain", [1.0, 1.5])
def test_orthonormal_gram(shape, gain):
    w = draw(init.OrthonormalInitializer(gain, seed=1), shape)
    g = small_gram(w)
    assert np.abs(g - gain**2 * np.eye(len(g))).max() < 1e-5
    assert w.shape == shape


def test_orthonormal_half_precision_and_depthwise():
    w = draw(init.OrthonormalInitializer(seed=1), (16, 8), "float16")
    assert w.dtype == "float16"
    assert np.abs(small_gram(w) - np.eye(8)).max() < 2e-3
    w = draw(init.OrthonormalInitializer(seed=1, view="depthwise"), (3, 3, 2, 2))
    assert np.abs(small_gram(w.reshape(9, 4)) - np.eye(4)).max() < 1e-5


SEEDED = [
    init.OrthonormalInitializer,
    init.HeOrthonormalInitializer,
    init.OrthogonalHypersphereInitializer,
]


@pytest.mark.parametrize("cls", SEEDED)
def test_seeds(cls):
    shape = (5, 3)
    np.testing.assert_array_equal(draw(cls(seed=3), shape), draw(cls(seed=3), shape))
    free = cls()
    assert not np.array_equal(draw(free, shape), draw(free, shape))
    keras.utils.set_random_seed(5)
    first = draw(cls(), shape)
    keras.utils.set_random_seed(5)
    np.testing.assert_array_equal(first, draw(cls(), shape))
    chain = cls(seed=keras.random.SeedGenerator(2))
    assert not np.array_equal(draw(chain, shape), draw(chain, shape))
    revived = cls.from_config(chain.get_config())
    assert draw(revived, shape).shape == shape
    with pytest.raises(ValueError, match="`seed` must be"):
        cls(seed=-1)


def test_orthonormal_is_haar_distributed():
    many = np.stack(
        [draw(init.OrthonormalInitializer(seed=s), (3, 3)) for s in range(300)]
    )
    assert np.abs(many.mean(0)).max() < 0.1
    np.testing.assert_allclose(many.var(0), 1 / 3, atol=0.08)
    with pytest.raises(ValueError, match="`shape` must be of rank 2"):
        init.OrthonormalInitializer()((4,))


@pytest.mark.parametrize("shape", SHAPES)
def test_he_orthonormal_gram(shape):
    w = draw(init.HeOrthonormalInitializer(seed=1), shape)
    rows, columns = np.prod(shape[:-1]), shape[-1]
    g = small_gram(w)
    np.testing.assert_allclose(
        g, 2 * max(rows, columns) / rows * np.eye(len(g)), atol=1e-5
    )
    plain = draw(init.HeOrthonormalInitializer(seed=1, he_gain=False), shape)
    np.testing.assert_array_equal(
        plain, draw(init.OrthonormalInitializer(seed=1), shape)
    )


def test_he_orthonormal_keeps_the_second_moment():
    x = np.random.default_rng(0).normal(size=(200, 64))
    start = np.mean(x**2)
    for depth in range(20):
        x = np.maximum(x @ draw(init.HeOrthonormalInitializer(seed=depth), (64, 64)), 0)
        assert 0.5 < np.mean(x**2) / start < 2


@pytest.mark.parametrize(("shape", "orthogonal"), [((3, 5), True), ((9, 5), False)])
def test_hypersphere(shape, orthogonal):
    w = draw(init.OrthogonalHypersphereInitializer(2.0, seed=1), shape)
    np.testing.assert_allclose(np.linalg.norm(w, axis=-1), 2, rtol=1e-5)
    cosines = w @ w.T / 4 - np.eye(len(w))
    assert (np.abs(cosines).max() < 1e-5) == orthogonal


def test_haar_keeps_energy_and_is_inverted_by_its_transpose():
    x = np.random.default_rng(0).normal(size=(2, 6, 8, 3)).astype("float32")
    layer = init.haar_depthwise_conv2d()
    y = ops.convert_to_numpy(layer(x))
    assert y.shape == (2, 3, 4, 12)
    assert np.sum(y**2) == pytest.approx(np.sum(x**2), rel=1e-5)
    assert not layer.trainable_weights
    filters = ops.convert_to_numpy(layer.kernel)[:, :, 0]
    back = np.einsum("bhwcm,ijm->bhiwjc", y.reshape(2, 3, 4, 3, 4), filters)
    np.testing.assert_allclose(back.reshape(x.shape), x, atol=1e-5)
    np.testing.assert_allclose(y[0, 0, 0, 0], x[0, :2, :2, 0].sum() / 2, rtol=1e-5)
    with pytest.raises(ValueError, match="`shape` must be"):
        init.HaarWaveletInitializer()((3, 3, 1, 4))
