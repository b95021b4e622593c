"""Penalties against their formulas in float64, their minima and gradients."""

from itertools import pairwise

import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques import regularizers as reg
from dl_techniques.initializers import OrthonormalInitializer
from tests.gradients import gradient

SHAPES = [(7, 4), (4, 7), (5, 5), (3, 3, 2, 6)]


def kernel(shape, seed=0, scale=0.5):
    values = np.random.default_rng(seed).normal(size=shape) * scale
    return values.astype("float32")


def small_gram(w):
    m = np.asarray(w, "float64").reshape(-1, w.shape[-1])
    return m.T @ m if m.shape[0] >= m.shape[1] else m @ m.T


def value(regularizer, w):
    y = regularizer(ops.convert_to_tensor(w))
    assert keras.backend.standardize_dtype(y.dtype) == "float32"
    assert tuple(y.shape) == ()
    return float(ops.convert_to_numpy(y))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("scaling", ["none", "diagonal", "matrix"])
def test_soft_orthonormal_is_the_sum_over_singular_values(shape, scaling):
    w = kernel(shape)
    n = small_gram(w).shape[0]
    s = {"none": 1, "diagonal": n, "matrix": n * n}[scaling]
    sv = np.linalg.svd(w.reshape(-1, shape[-1]).astype("float64"), compute_uv=False)
    expected = 0.3 * np.sum((sv**2 - 1) ** 2) / s
    expected += 0.02 * np.abs(w).sum() + 0.01 * np.square(w).sum()
    got = value(reg.SoftOrthonormal(0.3, 0.02, 0.01, scaling=scaling), w)
    assert got == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
def test_orthonormal_kernels_cost_nothing(shape):
    w = OrthonormalInitializer(seed=1)(shape)
    for penalty in (reg.SoftOrthonormal(), reg.SoftOrthogonal(), reg.SRIP()):
        assert value(penalty, w) <= 1e-9
        assert np.abs(gradient(penalty, w)).max() < 1e-5
    assert value(reg.SoftOrthogonal(normalize=True), np.asarray(w) * 3.0) <= 1e-9


def test_soft_orthonormal_gradient_has_the_factor_four():
    w = kernel((6, 4)).astype("float64")
    expected = 4 * 0.3 * w @ (w.T @ w - np.eye(4))
    got = gradient(reg.SoftOrthonormal(0.3), w.astype("float32"))
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-6)


def test_soft_orthonormal_ignores_rotations_and_permutations():
    w, penalty = kernel((6, 4)), reg.SoftOrthonormal(1.0)
    q = np.linalg.qr(kernel((6, 6), 1))[0]
    first = value(penalty, w)
    assert value(penalty, q @ w) == pytest.approx(first, rel=1e-5)
    assert value(penalty, w[:, [2, 0, 3, 1]]) == pytest.approx(first, rel=1e-5)


def test_matrix_scaling_compares_sizes():
    values = [
        value(reg.SoftOrthonormal(1.0, scaling="matrix"), kernel((n, n), n, n**-0.5))
        for n in (16, 32, 64, 128)
    ]
    unscaled = [
        value(reg.SoftOrthonormal(1.0), kernel((n, n), n, n**-0.5)) for n in (16, 128)
    ]
    per_size = [v * n for v, n in zip(values, (16, 32, 64, 128), strict=True)]
    assert max(per_size) < 2 * min(per_size)
    assert unscaled[1] > 4 * unscaled[0]


@pytest.mark.parametrize("shape", [(4, 8), (8, 4)])
def test_descent_reaches_an_orthonormal_kernel(shape):
    w = np.asarray(ops.convert_to_numpy(keras.initializers.GlorotUniform(0)(shape)))
    for _ in range(300):
        w = w - 0.05 * gradient(reg.SoftOrthonormal(1.0), w)
    assert np.linalg.norm(small_gram(w) - np.eye(4)) < 1e-2


def test_depthwise_view():
    w = kernel((3, 3, 2, 2))
    flat = w.reshape(9, 4)
    for cls in (reg.SoftOrthonormal, reg.SoftOrthogonal):
        got = value(cls(1.0, view="depthwise"), w)
        assert got == pytest.approx(value(cls(1.0), flat), rel=1e-6)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("normalize", [False, True])
def test_soft_orthogonal_is_the_off_diagonal_part(shape, normalize):
    w = kernel(shape)
    g = small_gram(w)
    if normalize:
        d = np.sqrt(np.diag(g))
        g = g / np.outer(d, d)
    off = np.sum(g**2) - np.sum(np.diag(g) ** 2)
    n = len(g)
    for scaling, s in {"none": 1, "diagonal": n, "matrix": n * (n - 1)}.items():
        penalty = reg.SoftOrthogonal(0.3, scaling=scaling, normalize=normalize)
        assert value(penalty, w) == pytest.approx(0.3 * off / s, rel=1e-4)
        if normalize:
            assert value(penalty, 5 * w) == pytest.approx(0.3 * off / s, rel=1e-4)


def test_soft_orthogonal_of_one_vector_is_zero():
    for scaling in ("none", "diagonal", "matrix"):
        assert value(reg.SoftOrthogonal(scaling=scaling), kernel((6, 1))) == 0
    assert np.isfinite(
        gradient(reg.SoftOrthogonal(normalize=True), np.zeros((3, 2)))
    ).all()


@pytest.mark.parametrize("shape", SHAPES)
def test_srip_estimates_the_spectral_norm_from_below(shape):
    w = kernel(shape)
    g = small_gram(w)
    sigma = np.abs(np.linalg.eigvalsh(g - np.eye(len(g)))).max()
    steps = [value(reg.SRIP(0.3, power_iterations=k), w) for k in (1, 2, 4, 8, 16, 300)]
    assert all(a <= b + 1e-6 for a, b in pairwise(steps))
    assert steps[4] == pytest.approx(0.3 * sigma, rel=5e-2)
    assert steps[-1] <= 0.3 * sigma * (1 + 1e-5)
    assert steps[-1] == pytest.approx(0.3 * sigma, rel=1e-2)
    squared = value(reg.SRIP(0.3, power_iterations=300, squared=True), w)
    assert squared == pytest.approx(0.3 * sigma**2, rel=2e-2)
    assert value(reg.SRIP(0.3), w) == value(reg.SRIP(0.3), w)


def test_srip_gradient_at_the_converged_vector():
    w = kernel((6, 4), 3).astype("float64")
    values, vectors = np.linalg.eigh(w.T @ w - np.eye(4))
    i = np.abs(values).argmax()
    v = vectors[:, i : i + 1]
    u = np.sign(values[i]) * v
    expected = w @ (u @ v.T + v @ u.T)
    got = gradient(reg.SRIP(1.0, power_iterations=300), w.astype("float32"))
    np.testing.assert_allclose(got, expected, atol=1e-3)


def test_srip_of_the_identity_has_no_gradient():
    w = np.eye(5, dtype="float32")
    assert value(reg.SRIP(), w) == 0
    np.testing.assert_array_equal(gradient(reg.SRIP(), w), 0)


def test_binary_preference_facts():
    scale = 2.0
    penalty = reg.BinaryPreference(3.0, scale)
    for w, expected in ((0.0, 0), (0.5, 0), (0.25, 3), (0.1, None), (7.0, None)):
        x = scale * w
        exact = 3 * (1 - (x - 0.5) ** 2 / 0.25) ** 2
        assert value(penalty, np.float32([w])) == pytest.approx(exact, rel=1e-4)
        assert expected is None or exact == pytest.approx(expected)
        slope = 3 * scale * 32 * x * (1 - x) * (1 - 2 * x)
        got = gradient(penalty, np.float32([w]))
        np.testing.assert_allclose(got, [slope], rtol=1e-4, atol=1e-4)
    w = kernel((4, 3))
    total = value(reg.BinaryPreference(reduction="sum"), w)
    assert total == pytest.approx(12 * value(reg.BinaryPreference(), w), rel=1e-5)


def descend(penalty, w, rate, steps=400):
    for _ in range(steps):
        w = w - rate * gradient(penalty, w)
    return w


def test_binary_preference_has_two_attractors():
    penalty = reg.BinaryPreference(scale=2.0, reduction="sum")
    w = descend(penalty, np.float32([0.2, 0.3, -0.1]), 0.01)
    np.testing.assert_allclose(w, [0, 0.5, 0], atol=1e-3)


def test_tri_state_preference_facts():
    x = np.linspace(-1, 1, 100_001)
    well = 6.75 * x**2 * (x**2 - 1) ** 2
    assert abs(well.max() - 1) < 1e-6
    w = kernel((5, 4), scale=1.0)
    expected = 2 * np.mean(6.75 * (2 * w) ** 2 * ((2 * w) ** 2 - 1.0) ** 2)
    assert value(reg.TriStatePreference(2.0, 2.0), w) == pytest.approx(
        expected, rel=1e-4
    )
    assert value(reg.TriStatePreference(), -w) == value(reg.TriStatePreference(), w)
    start = np.float32([-1.2, -0.58, -0.57, 0.1, 0.57, 0.58])
    penalty = reg.TriStatePreference(reduction="sum")
    w = descend(penalty, start, 0.01)
    np.testing.assert_allclose(w, [-1, -1, 0, 0, 0, 1], atol=1e-3)


@pytest.mark.parametrize("normalization", ["square", "abs", "softmax"])
def test_entropy_formula(normalization):
    w = kernel((4, 6)).astype("float64")
    size = {"square": w**2, "abs": abs(w), "softmax": np.exp(abs(w))}[normalization]
    p = size / size.sum(-1, keepdims=True)
    h = -np.sum(p * np.log(p), -1) / np.log(6)
    penalty = reg.EntropyRegularizer(0.5, 0.3, normalization=normalization)
    assert value(penalty, w) == pytest.approx(0.5 * np.mean((h - 0.3) ** 2), rel=1e-4)


def test_entropy_limits():
    penalty = reg.EntropyRegularizer()
    rows = np.float32([[1, -1, 1, 1], [0, 0, 3, 0], [0, 0, 0, 0]])
    h = ops.convert_to_numpy(penalty.entropy(rows))
    np.testing.assert_allclose(h, [1, 0, 0], atol=1e-6)
    assert np.isfinite(gradient(penalty, rows)).all()
    w = kernel((3, 5))
    assert value(penalty, 100 * w) == pytest.approx(value(penalty, w), rel=1e-3)
    with pytest.raises(ValueError, match="`axis`"):
        penalty(kernel((3, 1)))
    with pytest.raises(ValueError, match="`axis`"):
        reg.EntropyRegularizer(axis=2)(kernel((3, 4)))


@pytest.mark.parametrize("target", [0.3, 0.9])
@pytest.mark.slow
def test_entropy_descent_reaches_the_target(target):
    penalty, w = reg.EntropyRegularizer(1.0, target), kernel((2, 8), 5)
    w = descend(penalty, w, 0.5, 600)
    h = ops.convert_to_numpy(penalty.entropy(w))
    assert np.abs(h - target).max() < 0.05


def test_entropy_modes():
    assert reg.get_entropy_regularizer(0.1, mode="high").target_entropy == 0.8
    assert reg.get_entropy_regularizer(0.1, 0.4, "low").target_entropy == 0.4
    assert reg.get_entropy_regularizer(0.1).target_entropy == 0.7
    with pytest.raises(ValueError, match="`mode` must be"):
        reg.get_entropy_regularizer(0.1, mode="huge")


def test_sum_adds_its_parts():
    w = kernel((4, 3))
    parts = [reg.SoftOrthonormal(0.1), keras.regularizers.L2(0.2), "l1"]
    together = reg.SumRegularizer(parts)
    apart = sum(value(p, w) for p in together.regularizers)
    assert value(together, w) == pytest.approx(apart, rel=1e-6)
    with pytest.raises(ValueError, match="`regularizers`"):
        reg.SumRegularizer([])


@pytest.mark.parametrize(
    "regularizer", [reg.SoftOrthonormal(), reg.SoftOrthogonal(), reg.SRIP()]
)
def test_vectors_are_refused(regularizer):
    with pytest.raises(ValueError, match="`shape` must be of rank 2"):
        regularizer(np.ones(3, "float32"))
